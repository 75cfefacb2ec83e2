/** Runs a program that ends by itself (`initdb`, `postgres --version`) and gives back what it said. */
import { spawn } from 'node:child_process';

/** Numeric user and group a program drops to when Priora runs as root. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** How a program ended; `output` is standard output and error together. */
export interface EndedProcess {
  readonly exitCode: number | null;
  readonly output: string;
}

/**
 * Passed to every PostgreSQL program instead of Priora's own environment: no PG* variable steers it, no secret of the
 * server is readable in it, and its messages come in English, which is what the launcher reads.
 */
export function plainEnvironment(): NodeJS.ProcessEnv {
  const passed = ['PATH', 'SystemRoot', 'TEMP', 'TMP'];
  const environment: NodeJS.ProcessEnv = { LC_ALL: 'C', TZ: 'UTC' };
  for (const name of passed) if (process.env[name] !== undefined) environment[name] = process.env[name];
  return environment;
}

/**
 * Runs to the end.
 * @param account user and group to drop to, when Priora runs as root
 * @param cwd the working folder; entered before the user is changed
 * @throws the system's error when the program cannot be started (`ENOENT`, `EACCES`)
 */
export function runToEnd(program: string, args: readonly string[], account: Account | undefined, cwd = '/'): Promise<EndedProcess> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...account, env: plainEnvironment(), cwd, stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
    let output = '';
    const collect = (chunk: string): void => {
      output += chunk;
    };
    child.stdout.setEncoding('utf8').on('data', collect);
    child.stderr.setEncoding('utf8').on('data', collect);
    child.once('error', reject);
    child.once('close', (exitCode) => {
      resolve({ exitCode, output });
    });
  });
}
