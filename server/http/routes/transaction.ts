/**
 * transaction (https://hl7.org/fhir/R4/http.html#transaction): all entries or none, in one commit. References
 * between entries by fullUrl become references to the ids that the server gives.
 */
import type { Bundle } from '@medplum/fhirtypes';
import type { FastifyInstance } from 'fastify';
import { Problem } from '../../../fhir/problems.ts';
import { isResourceType } from '../../../fhir/resource-types.ts';
import { readReference, referencesIn, type FoundReference } from '../../../fhir/references.ts';
import type { Context } from '../../../store/context.ts';
import { readMany, readResource, type StoredVersion } from '../../../store/read.ts';
import { newIdFor } from '../../../store/index-row.ts';
import { newId } from '../../../store/shard.ts';
import type { Queryable } from '../../../store/database.ts';
import { readSearch, type SearchRequest, type SearchSettings } from '../../../store/search/request.ts';
import type { Change, Committed } from '../../../store/write/changes.ts';
import { commitAndRead } from '../../../store/write/commit.ts';
import type { House } from '../../house.ts';
import { bundleText, type BundleEntryText } from '../bundle-text.ts';
import { assertPlainAddress, fhirJson, jsonBytes, readJson } from '../media-types.ts';
import { makeOwnReferencesRelative } from '../own-references.ts';
import { contextOf } from '../request-context.ts';
import { asResource, assertId, assertNoDecision, assertShape, isObject } from '../resource-body.ts';
import { entityTag } from './resources.ts';
import { searchsetText } from './search.ts';

// https://hl7.org/fhir/R4/valueset-bundle-type.html
const bundleTypes: ReadonlySet<unknown> = new Set(['document', 'message', 'transaction', 'transaction-response', 'batch', 'batch-response', 'history', 'searchset', 'collection']);

export function transactionRoutes(server: FastifyInstance, house: House): void {
  server.post('/', { config: { interaction: 'transaction' } }, async (request, reply) => {
    assertPlainAddress(request, 'transaction');
    const bundle = asResource(readJson(jsonBytes(request, 'a transaction Bundle')), 'Bundle') as Bundle;
    if (bundle.type !== 'transaction') throw new Problem('bundle-type', { found: bundleTypes.has(bundle.type) ? bundle.type : 'none of FHIR', expected: 'transaction' }, 'Bundle.type');
    const entries: unknown = bundle.entry ?? [];
    if (!Array.isArray(entries)) throw new Problem('invalid-element', { element: 'Bundle.entry', reason: 'a list is expected' }, 'Bundle.entry');
    if (entries.length > house.configuration.bundleLimit) throw new Problem('bundle-too-large', { count: entries.length, limit: house.configuration.bundleLimit }, 'Bundle.entry');
    assertShape(bundle);
    const context = contextOf(request, house);
    const settings = { tenant: context.tenant.id, handling: 'strict', baseUrl: house.baseUrl() } as const;
    const steps = giveIds(entries.map((entry, index) => readStep(entry, index, settings)), context);
    assertDistinct(steps);
    const changes = steps.flatMap((step) => step.change === undefined ? [] : [step.change]);
    rewriteReferences(steps, () => true);
    assertNoneDangling(steps);
    for (const { change } of steps) if (change?.kind === 'create' || change?.kind === 'update') makeOwnReferencesRelative(change.resource, house.baseUrl());
    // Reads come last in the processing order of a transaction, so they see what it wrote; one that fails undoes it all.
    const answers = await commitAndRead(house.database, changes, context, (connection, committed) => answersOf(steps, committed, connection, context, house));
    return reply.type(fhirJson).send(bundleText('transaction-response', [], answers));
  });
}

interface Step {
  readonly index: number;
  readonly fullUrl: string | undefined;
  readonly change?: Change;
  readonly read?: { readonly type: string; readonly id: string };
  readonly search?: SearchRequest;
}

