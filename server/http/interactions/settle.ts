/**
 * Intents become changes: criteria are resolved, ids are given, links rewritten, patches applied to what stands now.
 * All of it in the transaction that writes the changes, where anything has to be looked up at all.
 */
import type { Resource } from '@medplum/fhirtypes';
import { parseJson } from '../../../fhir/json.ts';
import { Problem } from '../../../fhir/problems.ts';
import type { Context } from '../../../store/context.ts';
import type { Queryable } from '../../../store/database.ts';
import { newIdFor } from '../../../store/index-row.ts';
import { readMany, readResource } from '../../../store/read.ts';
import { newId } from '../../../store/shard.ts';
import type { Change } from '../../../store/write/changes.ts';
import { lockResources, resolveCriteria } from '../../../store/write/conditional.ts';
import { assertPatched } from '../resource-body.ts';
import { assertAllFound, rewriteLinks, type WrittenLinks } from './addresses.ts';
import { destinationsOf, matchLimits, type Destination, type Matches } from './destinations.ts';
import { areAlike, isWriter, meantBy, type Meant, type Writer } from './in-bundle.ts';
import { criteriaOf, placeOf, typeOf, type Intent, type PatchResource } from './intent.ts';

/** What will come of an intent: changes, by their place in the list; or it found what it would have created. */
export type Prospect = { readonly changes: readonly number[] } | { readonly found: { readonly type: string; readonly id: string } } | { readonly as: number };

export interface Settled {
  readonly changes: readonly Change[];
  /** One for each intent. */
  readonly prospects: readonly Prospect[];
}

export interface SettleSettings {
  /** How many resources a conditional delete may mean: 1, unless the server allows several. */
  readonly mostDeleted: number;
}

/** Ids for what is created, by intent: they stay the same when a transaction has to be repeated. */
export type GivenIds = Map<Intent, string>;

/** Whether anything has to be looked up before it is known what to write. */
export function needsLook(intents: readonly Intent[], links: WrittenLinks): boolean {
  return links.criteria.size > 0 || intents.some((intent) => intent.kind === 'patch' || criteriaOf(intent) !== undefined || (intent.kind === 'update' && intent.mustBeNew));
}

/** For intents that need no look. @throws {Problem} `bundle-entry` */
export function settleAtOnce(intents: readonly Intent[], links: WrittenLinks, given: GivenIds, context: Context): Settled {
  const { destinations, left } = destinationsOf(intents, new Map(), 1, context);
  place(intents, destinations, links, left, given, context);
  return changesOf(intents, destinations, given, new Map());
}

/** @throws {Problem} those of `destinationsOf`, `assertAllFound`, `already-there`, `id-taken`, `not-found`, `gone` and those of patches */
export async function settle(connection: Queryable, intents: readonly Intent[], links: WrittenLinks, given: GivenIds, settings: SettleSettings, context: Context): Promise<Settled> {
  const criteria = [...intents.flatMap((intent) => criteriaOf(intent) ?? []), ...links.criteria.values()];
  const matches = await resolveCriteria(connection, criteria, matchLimits(intents, settings.mostDeleted), context);
  const { destinations, left } = destinationsOf(intents, matches, settings.mostDeleted, context);
  place(intents, destinations, links, left, given, context);
  const patched = await readLocked(connection, intents, destinations, context);
  return changesOf(intents, destinations, given, patched);
}

/**
 * Gives ids and rewrites links. Patients first: an id carries the shard of the patient whose compartment its resource
 * is in, and that patient may be created by the same Bundle.
 */
function place(intents: readonly Intent[], destinations: readonly Destination[], links: WrittenLinks, left: Matches, given: GivenIds, context: Context): void {
  const places = new Map(intents.map((intent, index) => [intent, index]));
  const idOf = (intent: Intent): string | undefined => idAt(places.get(intent)!, intents, destinations, given);
  const give = (wanted: (intent: Intent) => boolean, made: (resource: Resource) => string): void => {
    for (const [index, intent] of intents.entries()) {
      if (destinations[index]!.kind === 'new' && isWriter(intent) && wanted(intent) && !given.has(intent)) given.set(intent, made(intent.resource));
    }
  };
  const rewrite = (meant: ReadonlyMap<string, Meant>): void => { if (links.links.length > 0) rewriteLinks(links, intents, idOf, meant, context.base); };
  give((intent) => typeOf(intent) === 'Patient', () => newId(context));
  const meant = meantByLinks(intents, destinations, links, left, rewrite, context);
  assertAllFound(links, intents, idOf, meant);
  rewrite(meant);
  give(() => true, (resource) => newIdFor(resource, context));
  // Once more only where others than patients can be referred to.
  if (meant.size > 0 || intents.some((intent) => typeOf(intent) !== 'Patient' && (intent.fullUrl !== undefined || criteriaOf(intent) !== undefined))) rewrite(meant);
}

/** A conditional reference may be by a reference that is conditional itself, and so on. */
const mostRounds = 5;

/**
 * What the conditional references mean. Resources are judged with their links rewritten as far as they can be; where what
 * is judged has conditional references itself, anew with these resolved, until that changes nothing any more.
 */
