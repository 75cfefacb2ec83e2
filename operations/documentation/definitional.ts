/**
 * Questionnaires and Libraries by their canonicals: the version that is named, else the current one, which is the active
 * one with the highest version.
 */
import type { Library, Questionnaire } from '@medplum/fhirtypes';
import { parseJson } from '../../fhir/json.ts';
import { resourceTypeCode } from '../../fhir/resource-types.ts';
import { keyMaker } from '../../store/search-keys.ts';
import type { Context } from '../../store/context.ts';
import type { Queryable } from '../../store/database.ts';
import { findSome } from '../../store/find.ts';
import { splitCanonical } from '../../terminology/source.ts';

/** A definition as it is stored. */
export interface Stored<T> {
  readonly resource: T & { readonly id: string };
  /** With its version, where it has one. */
  readonly canonical: string;
  readonly lastUpdated: Date;
}

interface Types {
  Questionnaire: Questionnaire;
  Library: Library;
}

/** More versions of one definition than a plan keeps. */
const mostVersions = 100;

/** Undefined where there is none of that name, or not in that version. */
export async function storedDefinition<T extends keyof Types>(database: Queryable, type: T, canonical: string, context: Context): Promise<Stored<Types[T]> | undefined> {
  const { url, version } = splitCanonical(canonical);
  const keys = keyMaker(context.tenant.id, resourceTypeCode(type));
  const found = await findSome(database, { type, limit: mostVersions, where: { kind: 'key', anyOf: [keys.url('url', url)], selective: true } }, context);
  const versions = found.map(({ content, lastUpdated }) => {
    const resource = parseJson(content) as Types[T] & { id: string };
    return { resource, lastUpdated, canonical: canonicalOf(resource) };
  });
  return version === undefined ? versions.toSorted((a, b) => newerFirst(a.resource, b.resource))[0] : versions.find(({ resource }) => resource.version === version);
}

/** `url|version`, or the url alone where there is no version. */
export function canonicalOf({ url, version }: { readonly url?: string; readonly version?: string }): string {
  return version === undefined ? url ?? '' : `${url ?? ''}|${version}`;
}

function newerFirst(a: Questionnaire | Library, b: Questionnaire | Library): number {
  const [first, second] = [a, b].map(({ status }) => (status === 'active' ? 0 : status === 'draft' ? 1 : 2));
  return first! - second! || (b.version ?? '').localeCompare(a.version ?? '', 'en', { numeric: true });
}
