/**
 * Bundles end: when their time is up, and when nobody is there any more to read the answer. The tests hold rows that the
 * Bundles want, so that these wait for as long as a test likes, and move the clock.
 */
import { connect, type Socket } from 'node:net';
import { openHouse, send, type TestAnswer, type TestHouse } from '../support/house.ts';

const timeout = 2_000;
let house: TestHouse;
beforeAll(async () => { house = await openHouse({ environment: { PRIORA_BUNDLE_TIMEOUT: String(timeout) } }); });
afterAll(async () => { await house.close(); });

type Entry = Record<string, unknown>;
const patient = (id: string, more: object = {}): object => ({ resourceType: 'Patient', id, identifier: [{ value: id }], ...more });
const put = (id: string, more: object = {}): Entry => ({ resource: patient(id, { active: true }), request: { method: 'PUT', url: `Patient/${id}`, ...more } });
const create = (value: string): Entry => ({ resource: { resourceType: 'Patient', identifier: [{ value }] }, request: { method: 'POST', url: 'Patient' } });
const get = (url: string): Entry => ({ request: { method: 'GET', url } });
const bundle = (type: 'batch' | 'transaction', entry: Entry[]): object => ({ resourceType: 'Bundle', type, entry });
const codeOf = ({ status, json }: TestAnswer): unknown[] => [status, json.issue?.[0].details.coding[0].code];
const versionOf = async (id: string): Promise<string | null> => (await send('GET', `${house.fhir}/Patient/${id}`)).headers.get('etag');
const found = async (value: string): Promise<number> => (await send('GET', `${house.fhir}/Patient?identifier=${value}&_count=0&_total=accurate`)).json.total as number;

/** Waits until `done`, asking again each time the event loop comes round. */
async function until(done: () => Promise<boolean> | boolean): Promise<void> {
  while (!await done()) await new Promise<void>((resolve) => { setImmediate(resolve); });
}

/** Holds the rows of patients while `work` runs, which is told when so many statements wait for them. */
async function holding(ids: readonly string[], work: (waiting: (count: number) => Promise<void>) => Promise<void>): Promise<void> {
  for (const id of ids) await send('PUT', `${house.fhir}/Patient/${id}`, patient(id));
  const connection = await house.sql.connect();
  try {
    await connection.query('begin');
    await connection.query('select 1 from resource where id = any($1) for update', [ids]);
    await work((count) => until(async () => Number((await house.sql.query<{ count: string }>(`select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`)).rows[0]!.count) >= count));
  } finally {
    await connection.query('rollback');
    connection.release();
  }
}

