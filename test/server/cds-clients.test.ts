/**
 * Clients of CDS services that sign their calls (CDS Hooks 2.0, "Trusting CDS Clients"): which calls are refused, and
 * that a token counts once, for one address, for minutes.
 */
import { createHmac, generateKeyPairSync, randomUUID, type KeyObject } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { SignJWT } from 'jose';
import { readTrustedClients } from '../../operations/coverage-requirements/trusted-clients.ts';
import { readConfiguration } from '../../server/configuration.ts';
import { startServer } from '../../server/main.ts';
import { removeEndedTokens } from '../../store/spent-tokens.ts';
import { order, orderSign } from '../support/cds-calls.ts';
import { openHouse, send, type TestAnswer, type TestHouse } from '../support/house.ts';

const ec = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const stranger = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const later = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const jwkOf = (key: KeyObject, kid: string): Record<string, unknown> => ({ ...key.export({ format: 'jwk' }), kid });

const issuer = 'https://ehr.example';
const fetching = 'https://fetching.example';
const elsewhere = 'https://elsewhere.example';

let house: TestHouse;
let folder: string;
let keyServer: Server;
let keysAt: string;
/** What the server of keys was asked, and what it answers with. */
let asked: string[] = [];
let served: unknown;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'priora-clients-'));
  keyServer = createServer((request, response) => { asked.push(request.url ?? ''); response.setHeader('content-type', 'application/json').end(JSON.stringify(served)); });
  await new Promise<void>((resolve) => { keyServer.listen(0, '127.0.0.1', resolve); });
  keysAt = `http://127.0.0.1:${(keyServer.address() as AddressInfo).port}/jwks`;
  await writeFile(join(folder, 'clients.json'), JSON.stringify({ clients: [
    { issuer, jwks: { keys: [jwkOf(ec.publicKey, 'ec'), jwkOf(rsa.publicKey, 'rsa'), jwkOf(p256.publicKey, 'p256'), { ...jwkOf(later.publicKey, 'other-use'), use: 'enc' }] } },
    { issuer: fetching, jwksUrl: keysAt },
    { issuer: elsewhere, jwks: { keys: [jwkOf(ec.publicKey, 'ec')] }, tenants: ['other'] },
  ] }));
  house = await openHouse({ demo: true, environment: { PRIORA_TENANTS: 'other', PRIORA_CDS_CLIENTS: folder } });
});
afterAll(async () => {
  await house.close();
  keyServer.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => { asked = []; });

const service = (): string => `${house.origin}/cds-services/order-sign-crd`;
const seconds = (): number => Math.floor(house.clock.now.getTime() / 1000);

interface Signing {
  readonly header?: Record<string, unknown>;
  readonly claims?: Record<string, unknown>;
  readonly key?: KeyObject;
}

function token({ header = {}, claims = {}, key = ec.privateKey }: Signing = {}): Promise<string> {
  const payload = { iss: issuer, aud: service(), iat: seconds(), exp: seconds() + 300, jti: randomUUID(), ...claims };
  return new SignJWT(payload).setProtectedHeader({ alg: 'ES384', kid: 'ec', typ: 'JWT', ...header }).sign(key);
}

/** Put together by hand: what no library signs. */
function forged(header: Record<string, unknown>, sign: (input: string) => string): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const input = `${part(header)}.${part({ iss: issuer, aud: service(), iat: seconds(), exp: seconds() + 60, jti: randomUUID() })}`;
  return `${input}.${sign(input)}`;
}

const body = (): unknown => orderSign('demo-amara-okafor', [order()]);
const call = (authorization: string | undefined, url = service(), what: unknown = body()): Promise<TestAnswer> => send('POST', url, what, { 'content-type': 'application/json', ...(authorization !== undefined && { authorization }) });
const signed = async (signing?: Signing, url?: string): Promise<TestAnswer> => call(`Bearer ${await token(signing)}`, url);
const rowsOf = async (): Promise<number> => Number((await house.sql.query('select count(*) as n from coverage_call')).rows[0].n);

