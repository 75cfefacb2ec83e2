/** Notices to whoever asked that have reached him, by a notification that was taken or an answer that was acknowledged. */
import type { Communication } from '@medplum/fhirtypes';
import { parseJson } from '../../../fhir/json.ts';
import { Problem } from '../../../fhir/problems.ts';
import { resourceTypeCode } from '../../../fhir/resource-types.ts';
import type { Context } from '../../../store/context.ts';
import type { Database } from '../../../store/database.ts';
import { findSome } from '../../../store/find.ts';
import type { StoredVersion } from '../../../store/read.ts';
import { keyMaker } from '../../../store/search-keys.ts';
import { commit } from '../../../store/write/commit.ts';

/** More notices than one authorization can have under way. */
const mostNotices = 100;

/** Those to the requester are completed; those to the member are for whoever sends letters. @param claim id */
export async function completeNotices(database: Database, claim: string, context: Context): Promise<void> {
  const keys = keyMaker(context.tenant.id, resourceTypeCode('Communication'));
  const found = await findSome(database, {
    type: 'Communication', limit: mostNotices,
    where: { kind: 'all', of: [{ kind: 'key', anyOf: [keys.reference('based-on', 'Claim', claim)], selective: true }, { kind: 'key', anyOf: [keys.token('status', { form: 'code', code: 'in-progress' })], selective: false }] },
  }, context);
  for (const stored of found) await complete(database, stored, context);
}

async function complete(database: Database, { content, version }: StoredVersion, context: Context): Promise<void> {
  const notice = parseJson(content) as Communication & { id: string };
  try {
    await commit(database, [{ kind: 'update', resource: { ...notice, status: 'completed', sent: context.now().toISOString() }, ifMatch: version }], context);
  } catch (error) {
    // Another notification, or whoever sends letters, has done so.
    if (!(error instanceof Problem) || error.code !== 'version-conflict') throw error;
  }
}
