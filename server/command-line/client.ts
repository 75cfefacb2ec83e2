/** What commands that talk to a running server have in common. */
import type { Configuration } from '../configuration.ts';

/** Where a server with this configuration listens. */
export function originOfServer(configuration: Configuration): string {
  const { host, port } = configuration;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

export function unreachable(origin: string): number {
  process.stderr.write(`priora: no server answers at ${origin}; start one with "npm start", or set PORT\n`);
  return 1;
}
