/** The server in a process of its own, as an operator runs it: demo payer, embedded database, log to nowhere. */
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const command = fileURLToPath(new URL('../../bin/priora.mjs', import.meta.url));

/** What `npm start`, the command's first line and the image hand to Node.js. */
const asStarted = ['--max-semi-space-size=48'];

/** @param environment settings besides the port and the data folder */
export async function startServerProcess(dataDirectory: string, environment: Readonly<Record<string, string>> = {}): Promise<{ origin: string; pid: number; stop: () => Promise<void> }> {
  const port = await freePort();
  const child = spawn(process.execPath, [...asStarted, command, 'start', '--demo'], {
    env: { ...process.env, PORT: String(port), HOST: '127.0.0.1', PRIORA_DATA_DIR: dataDirectory, PRIORA_LOG_LEVEL: 'warn', ...environment },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const exited = new Promise<void>((resolve) => { child.on('exit', () => resolve()); });
  const origin = `http://127.0.0.1:${port}`;
  const deadline = performance.now() + 60_000;
  while (!(await fetch(`${origin}/readyz`).then((response) => response.ok, () => false))) {
    if (performance.now() > deadline || child.exitCode !== null) throw new Error('the server did not start');
    await new Promise((resolve) => { setTimeout(resolve, 50); });
  }
  return { origin, pid: child.pid!, stop: async () => { child.kill('SIGTERM'); await exited; } };
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => { if (typeof address === 'object' && address) resolve(address.port); else reject(new Error('no port')); });
    });
  });
}
