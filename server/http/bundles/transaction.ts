/**
 * transaction: entries become intents and reads; the intents are written in one commit, the reads see what was written.
 * Deletes come first, then creates, updates and patches, then reads, whatever their order in the Bundle.
 * Source: https://hl7.org/fhir/R4/http.html#trules
 */
import type { Resource } from '@medplum/fhirtypes';
import type { FastifyRequest } from 'fastify';
import { Problem } from '../../../fhir/problems.ts';
import { isResourceType } from '../../../fhir/resource-types.ts';
import type { Context } from '../../../store/context.ts';
import type { Queryable } from '../../../store/database.ts';
import { readCriteria, type Criteria } from '../../../store/write/conditional.ts';
import type { House } from '../../house.ts';
import { locationOf, successOf } from '../answers.ts';
import { AnswerBudget, bundleText, type BundleEntryText } from '../bundle-text.ts';
import type { Intent, Target } from '../interactions/intent.ts';
import { writeValidated } from '../interactions/validated.ts';
import type { Outcome, Patience } from '../interactions/write.ts';
import { patchOfEntry } from '../patch-body.ts';
import { assertOnly, entityTag, expectedVersion, mustBeNew, preconditionsOfEntry } from '../preconditions.ts';
import { preferencesOf, type Preferences } from '../preferences.ts';
import { contextOf } from '../request-context.ts';
import { asResource, assertId, assertNoDecision, assertShape, isObject } from '../resource-body.ts';
import { beforeDeadline, deadlineOf, patienceOf } from './deadline.ts';
import { readEntry, type RequestedEntry } from './entry.ts';
import { readRequested, type Read } from './reads.ts';

/** What an entry asks for: something to be written, or to be read when that is done. */
type Step = { readonly intent: Intent } | { readonly read: Read };

/** The answer to a transaction, as JSON text. @throws {Problem} of the entry that failed; `transaction-too-slow`, `client-gone` */
export async function readTransaction(bundle: Resource, entries: readonly unknown[], request: FastifyRequest, house: House): Promise<string> {
  const deadline = deadlineOf(request, house);
  return beforeDeadline(deadline, () => carryOut(bundle, entries, request, house, patienceOf(deadline)));
}

async function carryOut(bundle: Resource, entries: readonly unknown[], request: FastifyRequest, house: House, patience: Patience): Promise<string> {
  const context = contextOf(request, house);
  const preference = preferencesOf(request).return;
  const requested = entries.map((entry, index) => readEntry(entry, index, context.base));
  // Told before what else may be wrong with it.
  for (const { method, resource, at } of requested) {
    if ((method === 'POST' || method === 'PUT') && isObject(resource) && resource['resourceType'] === 'ClaimResponse') assertNoDecision(resource as unknown as Resource, `${at}.resource`);
  }
  assertShape(bundle);
  const steps: Step[] = [];
  for (const entry of requested) {
    patience.assertLeft();
    steps.push(await located(entry.index, () => readStep(entry, house, context)));
  }
  const intents = steps.flatMap((step) => 'intent' in step ? [step.intent] : []);
  const reads = steps.some((step) => 'read' in step);
  const { outcomes, result } = await writeValidated(house, intents, context, patience, reads ? (connection) => answered(steps, connection) : undefined);
  let written = 0;
  const answers = steps.map((step, index) => 'intent' in step ? writtenEntry(outcomes[written++]!, preference, context) : result![index]!);
  return bundleText('transaction-response', [], answers);
}

/** Says of a problem that has no place yet which entry it is about. */
async function located<T>(index: number, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof Problem ? error.located(`Bundle.entry[${index}]`) : error;
  }
}