describe('a call is refused', () => {
  const publicPem = String(ec.publicKey.export({ type: 'spki', format: 'pem' }));
  const cases: [string, () => Promise<string | undefined> | string | undefined, RegExp][] = [
    ['without a token', () => undefined, /Bearer with a JWT is expected/],
    ['with a password', () => 'Basic YTpi', /no JWT/],
    ['with what is no token', () => 'Bearer abc', /no JWT/],
    ['with a token whose parts are no JSON', () => 'Bearer YQ.YQ.YQ', /no JWT/],
    ['with a token that is much too long', () => `Bearer ${'a'.repeat(9000)}.YQ.YQ`, /no JWT/],
    ['with an unsigned token (none)', () => `Bearer ${forged({ alg: 'none', kid: 'ec' }, () => '')}`, /ES384 or RS384/],
    ['with HS256 and the public key as secret', () => `Bearer ${forged({ alg: 'HS256', kid: 'ec' }, (input) => createHmac('sha256', publicPem).update(input).digest('base64url'))}`, /ES384 or RS384/],
    ['with HS384 and the public key as secret', () => `Bearer ${forged({ alg: 'HS384', kid: 'ec' }, (input) => createHmac('sha384', publicPem).update(input).digest('base64url'))}`, /ES384 or RS384/],
    ['with an algorithm named like a property of objects', () => `Bearer ${forged({ alg: 'constructor', kid: 'ec' }, () => 'YQ')}`, /ES384 or RS384/],
    ['with ES256', async () => `Bearer ${await token({ header: { alg: 'ES256', kid: 'p256' }, key: p256.privateKey })}`, /ES384 or RS384/],
    ['with RS256', async () => `Bearer ${await token({ header: { alg: 'RS256', kid: 'rsa' }, key: rsa.privateKey })}`, /ES384 or RS384/],
    ['with ES384 and a key of another curve', () => `Bearer ${forged({ alg: 'ES384', kid: 'p256' }, () => 'YQ')}`, /no such key/],
    ['with ES384 and the key of another algorithm', async () => `Bearer ${await token({ header: { kid: 'rsa' } })}`, /no such key/],
    ['with a key that is not for signatures', async () => `Bearer ${await token({ header: { kid: 'other-use' }, key: later.privateKey })}`, /no such key/],
    ['without a kid', async () => `Bearer ${await token({ header: { kid: undefined } })}`, /no kid/],
    ['with a kid that nobody knows', async () => `Bearer ${await token({ header: { kid: 'unheard' } })}`, /no such key/],
    ['signed by somebody else', async () => `Bearer ${await token({ key: stranger.privateKey })}`, /not signed with the key/],
    ['changed after it was signed', async () => { const [head, , signature] = (await token()).split('.'); return `Bearer ${head}.${(await token()).split('.')[1]}.${signature}`; }, /not signed with the key/],
    ['that asks for what nobody knows', async () => `Bearer ${forged({ alg: 'ES384', kid: 'ec', crit: ['new'], new: 1 }, () => 'YQ')}`, /not supported/],
    ['from an issuer that nobody knows', async () => `Bearer ${await token({ claims: { iss: 'https://unheard.example' } })}`, /issuer is not known/],
    ['from no issuer', async () => `Bearer ${await token({ claims: { iss: undefined } })}`, /issuer is not known/],
    ['from a client of another tenant', async () => `Bearer ${await token({ claims: { iss: elsewhere } })}`, /issuer is not known/],
    ['for the address of another service', async () => `Bearer ${await token({ claims: { aud: `${house.origin}/cds-services/order-select-crd` } })}`, /not for the address/],
    ['for the server as a whole', async () => `Bearer ${await token({ claims: { aud: house.origin } })}`, /not for the address/],
    ['for the same service of another tenant', async () => `Bearer ${await token({ claims: { aud: `${house.origin}/tenant/other/cds-services/order-sign-crd` } })}`, /not for the address/],
    ['for nobody', async () => `Bearer ${await token({ claims: { aud: undefined } })}`, /not for the address|missing/],
    ['that has expired', async () => `Bearer ${await token({ claims: { iat: seconds() - 100, exp: seconds() } })}`, /expired/],
    ['that does not expire', async () => `Bearer ${await token({ claims: { exp: undefined } })}`, /missing or wrong/],
    ['that lives for longer than five minutes', async () => `Bearer ${await token({ claims: { exp: seconds() + 301 } })}`, /more than 5 minutes/],
    ['that was made in the future', async () => `Bearer ${await token({ claims: { iat: seconds() + 60, exp: seconds() + 120 } })}`, /iat/],
    ['made far in the past to look short', async () => `Bearer ${await token({ claims: { iat: seconds() - 1000, exp: seconds() + 60 } })}`, /more than 5 minutes/],
    ['that was not made at any time', async () => `Bearer ${await token({ claims: { iat: undefined } })}`, /missing or wrong/],
    ['that is good only later', async () => `Bearer ${await token({ claims: { nbf: seconds() + 60 } })}`, /missing or wrong/],
    ['without an id', async () => `Bearer ${await token({ claims: { jti: undefined } })}`, /missing or wrong/],
    ['with an id that is no text', async () => `Bearer ${await token({ claims: { jti: 7 } })}`, /jti/],
    ['with an id that is too long', async () => `Bearer ${await token({ claims: { jti: 'j'.repeat(257) } })}`, /jti/],
    ['that names keys of its own', async () => `Bearer ${await token({ header: { jku: keysAt } })}`, /jku/],
    ['that names other keys than those that are listed', async () => `Bearer ${await token({ header: { jku: `${keysAt}/own` }, claims: { iss: fetching } })}`, /jku/],
    ['that brings its key along', async () => `Bearer ${await token({ header: { kid: 'own', jwk: jwkOf(stranger.publicKey, 'own') }, key: stranger.privateKey })}`, /no such key/],
  ];
  test.each(cases)('%s', async (_, make, reason) => {
    const before = await rowsOf();
    const authorization = await make();
    const answer = await call(authorization);
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe(authorization === undefined ? 'Bearer' : 'Bearer error="invalid_token"');
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(answer.json).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ code: 'login', details: { coding: [{ code: 'cds-client-unknown' }] } }] });
    expect(answer.json.issue[0].details.text ?? answer.json.issue[0].diagnostics).toMatch(reason);
    expect(await rowsOf()).toBe(before);
    expect(asked).toEqual([]);
  });

  test('before its body is read', async () => {
    expect((await call(undefined, service(), '{')).status).toBe(401);
  });

  test('on the address of feedback too, and with the token of the service', async () => {
    const feedback = { feedback: [{ card: randomUUID(), outcome: 'accepted', outcomeTimestamp: '2026-03-02T09:00:00Z' }] };
    expect((await call(undefined, `${service()}/feedback`, feedback)).status).toBe(401);
    expect((await call(`Bearer ${await token()}`, `${service()}/feedback`, feedback)).status).toBe(401);
    expect((await call(`Bearer ${await token({ claims: { aud: `${service()}/feedback` } })}`, `${service()}/feedback`, feedback)).status).toBe(200);
  });
});

