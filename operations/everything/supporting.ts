/**
 * What a record refers to: the practitioners, organizations, locations, medications and contents without which it
 * cannot be read. References are taken from the stored texts as they stand, which are not parsed for it.
 */
import type { Resource } from '@medplum/fhirtypes';
import { parseJson } from '../../fhir/json.ts';
import { readReference } from '../../fhir/references.ts';
import { isResourceType } from '../../fhir/resource-types.ts';
import { ownersOf } from '../../fhir/search-values/owners.ts';
import type { Context } from '../../store/context.ts';
import type { Queryable } from '../../store/database.ts';
import { readMany, type StoredVersion } from '../../store/read.ts';
import { mayBeInCompartment } from './compartment.ts';

/** What the references lead to, and what that refers to in turn: a role's practitioner, a location's organization. */
const levels = 2;

/** Of a page. A thousand resources refer to a few hundred others. */
const mostSupporting = 2000;

export interface Supporting {
  readonly resources: readonly StoredVersion[];
  /** More was referred to than one page takes. */
  readonly more: boolean;
}

export interface SupportRules {
  readonly types: ReadonlySet<string> | undefined;
  /** Whose records may be among it: another person's do not come along because a resource names them. */
  readonly patients: ReadonlySet<string>;
}

/** Resources that `page` refers to and does not hold. */
export async function findSupporting(database: Queryable, page: readonly StoredVersion[], rules: SupportRules, context: Context): Promise<Supporting> {
  const seen = new Set(page.map(({ type, id }) => `${type}/${id}`));
  const found: StoredVersion[] = [];
  let more = false;
  let from = page;
  for (let level = 1; level <= levels && from.length > 0; level += 1) {
    const wanted: { type: string; id: string }[] = [];
    for (const { content } of from) {
      for (const target of targetsIn(content, context.base)) {
        const name = `${target.type}/${target.id}`;
        if (seen.has(name)) continue;
        seen.add(name);
        if (found.length + wanted.length < mostSupporting) wanted.push(target);
        else more = true;
      }
    }
    const read = await readMany(database, wanted, context);
    from = [...read.values()].filter((resource) => isSupport(resource, rules.patients));
    found.push(...from);
  }
  return { resources: rules.types === undefined ? found : found.filter(({ type }) => rules.types!.has(type)), more };
}

// A quote inside of a JSON string has a backslash before it, so that these are found as members alone.
const reference = /"(?:reference|url)"\s*:\s*"([^"\\]{3,2048})"/g;

function* targetsIn(content: string, base: string): Generator<{ type: string; id: string }> {
  for (const [, value] of content.matchAll(reference)) {
    const target = readReference(value!);
    if (target !== undefined && isResourceType(target.type) && (target.base === undefined || target.base === base)) yield { type: target.type, id: target.id };
  }
}

function isSupport({ type, id, content }: StoredVersion, patients: ReadonlySet<string>): boolean {
  if (type === 'Patient') return patients.has(id);
  if (!mayBeInCompartment('Patient', type)) return true;
  const owners = ownersOf(parseJson(content) as Resource);
  return owners.length === 0 || owners.some((owner) => patients.has(owner));
}
