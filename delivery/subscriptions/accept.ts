/**
 * A Subscription as a client writes it: refused where this server could not keep to it, and `requested` from then on
 * until its address has answered.
 * Source: https://hl7.org/fhir/uv/subscriptions-backport/STU1.1/components.html#subscriptions,
 * http://hl7.org/fhir/us/davinci-pas/STU2.2/specification.html#subscription
 */
import type { Subscription } from '@medplum/fhirtypes';
import { Problem, type ProblemCode, type ProblemDetails } from '../../fhir/problems.ts';
import type { Outbound } from '../../operations/outbound/call.ts';
import { currentPas, pasVersionNamed } from '../../operations/prior-authorization/versions/pas-version.ts';
import type { Context } from '../../store/context.ts';
import { contentOf, filterTexts, hasOwnChannelType, heartbeatOf, maxCountOf, pasVersionOf, pasVersionTag, timeoutOf } from './backport.ts';
import { readFilters } from './filter.ts';
import { mayManage } from './rights.ts';
import type { HeaderSeal } from './sealed-headers.ts';
import { contentLevels, type ContentLevel, type Topic } from './topic.ts';

export interface AcceptSettings {
  readonly topics: readonly Topic[];
  readonly outbound: Pick<Outbound, 'check'>;
  readonly headers: HeaderSeal;
  /** A Subscription.end that is past is no reason to refuse: examples and conformance kits have one. */
  readonly pastEnd: boolean;
}

const mediaTypes = new Set(['application/fhir+json', 'application/json', 'application/fhir+xml', 'application/xml']);
const mostHeaders = 20;
/** In seconds. */
const heartbeats = { least: 1, most: 31 * 24 * 3600 };
const timeouts = { least: 1, most: 60 };
const counts = { least: 1, most: 1000 };

/**
 * What is stored of it.
 * @param where FHIRPath of the resource, where it came in a Bundle
 * @throws {Problem} those of the catalogue under "Subscriptions", `outbound-refused`
 */
export async function acceptSubscription(sent: Subscription, settings: AcceptSettings, context: Context, where = 'Subscription'): Promise<Subscription> {
  const subscription = atVersion(sent, context);
  if (!mayManage(subscription, context)) throw new Problem('subscription-of-another', {}, where);
  const sealed = withSealedHeaders(subscription, settings.headers, where, context);
  // Nothing is sent for one that is off.
  if (subscription.status === 'off') return sealed;
  const refuse = (condition: boolean, code: ProblemCode, element: string, details: ProblemDetails = {}): void => {
    if (condition) throw new Problem(code, details, `${where}.${element}`);
  };
  refuse(/"url":"http:\/\/hl7\.org\/fhir\/(?!4\.0)\d\.\d\//.test(JSON.stringify(sent)), 'subscription-extension', 'extension');
  const topic = topicNamed(subscription.criteria, settings.topics);
  if (!topic) throw new Problem('subscription-topic-unknown', {}, `${where}.criteria`);
  const filters = readFilters(filterTexts(subscription), topic, (index) => `${where}.criteria.extension[${index}].value`);

  const { channel } = subscription;
  refuse(channel?.type !== 'rest-hook' || hasOwnChannelType(subscription), 'subscription-channel', 'channel.type');
  refuse(channel.endpoint === undefined || channel.endpoint === '', 'subscription-endpoint-missing', 'channel.endpoint');
  const offered = offeredContents(topic, pasVersionOf(subscription));
  refuse(!offered.includes((contentOf(subscription) ?? 'empty') as ContentLevel), 'subscription-content', 'channel.payload.extension', { offered: offered.join(', ') });
  // Without a type R4 means a call without a body, which a notification is not; JSON is what everybody reads.
  refuse(!isPayloadType(channel.payload ?? 'application/fhir+json'), 'subscription-payload', 'channel.payload');
  // Nobody hears of the authorizations of everybody.
  refuse(topic.ofAuthorizations && filters.length === 0, 'subscription-filter-invalid', 'criteria', { reason: `this topic is heard of for one organization, by ${topic.filters.map(({ parameter }) => parameter).join(' or ')}` });
  for (const [what, value, { least, most }] of [['The heartbeat period', heartbeatOf(subscription), heartbeats], ['The timeout', timeoutOf(subscription), timeouts], ['The most events in a notification', maxCountOf(subscription), counts]] as const) {
    refuse(value !== undefined && !(Number.isInteger(value) && value >= least && value <= most), 'subscription-number', 'channel.extension', { what, least, most });
  }
  refuse(!settings.pastEnd && subscription.end !== undefined && new Date(subscription.end) <= context.now(), 'subscription-ended', 'end');
  await settings.outbound.check(channel.endpoint!).catch((error: unknown) => {
    // A name that leads nowhere now may lead somewhere when it is called.
    if (!(error instanceof Problem) || error.code !== 'outbound-failed') throw error instanceof Problem ? error.located(`${where}.channel.endpoint`) : error;
  });
  const { error: _, ...asked } = sealed;
  return { ...asked, status: 'requested' };
}

/** @throws {Problem} `subscription-header` */
function withSealedHeaders(subscription: Subscription, headers: HeaderSeal, where: string, { tenant }: Context): Subscription {
  const { channel } = subscription as Partial<Pick<Subscription, 'channel'>>;
  const lines = channel?.header;
  if (!channel || lines === undefined) return subscription;
  const purpose = { tenant: tenant.id, endpoint: channel.endpoint ?? '' };
  const sealed = lines.length > mostHeaders ? [] : lines.flatMap((line) => headers.seal(line, purpose) ?? []);
  if (sealed.length < lines.length) throw new Problem('subscription-header', {}, `${where}.channel.header`);
  return { ...subscription, channel: { ...channel, header: sealed } };
}

/** @returns undefined for one that this server has not */
export function topicNamed(criteria: string | undefined, topics: readonly Topic[]): Topic | undefined {
  const [url, version] = (criteria ?? '').split('|');
  return topics.find((topic) => topic.url === url && (version === undefined || version === topic.version));
}

/** The version of PAS decides for its topic: 2.2.1 wants the whole answer in each notification, 2.0.1 takes its id as well. */
function offeredContents(topic: Topic, pasVersion: string | undefined): readonly ContentLevel[] {
  return topic.ofAuthorizations ? (pasVersion === undefined ? currentPas : pasVersionNamed(pasVersion) ?? currentPas).payloadContents : contentLevels;
}

/** The base says which version of PAS is meant; what a client says of that itself counts for nothing. */
function atVersion(subscription: Subscription, { pas }: Context): Subscription {
  const others = subscription.meta?.tag?.filter(({ system }) => system !== pasVersionTag) ?? [];
  const tag = pas === undefined ? others : [...others, { system: pasVersionTag, code: pas.version }];
  const { tag: _, ...meta } = subscription.meta ?? {};
  if (tag.length === 0 && subscription.meta?.tag === undefined) return subscription;
  return { ...subscription, meta: { ...meta, ...(tag.length > 0 && { tag }) } };
}

/** A version in the media type must be R4's (https://hl7.org/fhir/R4/versions.html#mt-version). */
function isPayloadType(payload: string): boolean {
  // It goes out as a header.
  if (!/^[\x20-\x7e]*$/.test(payload)) return false;
  const [type = '', ...parameters] = payload.toLowerCase().split(';').map((part) => part.trim());
  return mediaTypes.has(type) && parameters.every((parameter) => /^(?:fhirversion="?4\.0"?|charset="?utf-8"?)$/.test(parameter));
}
