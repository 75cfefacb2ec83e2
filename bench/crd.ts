/**
 * Coverage requirements: calls of each CDS service on one server about members of the demo, with all that is needed in the
 * prefetch. CRD asks for an answer within five seconds nine times of ten; the aim here is half a second.
 *
 *   npm run bench -- crd [--seconds 10] [--clients 1,8]
 *
 * PostgreSQL runs in processes of its own. Every answer is checked for a statement on what was asked about, to a
 * member who is known.
 */
import { Agent, request } from 'node:http';
import { randomUUID } from 'node:crypto';
import { must } from './engine/fhir-client.ts';
import { openStage } from './engine/stage.ts';
import { closedLoop } from './measure/closed-loop.ts';
import { machine } from './measure/machine.ts';
import { optionsOf } from './options.ts';

const print = (line: object): void => { process.stdout.write(`${JSON.stringify({ bench: 'crd', ...line, ...machine() })}\n`); };

export async function run(words: readonly string[]): Promise<void> {
  const options = optionsOf(words, ['seconds', 'clients']);
  const stage = await openStage();
  try {
    const server = await stage.startDemo();
    const { hostname, port } = new URL(server.fhir);
    for (const clients of options.numbers('clients', [1, 8])) {
      const agent = new Agent({ keepAlive: true, maxSockets: clients });
      for (const hook of Object.keys(contexts)) {
        const post = (body: string): Promise<{ status: number; text: string }> => new Promise((resolve, reject) => {
          const outgoing = request({ host: hostname, port, agent, method: 'POST', path: `/cds-services/${hook}-crd`, headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) } }, (response) => {
            let text = '';
            response.setEncoding('utf8').on('data', (chunk: string) => { text += chunk; }).on('end', () => resolve({ status: response.statusCode ?? 0, text })).on('error', reject);
          });
          outgoing.on('error', reject).end(body);
        });
        const figures = await closedLoop({
          clients, warmUpSeconds: 2, seconds: options.number('seconds', 10), trees: server.trees,
          operate: async () => {
            const { status, text } = await post(callOf(hook));
            must(status === 200 && text.includes('coverage-assertion-id') && !text.includes('no-member-found'), () => `${status}: ${text.slice(0, 160)}`);
            return { bytes: text.length };
          },
        });
        print({ case: hook, ...figures });
      }
      agent.destroy();
    }
    await server.stop();
  } finally {
    await stage.close();
  }
}

const subject = { reference: 'Patient/p' };
const service = { coding: [{ system: 'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets', code: 'E1390' }] };
const order = { resourceType: 'ServiceRequest', id: 'o', status: 'draft', intent: 'order', subject, requester: { reference: 'Organization/clinic' }, code: service, reasonCode: [{ coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'J44.9' }] }] };
const appointment = { resourceType: 'Appointment', id: 'a', status: 'proposed', serviceType: [service], start: '2026-03-09T09:00:00Z', end: '2026-03-09T10:00:00Z', participant: [{ actor: subject, status: 'accepted' }] };
const encounter = { resourceType: 'Encounter', id: 'e', status: 'in-progress', class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' }, type: [service], subject };
const bundle = (...resources: readonly object[]): object => ({ resourceType: 'Bundle', type: 'collection', entry: resources.map((resource) => ({ resource })) });

const contexts: Readonly<Record<string, object>> = {
  'order-sign': { draftOrders: bundle(order) },
  'order-select': { draftOrders: bundle(order), selections: ['ServiceRequest/o'] },
  'order-dispatch': { dispatchedOrders: ['ServiceRequest/o'], performer: 'Organization/clinic' },
  'appointment-book': { appointments: bundle(appointment) },
  'encounter-start': { encounterId: 'e' },
  'encounter-discharge': { encounterId: 'e' },
};

/** About Amara Okafor of the demo (server/demo/records.ts). */
function callOf(hook: string): string {
  const npi = 'http://hl7.org/fhir/sid/us-npi';
  return JSON.stringify({
    hook, hookInstance: randomUUID(), context: { userId: 'Practitioner/d', patientId: 'p', ...contexts[hook] },
    prefetch: {
      patient: { resourceType: 'Patient', id: 'p', name: [{ family: 'Okafor', given: ['Amara'] }], birthDate: '1951-03-09', gender: 'female' },
      coverage: bundle({ resourceType: 'Coverage', id: 'c', status: 'active', subscriberId: 'PD1000001', beneficiary: subject, payor: [{ identifier: { system: npi, value: '1234567893' } }] }),
      others: bundle({ resourceType: 'Organization', id: 'clinic', identifier: [{ system: npi, value: '1999999984' }] }, order, encounter),
    },
  });
}
