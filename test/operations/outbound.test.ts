/** Calls to addresses that clients give: where they must not lead, and what they must not do. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readOutboundRules } from '../../operations/outbound/allowed.ts';
import { createOutbound, type OutboundCall } from '../../operations/outbound/call.ts';
import type { Resolve } from '../../operations/outbound/destination.ts';
import { readHeader } from '../../operations/outbound/headers.ts';

const leadsTo = (...addresses: string[]): Resolve => () => Promise.resolve(addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })));
const rules = (text: string) => readOutboundRules(text)!;

let server: Server;
let origin: string;
let port: number;
let seen: IncomingMessage[] = [];
let answer: (request: IncomingMessage, response: ServerResponse) => void = (_, response) => { response.end('ok'); };

beforeAll(async () => {
  server = createServer((request, response) => {
    seen.push(request);
    answer(request, response);
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  port = (server.address() as AddressInfo).port;
  origin = `http://127.0.0.1:${port}`;
});
afterAll(() => new Promise((resolve) => {
  server.closeAllConnections();
  server.close(resolve);
}));
beforeEach(() => {
  seen = [];
  answer = (_, response) => { response.end('ok'); };
});

const call = (url: string, more: Partial<OutboundCall> = {}): OutboundCall => ({ url, method: 'POST', timeout: 5000, answerLimit: 1024, ...more });

test.each([
  '127.0.0.1', '127.1', '2130706433', '0x7f000001', '0177.0.0.1', '0.0.0.0', '10.1.2.3', '172.16.0.1', '192.168.1.1', '169.254.169.254', '100.64.0.1', '192.0.2.1', '198.18.0.1', '224.0.0.1', '240.0.0.1', '255.255.255.255',
  '[::]', '[::1]', '[::ffff:127.0.0.1]', '[::ffff:a9fe:a9fe]', '[::127.0.0.1]', '[fe80::1]', '[fc00::1]', '[fec0::1]', '[ff02::1]', '[64:ff9b::7f00:1]', '[64:ff9b:1::1]', '[2002:7f00:1::]', '[2001::1]', '[2001:db8::1]', '[3fff::1]', '[100::1]', '[5f00::1]',
])('https://%s is not called', async (host) => {
  await expect(createOutbound(rules('')).check(`https://${host}/hook`)).rejects.toMatchObject({ code: 'outbound-refused' });
});

test.each([['10.0.0.1'], ['169.254.169.254'], ['::ffff:10.0.0.1'], ['93.184.216.34', '127.0.0.1']])('nor is a name that leads to %s', async (...addresses) => {
  await expect(createOutbound(rules(''), leadsTo(...addresses)).call(call('https://hook.example/'))).rejects.toMatchObject({ code: 'outbound-refused' });
});

test.each([
  ['without TLS', 'http://93.184.216.34/'], ['of another scheme', 'ftp://93.184.216.34/'], ['of a file', 'file:///etc/passwd'], ['no URL', 'hook'], ['with credentials', 'https://user:secret@93.184.216.34/'], ['too long', `https://93.184.216.34/${'a'.repeat(2048)}`], ['of no host', 'https://'],
])('an address %s is refused, and not repeated in what is said', async (_, url) => {
  const problem = await createOutbound(rules('127.0.0.1')).check(url).then(() => undefined, (error: unknown) => error as Error);
  expect(problem).toMatchObject({ code: 'outbound-refused' });
  expect(problem!.message).not.toMatch(/secret|passwd|93\.184/);
});

test('a listed host may be internal, and without TLS, but never lead to where a cloud keeps its credentials', async () => {
  const listed = rules('hook.internal, 10.1.0.0/16');
  await createOutbound(listed, leadsTo('10.9.9.9')).check('http://hook.internal/');
  await createOutbound(listed, leadsTo('10.9.9.9')).check('http://hook.internal./');
  await createOutbound(listed, leadsTo('10.1.2.3')).check('http://other.internal/');
  await expect(createOutbound(listed, leadsTo('10.9.9.9')).check('https://other.internal/')).rejects.toMatchObject({ code: 'outbound-refused' });
  await expect(createOutbound(listed, leadsTo('169.254.169.254')).check('http://hook.internal/')).rejects.toMatchObject({ code: 'outbound-refused' });
  await expect(createOutbound(listed, leadsTo('93.184.216.34')).check('http://public.example/')).rejects.toMatchObject({ code: 'outbound-refused' });
  await createOutbound(rules(''), leadsTo('93.184.216.34', '2606:2800:220:1::1')).check('https://public.example/');
});

test.each(['10.0.0.0/33', 'http://host', 'a b', '10.0.0', '300.1.1.1', '*.example.com', 'ho_st'])('%j is no list', (text) => {
  expect(readOutboundRules(text)).toBeUndefined();
});

test('a name is looked up once, and the call goes where it led then', async () => {
  let asked = 0;
  const rebinding: Resolve = () => Promise.resolve([{ address: asked++ === 0 ? '127.0.0.1' : '127.0.0.2', family: 4 }]);
  const outbound = createOutbound(rules('hook.internal'), rebinding);
  expect(await outbound.call(call(`http://hook.internal:${port}/x`))).toMatchObject({ status: 200 });
  expect(asked).toBe(1);
  expect(seen[0]!.headers.host).toBe(`hook.internal:${port}`);
});

test('a name that is not known, or a resolver that does not answer, is a failure and no refusal', async () => {
  await expect(createOutbound(rules(''), () => Promise.reject(new Error('ENOTFOUND'))).check('https://nowhere.example/')).rejects.toMatchObject({ code: 'outbound-failed' });
  await expect(createOutbound(rules(''), () => new Promise(() => { /* never */ })).call(call('https://slow.example/', { timeout: 20 }))).rejects.toThrow('does not answer in time');
});

