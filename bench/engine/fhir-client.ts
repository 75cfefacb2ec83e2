/** A FHIR client that costs little: connections kept open, bodies as bytes, nothing retried. */
import { Agent, request } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly location: string | undefined;
  readonly body: Buffer;
}

export interface FhirClient {
  /** @param path relative to the FHIR base, with its leading `/` or empty */
  send(method: string, path: string, body?: Buffer): Promise<Answer>;
  close(): void;
}

const fhirJson = 'application/fhir+json';
const patience = 60_000;

export function fhirClient(fhir: string, connections: number): FhirClient {
  const { hostname, port, pathname } = new URL(fhir);
  const agent = new Agent({ keepAlive: true, maxSockets: connections, scheduling: 'lifo' });
  return {
    send: (method, path, body) => new Promise((resolve, reject) => {
      const headers = { accept: fhirJson, ...(body && { 'content-type': fhirJson, 'content-length': body.length }) };
      const outgoing = request({ host: hostname, port, agent, method, path: pathname + path, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, location: response.headers.location, body: chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks) }));
        response.on('error', reject);
      });
      outgoing.setTimeout(patience, () => outgoing.destroy(new Error('no answer in time')));
      outgoing.on('error', reject);
      outgoing.end(body);
    }),
    close: () => agent.destroy(),
  };
}

/** A check of an answer. @throws {Error} with what is wrong, for the count of errors */
export function must(right: boolean, wrong: () => string): void {
  if (!right) throw new Error(wrong());
}

/** The beginning of an answer, for an error text. Everything in it is invented. */
export const shown = (answer: Answer): string => `${answer.status}: ${answer.body.toString('utf8', 0, 160)}`;
