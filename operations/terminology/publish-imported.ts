/**
 * Imported code systems as CodeSystem resources of a tenant, so that they are read and searched as any other. The tables
 * are the truth: what they have is compared with what the tenant has, and the difference is committed. Done behind every
 * import and removal, and when a server starts, for tenants that are new and imports of an earlier release.
 */
import { Problem } from '../../fhir/problems.ts';
import type { Context } from '../../store/context.ts';
import type { Database } from '../../store/database.ts';
import { importedCodeSystems, publishedImports } from '../../store/terminology/imported.ts';
import type { Change } from '../../store/write/changes.ts';
import { commit } from '../../store/write/commit.ts';

/** Others who publish at the same moment were faster that often. */
const mostAttempts = 5;

/** @throws {Problem} those of a commit */
export async function publishImported(database: Database, context: Context): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const changes = await differences(database, context);
    if (changes.length === 0) return;
    try {
      await commit(database, changes, context);
      return;
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'version-conflict' || attempt === mostAttempts) throw error;
    }
  }
}

async function differences(database: Database, { access }: Context): Promise<readonly Change[]> {
  // In this order: what is published by now is in the tables, unless it was removed since.
  const published = new Map((await publishedImports(database, access)).map((one) => [one.id, one]));
  const imported = await importedCodeSystems(database, access);
  const there = new Set(imported.map(({ id }) => id));
  return [
    ...imported.flatMap((resource): Change[] => {
      const known = published.get(resource.id);
      return known !== undefined && withoutMeta(known.content) === JSON.stringify(resource) ? [] : [{ kind: 'update', resource, ifMatch: known?.version ?? 'absent', ofImport: true }];
    }),
    ...[...published.values()].filter(({ id }) => !there.has(id)).map(({ id, version }): Change => ({ kind: 'delete', type: 'CodeSystem', id, ifMatch: version, ofImport: true })),
  ];
}

function withoutMeta(content: string): string {
  const { meta: _, ...resource } = JSON.parse(content) as Record<string, unknown>;
  return JSON.stringify(resource);
}
