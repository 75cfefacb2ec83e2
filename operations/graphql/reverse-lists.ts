/**
 * Lists of what refers to each resource of a level: asked together, by one search for all of them, and dealt out by what
 * each result refers to. Where one search cannot hold all of it, each has a search of its own.
 */
import type { Resource } from '@medplum/fhirtypes';
import { searchValueVisit } from '../../fhir/search-values/extract.ts';
import type { SearchValue } from '../../fhir/search-values/values.ts';
import { defaultCount, findList, findReferring, largestWindow, type Arguments } from './lists.ts';
import type { Session } from './session.ts';

/** Alternatives of one search. */
const mostParents = 200;

/** The list that a field of `parent` asks for. @throws {Problem} those of `findList` */
export function findReverseList(type: string, given: Arguments, parent: Resource, session: Session): Promise<readonly Resource[]> {
  const key = JSON.stringify([type, parent.resourceType, given]);
  return session.together(key, parent, async (parents) => (await dealt(type, given, parents, session)) ?? Promise.all(parents.map((one) => findList(type, given, one, session))));
}

/** Undefined where one search is not enough, or not better. */
async function dealt(type: string, given: Arguments, parents: readonly Resource[], session: Session): Promise<readonly (readonly Resource[])[] | undefined> {
  const offset = typeof given['_offset'] === 'number' ? given['_offset'] : 0;
  const count = typeof given['_count'] === 'number' ? given['_count'] : defaultCount;
  if (parents.length === 1 || offset < 0 || count < 0 || offset + count > largestWindow || parents.length > mostParents || given['_cursor'] != null) return undefined;
  const found = await findReferring(type, { ...given, _offset: 0, _count: largestWindow }, parents, session);
  if (!found.complete) return undefined;
  const visit = searchValueVisit(found.parameter, type, session.context.parameters);
  const lists = new Map(parents.map((parent) => [`${parent.resourceType}/${parent.id}`, [] as Resource[]]));
  for (const resource of found.resources) {
    const out: SearchValue[] = [];
    visit?.(resource, { resource, out });
    const targets = new Set(out.flatMap((value) => (value.type === 'reference' ? [`${value.targetType}/${value.targetId}`] : [])));
    const owners = [...targets].flatMap((name) => { const list = lists.get(name); return list === undefined ? [] : [list]; });
    // Found, and nobody's: what it refers to is written in a way that only the index understands.
    if (owners.length === 0) return undefined;
    for (const list of owners) list.push(resource);
  }
  return parents.map((parent) => lists.get(`${parent.resourceType}/${parent.id}`)!.slice(offset, offset + count));
}
