/**
 * Two real PostgreSQL servers: a primary, and a streaming replica of it that is made from a copy of its data folder (the
 * embedded binaries have no pg_basebackup).
 */
import { execFileSync } from 'node:child_process';
import { appendFile, chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { EmbeddedConnection } from '../../store/embedded/connection.ts';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../store/embedded/index.ts';

export interface ReplicatedPostgres {
  readonly primaryUrl: string;
  readonly replicaUrl: string;
  /** A connection of the test's own to the replica. */
  readonly onReplica: pg.Client;
  stopReplica(): Promise<void>;
  startReplica(): Promise<void>;
  /** Ends being a replica: it takes writes of its own from now on. */
  promoteReplica(): Promise<void>;
  stop(): Promise<void>;
}

const urlOf = ({ user, host, port, database }: EmbeddedConnection): string => `postgres://${user}@localhost:${port}/${database}?host=${encodeURIComponent(host)}`;

export async function startReplicatedPostgres(): Promise<ReplicatedPostgres> {
  const folder = await mkdtemp(join(tmpdir(), 'priora-replica-'));
  await chmod(folder, 0o711);
  const [primaryFolder, replicaFolder] = [join(folder, 'primary'), join(folder, 'replica')];
  const start = (directory: string): Promise<EmbeddedPostgres> => startEmbeddedPostgres({ directory, log: () => {}, settings: { wal_level: 'replica', hot_standby: 'on', max_connections: '60' } });

  await (await start(primaryFolder)).stop();
  execFileSync('cp', ['-a', primaryFolder, replicaFolder]);
  execFileSync('rm', ['-rf', join(replicaFolder, 'run')]);
  const primary = await start(primaryFolder);
  await appendFile(join(replicaFolder, 'cluster', 'postgresql.auto.conf'), `primary_conninfo = 'host=''${primary.connection.host}'' port=${primary.connection.port} user=${primary.connection.user}'\n`);
  await writeFile(join(replicaFolder, 'cluster', 'standby.signal'), '');
  let replica: EmbeddedPostgres | undefined = await start(replicaFolder);
  const replicaUrl = urlOf(replica.connection);
  let onReplica = new pg.Client({ connectionString: replicaUrl });
  onReplica.on('error', () => {});
  await onReplica.connect();
  return {
    primaryUrl: urlOf(primary.connection), replicaUrl,
    get onReplica() { return onReplica; },
    async stopReplica() {
      await onReplica.end().catch(() => {});
      await replica?.stop();
      replica = undefined;
    },
    async startReplica() {
      replica = await start(replicaFolder);
      onReplica = new pg.Client({ connectionString: replicaUrl });
      onReplica.on('error', () => {});
      await onReplica.connect();
    },
    async promoteReplica() {
      await onReplica.query('select pg_promote(true)');
    },
    async stop() {
      await onReplica.end().catch(() => {});
      await replica?.stop();
      await primary.stop();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
