/**
 * The definitions of every tenant, kept in this process for as long as the versions in the database say that they hold.
 * A version is asked for by each use, so that each sees what was committed before it began; those who begin in one turn are
 * answered together.
 */
import type { Shipped } from '../../profiles/packages/shipped.ts';
import type { TableIndex } from '../../profiles/packages/table-index.ts';
import type { Queryable } from '../database.ts';
import { readInstalled } from './definitions.ts';
import { readPosted, type PostedMemory, type TenantDefinitions } from './posted.ts';
import { profileVersion } from './version.ts';

export interface DefinitionsCache {
  /** The same object until something has changed, so that what is made of it can be kept beside it (by a WeakMap). */
  of(tenant: number): Promise<TenantDefinitions>;
}

export function createDefinitionsCache(database: Queryable, shipped: Shipped): DefinitionsCache {
  let installed: { readonly version: string; readonly index: Promise<TableIndex> } | undefined;
  const tenants = new Map<number, { readonly reading: number; readonly version: string; readonly definitions: Promise<TenantDefinitions> }>();
  let readings = 0;
  const memories = new Map<number, PostedMemory>();
  /** Of those whose question has not been sent: later ones must not have the answer to one that was. */
  const beginning = new Map<number, Promise<TenantDefinitions>>();

  const installedAt = (version: string): Promise<TableIndex> => {
    if (installed?.version !== version) installed = { version, index: readInstalled(database, shipped).then(({ index }) => index) };
    return installed.index;
  };

  const memoryOf = (tenant: number): PostedMemory => {
    let memory = memories.get(tenant);
    if (memory === undefined) memories.set(tenant, memory = new Map());
    return memory;
  };

  const read = async (tenant: number): Promise<TenantDefinitions> => {
    const reading = ++readings;
    const { shared, own } = await profileVersion(database, tenant);
    const version = `${shared} ${own}`;
    const kept = tenants.get(tenant);
    // What a reading that began later has found holds here too: what is kept never goes back.
    if (kept !== undefined && (kept.version === version || kept.reading > reading)) return kept.definitions;
    const definitions = installedAt(shared).then((below) => readPosted(database, { tenant }, below, memoryOf(tenant)));
    tenants.set(tenant, { reading, version, definitions });
    // What could not be read is read anew by the next.
    definitions.catch(() => {
      if (tenants.get(tenant)?.definitions === definitions) tenants.delete(tenant);
      installed = undefined;
    });
    return definitions;
  };

  return {
    of(tenant) {
      let answer = beginning.get(tenant);
      if (answer === undefined) {
        answer = Promise.resolve().then(() => {
          beginning.delete(tenant);
          return read(tenant);
        });
        beginning.set(tenant, answer);
      }
      return answer;
    },
  };
}
