/**
 * Lists of resources: what `PatientList(…)` and `PatientConnection(…)` ask, at the top or, by `_reference`, of what refers
 * to a resource. They are searches, read and compiled like any other.
 * Source: https://hl7.org/fhir/R4/graphql.html, "Searching" and "Reverse references"
 */
import type { Resource } from '@medplum/fhirtypes';
import { Problem } from '../../fhir/problems.ts';
import type { SearchParameter, SearchParameterSet } from '../../fhir/search-parameters.ts';
import { countResources } from '../../store/count.ts';
import { findPage } from '../../store/find.ts';
import { readSearch, type SearchRequest } from '../../store/search/language/read-search.ts';
import { storedTerminology } from '../../store/search/stored-terminology.ts';
import type { Session } from './session.ts';

/** Arguments that are no search parameters of a type: a window, an order, and anything else that a search URL can say. */
export const searchArguments: readonly string[] = ['_count', '_offset', '_sort', '_cursor', '_search'];

export const defaultCount = 20;
export const largestWindow = 1000;

export type Arguments = Readonly<Record<string, unknown>>;

/** The name of a search parameter as GraphQL can write it. */
export function argumentName({ code }: SearchParameter): string {
  return code.replaceAll('-', '_');
}

export interface Connection {
  readonly count: () => Promise<number>;
  readonly offset: number;
  readonly pagesize: number;
  readonly edges: readonly { readonly mode: 'match'; readonly resource: Resource }[];
  readonly next: string | undefined;
}

/** @param parent what the resources are to refer to. @throws {Problem} those of the search, `graphql-argument`, `graphql-too-large` */
export async function findList(type: string, given: Arguments, parent: Resource | undefined, session: Session): Promise<readonly Resource[]> {
  return (await find(type, given, parent === undefined ? [] : [parent], session)).resources;
}

/** @throws {Problem} as {@link findList} */
export async function findConnection(type: string, given: Arguments, parent: Resource | undefined, session: Session): Promise<Connection> {
  const { asked, resources, next, offset, count } = await find(type, given, parent === undefined ? [] : [parent], session);
  return {
    count: () => countResources(session.database, asked.query.of[0]!, session.context),
    offset,
    pagesize: count,
    edges: resources.map((resource) => ({ mode: 'match', resource })),
    next,
  };
}

/** What refers to any of several resources of one type. */
export async function findReferring(type: string, given: Arguments, parents: readonly Resource[], session: Session): Promise<{ readonly parameter: SearchParameter; readonly resources: readonly Resource[]; readonly complete: boolean }> {
  const parameter = referenceNamed(type, given['_reference'], session.context.parameters);
  const { resources, next } = await find(type, given, parents, session);
  return { parameter, resources, complete: next === undefined };
}

interface Found {
  readonly asked: SearchRequest;
  readonly resources: readonly Resource[];
  readonly next: string | undefined;
  readonly offset: number;
  readonly count: number;
}

async function find(type: string, given: Arguments, parents: readonly Resource[], session: Session): Promise<Found> {
  session.assertInTime();
  const { database, context, cursorKey } = session;
  const offset = wholeNumber('_offset', given['_offset']) ?? 0;
  const count = wholeNumber('_count', given['_count']) ?? defaultCount;
  if (offset + count > largestWindow) throw new Problem('graphql-argument', { name: '_count', reason: `with _offset it is at most ${largestWindow}; what is behind that is reached by the next of a connection` });
  const parameters = [...parametersOf(type, given, parents, context.parameters), ['_count', String(offset + count)] as const];
  const asked = await readSearch({ type }, parameters, { context, handling: 'strict', cursorKey, terminology: storedTerminology(database, context) });
  if (count === 0) return { asked, resources: [], next: undefined, offset, count };
  const page = await findPage(database, asked.query, context);
  return { asked, resources: page.resources.slice(offset).map(session.take), next: page.next && asked.cursorOf(page.next), offset, count };
}

function parametersOf(type: string, given: Arguments, parents: readonly Resource[], known: SearchParameterSet): (readonly [string, string])[] {
  const byName = new Map(known.of(type).map((parameter) => [argumentName(parameter), parameter]));
  const parameters: (readonly [string, string])[] = [];
  for (const [name, value] of Object.entries(given)) {
    if (value == null || name === '_count' || name === '_offset') continue;
    for (const text of [value].flat().map(String)) {
      if (name === '_search') parameters.push(...searchText(text));
      else if (name === '_sort' || name === '_cursor') parameters.push([name, text]);
      else if (name === '_reference') parameters.push([referenceNamed(type, text, known).code, parents.map(({ resourceType, id }) => `${resourceType}/${id}`).join(',')]);
      else parameters.push([byName.get(name)?.code ?? name, text]);
    }
  }
  return parameters;
}

/** @throws {Problem} `graphql-argument` */
function referenceNamed(type: string, name: unknown, known: SearchParameterSet): SearchParameter {
  const parameter = known.of(type).find((one) => one.type === 'reference' && argumentName(one) === String(name).replaceAll('-', '_'));
  if (parameter === undefined) throw new Problem('graphql-argument', { name: '_reference', reason: 'the name of a search parameter of type reference is expected' });
  return parameter;
}

/** Of an answer, not of what is found: they have their own arguments here, or no meaning. */
const notConditions = /^_(count|total|summary|elements|format|pretty|type|cursor|include|revinclude)(:|$)/;

/** Parameters as a search URL has them, with modifiers, chains and `_has`. */
function searchText(text: string): (readonly [string, string])[] {
  const parameters = [...new URLSearchParams(text)];
  if (parameters.some(([name]) => notConditions.test(name))) throw new Problem('graphql-argument', { name: '_search', reason: 'conditions and _sort are expected' });
  return parameters;
}

function wholeNumber(name: string, value: unknown): number | undefined {
  if (value == null) return undefined;
  if (typeof value !== 'number' || value < 0) throw new Problem('graphql-argument', { name, reason: 'a number from 0 on is expected' });
  return value;
}
