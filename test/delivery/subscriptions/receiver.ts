/** A subscriber on a real socket: what it was sent, and what it answers. */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests read notifications of every shape
  readonly json: any;
  /** `handshake`, `heartbeat`, `event-notification`. */
  readonly type: string;
}

export interface Receiver {
  /** Address of the endpoint. */
  readonly url: string;
  /** Everything that came, in order. */
  readonly received: readonly Received[];
  /** What it answers from now on: a status, and headers with it; `hang` for nothing at all. */
  answer: { readonly status: number; readonly headers?: Record<string, string> } | 'hang';
  /** Those of one type. */
  of(type: string): readonly Received[];
  /** Numbers of the events that came, in order, with those that came twice. */
  numbers(): readonly number[];
  /** Resolves once so many of a type have come. */
  until(type: string, count: number): Promise<void>;
  /** Resolves once an event of this number has come. */
  heard(number: number): Promise<void>;
  close(): Promise<void>;
}

export async function openReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  const waiting = new Set<() => void>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      // oxlint-disable-next-line typescript/no-explicit-any -- as above
      const json: any = text.startsWith('{') ? JSON.parse(text) : undefined;
      received.push({ url: request.url ?? '', headers: request.headers, text, json, type: json?.entry[0].resource.parameter.find((parameter: { name: string }) => parameter.name === 'type').valueCode as string });
      if (receiver.answer !== 'hang') response.writeHead(receiver.answer.status, receiver.answer.headers).end();
      for (const look of waiting) look();
    });
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const of = (type: string): Received[] => received.filter((one) => one.type === type);
  const when = (done: () => boolean): Promise<void> => new Promise((resolve) => {
    const look = (): void => {
      if (!done()) return;
      waiting.delete(look);
      resolve();
    };
    waiting.add(look);
    look();
  });
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, received, answer: { status: 200 }, of,
    numbers: () => of('event-notification').flatMap(({ json }) => eventsIn(json).map(({ number }) => number)),
    until: (type, count) => when(() => of(type).length >= count),
    heard: (number) => when(() => receiver.numbers().includes(number)),
    close: () => new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    }),
  };
  return receiver;
}

/** What a notification says of its events. */
// oxlint-disable-next-line typescript/no-explicit-any -- as above
export function eventsIn(bundle: any): readonly { readonly number: number; readonly focus: string | undefined }[] {
  // oxlint-disable-next-line typescript/no-explicit-any -- as above
  return bundle.entry[0].resource.parameter.filter(({ name }: any) => name === 'notification-event').map(({ part }: any) => ({
    number: Number(part.find((one: { name: string }) => one.name === 'event-number').valueString),
    focus: part.find((one: { name: string }) => one.name === 'focus')?.valueReference.reference as string | undefined,
  }));
}

const guide = 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition';

export interface Asked {
  readonly topic?: string;
  readonly filters?: readonly string[];
  readonly content?: string;
  readonly payload?: string;
  readonly headers?: readonly string[];
  readonly channel?: Readonly<Record<string, number>>;
  readonly [element: string]: unknown;
}

export const pasTopic = 'http://hl7.org/fhir/us/davinci-pas/SubscriptionTopic/PASSubscriptionTopic';
export const changeTopic = 'https://priora.health/fhir/SubscriptionTopic/record-change';
export const admissionTopic = 'https://priora.health/fhir/SubscriptionTopic/encounter-start';

/** A Subscription as the backport has it. @param channel extensions by the last part of their names */
export function subscriptionTo(endpoint: string, { topic = changeTopic, filters = [], content = 'full-resource', payload = 'application/fhir+json', headers, channel = {}, ...more }: Asked = {}): Record<string, unknown> {
  return {
    resourceType: 'Subscription', status: 'requested', reason: 'test', criteria: topic,
    ...(filters.length > 0 && { _criteria: { extension: filters.map((valueString) => ({ url: `${guide}/backport-filter-criteria`, valueString })) } }),
    channel: {
      ...(Object.keys(channel).length > 0 && { extension: Object.entries(channel).map(([name, value]) => ({ url: `${guide}/backport-${name}`, [name === 'max-count' ? 'valuePositiveInt' : 'valueUnsignedInt']: value })) }),
      type: 'rest-hook', endpoint, payload, _payload: { extension: [{ url: `${guide}/backport-payload-content`, valueCode: content }] }, ...(headers && { header: headers }),
    },
    ...more,
  };
}
