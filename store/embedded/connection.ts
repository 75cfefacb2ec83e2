/** How to reach the embedded PostgreSQL, and whether it answers. */
import { Client } from 'pg';
import { hasCode } from './errors.ts';

/** For `pg.Pool` and `pg.Client` as it is. */
export interface EmbeddedConnection {
  /** The folder of the socket; a loopback address on Windows. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  /** On Windows only, where the connection is TCP. Elsewhere the socket's folder is private. */
  readonly password?: string;
}

/** Role and database that `initdb` makes. */
export const role = 'priora';
export const database = 'postgres';

/** Where a server that knows its data folder as its working folder only (`reach.ts`) is told the folder's name. */
export const clusterSetting = 'priora.cluster';

/** `cannot_connect_now`: starting up, recovering or shutting down. PostgreSQL, appendix A. */
const cannotConnectNow = '57P03';

/**
 * - `ready`: takes statements and serves this cluster
 * - `busy`: there, but starting up, recovering or shutting down
 * - `silent`: nobody answers
 * - `stranger`: another server answers there
 */
export type Answer = 'ready' | 'busy' | 'silent' | 'stranger';

/** Connects once. @param cluster the data folder that the server must serve */
export async function askServer(connection: EmbeddedConnection, cluster: string): Promise<Answer> {
  const client = new Client({ ...connection, connectionTimeoutMillis: 5000, query_timeout: 5000 });
  // A server that goes away mid-answer also emits an error; the rejected promise already tells it.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ folder: string }>("SELECT coalesce(current_setting($1, true), current_setting('data_directory')) AS folder", [clusterSetting]);
    return rows[0]?.folder === cluster || process.platform === 'win32' ? 'ready' : 'stranger';
  } catch (error) {
    return hasCode(error, cannotConnectNow) ? 'busy' : 'silent';
  } finally {
    await client.end().catch(() => undefined);
  }
}
