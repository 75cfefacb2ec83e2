/** Resources of the shared test data, used in place: each file's resource and those in its Bundles. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isResourceType } from '../../fhir/resource-types.ts';

export interface SharedResource {
  readonly resourceType: string;
  readonly [element: string]: unknown;
}

const shared = resolve(process.cwd(), '../shared');
export const sharedFolders = ['pas-examples', 'suites/synthea-chart-500', 'suites/fhir-candle/data', 'suites/fhir-test-cases/r4'].map((folder) => join(shared, folder));
export const sharedDataIsHere = existsSync(shared);

/** Every distinct resource under the folders, Bundles included; files that are no JSON resource are passed over. */
export function sharedResources(folders: readonly string[] = sharedFolders): SharedResource[] {
  const found = new Map<string, SharedResource>();
  const add = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const { resourceType, entry } = value as { resourceType?: unknown; entry?: unknown };
    if (!isResourceType(resourceType)) return;
    found.set(JSON.stringify(value), value as SharedResource);
    if (resourceType === 'Bundle' && Array.isArray(entry)) for (const item of entry) add((item as { resource?: unknown } | null)?.resource);
  };
  for (const folder of folders.filter((one) => existsSync(one))) {
    for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted()) {
      if (!file.endsWith('.json')) continue;
      try {
        add(JSON.parse(readFileSync(join(folder, file), 'utf8')));
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
      }
    }
  }
  return [...found.values()];
}
