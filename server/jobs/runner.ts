/**
 * Background jobs of this server. What a server did not finish, because it was stopped or killed, is put into the queue
 * again by whichever server starts next.
 */
import { readEnrollmentSenders, spokeForPlan } from '../../channels/x12/enrollment.ts';
import { markEarlier } from '../../operations/intake/mark-earlier.ts';
import { leftByUpgrade, upgradeWorkDone } from '../../store/upgrade-work.ts';
import { reindex, pendingReindexes, usualLimits } from '../../store/jobs/reindex.ts';
import { isTerminologyOutdated, rebuildTerminology } from '../../store/jobs/terminology.ts';
import { enqueueClosures, hasUnclosed, makeClosures } from '../../store/terminology/make-closure.ts';
import { mostPairs } from '../../store/terminology/write.ts';
import { purgeLaterAnswers } from '../../store/later-answers.ts';
import { purgeOutbox, purgeSubscriptionEvents } from '../../store/outbox/purge.ts';
import { removeEndedTokens } from '../../store/spent-tokens.ts';
import { cleanObjects, graceOfObjects } from '../../store/objects/clean.ts';
import type { ReindexKey } from '../../store/jobs/reindex-batch.ts';
import { bringUpToUse, memberOfRemoved } from '../../operations/prior-authorization/use/bring-up-to-use.ts';
import { useJob } from '../../operations/prior-authorization/use/claims-that-use.ts';
import { runQueue, type Queue, type TaskList } from '../../store/jobs/queue.ts';
import { lateJob } from '../../operations/prior-authorization/late.ts';
import { showcaseJob } from '../../operations/prior-authorization/showcase.ts';
import { removeExpired } from '../../operations/prior-authorization/attach/keeping.ts';
import { serverContext } from '../publish-definitions.ts';
import type { House } from '../house.ts';

/** Of one processor's time, what indexing again may take while it runs. */
const share = 0.5;

export async function startJobs(house: House): Promise<Queue> {
  const { database, connection, log } = house;
  for (const { tenant, subject } of await pendingReindexes(database, house.clock.now())) {
    await database.query({
      text: `select graphile_worker.add_job('reindex', json_build_object('tenant', $1::smallint, 'subject', $2::text), job_key => $3::text)`,
      values: [tenant, subject, `reindex ${tenant} ${subject}`],
    });
    // The set says of what is being indexed again that it is.
    await house.definitions.refresh(tenant);
  }
  if (await isTerminologyOutdated(database)) await database.query({ text: `select graphile_worker.add_job('terminology', '{}'::json, job_key => 'terminology')` });
  if (await hasUnclosed(database)) await enqueueClosures(database);
  for (const name of await leftByUpgrade(database)) await database.query({ text: 'select graphile_worker.add_job($1, json_build_object(), job_key => $1)', values: [name] });
  return runQueue({
    connection, tasks: tasksOf(house), crontab,
    onError: (event, error) => log.warn({ event, fault: error.name }, 'background job'),
  });
}

// Every night. One server does it, however many there are.
const crontab = '17 3 * * * clean_objects\n37 2 * * * remove_held\n57 2 * * * remove_ended_tokens\n7 3 * * * purge_events';

