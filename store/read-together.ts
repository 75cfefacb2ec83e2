/**
 * Resources by type and id, for several who ask at the same moment: one statement (`together.ts`), and what many of them
 * ask for (the doctors of a hospital, its wards) is read once.
 */
import type { Context } from './context.ts';
import type { Queryable } from './database.ts';
import { readMany, type StoredVersion } from './read.ts';
import { Together } from './together.ts';

interface Key {
  readonly type: string;
  readonly id: string;
}

interface Asked {
  readonly keys: readonly Key[];
  readonly context: Context;
}

type Found = ReadonlyMap<string, StoredVersion>;

/** Resources that are read together, at most, unless one alone asks for more. */
const mostKeys = 1000;

const readings = new WeakMap<Queryable, Together<Asked, Found>>();

function readingsOf(database: Queryable): Together<Asked, Found> {
  let together = readings.get(database);
  if (together === undefined) {
    together = new Together({ work: (items) => readAll(database, items), weight: ({ keys }) => keys.length, heaviest: mostKeys });
    readings.set(database, together);
  }
  return together;
}

/** What {@link readMany} reads: by `Type/id`, without what is unknown, deleted or out of sight. */
export async function readTogether(database: Queryable, keys: readonly Key[], context: Context): Promise<Map<string, StoredVersion>> {
  if (keys.length === 0) return new Map();
  const found = await readingsOf(database).call({ keys, context });
  return new Map(keys.flatMap(({ type, id }) => {
    const version = found.get(`${type}/${id}`);
    return version === undefined ? [] : [[`${type}/${id}`, version] as const];
  }));
}

/** A tenant's rows are read by that tenant's access alone. */
async function readAll(database: Queryable, items: readonly Asked[]): Promise<readonly Found[]> {
  const tenants = new Set(items.map(({ context }) => context.access.tenant));
  const found = new Map(await Promise.all([...tenants].map(async (tenant) => {
    const asked = items.filter(({ context }) => context.access.tenant === tenant);
    const keys = new Map(asked.flatMap((each) => each.keys.map((key) => [`${key.type}/${key.id}`, key] as const)));
    return [tenant, await readMany(database, [...keys.values()], asked[0]!.context)] as const;
  })));
  return items.map(({ context }) => found.get(context.access.tenant)!);
}
