/** Tables found by canonical, each made when it is first asked for. */
import type { Definitions, Unusable } from '../definitions.ts';
import type { CodeSystemTable, ValueSetTable } from '../tables/code-tables.ts';
import type { StructureTable } from '../tables/structure-table.ts';
import { CanonicalIndex } from './canonical-index.ts';

export type Later<T> = () => T;

export class TableIndex implements Definitions {
  readonly #structures = new CanonicalIndex<Later<StructureTable | Unusable>>();
  readonly #types = new Map<string, Later<StructureTable | Unusable>>();
  readonly #valueSets = new CanonicalIndex<Later<ValueSetTable>>();
  readonly #codeSystems = new CanonicalIndex<Later<CodeSystemTable>>();

  /** @param defines the type of FHIR that this is the definition of, if it is */
  addStructure(url: string, version: string, table: Later<StructureTable | Unusable>, defines?: string): void {
    this.#structures.add(url, version, table);
    if (defines !== undefined && !this.#types.has(defines)) this.#types.set(defines, table);
  }

  addValueSet(url: string, version: string, table: Later<ValueSetTable>): void {
    this.#valueSets.add(url, version, table);
  }

  addCodeSystem(url: string, version: string, table: Later<CodeSystemTable>): void {
    this.#codeSystems.add(url, version, table);
  }

  /** Adds what another has. Where both have the same url and version, this one's stays. */
  addAll(other: TableIndex): void {
    this.#structures.addAll(other.#structures);
    for (const [name, table] of other.#types) if (!this.#types.has(name)) this.#types.set(name, table);
    this.#valueSets.addAll(other.#valueSets);
    this.#codeSystems.addAll(other.#codeSystems);
  }

  structure(canonical: string): StructureTable | undefined {
    return usable(this.#structures.find(canonical)?.());
  }

  unusable(canonical: string): Unusable | undefined {
    const made = this.#structures.find(canonical)?.();
    return made !== undefined && 'reason' in made ? made : undefined;
  }

  type(name: string): StructureTable | undefined {
    return usable(this.#types.get(name)?.());
  }

  valueSet(canonical: string): ValueSetTable | undefined {
    return this.#valueSets.find(canonical)?.();
  }

  codeSystem(url: string): CodeSystemTable | undefined {
    return this.#codeSystems.find(url)?.();
  }

  codeSystemVersions(url: string): readonly CodeSystemTable[] {
    return this.#codeSystems.all(url).map((table) => table());
  }
}

function usable(made: StructureTable | Unusable | undefined): StructureTable | undefined {
  return made === undefined || 'reason' in made ? undefined : made;
}

/** The type that a StructureDefinition defines: those of FHIR, and no profile of one. */
export function typeDefined({ url, type, kind, derivation }: { readonly url?: unknown; readonly type?: unknown; readonly kind?: unknown; readonly derivation?: unknown }): string | undefined {
  return derivation !== 'constraint' && kind !== 'logical' && typeof type === 'string' && url === `http://hl7.org/fhir/StructureDefinition/${type}` ? type : undefined;
}

export function once<T>(make: () => T): Later<T> {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
