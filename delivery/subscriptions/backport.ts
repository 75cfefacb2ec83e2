/**
 * A Subscription as the backport to R4 writes it: names of its extensions, and what they say.
 * Source: https://hl7.org/fhir/uv/subscriptions-backport/STU1.1/StructureDefinition-backport-subscription.html
 */
import type { Extension, Subscription } from '@medplum/fhirtypes';

const guide = 'http://hl7.org/fhir/uv/subscriptions-backport';
const definition = (name: string): string => `${guide}/StructureDefinition/${name}`;

export const backport = {
  notification: definition('backport-subscription-notification-r4'),
  status: definition('backport-subscription-status-r4'),
  subscription: definition('backport-subscription'),
  topicCanonical: definition('capabilitystatement-subscriptiontopic-canonical'),
  filterCriteria: definition('backport-filter-criteria'),
  payloadContent: definition('backport-payload-content'),
  heartbeat: definition('backport-heartbeat-period'),
  timeout: definition('backport-timeout'),
  maxCount: definition('backport-max-count'),
  channelType: definition('backport-channel-type'),
  server: `${guide}/CapabilityStatement/backport-subscription-server-r4`,
  statusOperation: `${guide}/OperationDefinition/backport-subscription-status`,
  eventsOperation: `${guide}/OperationDefinition/backport-subscription-events`,
} as const;

/** The version of PAS at whose base it was written; without it the current one's. */
export const pasVersionTag = 'https://priora.health/fhir/CodeSystem/pas-version';

interface Extended {
  readonly extension?: readonly Extension[];
}

/** What stands beside a primitive element and holds its extensions; the types do not have it (https://hl7.org/fhir/R4/json.html#primitive). */
function beside(element: object | undefined, name: string): Extended | undefined {
  return (element as Readonly<Record<string, Extended>> | undefined)?.[`_${name}`];
}

export function filterTexts(subscription: Subscription): readonly string[] {
  return extensionsOf(beside(subscription, 'criteria'), backport.filterCriteria).map(({ valueString }) => valueString ?? '');
}

/** Undefined where it says none: then it is `empty`. */
export function contentOf({ channel }: Subscription): string | undefined {
  return extensionsOf(beside(channel, 'payload'), backport.payloadContent)[0]?.valueCode;
}

/** A channel beyond those of R4. */
export function hasOwnChannelType({ channel }: Subscription): boolean {
  return extensionsOf(beside(channel, 'type'), backport.channelType).some(({ valueCoding }) => valueCoding?.code !== 'rest-hook');
}

/** Seconds between heartbeats; undefined: none. */
export function heartbeatOf(subscription: Subscription): number | undefined {
  const seconds = channelNumber(subscription, backport.heartbeat);
  return seconds === undefined || seconds === 0 ? undefined : seconds;
}

/** Seconds that an answer may take. */
export function timeoutOf(subscription: Subscription): number | undefined {
  return channelNumber(subscription, backport.timeout);
}

/** Most events in one notification. */
export function maxCountOf(subscription: Subscription): number | undefined {
  return channelNumber(subscription, backport.maxCount);
}

export function pasVersionOf({ meta }: Subscription): string | undefined {
  return meta?.tag?.find(({ system }) => system === pasVersionTag)?.code;
}

function channelNumber({ channel }: Subscription, url: string): number | undefined {
  const [extension] = extensionsOf(channel, url);
  const value: unknown = extension?.valueUnsignedInt ?? extension?.valuePositiveInt ?? extension?.valueInteger;
  return value === undefined ? undefined : Number(value);
}

function extensionsOf(element: Extended | undefined, url: string): readonly Extension[] {
  return Array.isArray(element?.extension) ? element.extension.filter((extension) => extension.url === url) : [];
}
