/**
 * Documentation on one server with the demo's forms: $questionnaire-package for an order (two questionnaires, with what
 * the plan knows filled in), for as many orders as a request may have, and the steps of an adaptive questionnaire by
 * $next-question. DTR asks that its timing be kept nine times in ten; the five seconds of CRD are taken for it, and the
 * share of answers within them is told (`within`). The aim here is half a second for a step.
 *
 *   npm run bench -- dtr [--seconds 10] [--clients 1,8]
 *
 * PostgreSQL runs in processes of its own. Every answer is checked.
 */
import { Agent, request } from 'node:http';
import { randomUUID } from 'node:crypto';
import { must } from './engine/fhir-client.ts';
import { openStage } from './engine/stage.ts';
import { closedLoop } from './measure/closed-loop.ts';
import { machine } from './measure/machine.ts';
import { optionsOf } from './options.ts';

const print = (line: object): void => { process.stdout.write(`${JSON.stringify({ bench: 'dtr', ...line, ...machine() })}\n`); };

/** What an answer may take, in milliseconds. */
const expected = 5000;

interface Case {
  readonly path: string;
  readonly body: string;
  /** What is in every right answer. */
  readonly says: string;
}

type Post = (path: string, body: object | string) => Promise<{ status: number; text: string }>;

export async function run(words: readonly string[]): Promise<void> {
  const options = optionsOf(words, ['seconds', 'clients']);
  const stage = await openStage();
  try {
    const server = await stage.startDemo();
    const { hostname, port, pathname } = new URL(server.fhir);
    for (const clients of options.numbers('clients', [1, 8])) {
      const agent = new Agent({ keepAlive: true, maxSockets: clients });
      const post: Post = (path, body) => new Promise((resolve, reject) => {
        const content = typeof body === 'string' ? body : JSON.stringify(body);
        const outgoing = request({ host: hostname, port, agent, method: 'POST', path, headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(content) } }, (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (chunk: string) => { text += chunk; }).on('end', () => resolve({ status: response.statusCode ?? 0, text })).on('error', reject);
        });
        outgoing.on('error', reject).end(content);
      });
      for (const [name, { path, body, says }] of Object.entries(await casesOf(post, pathname))) {
        let [all, within] = [0, 0];
        const figures = await closedLoop({
          clients, warmUpSeconds: 2, seconds: options.number('seconds', 10), trees: server.trees,
          operate: async () => {
            const started = performance.now();
            const { status, text } = await post(path, body);
            all += 1;
            if (performance.now() - started <= expected) within += 1;
            must(status === 200 && text.includes(says), () => `${status}: ${text.slice(0, 160)}`);
            return { bytes: text.length };
          },
        });
        print({ case: name, ...figures, within: all === 0 ? 0 : within / all });
      }
      agent.destroy();
    }
    await server.stop();
  } finally {
    await stage.close();
  }
}

interface Response { readonly item?: readonly object[] }

/** The requests, each with a statement of CRD, so that the member's record is looked at; steps as a client would come to them. */
async function casesOf(post: Post, fhir: string): Promise<Readonly<Record<string, Case>>> {
  const asked = async (path: string, body: object): Promise<string> => {
    const { status, text } = await post(path, body);
    must(status === 200, () => `${path}: ${status}: ${text.slice(0, 1200)}`);
    return text;
  };
  const statement = async (code: string): Promise<string> => /"coverage-assertion-id","valueString":"([^"]+)"/.exec(await asked('/cds-services/order-sign-crd', callOf(code)))![1]!;
  const [packages, next] = [`${fhir}/Questionnaire/$questionnaire-package`, `${fhir}/Questionnaire/$next-question`];
  const oxygen = orderOf('E1392', await statement('E1392'));
  const bed = await asked(packages, packageOf(orderOf('E0260', await statement('E0260'))));
  const draft = (JSON.parse(bed) as { parameter: { name: string; resource: { entry: { resource: Response }[] } }[] }).parameter.find(({ name }) => name === 'packagebundle')!.resource.entry.at(-1)!.resource;
  const first = JSON.parse(await asked(next, draft)) as Response;
  const second = { ...first, item: [{ linkId: 'bed-position', item: [{ linkId: 'bed-elevation', answer: [{ valueBoolean: true }] }] }] };
  const last = { ...JSON.parse(await asked(next, second)) as Response, item: [...second.item, { linkId: 'bed-alternatives', item: [{ linkId: 'bed-wedges', answer: [{ valueBoolean: true }] }] }, { linkId: 'bed-delivery', item: [{ linkId: 'bed-phone', answer: [{ valueString: '555-0100' }] }] }] };
  return {
    'package': { path: packages, body: JSON.stringify(packageOf(oxygen)), says: 'equipment-delivery' },
    'package of 50 orders': { path: packages, body: JSON.stringify(packageOf(...Array.from({ length: 50 }, (_, index) => ({ ...oxygen, id: `o${index}` })))), says: 'equipment-delivery' },
    'package, adaptive': { path: packages, body: JSON.stringify(packageOf(orderOf('E0260'))), says: 'hospital-bed' },
    'next question, first': { path: next, body: JSON.stringify(draft), says: 'bed-position' },
    'next question': { path: next, body: JSON.stringify(second), says: 'priora-care-questions-complete' },
    'next question, last': { path: next, body: JSON.stringify(last), says: '"completed"' },
  };
}

const subject = { reference: 'Patient/p' };
const bundle = (...resources: readonly object[]): object => ({ resourceType: 'Bundle', type: 'collection', entry: resources.map((resource) => ({ resource })) });
const coverage = { resourceType: 'Coverage', id: 'c', status: 'active', subscriberId: 'PD1000001', beneficiary: subject, payor: [{ identifier: { system: 'http://hl7.org/fhir/sid/us-npi', value: '1234567893' } }] };

function orderOf(code: string, statement?: string): object {
  const borne = { url: 'http://hl7.org/fhir/us/davinci-crd/StructureDefinition/ext-coverage-information', extension: [{ url: 'coverage-assertion-id', valueString: statement }] };
  return {
    resourceType: 'ServiceRequest', id: 'o', status: 'draft', intent: 'order', subject, code: { coding: [{ system: 'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets', code }] },
    reasonCode: [{ coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'J44.9' }] }], ...(statement !== undefined && { extension: [borne] }),
  };
}

function packageOf(...orders: readonly object[]): object {
  return { resourceType: 'Parameters', parameter: [{ name: 'coverage', resource: coverage }, ...orders.map((resource) => ({ name: 'order', resource }))] };
}

/** About Amara Okafor of the demo (server/demo/records.ts). */
function callOf(code: string): object {
  return {
    hook: 'order-sign', hookInstance: randomUUID(), context: { userId: 'Practitioner/d', patientId: 'p', draftOrders: bundle(orderOf(code)) },
    prefetch: { patient: { resourceType: 'Patient', id: 'p', name: [{ family: 'Okafor', given: ['Amara'] }], birthDate: '1951-03-09', gender: 'female' }, coverage: bundle(coverage) },
  };
}