describe('of an answer', () => {
  const outbound = createOutbound(rules('127.0.0.0/8'));

  test('a redirect is told and not followed', async () => {
    answer = (_, response) => { response.writeHead(307, { location: `${origin}/elsewhere` }).end(); };
    expect(await outbound.call(call(`${origin}/hook`))).toMatchObject({ status: 307 });
    expect(seen).toHaveLength(1);
  });

  test('no more is read than the limit', async () => {
    answer = (_, response) => {
      response.on('error', () => { /* closed */ });
      const more = (): void => { while (!response.destroyed && response.write(Buffer.alloc(65_536))); };
      response.on('drain', more);
      more();
    };
    await expect(outbound.call(call(origin))).rejects.toThrow('larger than 1024 bytes');
  });

  test.each<[string, typeof answer]>([
    ['that never begins', () => { /* nothing */ }],
    ['that never ends', (_, response) => { response.write('x'); }],
  ])('one %s is given up', async (_, behaviour) => {
    answer = behaviour;
    await expect(outbound.call(call(origin, { timeout: 50 }))).rejects.toThrow('does not answer in time');
  });

  test.each<[string, typeof answer]>([
    ['never ends', (_, response) => { response.write('x'); }],
    ['is large', (_, response) => {
      response.on('error', () => { /* closed */ });
      response.end(Buffer.alloc(5_000_000));
    }],
  ])('where the status alone is wanted, it does not matter that the rest %s', async (_, behaviour) => {
    answer = behaviour;
    const started = performance.now();
    expect(await outbound.call(call(origin, { answerLimit: 'status' }))).toMatchObject({ status: 200, body: Buffer.alloc(0) });
    expect(performance.now() - started).toBeLessThan(1000);
  });

  test('a closed connection is a failure', async () => {
    answer = (request) => { request.socket.destroy(); };
    await expect(outbound.call(call(origin))).rejects.toThrow('the connection was closed');
  });

  test('where nobody listens', async () => {
    await expect(outbound.call(call('http://127.0.0.1:1/'))).rejects.toThrow('nobody listens there');
  });

  test('TLS that is none', async () => {
    await expect(outbound.call(call(`https://127.0.0.1:${port}/`))).rejects.toThrow(/TLS could not be agreed on|connection/);
  });
});

test.each(['Host: evil', 'Content-Length: 3', 'Transfer-Encoding: chunked', 'Connection: x', 'a b: c', ': c', 'no colon', 'X-A: b\r\nX-B: c', 'X-A: b\nX-B: c', 'X-A: \0', 'Proxy-Authorization: x', 'Expect: 100-continue'])('header %j is not the client\'s to set', (line) => {
  expect(readHeader(line)).toBeUndefined();
});

test('headers are conveyed, and those about the connection are not', async () => {
  const outbound = createOutbound(rules('127.0.0.1'));
  await outbound.call(call(origin, {
    headers: [{ name: 'Authorization', value: 'Bearer t' }, { name: 'X-Two', value: '1' }, { name: 'x-two', value: '2' }, { name: 'Host', value: 'evil' }, { name: 'X-Bad', value: 'a\r\nX-Injected: 1' }],
    body: { mediaType: 'application/fhir+json', content: '{"ü":1}' },
  }));
  expect(seen[0]!.headers).toMatchObject({ 'authorization': 'Bearer t', 'x-two': '1, 2', 'content-type': 'application/fhir+json', 'content-length': '8', 'host': `127.0.0.1:${port}` });
  expect(seen[0]!.headers['x-injected']).toBeUndefined();
});