async function readStep(entry: RequestedEntry, house: House, context: Context): Promise<Step> {
  const { index, at, method, path, query } = entry;
  const refuse = (reason: string): Problem => new Problem('bundle-entry', { index, reason }, at);
  if (method === 'GET' || method === 'HEAD') return { read: await readRequested(entry, house, context) };
  const [type = '', id, ...more] = path;
  if ([type, id].some((step) => step?.startsWith('$'))) throw new Problem('not-supported', { what: 'An operation in a transaction' }, `${at}.request.url`);
  if (more.length > 0 || !isResourceType(type)) throw refuse('request.url is not of the form Type or Type/id');
  if (id !== undefined) assertId(id);
  const preconditions = preconditionsOfEntry(entry.request, `${at}.request`);
  const common = { entry: index, ...(entry.fullUrl !== undefined && { fullUrl: entry.fullUrl }) };
  const criteria = (text: string): Promise<Criteria> => readCriteria(type, text, house.database, context, `${at}.request`);
  const target = async (): Promise<Target> => {
    if (id !== undefined && query !== undefined) throw refuse('an id needs no criteria beside it');
    return id === undefined ? { criteria: await criteria(query ?? '') } : { id };
  };

  switch (method) {
    case 'POST': {
      if (id !== undefined || query !== undefined) throw refuse('POST takes a type as its url');
      assertOnly(preconditions, ['ifNoneExist'], 'create');
      const unless = preconditions.ifNoneExist === undefined ? undefined : await criteria(preconditions.ifNoneExist);
      return { intent: { kind: 'create', resource: writable(entry, type), ...(unless && { unless }), ...common } };
    }
    case 'PUT': {
      assertOnly(preconditions, ['ifMatch', 'ifNoneMatch'], 'update');
      const resource = writable(entry, type);
      if (id !== undefined && resource.id !== undefined && resource.id !== id) throw new Problem('id-mismatch', {}, `${at}.resource.id`);
      const ifMatch = expectedVersion(preconditions);
      return { intent: { kind: 'update', resource, target: await target(), mustBeNew: mustBeNew(preconditions), ...(ifMatch !== undefined && { ifMatch }), ...common } };
    }
    case 'PATCH': {
      assertOnly(preconditions, ['ifMatch'], 'patch');
      const ifMatch = expectedVersion(preconditions);
      return { intent: { kind: 'patch', type, target: await target(), apply: patchOfEntry(entry.resource, index), ...(ifMatch !== undefined && { ifMatch }), ...common } };
    }
    default: {
      assertOnly(preconditions, ['ifMatch'], 'delete');
      const ifMatch = expectedVersion(preconditions);
      return { intent: { kind: 'delete', type, target: await target(), ...(ifMatch !== undefined && { ifMatch }), ...common } };
    }
  }
}

function writable({ resource, at }: RequestedEntry, type: string): Resource {
  return asResource(resource, type, `${at}.resource`);
}

/** The answers to the reads, by the number of their entries. */
async function answered(steps: readonly Step[], connection: Queryable): Promise<readonly (BundleEntryText | undefined)[]> {
  const answers: (BundleEntryText | undefined)[] = [];
  const budget = new AnswerBudget();
  for (const [index, step] of steps.entries()) {
    if (!('read' in step)) {
      answers.push(undefined);
      continue;
    }
    answers.push(await located(index, async () => {
      const answer = await step.read(connection);
      budget.take(answer);
      return answer;
    }));
  }
  return answers;
}

function writtenEntry(outcome: Outcome, preference: Preferences['return'], context: Context): BundleEntryText {
  const { status, version } = outcome;
  const stored = status === 204 ? undefined : version;
  return {
    ...(stored && { fullUrl: `${context.base}/${stored.type}/${stored.id}` }),
    ...(stored && preference === 'representation' && { resource: stored.content }),
    response: {
      status: String(status),
      ...(stored && { location: locationOf(stored, context) }),
      ...(version && version.version > 0 && { etag: entityTag(version.version) }),
      ...(version && { lastModified: version.lastUpdated.toISOString() }),
      ...(preference === 'OperationOutcome' && { outcome: successOf(outcome) }),
    },
  };
}