/** A request on a connection that can be cut: done when the server, which is in this process, has seen it. */
function begin(body: object): { cut: () => Promise<void> } {
  const text = JSON.stringify(body);
  const socket = connect(Number(new URL(house.origin).port), '127.0.0.1');
  const accepted: Socket[] = [];
  const note = (one: Socket): void => { accepted.push(one); };
  house.server.http.server.on('connection', note);
  socket.on('error', () => {});
  socket.write(`POST /fhir HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/fhir+json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  return {
    cut: async () => {
      const seen = accepted.find(({ remotePort }) => remotePort === socket.localPort)!;
      house.server.http.server.off('connection', note);
      socket.destroy();
      await until(() => seen.destroyed);
    },
  };
}

/** Nothing is under way in the database: what waited has been done, or undone. */
const quiet = (): Promise<void> => until(async () => (await house.sql.query(`select 1 from pg_stat_activity where datname = current_database() and state <> 'idle' and pid <> pg_backend_pid()`)).rows.length === 0);

describe('a transaction whose time is up changes nothing', () => {
  test.each<[name: string, id: string, more: Entry[]]>([
    ['of updates', 'late-update', []],
    ['of criteria', 'late-criteria', [{ resource: patient('late-other'), request: { method: 'PUT', url: 'Patient?identifier=late-other' } }]],
    ['that reads what it wrote', 'late-read', [get('Patient/late-read')]],
  ])('%s', async (_name, id, more) => {
    let answer: Promise<TestAnswer> | undefined;
    await holding([id], async (waiting) => {
      answer = send('POST', house.fhir, bundle('transaction', [create(`new-${id}`), put(id), ...more]));
      await waiting(1);
      house.clock.advance(timeout);
    });
    const { status, headers, json } = await answer!;
    expect([status, headers.get('retry-after'), json.issue[0].code, json.issue[0].details.coding[0].code]).toEqual([503, '5', 'timeout', 'transaction-too-slow']);
    expect([await versionOf(id), await found(`new-${id}`)]).toEqual(['W/"1"', 0]);
    expect(house.log.filter((line) => line.includes('"level":50'))).toEqual([]);
  });

  test('one that goes on waiting for a lock is ended', async () => {
    await holding(['held'], async (waiting) => {
      const answer = send('POST', house.fhir, bundle('transaction', [put('free'), { resource: patient('held', { active: true }), request: { method: 'PUT', url: 'Patient?identifier=held' } }]));
      await waiting(1);
      house.clock.advance(timeout);
      // The rows are still held: it is PostgreSQL that ends the statement.
      expect(codeOf(await answer)).toEqual([503, 'transaction-too-slow']);
    });
    expect([await versionOf('held'), (await send('GET', `${house.fhir}/Patient/free`)).status]).toEqual(['W/"1"', 404]);
  });

  test('in time it is done', async () => {
    let answer: Promise<TestAnswer> | undefined;
    await holding(['in-time'], async (waiting) => {
      answer = send('POST', house.fhir, bundle('transaction', [create('new-in-time'), put('in-time')]));
      await waiting(1);
      house.clock.advance(timeout - 1);
    });
    expect([(await answer!).status, await versionOf('in-time'), await found('new-in-time')]).toEqual([200, 'W/"2"', 1]);
  });
});

describe('a clock that is set', () => {
  test.each([['forward', timeout * 10, 0, 200], ['back, which gives no time', -timeout * 10, timeout, 503]])('%s', async (name, jump, passed, status) => {
    const id = `jump-${name.slice(0, 4)}`;
    const moment = house.clock.now;
    let answer: Promise<TestAnswer> | undefined;
    await holding([id], async (waiting) => {
      answer = send('POST', house.fhir, bundle('transaction', [put(id)]));
      await waiting(1);
      house.clock.now = new Date(moment.getTime() + jump);
      house.clock.advance(passed);
    });
    expect((await answer!).status).toBe(status);
    house.clock.now = new Date(moment.getTime() + passed);
  });
});

test('entries of a batch that were not begun when its time was up are told so, and those that were are done', async () => {
  const begun = ['b0', 'b1', 'b2', 'b3'];
  let answer: Promise<TestAnswer> | undefined;
  await holding(begun, async (waiting) => {
    answer = send('POST', house.fhir, bundle('batch', [get('Patient/b0'), ...begun.map((id) => put(id)), put('b4')]));
    await waiting(1);
    house.clock.advance(timeout);
  });
  const { status, json } = await answer!;
  const told = (json.entry as { response: { status: string; outcome?: { issue: { expression: string[]; details: { coding: { code: string }[] } }[] } } }[]).map(({ response }) => [response.status, response.outcome?.issue[0]!.details.coding[0]!.code, response.outcome?.issue[0]!.expression[0]]);
  const late = (index: number): unknown[] => ['503', 'batch-too-slow', `Bundle.entry[${index}]`];
  const done = ['200', undefined, undefined];
  expect([status, told]).toEqual([200, [late(0), done, done, done, done, late(5)]]);
  expect([await versionOf('b3'), (await send('GET', `${house.fhir}/Patient/b4`)).status]).toEqual(['W/"2"', 404]);
});

describe('when the client has gone', () => {
  test('the log and the metrics have it as 499, and no fault', async () => {
    const gone = (): unknown[] => house.log.map((line) => JSON.parse(line) as { msg: string; status: number; method: string; route: string }).filter(({ msg, status }) => msg === 'request' && status === 499).map(({ method, route }) => `${method} ${route}`);
    const before = gone().length;
    await holding(['told'], async (waiting) => {
      const request = begin(bundle('transaction', [put('told')]));
      await waiting(1);
      await request.cut();
    });
    await until(() => gone().length > before);
    const [route] = gone().slice(before);
    expect(route).toMatch(/^POST \/fhir/);
    expect((await send('GET', `${house.origin}/metrics`)).text).toMatch(/priora_http_request_seconds_count\{method="POST",route="\/fhir\/?",status="499"\} [1-9]/);
    expect(house.log.filter((line) => /"level":[56]0/.test(line))).toEqual([]);
  });

  test('a transaction changes nothing', async () => {
    await holding(['left'], async (waiting) => {
      const request = begin(bundle('transaction', [create('new-left'), put('left')]));
      await waiting(1);
      await request.cut();
    });
    await quiet();
    expect([await versionOf('left'), await found('new-left')]).toEqual(['W/"1"', 0]);
  });

  test('a batch begins no other entry', async () => {
    const begun = ['c0', 'c1', 'c2', 'c3'];
    await holding(begun, async (waiting) => {
      const request = begin(bundle('batch', [...begun.map((id) => put(id)), put('c4')]));
      await waiting(1);
      await request.cut();
    });
    await until(async () => (await Promise.all(begun.map(versionOf))).every((version) => version === 'W/"2"'));
    await quiet();
    expect((await send('GET', `${house.fhir}/Patient/c4`)).status).toBe(404);
  });
});
