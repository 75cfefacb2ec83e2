/** The CapabilityStatement says what works, no more and no less. */
import { expectedInteraction, routesOf, systemInteractions } from './registered-routes.ts';
import { resourceTypes } from '../../fhir/resource-types.ts';
import { searchParameter, searchParameterByUrl, searchParametersOf } from '../../fhir/search-parameters.ts';
import { openHouse, send, type TestHouse } from '../support/house.ts';

let house: TestHouse;
interface Statement { rest: [{ interaction: { code: string }[]; operation: { name: string }[]; resource: { type: string; interaction: { code: string }[]; searchParam: { name: string; type: string }[]; operation?: { name: string }[] }[]; documentation: string }] }
let statement: Statement;
beforeAll(async () => {
  house = await openHouse();
  statement = (await send('GET', `${house.fhir}/metadata`)).json as Statement;
});
afterAll(async () => { await house.close(); });

const examples: Readonly<Record<string, string>> = { token: 'x', reference: 'Patient/1', date: '2026', string: 'x', number: '1', quantity: '1', uri: 'urn:x', special: '1|1' };
const exampleOf = (type: string, name: string): string => {
  const parameter = searchParameter(type, name)!;
  if (name === '_id') return 'x';
  return parameter.type === 'composite' ? parameter.component!.map(({ definition }) => examples[searchParameterByUrl(definition)!.type]).join('$') : examples[parameter.type]!;
};

test('every parameter that is not listed is refused, for every type', async () => {
  for (const { type, searchParam } of statement.rest[0].resource) {
    const listed = new Set(searchParam.map(({ name }) => name));
    expect(listed.size).toBe(searchParam.length);
    const others = searchParametersOf(type).filter(({ code }) => !listed.has(code));
    for (const { code } of [...others.slice(0, 2), { code: 'not-a-parameter' }]) {
      expect([type, code, (await send('GET', `${house.fhir}/${type}?${code}=1`)).status]).toEqual([type, code, 400]);
    }
  }
});

test('every parameter that is listed is answered, for every type', async () => {
  const refused: string[] = [];
  for (const { type, searchParam } of statement.rest[0].resource) {
    const values = searchParam.map(({ name }) => [name, exampleOf(type, name)] as const);
    // All at once; one by one only to say which one it was.
    if ((await send('GET', `${house.fhir}/${type}?${new URLSearchParams(Object.fromEntries(values)).toString()}`)).status === 200) continue;
    for (const [name, value] of values) {
      if ((await send('GET', `${house.fhir}/${type}?${name}=${value}`)).status !== 200) refused.push(`${type}?${name}`);
    }
  }
  expect(refused).toEqual([]);
});

test('all types are listed, with the interactions whose routes are there', () => {
  expect(statement.rest[0].resource.map(({ type }) => type)).toEqual(resourceTypes);
  const fhirRoutes = routesOf(house.server.http).filter(({ url }) => url.startsWith('/fhir') && url !== '/fhir/metadata');
  const interactions = fhirRoutes.map(expectedInteraction);
  const perType = new Set(interactions.filter((interaction) => interaction !== undefined && interaction !== 'transaction' && interaction !== 'refused' && !interaction.endsWith('-system') && !interaction.startsWith('$')));
  for (const { interaction } of statement.rest[0].resource) expect(new Set(interaction.map(({ code }) => code))).toEqual(perType);
  expect(new Set(statement.rest[0].interaction.map(({ code }) => code))).toEqual(new Set(fhirRoutes.flatMap((route) => systemInteractions(route))));
  expect(interactions).toContain('transaction');
  // No route is there that nobody speaks of.
  expect(fhirRoutes.filter((route) => expectedInteraction(route) === undefined)).toEqual([]);
});

test('operations are listed where their routes are, and nowhere else', () => {
  const routed = routesOf(house.server.http).map(expectedInteraction).filter((interaction) => interaction !== undefined).filter((interaction) => interaction.startsWith('$')).toSorted();
  const ofTypes = statement.rest[0].resource.map(({ type, operation }) => ({ type, names: (operation ?? []).map(({ name }) => name) }));
  const everywhere = ofTypes[0]!.names.filter((name) => ofTypes.every(({ names }) => names.includes(name)));
  const listed = [
    ...statement.rest[0].operation.map(({ name }) => `$${name} of the system`),
    ...everywhere.map((name) => `$${name} of every type`),
    ...ofTypes.flatMap(({ type, names }) => names.filter((name) => !everywhere.includes(name)).map((name) => `$${name} of ${type}`)),
  ].toSorted();
  expect(listed).toEqual([...new Set(routed)]);
  expect(listed.length).toBeGreaterThan(0);
});

test('it says that there is no access control', () => {
  expect(statement.rest[0].documentation).toMatch(/loopback/);
});

test('every mode that can be answered is, and any other is refused', async () => {
  const answered = async (query: string): Promise<unknown[]> => {
    const { status, json } = await send('GET', `${house.fhir}/metadata?${query}`);
    return [status, json.resourceType === 'OperationOutcome' ? json.issue[0].details.coding[0].code : json.resourceType];
  };
  expect(await answered('mode=bogus')).toEqual([400, 'invalid-search-value']);
  expect(await answered('mode=')).toEqual([400, 'invalid-search-value']);
  expect(await answered('mode=full&mode=normative')).toEqual([400, 'invalid-search-value']);
  expect(await answered('mode=terminology')).toEqual([200, 'TerminologyCapabilities']);
  expect(await answered('mode=full')).toEqual([200, 'CapabilityStatement']);
  expect(await answered('mode=normative&_format=json')).toEqual([200, 'CapabilityStatement']);
});
