/**
 * Cleaning: objects that no version refers to are taken away, because the commit that they were put for never came.
 * An object is put before its commit, so what was put lately is left alone; putting it again counts as putting.
 */
import type { Queryable } from '../database.ts';
import type { KeptObject, ObjectStore } from './object-store.ts';

export interface Cleaned {
  readonly seen: number;
  readonly removed: number;
}

/** Longer than any request or transaction lasts, in milliseconds. */
export const graceOfObjects = 24 * 60 * 60 * 1000;

const asked = 500;

const findWanted = `
select w.sha256
from unnest($2::text[]) as w (sha256)
where exists (select from resource_object o where o.tenant = $1 and o.sha256 = decode(w.sha256, 'hex'))`;

/**
 * Takes away what nobody refers to and what was put last before `before`.
 * @throws {Problem} `store-unavailable`; what was taken away by then was garbage
 */
export async function cleanObjects(database: Queryable, objects: ObjectStore, tenant: number, before: Date, signal?: AbortSignal): Promise<Cleaned> {
  let [seen, removed] = [0, 0];
  let old: KeptObject[] = [];
  const clean = async (): Promise<void> => {
    for (const { sha256 } of await unwanted(database, tenant, old)) {
      // Put again since it was listed: somebody is about to refer to it.
      const now = await objects.head(tenant, sha256);
      if (now === undefined || now.putAt >= before) continue;
      await objects.delete(tenant, sha256);
      removed += 1;
    }
    old = [];
  };
  for await (const object of objects.list(tenant)) {
    if (signal?.aborted === true) break;
    seen += 1;
    if (object.putAt < before) old.push(object);
    if (old.length === asked) await clean();
  }
  if (old.length > 0) await clean();
  return { seen, removed };
}

async function unwanted(database: Queryable, tenant: number, objects: readonly KeptObject[]): Promise<readonly KeptObject[]> {
  const { rows } = await database.query<{ sha256: string }>({ name: 'find-wanted-objects', text: findWanted, values: [tenant, objects.map(({ sha256 }) => sha256)] });
  const wanted = new Set(rows.map(({ sha256 }) => sha256));
  return objects.filter(({ sha256 }) => !wanted.has(sha256));
}
