/**
 * Notifications: a Bundle of type history whose first entry tells of the subscription, and the others what happened.
 * Pure. Addresses are absolute: a receiver cannot resolve others, and conformance kits drop the port of the server's.
 * Source: https://hl7.org/fhir/uv/subscriptions-backport/STU1.1/notifications.html,
 * https://hl7.org/fhir/uv/subscriptions-backport/STU1.1/StructureDefinition-backport-subscription-status-r4.html
 */
import type { Bundle, BundleEntry, Parameters, ParametersParameter, Resource } from '@medplum/fhirtypes';
import type { ToldAuthorization } from '../../operations/prior-authorization/exchange/exchanges.ts';
import { backport } from './backport.ts';

export type NotificationType = 'handshake' | 'heartbeat' | 'event-notification' | 'query-status' | 'query-event';

export interface NotifiedSubscription {
  readonly id: string;
  readonly status: string;
  readonly topic: string;
  /** How many events it has had. */
  readonly events: number;
  /** The FHIR base at which it was made. */
  readonly base: string;
  /** What went wrong, in words. */
  readonly error?: string | undefined;
}

/** An event, and what is told of it at the level of content that was asked for. */
export interface NotifiedEvent {
  readonly number: number;
  readonly at: Date;
  /** Of the resource that it is about; undefined where nothing is told. */
  readonly focus?: string | undefined;
  readonly entries: readonly BundleEntry[];
  /** The authorization that it is about, for the plan's figures. */
  readonly authorization?: ToldAuthorization & { /** Id of its Claim, where notices of its clock are among what is told. */ readonly notices?: string };
}

export interface Notification {
  readonly type: NotificationType;
  readonly subscription: NotifiedSubscription;
  readonly events: readonly NotifiedEvent[];
  /** UUIDs for the Bundle and its first entry. */
  readonly ids: readonly [string, string];
  readonly at: Date;
}

export function notificationOf({ type, subscription, events, ids: [id, statusId], at }: Notification): Bundle {
  // What several events tell of the same resource is there once: an address is that of one entry.
  const entries = new Map(events.flatMap((event) => event.entries).map((entry) => [entry.fullUrl, entry]));
  return {
    resourceType: 'Bundle',
    id,
    meta: { profile: [backport.notification] },
    type: 'history',
    timestamp: at.toISOString(),
    entry: [
      {
        fullUrl: `urn:uuid:${statusId}`,
        resource: statusOf(type, subscription, events, statusId),
        request: { method: 'GET', url: `${subscription.base}/Subscription/${subscription.id}/$status` },
        response: { status: '200' },
      },
      ...entries.values(),
    ],
  };
}

export function statusOf(type: NotificationType, { id, status, topic, events, base, error }: NotifiedSubscription, notified: readonly NotifiedEvent[], ownId?: string): Parameters {
  return {
    resourceType: 'Parameters',
    ...(ownId !== undefined && { id: ownId }),
    meta: { profile: [backport.status] },
    parameter: [
      { name: 'subscription', valueReference: { reference: `${base}/Subscription/${id}` } },
      { name: 'topic', valueCanonical: topic },
      { name: 'status', valueCode: status },
      { name: 'type', valueCode: type },
      { name: 'events-since-subscription-start', valueString: String(events) },
      ...notified.map((event): ParametersParameter => ({
        name: 'notification-event',
        part: [
          { name: 'event-number', valueString: String(event.number) },
          { name: 'timestamp', valueInstant: event.at.toISOString() },
          ...(event.focus === undefined ? [] : [{ name: 'focus', valueReference: { reference: event.focus } }]),
        ],
      })),
      ...(error === undefined ? [] : [{ name: 'error', valueCodeableConcept: { text: error } }]),
    ],
  };
}

const outcomes = { create: { method: 'POST', status: '201' }, update: { method: 'PUT', status: '200' }, delete: { method: 'DELETE', status: '204' } } as const;

/** An entry as history has it (https://hl7.org/fhir/R4/http.html#history): every one says what was asked and what came of it. */
export function historyEntry(fullUrl: string, interaction: keyof typeof outcomes, address: string, resource: Resource | undefined): BundleEntry {
  const { method, status } = outcomes[interaction];
  return { fullUrl, ...(resource && { resource }), request: { method, url: interaction === 'create' ? address.slice(0, address.lastIndexOf('/')) : address }, response: { status } };
}
