/**
 * transaction (https://hl7.org/fhir/R4/http.html#transaction): all entries or none, in one commit. References
 * between entries by fullUrl become references to the ids that the server gives.
 */
import type { Bundle } from '@medplum/fhirtypes';
import type { FastifyInstance } from 'fastify';
import { Problem } from '../../../fhir/problems.ts';
import { readReference, referencesIn, type FoundReference } from '../../../fhir/references.ts';
import type { Context } from '../../../store/context.ts';
import { findPage, readMany, readResource, type StoredVersion } from '../../../store/read.ts';
import { newIdFor } from '../../../store/index-row.ts';
import { newId } from '../../../store/shard.ts';
import { readSearch } from '../../../store/search/request.ts';
import type { Change, Committed } from '../../../store/write/changes.ts';
import { commit } from '../../../store/write/commit.ts';
import type { House } from '../../house.ts';
import { bundleText, type BundleEntryText } from '../bundle-text.ts';
import { fhirJson, jsonBytes, readJson } from '../media-types.ts';
import { contextOf } from '../request-context.ts';
import { asResource, assertId, assertResourceType, isObject } from '../resource-body.ts';
import { entityTag } from './resources.ts';

export function transactionRoutes(server: FastifyInstance, house: House): void {
  server.post('/', async (request, reply) => {
    const bundle = asResource(readJson(jsonBytes(request, 'a transaction Bundle')), 'Bundle') as Bundle;
    if (bundle.type !== 'transaction') throw new Problem('bundle-type', { found: typeof bundle.type === 'string' ? bundle.type.slice(0, 20) : 'none', expected: 'transaction' }, 'Bundle.type');
    const entries: unknown = bundle.entry ?? [];
    if (!Array.isArray(entries)) throw new Problem('invalid-element', { element: 'Bundle.entry', reason: 'a list is expected' }, 'Bundle.entry');
    if (entries.length > house.configuration.bundleLimit) throw new Problem('bundle-too-large', { count: entries.length, limit: house.configuration.bundleLimit }, 'Bundle.entry');
    const context = contextOf(request, house);
    const steps = giveIds(entries.map((entry, index) => readStep(entry, index)), context);
    assertDistinct(steps);
    const changes = steps.flatMap((step) => step.change === undefined ? [] : [step.change]);
    rewriteReferences(steps, () => true);
    assertNoneDangling(steps);
    const committed = changes.length === 0 ? [] : await commit(house.database, changes, context);
    // Reads come last in the processing order of a transaction, so they see what it wrote.
    const answers = await answersOf(steps, committed, context, house);
    return reply.type(fhirJson).send(bundleText('transaction-response', [], answers));
  });
}

interface Step {
  readonly index: number;
  readonly fullUrl: string | undefined;
  readonly change?: Change;
  readonly read?: { readonly type: string; readonly id?: string; readonly query?: string };
}

/** What one entry asks for. @throws {Problem} `bundle-entry` and those of the interactions */
function readStep(entry: unknown, index: number): Step {
  const at = `Bundle.entry[${index}]`;
  const refuse = (reason: string): Problem => new Problem('bundle-entry', { index, reason }, at);
  if (!isObject(entry) || !isObject(entry['request'])) throw refuse('request is missing');
  const request = entry['request'];
  const { method, url } = request;
  if (typeof method !== 'string' || typeof url !== 'string') throw refuse('request.method and request.url are needed');
  for (const condition of ['ifNoneExist', 'ifNoneMatch', 'ifModifiedSince']) {
    if (request[condition] !== undefined) throw new Problem('not-supported', { what: `request.${condition}` }, `${at}.request.${condition}`);
  }
  const fullUrl = typeof entry['fullUrl'] === 'string' ? entry['fullUrl'] : undefined;
  const [path = '', query] = url.split('?');
  const [type = '', id, ...more] = path.replace(/^\/+/, '').split('/');
  assertResourceType(type);
  if (more.length > 0) throw refuse('request.url is not of the form Type or Type/id');
  if (id !== undefined) assertId(id);
  const ifMatch = readIfMatch(request['ifMatch'], refuse);

  switch (method) {
    case 'POST': {
      if (id !== undefined || query !== undefined) throw refuse('POST takes a type as its url');
      const resource = asResource(entry['resource'], type, `${at}.resource`);
      return { index, fullUrl, change: { kind: 'create', resource } };
    }
    case 'PUT': {
      if (id === undefined || query !== undefined) throw new Problem('not-supported', { what: 'A conditional update' }, `${at}.request.url`);
      const resource = asResource(entry['resource'], type, `${at}.resource`);
      if (resource.id !== undefined && resource.id !== id) throw new Problem('id-mismatch', {}, `${at}.resource.id`);
      return { index, fullUrl, change: { kind: 'update', resource: { ...resource, id }, ...ifMatch } };
    }
    case 'DELETE':
      if (id === undefined || query !== undefined) throw new Problem('not-supported', { what: 'A conditional delete' }, `${at}.request.url`);
      return { index, fullUrl, change: { kind: 'delete', type, id, ...ifMatch } };
    case 'GET':
      return { index, fullUrl, read: { type, ...(id !== undefined && { id }), ...(query !== undefined && { query }) } };
    default:
      throw refuse('request.method is none of POST, PUT, DELETE, GET');
  }
}

function readIfMatch(value: unknown, refuse: (reason: string) => Problem): { ifMatch?: number } {
  if (value === undefined) return {};
  const version = typeof value === 'string' ? /^(?:W\/)?"([1-9]\d{0,8})"$/.exec(value)?.[1] : undefined;
  if (version === undefined) throw refuse('request.ifMatch is no entity tag');
  return { ifMatch: Number(version) };
}

