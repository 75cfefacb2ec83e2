/**
 * How long, and how much of, what nobody has asked for is kept. A document that waits for its request says until which
 * day, and for whom, in tags; one that has joined a request says it no more. At night those whose day has passed are
 * removed, with their contents. Both bounds are settings: otherwise a sender could fill the store with what nobody reads.
 */
import { hash } from 'node:crypto';
import type { Coding, Identifier, Resource } from '@medplum/fhirtypes';
import { parseJson, stringifyJson } from '../../../fhir/json.ts';
import { Problem } from '../../../fhir/problems.ts';
import { readReference } from '../../../fhir/references.ts';
import { resourceTypeCode } from '../../../fhir/resource-types.ts';
import type { Context } from '../../../store/context.ts';
import type { Database, Queryable } from '../../../store/database.ts';
import { findSome } from '../../../store/find.ts';
import { correctHeld, heldOf, heldSenders } from '../../../store/held-senders.ts';
import { keyMaker } from '../../../store/search-keys.ts';
import type { Expression } from '../../../store/search/expression.ts';
import { shardOf } from '../../../store/shard.ts';
import type { Change, CountHeld } from '../../../store/write/changes.ts';
import { commit } from '../../../store/write/commit.ts';

export interface KeepingLimits {
  /** How long a document waits for its request. */
  readonly days: number;
  /** Documents of one sender that wait at most. */
  readonly perSender: number;
  /** Bytes of them, as they came. */
  readonly bytesPerSender: number;
}

/** Types that documents are kept as. */
export const keptTypes = ['DocumentReference', 'QuestionnaireResponse'] as const;

const untilSystem = 'https://priora.health/fhir/CodeSystem/held-until';
const senderSystem = 'https://priora.health/fhir/CodeSystem/held-for-sender';
const bytesSystem = 'https://priora.health/fhir/CodeSystem/held-bytes';
const ours: ReadonlySet<string | undefined> = new Set([untilSystem, senderSystem, bytesSystem]);
const day = 86_400_000;
/** How far back the nightly job looks: servers may be down for a year. */
const daysBack = 400;
/** Of one type, in one commit. */
const removedAtOnce = 50;
const sendersAtOnce = 100;

const dateOf = (time: number): string => new Date(time).toISOString().slice(0, 10);

/** Marked as waiting, with how much it is: what is counted with it is given back with it. */
export function waiting<R extends Resource>(resource: R, senders: readonly Identifier[], { days }: KeepingLimits, context: Context): R {
  const tag: Coding[] = [
    { system: untilSystem, code: dateOf(context.now().getTime() + days * day) }, { system: senderSystem, code: senderKey(senders, context) }, { system: bytesSystem, code: String(Buffer.byteLength(stringifyJson(resource))) },
  ];
  const others = (resource.meta?.tag ?? []).filter(({ system }) => !ours.has(system));
  return { ...resource, meta: { ...resource.meta, tag: [...others, ...tag] } };
}

/** The changes by which a document that has joined a request waits no more; none for one that never did. */
export function settled(resource: Resource & { id: string }, version: number, context: Context): Change[] {
  const { tag = [], ...meta } = resource.meta ?? {};
  const others = tag.filter(({ system }) => !ours.has(system));
  return others.length === tag.length ? [] : [{ kind: 'update', resource: { ...resource, meta: { ...meta, ...(others.length > 0 && { tag: others }) } }, ifMatch: version }, ...released(resource, context)];
}

/** Counted with the documents that wait; @param documents as they are kept */
export function counted(documents: readonly Resource[], limits: KeepingLimits, context: Context): Change[] {
  return documents.flatMap((document): Change[] => countOf(document, 1, context).map((count) => ({ ...count, most: { documents: limits.perSender, bytes: limits.bytesPerSender } })));
}

function released(document: Resource, context: Context): Change[] {
  return countOf(document, -1, context);
}

function countOf({ meta }: Resource, sign: 1 | -1, context: Context): CountHeld[] {
  const said = (system: string): string | undefined => meta?.tag?.find((each) => each.system === system)?.code;
  const sender = said(senderSystem);
  return sender === undefined ? [] : [{ kind: 'held', shard: shardOf(context.tenant.id, sender), sender, documents: sign, bytes: sign * bytesOf(said(bytesSystem)) }];
}

