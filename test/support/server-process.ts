/** The server as an operator runs it: `priora start` in a process of its own, which a test may kill. */
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

const command = join(process.cwd(), 'bin', 'priora.mjs');

export interface ServerProcess {
  readonly child: ChildProcess;
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  /** Everything written to standard output and standard error so far. */
  output(): string;
  /** What a pattern finds in the output, as soon as it is there: log lines are flushed after the line that says where it listens. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  /** Sends the signal and waits for the end; the exit code, or null when the signal ended it. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

export interface EndedStart {
  readonly code: number | null;
  readonly output: string;
}

/** Starts the server and waits until it is ready, or until it ends without ever being so. */
export async function startProcess(environment: Readonly<Record<string, string>>): Promise<ServerProcess | EndedStart> {
  const child = spawn(process.execPath, [command, 'start', '--demo'], { env: { ...process.env, PORT: '0', ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  const ended = new Promise<number | null>((resolve) => { child.on('exit', (code) => resolve(code)); });
  const ready = new Promise<string>((resolve) => {
    const read = (chunk: Buffer): void => {
      text += chunk.toString('utf8');
      const address = /FHIR base\s+(http:\/\/\S+)\/fhir/.exec(text)?.[1];
      if (address !== undefined) resolve(address);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
  });
  const origin = await Promise.race([ready, ended.then(() => undefined)]);
  if (origin === undefined) return { code: await ended, output: text };
  return {
    child, origin, output: () => text,
    says: (pattern) => new Promise((resolve, reject) => {
      const look = (): void => {
        const found = pattern.exec(text);
        if (found === null) return;
        child.stdout.off('data', look);
        child.stderr.off('data', look);
        resolve(found);
      };
      child.stdout.on('data', look);
      child.stderr.on('data', look);
      child.once('exit', (code) => { reject(new Error(`the server ended with ${code} and did not say it`)); });
      look();
    }),
    end(signal) {
      child.kill(signal);
      return ended;
    },
  };
}

export function isRunning(started: ServerProcess | EndedStart): started is ServerProcess {
  return 'origin' in started;
}

/** @throws {Error} with what it printed, when it did not start */
export async function startedProcess(environment: Readonly<Record<string, string>>): Promise<ServerProcess> {
  const started = await startProcess(environment);
  if (!isRunning(started)) throw new Error(`the server ended with ${started.code}: ${started.output}`);
  return started;
}
