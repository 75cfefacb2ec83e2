/**
 * A message that is taken in again by other rules may speak of fewer resources than before. What it alone had made, and
 * nobody has touched since, is deleted with that: the store is then what the raw bytes say by the rules of today.
 */
import type { Provenance } from '@medplum/fhirtypes';
import { parseJson } from '../../fhir/json.ts';
import { readReference } from '../../fhir/references.ts';
import type { Context } from '../../store/context.ts';
import type { Queryable } from '../../store/database.ts';
import { readMany } from '../../store/read.ts';
import type { Change } from '../../store/write/changes.ts';
import { provenanceIdOf, type VersionName } from './message-provenance.ts';

export interface LeftBehind {
  readonly deletions: readonly Change[];
  /** Versions that the message made before, of what it still speaks of: they stay in its Provenance. */
  readonly made: readonly VersionName[];
}

/** Whether a message was stored itself, and not decided on in its place. */
export async function wasStored(database: Queryable, message: { readonly id: string }, context: Context): Promise<boolean> {
  const id = provenanceIdOf(message);
  return (await readMany(database, [{ type: 'Provenance', id }], context)).has(`Provenance/${id}`);
}

/** @param resources what the message speaks of now */
export async function leftBehind(database: Queryable, message: { readonly id: string }, resources: readonly { readonly type: string; readonly id: string }[], context: Context): Promise<LeftBehind> {
  const id = provenanceIdOf(message);
  const earlier = (await readMany(database, [{ type: 'Provenance', id }], context)).get(`Provenance/${id}`);
  if (!earlier) return { deletions: [], made: [] };
  const now = new Set(resources.map((resource) => `${resource.type}/${resource.id}`));
  const before = (parseJson(earlier.content) as Provenance).target.flatMap(({ reference }): VersionName[] => {
    const target = readReference(reference ?? '');
    return target?.version === undefined ? [] : [{ type: target.type, id: target.id, version: Number(target.version) }];
  });
  // A further version was an update of what somebody else had made first.
  const gone = before.filter(({ type, id: ofResource, version }) => version === 1 && !now.has(`${type}/${ofResource}`));
  const stored = await readMany(database, gone, context);
  const deletions = [...stored.values()].flatMap(({ type, id: ofResource, version }) => version === 1 ? [{ kind: 'delete' as const, type, id: ofResource, ifMatch: 1 }] : []);
  return { deletions, made: before.filter((one) => !gone.includes(one)) };
}
