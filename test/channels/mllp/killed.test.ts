/** The server is killed between landing and answer: what has landed is taken in at the next start, once. */
import pg from 'pg';
import { createDatabase } from '../../support/house.ts';
import { startedProcess, type ServerProcess } from '../../support/server-process.ts';
import { framed, openClient } from './client.ts';
import { adt, codeOf } from './messages.ts';

const mllpPort = async (server: ServerProcess): Promise<number> => Number((await server.says(/"port":(\d+)[^\n]*MLLP/))[1]);

test('a message that landed and was not answered is there once after the server has started again, and the sender\'s repetition has its answer', async () => {
  const { url, drop } = await createDatabase();
  const sql = new pg.Pool({ connectionString: url, max: 4 });
  const environment = { DATABASE_URL: url, PRIORA_MLLP_PORT: '0', PRIORA_LOG_LEVEL: 'info' };
  let server = await startedProcess(environment);
  // Held beyond a failure it would keep the server from stopping, and the pool from ending: the reason would be lost.
  const lock = await sql.connect();
  let isHeld = true;
  const release = (): void => {
    if (isHeld) lock.release(true);
    isHeld = false;
  };
  try {
    // Nobody gets at the inbox while this is held: the server lands the message, and waits.
    await lock.query('begin; lock table inbox_message in access exclusive mode');
    const message = adt({ id: 'KILLED', accept: 'AL', application: 'AL', segments: ['EVN|A01|20260302', 'PID|1||KILLED^^^GENERAL&2.16.840.1.113883.19.5&ISO^MR||Killed^Case||19700214|F'] });
    const client = await openClient(await mllpPort(server));
    client.write(framed(message));
    // In enhanced mode it says when the message is safe.
    expect(codeOf(await client.next())).toBe('CA');
    expect((await sql.query('select state from landing where channel = \'hl7v2\'')).rows).toEqual([{ state: 'received' }]);
    await server.end('SIGKILL');
    await client.closed;
    await lock.query('rollback');
    release();
    expect((await sql.query('select 1 from inbox_message')).rows).toHaveLength(0);

    server = await startedProcess(environment);
    expect((await sql.query('select state, key from (select state, message_key as key from inbox_message) as messages')).rows).toEqual([{ state: 'accepted', key: expect.stringContaining('KILLED') }]);
    const again = await openClient(await mllpPort(server));
    again.write(framed(message));
    expect([codeOf(await again.next()), codeOf(await again.next())]).toEqual(['CA', 'AA']);
    again.close();
    expect((await sql.query('select 1 from inbox_message')).rows).toHaveLength(1);
    const patients = await (await fetch(`${server.origin}/fhir/Patient?identifier=KILLED`)).json() as { total: number };
    expect(patients.total).toBe(1);
  } finally {
    release();
    await server.end('SIGTERM');
    await sql.end();
    await drop();
  }
});
