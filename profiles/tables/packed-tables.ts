/**
 * The tables of a package in one JSON text, in which what is said often stands once: rows differ little between
 * profiles. Reading shares what is the same, so that memory is saved too.
 */
import type { CodeSystemTable, ValueSetTable } from './code-tables.ts';
import type { ElementRow, StructureTable } from './structure-table.ts';

export interface PackageTables {
  /** As `hl7.fhir.us.core#7.0.0`. */
  readonly from: string;
  readonly structures: readonly StructureTable[];
  readonly valueSets: readonly ValueSetTable[];
  readonly codeSystems: readonly CodeSystemTable[];
}

/** Counts up when the form changes: what was packed in another one is made anew. */
const format = 1;

type Scalars = Omit<ElementRow, 'id' | 'path' | 'slice' | (typeof shared)[number]>;

/** Parts of rows that are objects or lists, and stand in the pool. */
const shared = ['types', 'slicing', 'fixed', 'pattern', 'minValue', 'maxValue', 'binding', 'constraints'] as const;

/** A row without its place: what is no object as it is, what is one by its number in the pool. */
type PackedRow = Scalars & Partial<Record<(typeof shared)[number], number>>;

interface Packed {
  readonly format: number;
  readonly from: string;
  readonly names: readonly string[];
  readonly pool: readonly unknown[];
  readonly rows: readonly PackedRow[];
  /** Of each element three numbers: which element of the list it is in (-1: none), the last step of its id in `names`, and its row. */
  readonly structures: readonly (Omit<StructureTable, 'elements' | 'from'> & { readonly elements: readonly number[] })[];
  readonly valueSets: readonly Omit<ValueSetTable, 'from'>[];
  readonly codeSystems: readonly (Omit<CodeSystemTable, 'codes' | 'from'> & { readonly codes: string })[];
}

/** Between the codes of a system: a character that no code of FHIR has. */
const separator = '\n';

/** @throws {RangeError} for tables that are no snapshots in the order of a tree, or codes with line breaks */
export function packTables({ from, structures, valueSets, codeSystems }: PackageTables): string {
  const names = new Numbering<string>();
  const pool = new Numbering<unknown>();
  const rows = new Numbering<PackedRow>();
  const packed: Packed = {
    format,
    from,
    structures: structures.map((table) => {
      const { elements, ...header } = withoutFrom(table);
      const places = new Map<string, number>();
      return { ...header, elements: elements.flatMap(({ id, path, slice, ...row }, place) => {
        const dot = id.lastIndexOf('.');
        const last = id.slice(dot + 1);
        const within = dot === -1 ? -1 : places.get(id.slice(0, dot));
        if (within === undefined || (slice !== undefined && last !== `${path.slice(path.lastIndexOf('.') + 1)}:${slice}`)) throw new RangeError(`${header.url}: ${id} cannot be packed`);
        places.set(id, place);
        const entries = Object.entries(row).map(([name, value]) => [name, (shared as readonly string[]).includes(name) ? pool.of(value) : value]);
        return [within, names.of(last), rows.of(Object.fromEntries(entries) as PackedRow)];
      }) };
    }),
    valueSets: valueSets.map(withoutFrom),
    codeSystems: codeSystems.map((table) => {
      if (table.codes.some((code) => code.includes(separator))) throw new RangeError(`${table.url} cannot be packed`);
      return { ...withoutFrom(table), codes: table.codes.join(separator) };
    }),
    names: names.items,
    pool: pool.items,
    rows: rows.items,
  };
  return JSON.stringify(packed);
}

function withoutFrom<T extends { readonly from: string }>(table: T): Omit<T, 'from'> {
  const { from: _from, ...rest } = table;
  return rest;
}

/** Gives each different value a number, in the order in which they come. */
class Numbering<T> {
  readonly items: T[] = [];
  readonly #numbers = new Map<string, number>();

  of(item: T): number {
    const text = JSON.stringify(item);
    let number = this.#numbers.get(text);
    if (number === undefined) this.#numbers.set(text, number = this.items.push(item) - 1);
    return number;
  }
}

/** What is in a packed text: what there is at once, the tables themselves when they are asked for. */
export class PackedTables {
  readonly from: string;
  readonly #packed: Packed;

  /** @throws {RangeError} for a text of another format */
  constructor(text: string) {
    this.#packed = JSON.parse(text) as Packed;
    if (this.#packed.format !== format) throw new RangeError(`Packed tables of format ${this.#packed.format}; ${format} is expected`);
    this.from = this.#packed.from;
  }

  get structures(): readonly Pick<StructureTable, 'url' | 'version' | 'type' | 'kind' | 'derivation'>[] {
    return this.#packed.structures;
  }

  get valueSets(): readonly Pick<ValueSetTable, 'url' | 'version'>[] {
    return this.#packed.valueSets;
  }

  get codeSystems(): readonly Pick<CodeSystemTable, 'url' | 'version' | 'content'>[] {
    return this.#packed.codeSystems;
  }

  structure(place: number): StructureTable {
    const { elements, ...header } = this.#packed.structures[place]!;
    const rows: ElementRow[] = [];
    for (let at = 0; at < elements.length; at += 3) {
      const within = rows[elements[at]!];
      const last = this.#packed.names[elements[at + 1]!]!;
      const colon = last.indexOf(':');
      const name = colon === -1 ? last : last.slice(0, colon);
      rows.push({
        id: within === undefined ? last : `${within.id}.${last}`,
        path: within === undefined ? name : `${within.path}.${name}`,
        ...(colon !== -1 && { slice: last.slice(colon + 1) }),
        ...this.#row(elements[at + 2]!),
      });
    }
    return { ...header, from: this.from, elements: rows };
  }

  valueSet(place: number): ValueSetTable {
    return { ...this.#packed.valueSets[place]!, from: this.from };
  }

  codeSystem(place: number): CodeSystemTable {
    const { codes, ...table } = this.#packed.codeSystems[place]!;
    return { ...table, from: this.from, codes: codes === '' ? [] : codes.split(separator) };
  }

  #row(number: number): Omit<ElementRow, 'id' | 'path' | 'slice'> {
    const row: Record<string, unknown> = { ...this.#packed.rows[number]! };
    for (const name of shared) if (row[name] !== undefined) row[name] = this.#packed.pool[row[name] as number];
    return row as unknown as Omit<ElementRow, 'id' | 'path' | 'slice'>;
  }
}