/** Tags can be written by anybody who may write the document. */
function bytesOf(code: string | undefined): number {
  return code !== undefined && /^\d{1,12}$/.test(code) ? Number(code) : 0;
}

/** Whoever he says he is, and otherwise who is known to have sent it; hashed, because a tag has no need of more. */
function senderKey(senders: readonly Identifier[], { actor }: Context): string {
  const said = senders.map(({ system, value }) => `${system ?? ''}|${value}`).toSorted((a, b) => a < b ? -1 : 1);
  return hash('sha256', JSON.stringify(said.length > 0 ? said : [actor])).slice(0, 32);
}

/** Says precisely what the commit would refuse. @param documents as they are to be kept @throws {Problem} `too-many-held`, `too-much-held` */
export async function checkRoom(database: Queryable, senders: readonly Identifier[], documents: readonly Resource[], { perSender, bytesPerSender }: KeepingLimits, context: Context): Promise<void> {
  const sender = senderKey(senders, context);
  const known = await heldOf(database, { sender, shard: shardOf(context.tenant.id, sender) }, context);
  const bytes = documents.flatMap((document) => countOf(document, 1, context)).reduce((sum, count) => sum + count.bytes, known.bytes);
  if (known.documents + documents.length > perSender) throw new Problem('too-many-held', { limit: perSender });
  if (bytes > bytesPerSender) throw new Problem('too-much-held', { limit: bytesPerSender });
}

/** Documents that were removed or changed by another way than the request that they waited for are counted no more. */
async function correctCounts(database: Database, context: Context, signal?: AbortSignal): Promise<void> {
  for (let after = ''; ;) {
    const senders = signal?.aborted === true ? [] : await heldSenders(database, after, sendersAtOnce, context);
    if (senders.length === 0) return;
    for (const each of senders) {
      const found = (await Promise.all(keptTypes.map((type) => findSome(database, { type, limit: each.documents, where: tagged(type, senderSystem, [each.sender], context) }, context)))).flat();
      const bytes = found.flatMap(({ content }) => countOf(parseJson(content) as Resource, 1, context)).reduce((sum, count) => sum + count.bytes, 0);
      if (found.length < each.documents) await correctHeld(database, each, { documents: found.length, bytes }, context);
    }
    after = senders.at(-1)!.sender;
  }
}

/** Removes what waited in vain. @returns how many documents */
export async function removeExpired(database: Database, context: Context, signal?: AbortSignal): Promise<number> {
  const today = context.now().getTime();
  const passed = Array.from({ length: daysBack }, (_, index) => dateOf(today - (index + 1) * day));
  let removed = 0;
  for (const type of keptTypes) removed += await removeTagged(database, type, passed, context, signal);
  await correctCounts(database, context, signal);
  return removed;
}

async function removeTagged(database: Database, type: string, passed: readonly string[], context: Context, signal: AbortSignal | undefined): Promise<number> {
  for (let removed = 0; ;) {
    const found = signal?.aborted === true ? [] : await findSome(database, { type, limit: removedAtOnce, where: tagged(type, untilSystem, passed, context) }, context);
    if (found.length === 0) return removed;
    await commit(database, found.flatMap(({ id, version, content }): Change[] => [{ kind: 'delete', type, id, ifMatch: version }, ...released(parseJson(content) as Resource, context), ...binariesOf(parseJson(content), context).map((binary): Change => ({ kind: 'delete', type: 'Binary', id: binary }))]), context);
    removed += found.length;
  }
}

function tagged(type: string, system: string, codes: readonly string[], context: Context): Expression {
  const keys = keyMaker(context.tenant.id, resourceTypeCode(type));
  return { kind: 'key', anyOf: codes.map((code) => keys.token('_tag', { form: 'system-and-code', system, code })), selective: true };
}

/** Ids of Binaries that large contents were moved to. */
function binariesOf(value: unknown, context: Context): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const { url } = value as { url?: unknown };
  const address = 'contentType' in value && typeof url === 'string' ? readReference(url) : undefined;
  const own = address?.type === 'Binary' && (address.base === undefined || address.base === context.base) ? [address.id] : [];
  return [...new Set([...own, ...Object.values(value).flatMap((each) => binariesOf(each, context))])];
}