describe('a call is taken', () => {
  test('signed with ES384 and with RS384, and kept with its client', async () => {
    expect((await signed()).status).toBe(200);
    const answer = await signed({ header: { alg: 'RS384', kid: 'rsa' }, key: rsa.privateKey });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('www-authenticate')).toBeNull();
    const { rows } = await house.sql.query('select distinct client from coverage_call');
    expect(rows).toEqual([{ client: issuer }]);
  });

  test('for several addresses, of which this is one, and from a clock that is a little ahead', async () => {
    expect((await signed({ claims: { aud: ['https://other.example', service()] } })).status).toBe(200);
    expect((await signed({ claims: { iat: seconds() + 20, exp: seconds() + 320 } })).status).toBe(200);
  });

  test('of another tenant, by a client of that tenant', async () => {
    const theirs = `${house.origin}/tenant/other/cds-services/order-sign-crd`;
    expect((await signed({ claims: { iss: elsewhere, aud: theirs } }, theirs)).status).not.toBe(401);
  });

  test('discovery stays open to everybody', async () => {
    expect((await send('GET', `${house.origin}/cds-services`)).status).toBe(200);
    expect((await send('OPTIONS', service(), undefined, { origin: 'https://ehr.example' })).status).toBe(204);
  });
});

describe('a token counts once', () => {
  test('of calls at the same time one is answered, and none after a restart', async () => {
    const bearer = `Bearer ${await token()}`;
    const statuses = (await Promise.all(Array.from({ length: 6 }, () => call(bearer)))).map(({ status }) => status);
    expect(statuses.toSorted((a, b) => a - b)).toEqual([200, 401, 401, 401, 401, 401]);
    // Another process on the same store, under the same address: what it knows is what is stored.
    const other = await startServer(readConfiguration({ PORT: '0', DATABASE_URL: house.databaseUrl, PRIORA_BASE_URL: house.fhir, PRIORA_CDS_CLIENTS: folder, PRIORA_JOBS: '0', PRIORA_OBJECTS: `file:${house.objects}` }), { clock: house.server.house.clock, log: pino({ level: 'silent' }) });
    try {
      const there = `${other.address}/cds-services/order-sign-crd`;
      const replayed = await call(bearer, there);
      expect([replayed.status, JSON.stringify(replayed.json)]).toEqual([401, expect.stringMatching(/used before/)]);
      expect((await call(`Bearer ${await token()}`, there)).status).toBe(200);
    } finally {
      await other.stop();
    }
  });

  test('also where what it was used for was refused', async () => {
    const bearer = `Bearer ${await token()}`;
    expect((await call(bearer, service(), {})).status).toBe(400);
    expect((await call(bearer)).status).toBe(401);
  });

  test('one that was not signed by its issuer uses up nobody\'s id', async () => {
    const jti = randomUUID();
    expect((await signed({ claims: { jti }, key: stranger.privateKey })).status).toBe(401);
    expect((await signed({ claims: { jti } })).status).toBe(200);
  });

  test('what has ended is removed, and what may still be sent is kept', async () => {
    const { database, tenant } = house.server.house;
    const count = async (): Promise<number> => Number((await house.sql.query('select count(*) as n from cds_client_token where tenant = $1', [tenant.id])).rows[0].n);
    const before = await count();
    expect(before).toBeGreaterThan(0);
    expect(await removeEndedTokens(database, tenant.id, house.clock.now)).toBe(0);
    expect(await removeEndedTokens(database, 99, new Date('2030-01-01'))).toBe(0);
    expect(await removeEndedTokens(database, tenant.id, new Date(house.clock.now.getTime() + 2 * 3_600_000))).toBe(before);
    expect(await count()).toBe(0);
  });
});

