/** A package's resources as rows: what they are found by, the text, and what a validator needs of them. */
import { createHash } from 'node:crypto';
import { stringifyJson } from '../../fhir/json.ts';
import { Problem } from '../../fhir/problems.ts';
import { distillCodeSystem, distillValueSet } from '../../profiles/distill/codes.ts';
import { definitionOfTable } from '../../profiles/distill/definition-of-table.ts';
import { objectOf, objectsOf, textOf, type JsonObject } from '../../profiles/distill/json-parts.ts';
import type { DistillSource } from '../../profiles/distill/source.ts';
import { distillStructure } from '../../profiles/distill/structure.ts';
import { CanonicalIndex } from '../../profiles/packages/canonical-index.ts';
import { formReason } from '../../profiles/packages/form.ts';
import { typeDefined } from '../../profiles/packages/table-index.ts';
import { withSnapshot } from '../../profiles/snapshot/generate.ts';
import type { Definitions } from '../../profiles/definitions.ts';
import { isNameable } from '../terminology/bounds.ts';
import type { TerminologyResource } from '../terminology/write.ts';

export interface DefinitionRow {
  readonly type: string;
  readonly url: string;
  readonly version: string;
  readonly defines: string | null;
  readonly content: string;
  readonly distilled: string | null;
  readonly problem: string | null;
}

/** Distills a package's resources one by one. Profiles without a snapshot wait for the others, which they may stand on. */
export class Distiller {
  /** Canonicals that the package defines more than once, with different content: the first counts. */
  readonly twice: string[] = [];
  readonly #hashes = new Map<string, string>();
  readonly #source: DistillSource;
  readonly #own = new CanonicalIndex<JsonObject>();
  readonly #waiting: { readonly resource: JsonObject; readonly text: string }[] = [];

  constructor(from: string) {
    // What canonicals mean is told when the tables are read.
    this.#source = { from, pin: (canonical) => canonical, prose: 'kept' };
  }

  /**
   * @param path of its file, for people
   * @returns undefined for what is no definition, has to wait, or is there already
   */
  take(resource: JsonObject, text: string, path: string): DefinitionRow | undefined {
    const url = textOf(resource['url']);
    const reason = formReason(resource) ?? nameReason(resource);
    if (reason !== undefined) return refusedRow(resource, text, `${url ?? 'A definition'} (${path})`, reason);
    if (url === undefined) return undefined;
    if (this.#isThere(`${String(resource['resourceType'])} ${url}|${textOf(resource['version']) ?? ''}`, text)) return undefined;
    if (resource['resourceType'] !== 'StructureDefinition') return rowOf(resource, text, () => this.#codes(resource));
    if (objectsOf(objectOf(resource['snapshot'])?.['element']).length === 0) {
      this.#own.add(url, textOf(resource['version']) ?? '', resource);
      this.#waiting.push({ resource, text });
      return undefined;
    }
    return rowOf(resource, text, () => {
      const table = distillStructure(resource, this.#source);
      this.#own.add(url, table.version, definitionOfTable(table));
      return table;
    });
  }

  /** Whether some had to wait. */
  get waits(): boolean {
    return this.#waiting.length > 0;
  }

  /**
   * Those that had to wait.
   * @param known what the package may stand on
   * @param pin what a canonical without a version means in the package
   */
  *rest(known: Definitions, pin: (canonical: string) => string): Generator<DefinitionRow> {
    const find = (canonical: string): JsonObject | undefined => {
      const own = this.#own.find(canonical);
      if (own !== undefined) return own;
      const table = known.structure(pin(canonical));
      return table && definitionOfTable(table);
    };
    for (const { resource, text } of this.#waiting) yield rowOf(resource, text, () => distillStructure(withSnapshot(resource, find), this.#source));
  }

  #isThere(canonical: string, text: string): boolean {
    const hash = createHash('sha256').update(text).digest('base64');
    const first = this.#hashes.get(canonical);
    if (first === undefined) this.#hashes.set(canonical, hash);
    else if (first !== hash && !this.twice.includes(canonical)) this.twice.push(canonical);
    return first !== undefined;
  }

  #codes(resource: JsonObject): unknown {
    if (resource['resourceType'] === 'ValueSet') return distillValueSet(resource, this.#source);
    if (resource['resourceType'] === 'CodeSystem') return distillCodeSystem(resource, this.#source);
    return undefined;
  }
}

/** Names are entries of indexes, which have a bound. */
function nameReason(resource: JsonObject): string | undefined {
  return isNameable({ url: textOf(resource['url']) ?? '', version: textOf(resource['version']) ?? '' } as TerminologyResource) ? undefined : 'its url or its version is longer than 1000 bytes';
}

/** One that nobody can ask for, kept to be counted. */
function refusedRow(resource: JsonObject, text: string, definition: string, reason: string): DefinitionRow {
  const { message } = new Problem('unusable-definition', { definition: definition.slice(0, 300), reason });
  return { type: String(resource['resourceType']).slice(0, 64), url: '', version: '', defines: null, content: text, distilled: null, problem: storable(message) };
}

function rowOf(resource: JsonObject, text: string, distill: () => unknown): DefinitionRow {
  let [distilled, problem]: [string | null, string | null] = [null, null];
  try {
    const table = distill();
    if (table !== undefined) distilled = stringifyJson(table);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    problem = error.message;
  }
  return {
    type: String(resource['resourceType']), url: storable(String(resource['url'])), version: storable(textOf(resource['version']) ?? ''),
    defines: typeDefined(resource) ?? null, content: text, distilled, problem: problem === null ? null : storable(problem),
  };
}

/** PostgreSQL has no text with a zero in it. */
function storable(text: string): string {
  return text.replaceAll('\0', '');
}
