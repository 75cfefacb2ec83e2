/** SIGTERM: what has begun is finished, what is new is refused, and the process ends with 0. */
import { connect, type Socket } from 'node:net';
import { startedProcess, type ServerProcess } from '../support/server-process.ts';
import { createDatabase, send } from '../support/house.ts';

let database: Awaited<ReturnType<typeof createDatabase>>;
beforeAll(async () => { database = await createDatabase(); });
afterAll(async () => { await database.drop(); });

const start = (): Promise<ServerProcess> => startedProcess({ DATABASE_URL: database.url });

/** A request whose body comes in two parts, so that it is in flight for as long as the test wants. */
function begin(origin: string, body: string): { socket: Socket; finish(): void; answer: Promise<string> } {
  const socket = connect(Number(new URL(origin).port), '127.0.0.1');
  socket.write(`POST /fhir/Basic HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/fhir+json\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 10)}`);
  const answer = (async () => {
    let text = '';
    for await (const chunk of socket) text += (chunk as Buffer).toString('utf8');
    return text;
  })();
  return { socket, finish: () => socket.write(body.slice(10)), answer };
}

async function refused(origin: string): Promise<boolean> {
  return fetch(`${origin}/healthz`, { headers: { connection: 'close' } }).then(() => false, () => true);
}

/** Waits until `done`, asking again each time the event loop comes round. */
async function until(done: () => Promise<boolean> | boolean): Promise<void> {
  while (!await done()) await new Promise<void>((resolve) => { setImmediate(resolve); });
}

let server: ServerProcess;
afterEach(() => { server.child.kill('SIGKILL'); });

test.each(['SIGTERM', 'SIGINT'] as const)('%s with a request in flight', async (signal) => {
  server = await start();
  expect((await send('GET', `${server.origin}/readyz`)).status).toBe(200);
  const request = begin(server.origin, '{"resourceType":"Basic","code":{"text":"in flight"}}');
  // A second connection that is open, idle, and must not hold the server up.
  const idle = connect(Number(new URL(server.origin).port), '127.0.0.1');
  await new Promise((resolve) => { idle.once('connect', resolve); });
  idle.on('error', () => {});
  await send('GET', `${server.origin}/healthz`);
  const ended = server.end(signal);
  await until(() => refused(server.origin));
  expect(server.child.exitCode).toBeNull();
  request.finish();
  expect(await request.answer).toMatch(/^HTTP\/1\.1 201 /);
  expect(await ended).toBe(0);
  idle.destroy();
  expect(server.output()).toContain('"msg":"stopping"');
  expect(server.output()).not.toMatch(/"level":[56]0/);

  server = await start();
  expect((await send('GET', `${server.origin}/fhir/Basic?_count=0`)).json.total).toBeGreaterThan(0);
  expect(await server.end('SIGTERM')).toBe(0);
});

test('on a connection that was open already, a new request gets 503 with an OperationOutcome', async () => {
  server = await start();
  const request = begin(server.origin, '{"resourceType":"Basic","code":{"text":"first"}}');
  await send('GET', `${server.origin}/healthz`);
  const ended = server.end('SIGTERM');
  await until(() => refused(server.origin));
  // The second request follows the first on the same connection.
  request.finish();
  request.socket.write('GET /fhir/Basic HTTP/1.1\r\nHost: localhost\r\n\r\n');
  const text = await request.answer;
  expect(text).toMatch(/^HTTP\/1\.1 201 /);
  // The server closes after the first answer, or answers the second with a refusal; it never serves it.
  expect(text.match(/HTTP\/1\.1 200 /)).toBeNull();
  if (/HTTP\/1\.1 503 /.test(text)) expect(text).toContain('"code":"transient"');
  expect(await ended).toBe(0);
});
