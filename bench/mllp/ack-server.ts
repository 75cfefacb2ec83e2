/**
 * The listener with everything before mapping: framing, the header read, an acknowledgement made and sent. With
 * `BENCH_MLLP_FOLDER` each message lands in an embedded PostgreSQL in that folder first, as in the real server.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { newControlId } from '../../channels/hl7v2/control-id.ts';
import { hl7v2MediaType } from '../../channels/hl7v2/rail.ts';
import { listen } from '../../channels/mllp/listener.ts';
import { acknowledge } from '../../mappers/hl7v2/syntax/acknowledgement.ts';
import { headerIssues } from '../../mappers/hl7v2/syntax/accept.ts';
import { headerOf } from '../../mappers/hl7v2/syntax/parse.ts';
import { writeMessage } from '../../mappers/hl7v2/syntax/write.ts';
import type { Context } from '../../store/context.ts';
import { openDatabase, type Database } from '../../store/database.ts';
import { startEmbeddedPostgres } from '../../store/embedded/index.ts';
import { land } from '../../store/landing.ts';
import { migrate } from '../../store/migrate.ts';
import { ensureTenant } from '../../store/tenants.ts';

const clock = { now: () => new Date(), random: (count: number) => randomBytes(count) };

const base = { ...clock, actor: 'bench', request: 'bench', base: 'http://localhost/fhir' };

/** Serves until SIGTERM. */
export async function run(): Promise<void> {
  const folder = process.env['BENCH_MLLP_FOLDER'];
  const store = folder === undefined ? undefined : await openStore(folder);
  const listener = await listen({
    settings: { host: '127.0.0.1', port: 0, tls: undefined, connections: 1000, concurrency: 64, queue: 8, messageLimit: 1 << 24, memory: 1 << 28, frameTimeout: 30_000, idleTimeout: 60_000, drainTimeout: 1000 },
    async* receive(frame) {
      const { header } = headerOf(frame.kind === 'content' ? frame.bytes : frame.head);
      if (!header) return;
      const issues = headerIssues(header.segments[0]!);
      if (store && frame.kind === 'content') await land(store.database, { channel: 'hl7v2', sender: 'bench', mediaType: hl7v2MediaType, body: frame.bytes }, store.context);
      yield writeMessage(acknowledge(header, issues.length === 0 ? 'AA' : 'AR', issues, { controlId: newControlId(clock), now: clock.now() }))!;
    },
    observer: { opened: () => {}, ended: () => {} },
  });
  process.stdout.write(`mllp at ${listener.port}\n`);
  await new Promise<void>((resolve) => { process.once('SIGTERM', resolve); });
  await listener.stop();
  await store?.close();
}

async function openStore(folder: string): Promise<{ database: Database; context: Context; close(): Promise<void> }> {
  const embedded = await startEmbeddedPostgres({ directory: join(folder, 'postgres'), log: () => {} });
  const database = openDatabase({ connection: { ...embedded.connection }, size: 6, searchTimeout: 10_000, onIdleError: () => {} });
  await migrate(database, clock.now);
  const tenant = await ensureTenant(database, 'default', clock.now());
  return {
    database, context: { ...base, tenant, access: { tenant: tenant.id }, parameters: { byType: new Map() } as unknown as Context['parameters'] },
    async close() {
      await database.close();
      await embedded.stop();
    },
  };
}
