/** The shared examples beside the repository, used in place; tests skip with a message where they are absent. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** JSON files of a shared folder by name; undefined where the folder is absent. */
export function sharedJson(...folder: readonly string[]): Map<string, { text: string; json: { resourceType?: string } }> | undefined {
  const path = join(process.cwd(), '..', 'shared', ...folder);
  if (!existsSync(path)) return undefined;
  return new Map(readdirSync(path).filter((name) => name.endsWith('.json')).toSorted().map((name) => {
    const text = readFileSync(join(path, name), 'utf8');
    return [name, { text, json: JSON.parse(text) as { resourceType?: string } }];
  }));
}
