/**
 * What follows when a notification of authorizations was taken: it is an exchange with the provider (PASMetricData,
 * `subsequent`), and a notice that it told has reached whoever asked. A notification that is sent twice, because a
 * process ended in between, is noted once.
 */
import type { Communication } from '@medplum/fhirtypes';
import { parseJson } from '../../fhir/json.ts';
import { Problem } from '../../fhir/problems.ts';
import { resourceTypeCode } from '../../fhir/resource-types.ts';
import { exchangeOfNotification } from '../../operations/prior-authorization/exchange/exchanges.ts';
import type { Context } from '../../store/context.ts';
import type { Database } from '../../store/database.ts';
import { findSome } from '../../store/find.ts';
import { keyMaker } from '../../store/search-keys.ts';
import type { StoredVersion } from '../../store/read.ts';
import { commit } from '../../store/write/commit.ts';
import type { NotifiedEvent } from './notification.ts';

export interface Taken {
  /** Id of the subscription. */
  readonly subscription: string;
  /** Of HTTP, with which it was taken. */
  readonly status: number;
}

/** More notices than one authorization can have under way. */
const mostNotices = 100;

export async function noteTold(database: Database, events: readonly NotifiedEvent[], { subscription, status }: Taken, context: Context): Promise<void> {
  const told = events.filter((event) => event.authorization !== undefined);
  if (told.length === 0) return;
  await commit(database, told.map(({ authorization, at, number }) => exchangeOfNotification(authorization!, { requestedAt: at, status, name: `${subscription} ${number}` }, context)), context);
  // The filter of the topic is the organization that asked: nobody else hears of it.
  for (const claim of new Set(told.flatMap(({ authorization }) => authorization!.notices ?? []))) await completeNotices(database, claim, context);
}

/** @param claim id */
async function completeNotices(database: Database, claim: string, context: Context): Promise<void> {
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