/** What one entry asks for. @throws {Problem} `bundle-entry` and those of the interactions */
function readStep(entry: unknown, index: number, settings: SearchSettings): Step {
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
  const cut = url.indexOf('?');
  const query = cut < 0 ? undefined : url.slice(cut + 1);
  const [type = '', id, ...more] = (cut < 0 ? url : url.slice(0, cut)).replace(/^\//, '').split('/');
  if (more.length > 0 || !isResourceType(type)) throw refuse('request.url is not of the form Type or Type/id');
  if (id !== undefined) assertId(id);
  const ifMatch = readIfMatch(request['ifMatch'], refuse);

  switch (method) {
    case 'POST': {
      if (id !== undefined || query !== undefined) throw refuse('POST takes a type as its url');
      if (ifMatch.ifMatch !== undefined) throw refuse('there is no version that a create could match');
      const resource = asResource(entry['resource'], type, `${at}.resource`);
      assertNoDecision(resource, `${at}.resource`);
      return { index, fullUrl, change: { kind: 'create', resource } };
    }
    case 'PUT': {
      if (id === undefined || query !== undefined) throw new Problem('not-supported', { what: 'A conditional update' }, `${at}.request.url`);
      const resource = asResource(entry['resource'], type, `${at}.resource`);
      if (resource.id !== undefined && resource.id !== id) throw new Problem('id-mismatch', {}, `${at}.resource.id`);
      assertNoDecision(resource, `${at}.resource`);
      return { index, fullUrl, change: { kind: 'update', resource: { ...resource, id }, ...ifMatch } };
    }
    case 'DELETE':
      if (id === undefined || query !== undefined) throw new Problem('not-supported', { what: 'A conditional delete' }, `${at}.request.url`);
      return { index, fullUrl, change: { kind: 'delete', type, id, ...ifMatch } };
    case 'GET':
      if (ifMatch.ifMatch !== undefined) throw new Problem('not-supported', { what: 'request.ifMatch on a read' }, `${at}.request.ifMatch`);
      if (id === undefined) return { index, fullUrl, search: readSearch(type, new URLSearchParams(query ?? ''), settings) };
      if (query !== undefined) throw refuse('a read takes no parameters');
      return { index, fullUrl, read: { type, id } };
    case 'PATCH': case 'HEAD':
      throw new Problem('not-supported', { what: `${method} in a transaction` }, `${at}.request.method`);
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

async function answersOf(steps: readonly Step[], committed: readonly Committed[], connection: Queryable, context: Context, house: House): Promise<BundleEntryText[]> {
  const found = await readMany(connection, steps.flatMap((step) => step.read ? [step.read] : []), context);
  const answers: BundleEntryText[] = [];
  let next = 0;
  for (const { change, read, search } of steps) {
    if (change) answers.push(writtenAnswer(committed[next++]!, house));
    else if (read) answers.push(readAnswer(found.get(`${read.type}/${read.id}`) ?? await readResource(connection, read.type, read.id, context), house));
    else answers.push(await searchAnswer(search!, connection, context, house));
  }
  return answers;
}

function writtenAnswer(written: Committed, house: House): BundleEntryText {
  const location = `${house.baseUrl()}/${written.type}/${written.id}/_history/${written.version}`;
  const status = written.deleted ? '204' : written.created ? '201' : '200';
  return {
    ...(!written.deleted && { fullUrl: `${house.baseUrl()}/${written.type}/${written.id}`, resource: written.content }),
    response: { status, ...(!written.deleted && { location }), ...(written.version > 0 && { etag: entityTag(written.version) }), lastModified: written.lastUpdated.toISOString() },
  };
}

function readAnswer(stored: StoredVersion, house: House): BundleEntryText {
  return { fullUrl: `${house.baseUrl()}/${stored.type}/${stored.id}`, resource: stored.content, response: { status: '200', etag: entityTag(stored.version), lastModified: stored.lastUpdated.toISOString() } };
}

async function searchAnswer(asked: SearchRequest, connection: Queryable, context: Context, house: House): Promise<BundleEntryText> {
  return { resource: await searchsetText(asked, connection, context, house), response: { status: '200' } };
}
