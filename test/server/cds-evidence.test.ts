/**
 * Evidence that a rule needs and a call does not hold, read from the FHIR server of the client: a real one on a socket,
 * listed by the operator for the client that signs its calls. What may go wrong there leaves the answer as it was.
 */
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Resource } from '@medplum/fhirtypes';
import { SignJWT } from 'jose';
import { bundle, call, firstSaidIn, order, orderSign, saturation, type Json } from '../support/cds-calls.ts';
import { openHouse, type TestAnswer, type TestHouse } from '../support/house.ts';

const member = 'demo-amara-okafor';
const key = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const lent = 'lent-for-one-call';

let house: TestHouse;
let folder: string;
let clinic: Server;
let base: string;
/** What the clinic's server answers a search with. */
let answer: (incoming: IncomingMessage, outgoing: ServerResponse) => void;
const asked: { readonly url: string; readonly method: string | undefined; readonly authorization: string | undefined }[] = [];

const fhir = (outgoing: ServerResponse, body: unknown): void => { outgoing.writeHead(200, { 'content-type': 'application/fhir+json' }).end(JSON.stringify(body)); };
const has = (...resources: Resource[]): void => { answer = (_, outgoing) => fhir(outgoing, bundle(...resources)); };
const observation = (change: Json = {}): Resource => ({ ...saturation(86), ...change });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'priora-evidence-'));
  clinic = createServer((incoming, outgoing) => { asked.push({ url: incoming.url!, method: incoming.method, authorization: incoming.headers.authorization }); answer(incoming, outgoing); });
  await new Promise<void>((resolve) => { clinic.listen(0, '127.0.0.1', resolve); });
  base = `http://127.0.0.1:${(clinic.address() as AddressInfo).port}/fhir`;
  const jwks = { keys: [{ ...key.publicKey.export({ format: 'jwk' }), kid: 'ec' }] };
  await writeFile(join(folder, 'clients.json'), JSON.stringify({ clients: [
    { issuer: 'https://listed.example', jwks, fhirServers: [`${base}/`, 'http://169.254.169.254/fhir', 'https://10.1.2.3/fhir'] }, { issuer: 'https://unlisted.example', jwks },
  ] }));
  house = await openHouse({ demo: true, environment: { PRIORA_CDS_CLIENTS: folder, PRIORA_CDS_BUDGET: '4000' } });
});
afterAll(async () => {
  await house.close();
  clinic.closeAllConnections();
  await new Promise<void>((resolve) => { clinic.close(() => resolve()); });
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => { asked.length = 0; has(observation()); });

const ordered = (evidence: readonly Resource[] = []): Json => orderSign(member, [order()], evidence, {
  fhirServer: base, fhirAuthorization: { access_token: lent, token_type: 'Bearer', expires_in: 30, scope: 'patient/*.rs', subject: 'priora' },
});
async function ask(body: Json, issuer = 'https://listed.example', service = 'order-sign-crd'): Promise<TestAnswer> {
  const now = Math.floor(house.clock.now.getTime() / 1000);
  const token = await new SignJWT({ iss: issuer, aud: `${house.origin}/cds-services/${service}`, iat: now, exp: now + 60, jti: randomUUID() }).setProtectedHeader({ alg: 'ES384', kid: 'ec', typ: 'JWT' }).sign(key.privateKey);
  const said = await call(house, service, body, { authorization: `Bearer ${token}` });
  expect([said.status, said.text.slice(0, said.status === 200 ? 0 : 500)]).toEqual([200, '']);
  return said;
}
const reasonIn = (said: TestAnswer): string => JSON.stringify(firstSaidIn(said)['reason']);
const met = 'meets the plan\'s criteria';

describe('leaves the answer as it was, and is not technical trouble', () => {
  const cases: [string, () => void][] = [
    ['nothing there', () => has()],
    ['an observation of somebody else', () => has(observation({ subject: { reference: 'Patient/q' } }))],
    ['an observation of the same id on another server', () => has(observation({ subject: { reference: 'https://elsewhere.example/fhir/Patient/p' } }))],
    ['an observation of nobody', () => has(observation({ subject: undefined }))],
    ['another type than was asked for', () => has({ ...observation(), resourceType: 'DiagnosticReport' } as Resource)],
    ['one that is not final', () => has(observation({ status: 'entered-in-error' }))],
    ['a refusal', () => { answer = (_, outgoing) => { outgoing.writeHead(403).end(); }; }],
    ['a fault', () => { answer = (_, outgoing) => { outgoing.writeHead(500).end(); }; }],
    ['what is no JSON', () => { answer = (_, outgoing) => { outgoing.writeHead(200).end('<html>'); }; }],
    ['a connection that breaks', () => { answer = (_, outgoing) => { outgoing.destroy(); }; }],
    ['a redirect', () => { answer = (incoming, outgoing) => { if (incoming.url!.startsWith('/moved')) fhir(outgoing, bundle(observation())); else outgoing.writeHead(302, { location: '/moved' }).end(); }; }],
    ['more than a megabyte', () => has(observation({ note: [{ text: 'x'.repeat(1024 * 1024) }] }))],
    ['no answer, until half of the time has passed', () => { answer = () => {}; }],
  ];
  test.each(cases)('%s', async (_, prepare) => {
    prepare();
    const said = await ask(ordered());
    expect(firstSaidIn(said)).toMatchObject({ covered: ['covered'], 'pa-needed': ['auth-needed'] });
    expect(reasonIn(said)).not.toContain(met);
    expect(reasonIn(said)).not.toContain('technical');
    expect(asked.map(({ url }) => url)).not.toContain('/moved');
    expect(asked.length).toBeGreaterThan(0);
  });
});

describe('is not asked for', () => {
  test('of a server that is not listed for the client; nor is anything else', async () => {
    expect(reasonIn(await ask({ ...ordered(), fhirServer: `${base}/other` }))).not.toContain(met);
    expect(asked).toEqual([]);
  });

  test('where the operator has listed none for the client', async () => {
    expect(reasonIn(await ask(ordered(), 'https://unlisted.example'))).not.toContain(met);
    expect(asked).toEqual([]);
  });

  test.each(['http://169.254.169.254/fhir', 'https://10.1.2.3/fhir'])('of %s, which is listed and may not be called from here', async (server) => {
    expect(reasonIn(await ask({ ...ordered(), fhirServer: server }))).not.toContain(met);
    expect(asked).toEqual([]);
  });

  test('where the call holds it, met or not', async () => {
    expect(reasonIn(await ask(ordered([saturation(86)])))).toContain(met);
    expect(asked).toEqual([]);
    expect(reasonIn(await ask(ordered([saturation(95)])))).not.toContain(met);
    expect(asked.map(({ url }) => decodeURIComponent(url)).filter((url) => url.includes('59408-5'))).toEqual([]);
  });

  test('where it would settle nothing: another criterion is not met', async () => {
    const { prefetch, ...rest } = orderSign(member, [order({ diagnosis: 'Z00.0' })], [], { fhirServer: base });
    await ask({ ...rest, prefetch });
    expect(asked).toEqual([]);
  });

  test('before anybody could send documents (order-select)', async () => {
    const body = ordered();
    await ask({ ...body, hook: 'order-select', context: { ...body['context'] as Json, selections: ['ServiceRequest/o1'] } }, undefined, 'order-select-crd');
    expect(asked).toEqual([]);
  });
});

test('crd-found-5: a rule is met by what the client\'s server has, asked with the lent token for the patient and what the rule could be settled by, each once', async () => {
  const said = await ask(ordered());
  expect(reasonIn(said)).toContain(met);
  expect(new Set(asked.map(({ method, authorization }) => `${method} ${authorization}`))).toEqual(new Set([`GET Bearer ${lent}`]));
  // Of codes that only begin alike a search can ask for all.
  expect(asked.map(({ url }) => decodeURIComponent(url)).toSorted()).toEqual([
    '/fhir/Condition?patient=p&_count=100',
    '/fhir/Observation?patient=p&code=http://loinc.org|2703-7&_sort=-date&_count=100',
    '/fhir/Observation?patient=p&code=http://loinc.org|4544-3,http://loinc.org|31100-1&_sort=-date&_count=100',
    '/fhir/Observation?patient=p&code=http://loinc.org|59408-5,http://loinc.org|2708-6&_sort=-date&_count=100',
  ]);
});

test('neither the token nor what was read is kept or logged', async () => {
  has(observation({ note: [{ text: 'seen-nowhere' }] }));
  expect(reasonIn(await ask(ordered()))).toContain(met);
  const { rows } = await house.sql.query<{ kept: string }>(`select coalesce(string_agg(c::text, ' '), '') || coalesce((select string_agg(a::text, ' ') from coverage_assertion a), '') as kept from coverage_call c`);
  for (const text of [rows[0]!.kept, house.log.join('\n')]) {
    expect(text).not.toContain(lent);
    expect(text).not.toContain('seen-nowhere');
  }
  expect(rows[0]!.kept).toContain('order-sign');
});
