/**
 * Commands that need a server: the one that listens where the configuration says, or else one that is started for
 * the command alone, on the same data, and stopped when it is done.
 */
import { readConfiguration, type Configuration } from '../configuration.ts';
import { startServer } from '../main.ts';
import { personalMessage } from './personal-message.ts';

/** @returns the exit code: that of `work`, or 1 when no server could be had */
export async function withServer(defaults: Readonly<Record<string, string>>, work: (origin: string) => Promise<number>): Promise<number> {
  let configuration: Configuration | undefined;
  try {
    configuration = readConfiguration({ ...defaults, ...process.env });
    const origin = originOf(configuration);
    if (await answers(origin)) return await work(origin);
    process.stderr.write(`priora: no server answers at ${origin}; one is started for this command, on ${configuration.databaseUrl === undefined ? configuration.dataDirectory : 'DATABASE_URL'}\n`);
    const server = await startServer({ ...configuration, port: 0, logLevel: 'error' });
    try {
      return await work(server.address);
    } finally {
      await server.stop();
    }
  } catch (error) {
    const message = personalMessage(error, configuration);
    if (message === undefined) throw error;
    process.stderr.write(`priora: ${message}\n`);
    return 1;
  }
}

function originOf({ host, port }: Configuration): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

async function answers(origin: string): Promise<boolean> {
  try {
    const response = await fetch(`${origin}/readyz`);
    return response.ok && (await response.text()) === 'ready\n';
  } catch {
    return false;
  }
}