function meantByLinks(intents: readonly Intent[], destinations: readonly Destination[], { links, criteria }: WrittenLinks, left: Matches, rewrite: (meant: ReadonlyMap<string, Meant>) => void, context: Context): ReadonlyMap<string, Meant> {
  let meant: ReadonlyMap<string, Meant> = new Map([...criteria.values()].map(({ name }) => [name, { met: [], open: [], stored: left.get(name) ?? [] }]));
  if (criteria.size === 0) return meant;
  const writes = new Map<Writer, string | undefined>();
  for (const [index, intent] of intents.entries()) {
    const destination = destinations[index]!;
    // Of a new id nobody can know.
    if (isWriter(intent) && (destination.kind === 'new' || destination.kind === 'at')) writes.set(intent, destination.kind === 'at' ? destination.ids[0] : undefined);
  }
  const types = new Set([...criteria.values()].map(({ type }) => type));
  const again = links.some(({ link, intent }) => criteria.has(link.value) && types.has(typeOf(intent)));
  for (let round = 0; round < mostRounds; round += 1) {
    rewrite(meant);
    const before = meant;
    meant = meantBy(criteria.values(), writes, left, context);
    if (!again || areAlike(before, meant)) return meant;
  }
  throw new Problem('search-too-large', { limit: mostRounds, what: 'conditional references that follow from each other' });
}

function idAt(index: number, intents: readonly Intent[], destinations: readonly Destination[], given: GivenIds): string | undefined {
  const destination = destinations[index]!;
  switch (destination.kind) {
    case 'new': return given.get(intents[index]!);
    case 'found': return destination.id;
    case 'as': return idAt(destination.index, intents, destinations, given);
    case 'at': return destination.ids[0];
  }
}

/** Locks what is patched and what must not be there, all at once and in one order, and reads the first. By `Type/id`. */
async function readLocked(connection: Queryable, intents: readonly Intent[], destinations: readonly Destination[], context: Context): Promise<ReadonlyMap<Intent, Patched>> {
  const written = intents.flatMap((intent, index) => {
    const destination = destinations[index]!;
    return destination.kind === 'at' ? destination.ids.map((id) => ({ intent, type: typeOf(intent), id, free: destination.free })) : [];
  });
  const judged = written.filter(({ intent, free }) => free || intent.kind === 'patch' || (intent.kind === 'update' && intent.mustBeNew));
  if (judged.length === 0) return new Map();
  const current = await lockResources(connection, written, context);
  for (const { intent, type, id, free } of judged) {
    const before = current.get(`${type}/${id}`);
    if (intent.kind === 'patch' || before === undefined || before.deleted) continue;
    throw new Problem(free ? 'id-taken' : 'already-there', { type, id }, placeOf(intent));
  }
  const patches = judged.filter((one): one is typeof one & { intent: PatchResource } => one.intent.kind === 'patch');
  const contents = await readMany(connection, patches, context);
  const patched = new Map<Intent, Patched>();
  for (const { intent, type, id } of patches) {
    const stored = contents.get(`${type}/${id}`) ?? await readResource(connection, type, id, context);
    patched.set(intent, { resource: assertPatched(await intent.apply(parseJson(stored.content)), { type, id, version: stored.version }, placeOf(intent)), version: stored.version });
  }
  return patched;
}

interface Patched {
  readonly resource: Resource & { id: string };
  /** The version that was patched. */
  readonly version: number;
}

/** @throws {Problem} `bundle-entry` where two intents write the same resource, or have the same fullUrl */
function changesOf(intents: readonly Intent[], destinations: readonly Destination[], given: GivenIds, patched: ReadonlyMap<Intent, Patched>): Settled {
  const changes: Change[] = [];
  const prospects: Prospect[] = [];
  const seen = new Set<string>();
  const once = (name: string, intent: Intent, index: number): void => {
    if (seen.has(name)) throw new Problem('bundle-entry', { index: intent.entry ?? index, reason: 'the same resource or fullUrl occurs twice' }, placeOf(intent));
    seen.add(name);
  };
  for (const [index, intent] of intents.entries()) {
    const destination = destinations[index]!;
    const type = typeOf(intent);
    if (intent.fullUrl !== undefined) once(`fullUrl ${intent.fullUrl}`, intent, index);
    if (destination.kind === 'found') {
      prospects.push({ found: { type, id: destination.id } });
      continue;
    }
    if (destination.kind === 'as') {
      prospects.push({ as: destination.index });
      continue;
    }
    const ids = destination.kind === 'new' ? [given.get(intent)!] : destination.ids;
    for (const id of ids) once(`${type}/${id}`, intent, index);
    prospects.push({ changes: ids.map((id) => changes.push(changeOf(intent, destination, id, patched.get(intent))) - 1) });
  }
  return { changes, prospects };
}

function changeOf(intent: Intent, destination: Destination, id: string, patched: Patched | undefined): Change {
  const expected = intent.kind !== 'create' && intent.ifMatch !== undefined ? { ifMatch: intent.ifMatch } : {};
  const content = (intent.kind === 'create' || intent.kind === 'update') && intent.object ? { object: intent.object } : {};
  switch (intent.kind) {
    case 'create': return { kind: 'create', resource: intent.resource, id, ...content };
    case 'update': {
      // Under a new id nothing can be there that has the version expected; an update says so, a create would not.
      if (destination.kind === 'new' && intent.ifMatch === undefined) return { kind: 'create', resource: intent.resource, id, ...content };
      return { kind: 'update', resource: { ...intent.resource, id }, ...expected, ...content };
    }
    // The content of a Binary is not in its JSON, and a patch does not reach it.
    case 'patch': return { kind: 'update', resource: patched!.resource, ifMatch: typeof intent.ifMatch === 'number' ? intent.ifMatch : patched!.version, ...(intent.type === 'Binary' && { object: 'kept' as const }) };
    case 'delete': return { kind: 'delete', type: intent.type, id, ...expected };
  }
}
