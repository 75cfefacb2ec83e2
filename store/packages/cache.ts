/**
 * The definitions of every tenant, kept in this process for as long as the versions in the database say that they hold.
 * A version is asked for by each use; those who ask at the same time are answered together.
 */
import type { Shipped } from '../../profiles/packages/shipped.ts';
import type { TableIndex } from '../../profiles/packages/table-index.ts';
import type { Queryable } from '../database.ts';
import { readInstalled, readPosted, type TenantDefinitions } from './definitions.ts';
import { profileVersion } from './version.ts';

export interface DefinitionsCache {
  /** The same object until something has changed, so that what is made of it can be kept beside it (by a WeakMap). */
  of(tenant: number): Promise<TenantDefinitions>;
}

export function createDefinitionsCache(database: Queryable, shipped: Shipped): DefinitionsCache {
  let installed: { readonly version: string; readonly index: Promise<TableIndex> } | undefined;
  const tenants = new Map<number, { readonly reading: number; readonly version: string; readonly definitions: Promise<TenantDefinitions> }>();
  let readings = 0;
  const underWay = new Map<number, Promise<TenantDefinitions>>();

  const installedAt = (version: string): Promise<TableIndex> => {
    if (installed?.version !== version) installed = { version, index: readInstalled(database, shipped).then(({ index }) => index) };
    return installed.index;
  };

  const read = async (tenant: number): Promise<TenantDefinitions> => {
    const reading = ++readings;
    const { shared, own } = await profileVersion(database, tenant);
    const version = `${shared} ${own}`;
    const kept = tenants.get(tenant);
    if (kept?.version === version) return kept.definitions;
    const definitions = installedAt(shared).then((below) => readPosted(database, { tenant }, below));
    // Two readings may overtake each other; what is kept never goes back.
    if (kept === undefined || kept.reading < reading) tenants.set(tenant, { reading, version, definitions });
    // What could not be read is read anew by the next.
    definitions.catch(() => {
      if (tenants.get(tenant)?.definitions === definitions) tenants.delete(tenant);
      installed = undefined;
    });
    return definitions;
  };

  return {
    of(tenant) {
      let answer = underWay.get(tenant);
      if (answer === undefined) {
        answer = read(tenant).finally(() => underWay.delete(tenant));
        underWay.set(tenant, answer);
      }
      return answer;
    },
  };
}
