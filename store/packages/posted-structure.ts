/**
 * A StructureDefinition that a tenant has posted, and the table that is made of it, or why none can be. What was made holds
 * as long as everything that it stands on is the same.
 */
import { parseJson } from '../../fhir/json.ts';
import { Problem } from '../../fhir/problems.ts';
import type { Unusable } from '../../profiles/definitions.ts';
import { definitionOfTable } from '../../profiles/distill/definition-of-table.ts';
import { objectOf, objectsOf, textOf, type JsonObject } from '../../profiles/distill/json-parts.ts';
import { postedSource } from '../../profiles/distill/source.ts';
import { distillStructure } from '../../profiles/distill/structure.ts';
import type { TableIndex } from '../../profiles/packages/table-index.ts';
import { isWhole, sizeReason, withSnapshot } from '../../profiles/snapshot/generate.ts';
import type { StructureTable } from '../../profiles/tables/structure-table.ts';
import { postedLimits } from './posted-limits.ts';

/** What a canonical leads to: another posted definition, or a table of what there is for all. */
export type Find = (canonical: string) => PostedStructure | StructureTable | undefined;

interface Made {
  readonly outcome: StructureTable | Unusable;
  /** What was looked up meanwhile, and what was found. */
  readonly stands: ReadonlyMap<string, ReturnType<Find>>;
}

export class PostedStructure {
  readonly url: string;
  readonly version: string;
  readonly #type: string;
  readonly #content: string;
  #made: Made | undefined;

  /** @param content the text of the resource: held in the place of the resource, which has several times its size */
  constructor(resource: JsonObject, content: string) {
    this.url = textOf(resource['url']) ?? '';
    this.version = textOf(resource['version']) ?? '';
    this.#type = textOf(resource['type']) ?? '';
    this.#content = content;
  }

  get definition(): JsonObject {
    return parseJson(this.#content) as JsonObject;
  }

  made(find: Find): StructureTable | Unusable {
    if (this.#made === undefined || ![...this.#made.stands].every(([canonical, found]) => find(canonical) === found)) this.#made = this.#make(find);
    return this.#made.outcome;
  }

  #make(find: Find): Made {
    const stands = new Map<string, ReturnType<Find>>();
    const definitions = new Map<ReturnType<Find>, JsonObject>();
    let cost = 0;
    const definitionOf = (canonical: string): JsonObject | undefined => {
      const found = find(canonical);
      stands.set(canonical, found);
      if (found === undefined) return undefined;
      let known = definitions.get(found);
      if (known === undefined) {
        known = found instanceof PostedStructure ? found.definition : definitionOfTable(found);
        if (found instanceof PostedStructure) cost += costOf(known);
        if (cost > postedLimits.together) throw this.#refusal(`it and the posted definitions that it stands on have more than ${postedLimits.together} elements together`);
        definitions.set(found, known);
      }
      return known;
    };
    try {
      const own = this.definition;
      definitions.set(this, own);
      cost = costOf(own);
      const tooLarge = sizeReason(own, postedLimits);
      if (tooLarge !== undefined) throw this.#refusal(tooLarge);
      return { outcome: distillStructure(withSnapshot(own, definitionOf, postedLimits), postedSource), stands };
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      const { reason, definition } = error.issues[0].details;
      // What it stands on may be what is wrong.
      const told = definition === this.url ? String(reason) : `${String(definition)}, which it stands on: ${String(reason)}`;
      return { outcome: { url: this.url, version: this.version, type: this.#type, reason: told }, stands };
    }
  }

  #refusal(reason: string): Problem {
    return new Problem('unusable-definition', { definition: this.url, reason });
  }
}

/** In elements of a differential: those of a snapshot are only read. */
function costOf(definition: JsonObject): number {
  const whole = isWhole(definition);
  return objectsOf(objectOf(definition[whole ? 'snapshot' : 'differential'])?.['element']).length / (whole ? 4 : 1);
}

/** The tenant's own first; of several with one url, the last by its id is meant by a canonical without a version. */
export function finder(structures: readonly PostedStructure[], below: TableIndex): Find {
  const posted = new Map<string, PostedStructure>();
  for (const structure of structures) posted.set(structure.url, structure).set(`${structure.url}|${structure.version}`, structure);
  return (canonical) => posted.get(canonical) ?? below.structure(canonical);
}