function tasksOf(house: House): TaskList {
  const { database, definitions, metrics, clock, log, attachments, tenants } = house;
  return {
    async clean_objects(_payload, { abortSignal }) {
      for (const { id } of tenants) {
        const { seen, removed } = await cleanObjects(database, attachments.objects, id, new Date(clock.now().getTime() - graceOfObjects), abortSignal);
        log.info({ tenant: id, seen, removed }, 'objects that nothing refers to were removed');
      }
    },
    async remove_held(_payload, { abortSignal }) {
      for (const tenant of tenants) {
        const removed = await removeExpired(database, serverContext(house, 'remove-held', tenant), abortSignal);
        metrics.expiredDocuments.inc(removed);
        log.info({ tenant: tenant.id, removed }, 'documents that no request came for were removed');
      }
    },
    async remove_ended_tokens(_payload, { abortSignal }) {
      for (const { id } of tenants) log.info({ tenant: id, removed: await removeEndedTokens(database, id, clock.now(), abortSignal) }, 'tokens of CDS clients that have ended were removed');
    },
    async purge_events(_payload, { abortSignal }) {
      const ago = (days: number): Date => new Date(clock.now().getTime() - days * 86_400_000);
      const before = ago(house.configuration.eventDays);
      const ofAnswers = { acknowledged: before, written: ago(house.configuration.laterAnswerDays) };
      for (const { id } of tenants) {
        const [outbox, events, answers] = [await purgeOutbox(database, id, before, abortSignal), await purgeSubscriptionEvents(database, id, before, abortSignal), await purgeLaterAnswers(database, id, ofAnswers, abortSignal)];
        log.info({ tenant: id, outbox, events, answers }, 'events that were told long ago were removed');
      }
    },
    async mark_submitted(_payload, { abortSignal }) {
      const speaksForPlan = readEnrollmentSenders(house.configuration.enrollmentSenders) ?? ((): boolean => false);
      for (const tenant of tenants) {
        const done = await markEarlier(database, (message) => spokeForPlan(speaksForPlan, message), serverContext(house, 'mark-submitted', tenant), abortSignal);
        log.info({ tenant: tenant.id, ...done }, 'records that messages had made before were marked as the word of their senders');
      }
      await upgradeWorkDone(database, 'mark_submitted');
    },
    async terminology(_payload, { abortSignal }) {
      log.info({ resources: await rebuildTerminology(database, abortSignal) }, 'terminology was made anew');
    },
    async terminology_closure(_payload, { abortSignal }) {
      log.info({ codeSystems: await makeClosures(database, mostPairs, abortSignal) }, 'hierarchies of code systems were made');
    },
    async [useJob](payload) {
      const { tenant, member, removed } = readUse(payload);
      const of = tenants.find(({ id }) => id === tenant);
      // A tenant that is served no more has nobody to tell.
      if (!of) return;
      const context = serverContext(house, useJob, of);
      const whose = member ?? (removed === undefined ? undefined : await memberOfRemoved(database, removed, context));
      if (whose !== undefined) await bringUpToUse(database, whose, context);
    },
    async [lateJob](payload) {
      const { tenant, claim } = readClaim(payload);
      const of = tenants.find(({ id }) => id === tenant);
      if (of) await house.priorAuthorization.decideLate(claim, serverContext(house, lateJob, of));
    },
    async [showcaseJob](payload) {
      const { tenant, claim } = readClaim(payload);
      const of = tenants.find(({ id }) => id === tenant);
      if (of) await house.priorAuthorization.playReviewer(claim, serverContext(house, showcaseJob, of));
    },
    async reindex(payload, { abortSignal }) {
      const key = readKey(payload);
      await reindex(database, key, async () => {
        await definitions.refresh(key.tenant);
        return definitions.parametersOf(key.tenant);
      }, {
        limits: usualLimits, share, now: clock.now, signal: abortSignal,
        onBatch(seen, changed) {
          metrics.reindexed.inc({ changed: 'yes' }, changed);
          metrics.reindexed.inc({ changed: 'no' }, seen - changed);
        },
      });
      log.info({ tenant: key.tenant }, 'indexed again');
    },
  };
}

/** @throws {TypeError} for what no version of this server has put into the queue */
function readUse(payload: unknown): { readonly tenant: number; readonly member: string | undefined; readonly removed: string | undefined } {
  const { tenant, member, removed } = payload as Partial<Record<string, unknown>>;
  if (typeof tenant !== 'number' || (typeof member !== 'string' && typeof removed !== 'string')) throw new TypeError('Not the payload of a job about used units');
  return { tenant, member: typeof member === 'string' ? member : undefined, removed: typeof removed === 'string' ? removed : undefined };
}

/** @throws {TypeError} for what no version of this server has put into the queue */
function readClaim(payload: unknown): { readonly tenant: number; readonly claim: string } {
  const { tenant, claim } = payload as Partial<Record<string, unknown>>;
  if (typeof tenant !== 'number' || typeof claim !== 'string') throw new TypeError('Not the payload of a job about a Claim');
  return { tenant, claim };
}

/** @throws {TypeError} for what no version of this server has put into the queue */
function readKey(payload: unknown): ReindexKey {
  const { tenant, subject } = payload as Partial<Record<string, unknown>>;
  if (typeof tenant !== 'number' || typeof subject !== 'string') throw new TypeError('Not the payload of a reindex job');
  return { tenant, subject };
}
