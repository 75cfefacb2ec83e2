/** What is asked of a client's server for the facts that rules have not been shown, and what of its answers is taken. */
import type { Resource } from '@medplum/fhirtypes';
import type { RecordFact } from '../../../review/engine/open-facts.ts';
import type { ClientServer } from '../../../operations/coverage-requirements/client-server.ts';
import { readEvidence } from '../../../operations/coverage-requirements/evidence.ts';
import { readCall } from '../../../operations/coverage-requirements/read-call.ts';
import { order, orderSign, saturation } from '../../support/cds-calls.ts';

const call = readCall('order-sign-crd', orderSign('demo-amara-okafor', [order()], [], { fhirServer: 'https://clinic.example/fhir/' }));
/** A server that has this, whatever it is asked. */
function serverWith(resources: readonly unknown[]): { server: ClientServer; asked: string[] } {
  const asked: string[] = [];
  return { asked, server: { read: (query) => { asked.push(query); return Promise.resolve({ resourceType: 'Bundle', entry: resources.map((resource) => ({ resource })) }); } } };
}
const observed = (id: string, subject: unknown, more: object = {}): Resource => ({ ...saturation(86), id, subject, ...more }) as Resource;
const saturationFact: RecordFact = { fact: 'observation', code: [{ system: 'http://loinc.org', codes: ['59408-5'] }], value: { atMost: 88 }, units: ['%'] };

test('only what is of the patient of the call, by its own name or address, is taken, each once, and of the type that was asked for', async () => {
  const { server } = serverWith([
    observed('other', { reference: 'Patient/q' }), observed('nobody', undefined), observed('elsewhere', { reference: 'https://elsewhere.example/fhir/Patient/p' }), observed('number', { identifier: { value: 'p' } }),
    { ...observed('formless', { reference: 'Patient/p' }), status: 7 }, 'text', null, { ...observed('report', { reference: 'Patient/p' }), resourceType: 'DiagnosticReport' },
    observed('own', { reference: 'Patient/p' }), observed('own', { reference: 'Patient/p' }), observed('full', { reference: 'https://clinic.example/fhir/Patient/p' }),
  ]);
  expect((await readEvidence([saturationFact], call, server)).map(({ id }) => id)).toEqual(['own', 'full']);
});

test('a hundred of one answer at most', async () => {
  const { server } = serverWith(Array.from({ length: 300 }, (_, index) => observed(`o${index}`, { reference: 'Patient/p' })));
  expect(await readEvidence([saturationFact], call, server)).toHaveLength(100);
});

test('questions are by code, escaped; of codes that begin alike by patient alone; of answers by their questionnaire; the same is asked once', async () => {
  const { server, asked } = serverWith([]);
  const document: RecordFact = { fact: 'document', in: [{ system: 'urn:types', codes: ['a,b', 'c|d', '&patient=q'] }] };
  await readEvidence([
    saturationFact, { ...saturationFact, value: { atMost: 90 } }, document, { fact: 'condition', in: [{ system: 'urn:c', codes: ['1'], prefixes: ['J44'] }] },
    { fact: 'answer', linkId: '1', questionnaire: 'https://plan.example/Questionnaire/q|1', equals: true }, { fact: 'answer', linkId: '1', equals: true },
  ], call, server);
  expect(asked).toEqual([
    'Observation?patient=p&code=http%3A%2F%2Floinc.org%7C59408-5&_sort=-date&_count=100',
    'DocumentReference?patient=p&type=urn%3Atypes%7Ca%5C%2Cb,urn%3Atypes%7Cc%5C%7Cd,urn%3Atypes%7C%26patient%3Dq&status=current&_count=100',
    'Condition?patient=p&_count=100',
    'QuestionnaireResponse?patient=p&questionnaire=https%3A%2F%2Fplan.example%2FQuestionnaire%2Fq%7C1&status=completed,amended&_count=100',
  ]);
});

test('many codes are asked for in parts that an address holds, and eight questions at most', async () => {
  const { server, asked } = serverWith([]);
  await readEvidence([{ fact: 'document', in: [{ system: 'http://loinc.org', codes: Array.from({ length: 1000 }, (_, index) => `${index}-0`) }] }], call, server);
  expect(asked).toHaveLength(8);
  for (const query of asked) expect(`${call.client!.base}/${query}`.length).toBeLessThan(2048);
});
