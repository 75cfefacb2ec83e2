/** A refusal tells where in the text that was sent the fault is; of what the server itself has written it does not. */
import { openHouse, send, type TestAnswer, type TestHouse } from '../support/house.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse(); });
afterAll(async () => { await house.close(); });

const told = (issue: { extension?: { url: string; valueInteger?: number }[]; expression?: string[] }): unknown => {
  const of = (name: string): number | undefined => issue.extension?.find(({ url }) => url === `http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-${name}`)?.valueInteger;
  return [issue.expression?.[0], of('line'), of('col')];
};
const first = ({ json }: TestAnswer): unknown => told(json.issue[0]);

test('in JSON: line and column of the element', async () => {
  const text = '{ "resourceType": "Patient",\n  "name": [ { "family": "A" },\n    { "family": 5 } ]\n}';
  expect(first(await send('POST', `${house.fhir}/Patient`, text, { 'content-type': 'application/fhir+json' }))).toEqual(['Patient.name[1].family', 3, 7]);
});

test('in XML: the same', async () => {
  const text = '<Patient xmlns="http://hl7.org/fhir">\n  <name>\n    <family value="A"/>\n  </name>\n  <birthDate value="today"/>\n</Patient>';
  const [expression, line] = first(await send('POST', `${house.fhir}/Patient?_format=json`, text, { 'content-type': 'application/fhir+xml' })) as unknown[];
  expect([expression, line]).toEqual(['Patient.birthDate', 5]);
});

test('not in what a Bundle has been taken apart to', async () => {
  const bundle = { resourceType: 'Bundle', type: 'batch', entry: [{ resource: { resourceType: 'Patient', birthDate: 'x' }, request: { method: 'POST', url: 'Patient' } }] };
  const { json } = await send('POST', house.fhir, bundle);
  expect(told(json.entry[0].response.outcome.issue[0])).toEqual(['Patient.birthDate', undefined, undefined]);
});
