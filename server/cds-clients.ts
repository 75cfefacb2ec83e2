/** Clients of CDS services that sign their calls, from files that the operator names. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { authentication, type Authenticate } from '../operations/coverage-requirements/authenticate.ts';
import { clientKeys } from '../operations/coverage-requirements/client-keys.ts';
import { readTrustedClients } from '../operations/coverage-requirements/trusted-clients.ts';
import type { Outbound } from '../operations/outbound/call.ts';
import type { Database } from '../store/database.ts';
import { ConfigurationError } from './configuration.ts';

/** @param path a file, or a folder of files; undefined: calls are not signed. @throws {ConfigurationError} */
export async function assembleCdsClients(path: string | undefined, database: Database, outbound: Outbound): Promise<Authenticate | undefined> {
  if (path === undefined) return undefined;
  try {
    const files = (await stat(path)).isDirectory() ? (await readdir(path)).filter((name) => /\.(?:ya?ml|json)$/i.test(name)).toSorted().map((name) => join(path, name)) : [path];
    const clients = readTrustedClients(await Promise.all(files.map(async (file) => parse(await readFile(file, 'utf8')) as unknown)));
    // Without any nobody could call, which is not what somebody means who names a folder.
    if (clients.size === 0) throw new RangeError('there is no .yaml, .yml or .json file in the folder');
    return authentication({ database, clients, keys: clientKeys(outbound) });
  } catch (error) {
    throw new ConfigurationError(`PRIORA_CDS_CLIENTS: ${error instanceof Error ? error.message.split('\n')[0]! : 'the file cannot be read'}`);
  }
}