describe('keys at an address', () => {
  const own = (kid: string, key = ec.privateKey): Signing => ({ header: { kid }, claims: { iss: fetching }, key });

  test('are fetched once and kept, and again for a new key, once a minute at most', async () => {
    served = { keys: [jwkOf(ec.publicKey, 'first'), { kty: 'oct', kid: 'secret', k: 'YWJj' }] };
    expect((await signed(own('first'))).status).toBe(200);
    expect((await signed({ ...own('first'), header: { kid: 'first', jku: keysAt } })).status).toBe(200);
    expect(asked).toHaveLength(1);
    served = { keys: [jwkOf(later.publicKey, 'second')] };
    for (let time = 0; time < 3; time += 1) expect((await signed(own('second', later.privateKey))).status).toBe(401);
    expect(asked).toHaveLength(1);
    house.clock.advance(61_000);
    expect((await signed(own('second', later.privateKey))).status).toBe(200);
    // What is not in the set any more is not taken any more.
    expect((await signed(own('first'))).status).toBe(401);
    expect(asked).toHaveLength(2);
  });

  test('that cannot be had let nobody in', async () => {
    house.clock.advance(700_000);
    served = 'nothing';
    const answer = await signed(own('second', later.privateKey));
    expect([answer.status, JSON.stringify(answer.json)]).toEqual([401, expect.stringMatching(/could not be fetched/)]);
  });
});

describe('a list of clients is refused', () => {
  const good = { issuer, jwks: { keys: [jwkOf(ec.publicKey, 'ec')] } };
  test.each<[string, unknown]>([
    ['that is empty', undefined], ['without clients', { clients: [] }], ['without keys', { clients: [{ issuer }] }], ['with keys in two places', { clients: [{ ...good, jwksUrl: 'https://a.example' }] }],
    ['with a server that is no address', { clients: [{ ...good, fhirServers: ['clinic'] }] }], ['with a server that is a file', { clients: [{ ...good, fhirServers: ['file:///etc/passwd'] }] }], ['with an empty list of servers', { clients: [{ ...good, fhirServers: [] }] }],
    ['with a misspelled element', { clients: [{ ...good, tenant: ['other'] }] }], ['with an issuer twice', { clients: [good, good] }],
    ['with a secret for a key', { clients: [{ issuer, jwks: { keys: [{ kty: 'oct', kid: 'a', k: 'YQ' }] } }] }], ['with a private key', { clients: [{ issuer, jwks: { keys: [jwkOf(ec.privateKey, 'ec')] } }] }],
    ['with a key without kid', { clients: [{ issuer, jwks: { keys: [ec.publicKey.export({ format: 'jwk' })] } }] }], ['with a key that is too large', { clients: [{ issuer, jwks: { keys: [{ kty: 'RSA', kid: 'a', e: 'AQAB', n: 'a'.repeat(3000) }] } }] }],
  ])('%s', (_, document) => { expect(() => readTrustedClients([document])).toThrow(RangeError); });
});
