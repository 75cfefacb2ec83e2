/** What packages bring of terminology, in the tables of the scope that all tenants share. */
import { Problem } from '../../fhir/problems.ts';
import type { Queryable } from '../database.ts';
import { assertBounds } from '../terminology/bounds.ts';
import { countOn, sharedScope } from '../terminology/scope.ts';
import { installResource, removeInstalled, type TerminologyResource } from '../terminology/write.ts';

/**
 * Puts definitions in the place of those with their url and version.
 * @param source the package, for people
 * @returns why some were passed over: a hierarchy may be too large for it
 */
export async function installTerminologyOf(connection: Queryable, resources: readonly TerminologyResource[], source: string, now: Date): Promise<readonly string[]> {
  if (resources.length === 0) return [];
  const passedOver: string[] = [];
  await countOn(connection, sharedScope);
  for (const resource of resources) {
    try {
      assertBounds(resource);
      await removeInstalled(connection, resource);
      await installResource(connection, resource, source, now);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      passedOver.push(error.message);
    }
  }
  return passedOver;
}

export async function removeTerminologyOf(connection: Queryable, definitions: readonly { readonly type: string; readonly url: string; readonly version: string }[]): Promise<void> {
  if (definitions.length === 0) return;
  await countOn(connection, sharedScope);
  for (const { type, url, version } of definitions) await removeInstalled(connection, { resourceType: type, url, version } as TerminologyResource);
}