function addressOf(change: Change): { type: string; id: string | undefined } | undefined {
  switch (change.kind) {
    case 'create': return { type: change.resource.resourceType, id: change.id };
    case 'update': return { type: change.resource.resourceType, id: change.resource.id };
    case 'delete': return { type: change.type, id: change.id };
    default: return undefined;
  }
}

/** Each resource may be changed once, and each fullUrl may stand for one resource. */
function assertDistinct(steps: readonly Step[]): void {
  const seen = new Set<string>();
  for (const step of steps) {
    const address = step.change && addressOf(step.change);
    const names = [address && `${address.type}/${address.id}`, step.change && step.fullUrl].filter((name) => name !== undefined);
    for (const name of new Set(names)) {
      if (seen.has(name)) throw new Problem('bundle-entry', { index: step.index, reason: 'the same resource or fullUrl occurs twice' }, `Bundle.entry[${step.index}]`);
      seen.add(name);
    }
  }
}

/**
 * Ids for what is created. Patients first: an id carries the shard of the patient whose compartment its resource is
 * in, and that patient may be created by the same Bundle.
 */
function giveIds(steps: readonly Step[], context: Context): Step[] {
  const withPatients = steps.map((step) => step.change?.kind === 'create' && step.change.resource.resourceType === 'Patient' ? withId(step, newId(context)) : step);
  rewriteReferences(withPatients, (address) => address.startsWith('Patient/'));
  return withPatients.map((step) => step.change?.kind === 'create' && step.change.id === undefined ? withId(step, newIdFor(step.change.resource, context)) : step);
}

function withId(step: Step, id: string): Step {
  return step.change?.kind === 'create' ? { ...step, change: { ...step.change, id } } : step;
}

/** Rewrites references to entries' fullUrls into references to those entries' ids, in place. */
function rewriteReferences(steps: readonly Step[], wanted: (address: string) => boolean): void {
  const given = new Map<string, string>();
  for (const step of steps) {
    const address = step.change && addressOf(step.change);
    if (step.fullUrl !== undefined && address?.id !== undefined && wanted(`${address.type}/${address.id}`)) given.set(step.fullUrl, `${address.type}/${address.id}`);
  }
  for (const { step, found } of references(steps)) {
    const base = readReference(step.fullUrl ?? '')?.base;
    const target = given.get(found.value) ?? (base === undefined ? undefined : given.get(`${base}/${found.value}`));
    if (target !== undefined) found.set(target);
  }
}

/** A urn: that is left names nothing that could ever be found. */
function assertNoneDangling(steps: readonly Step[]): void {
  for (const { step, found } of references(steps)) {
    if (/^urn:(uuid|oid):/.test(found.value)) throw new Problem('bundle-entry', { index: step.index, reason: 'a reference names no entry of this Bundle' }, `Bundle.entry[${step.index}].resource.${found.expression}`);
  }
}

function* references(steps: readonly Step[]): Generator<{ step: Step; found: FoundReference }> {
  for (const step of steps) {
    if (step.change?.kind !== 'create' && step.change?.kind !== 'update') continue;
    for (const found of referencesIn(step.change.resource, step.change.resource.resourceType)) yield { step, found };
  }
}

async function answersOf(steps: readonly Step[], committed: readonly Committed[], context: Context, house: House): Promise<BundleEntryText[]> {
  const instances = steps.flatMap((step) => step.read?.id !== undefined ? [{ type: step.read.type, id: step.read.id }] : []);
  const found = await readMany(house.database, instances, context);
  const answers: BundleEntryText[] = [];
  let next = 0;
  for (const step of steps) {
    answers.push(step.change ? writtenAnswer(committed[next++]!, house) : await readAnswer(step.read!, found, context, house));
  }
  return answers;
}

function writtenAnswer(written: Committed, house: House): BundleEntryText {
  const location = `${house.baseUrl()}/${written.type}/${written.id}/_history/${written.version}`;
  const status = written.deleted ? '204' : written.created ? '201' : '200';
  return {
    ...(!written.deleted && { fullUrl: `${house.baseUrl()}/${written.type}/${written.id}`, resource: written.content }),
    response: { status, ...(!written.deleted && { location }), etag: entityTag(written.version), lastModified: written.lastUpdated.toISOString() },
  };
}

async function readAnswer(read: NonNullable<Step['read']>, found: ReadonlyMap<string, StoredVersion>, context: Context, house: House): Promise<BundleEntryText> {
  if (read.id === undefined) {
    const asked = readSearch(read.type, new URLSearchParams(read.query ?? ''), { tenant: context.tenant.id, handling: 'strict', baseUrl: house.baseUrl() });
    const page = await findPage(house.database, { type: read.type, where: asked.where, limit: asked.count }, context);
    const entries = page.resources.map((resource): BundleEntryText => ({ fullUrl: `${house.baseUrl()}/${read.type}/${resource.id}`, resource: resource.content, search: { mode: 'match' } }));
    return { resource: bundleText('searchset', [], entries), response: { status: '200' } };
  }
  // A read that finds nothing fails the whole transaction's answer with the reason a single read would give.
  const stored = found.get(`${read.type}/${read.id}`) ?? await readResource(house.database, read.type, read.id, context);
  return { fullUrl: `${house.baseUrl()}/${read.type}/${read.id}`, resource: stored.content, response: { status: '200', etag: entityTag(stored.version), lastModified: stored.lastUpdated.toISOString() } };
}

