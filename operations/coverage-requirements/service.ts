/**
 * Coverage requirements discovery as the routes use it: discovery, the call of a service, feedback. A call is answered
 * within its time, or by saying that it could not be; what was said is kept before it is sent.
 */
import { stringifyJson } from '../../fhir/json.ts';
import { Problem } from '../../fhir/problems.ts';
import type { PolicyPack } from '../../review/policies/pack.ts';
import type { Context } from '../../store/context.ts';
import type { Database } from '../../store/database.ts';
import { newId, shardInId } from '../../store/shard.ts';
import type { CoverageFeedbackRow } from '../../store/write/changes.ts';
import { commit } from '../../store/write/commit.ts';
import { noClient, unlistedClient, type ClientServer, type OpenClient } from './client-server.ts';
import { readFeedback } from './feedback.ts';
import { gather } from './gather.ts';
import { readCall, type HookCall } from './read-call.ts';
import { planResponse, technicalResponse, type PlannedResponse } from './respond.ts';
import { discovery } from './services.ts';
import type { TrustedClient } from './trusted-clients.ts';

/** Told to whoever counts; carries codes, never patients. */
export interface CoverageRequirementsObserver {
  answered(hook: string, covered: string, paNeeded: string): void;
  feedback(service: string, outcome: string): void;
  /** A call that was answered with `technical`, because of this. */
  fault(error: unknown, context: Context): void;
}

export interface CoverageRequirementsOptions {
  readonly database: Database;
  readonly policies: readonly PolicyPack[];
  readonly openClient: OpenClient;
  /** How long an answer may take, in milliseconds. */
  readonly budget: number;
  readonly observer: CoverageRequirementsObserver;
}

export interface CoverageRequirementsService {
  /** What GET /cds-services answers. */
  discovery(): string;
  /**
   * The response to a call, as JSON.
   * @param client who has signed the call, where that is demanded
   * @throws {Problem} for a call that cannot be read, and where what it needs is nowhere to be had
   */
  call(id: string, body: unknown, client: TrustedClient | undefined, context: Context): Promise<string>;
  /** @throws {Problem} */
  feedback(id: string, body: unknown, context: Context): Promise<void>;
}

export function createCoverageRequirementsService({ database, policies, openClient, budget, observer }: CoverageRequirementsOptions): CoverageRequirementsService {
  const described = JSON.stringify(discovery(policies));

  const serversOf = ({ client: lent }: HookCall, caller: TrustedClient | undefined, signal: AbortSignal): { readonly server: ClientServer; readonly evidence?: ClientServer } => {
    if (!lent) return { server: noClient };
    if (caller?.fhirServers === undefined) return { server: openClient(lent, signal) };
    if (!caller.fhirServers.has(lent.base)) return { server: unlistedClient };
    // What helps and need not be there leaves time for what is said without it.
    return { server: openClient(lent, signal), evidence: openClient(lent, AbortSignal.any([signal, AbortSignal.timeout(budget / 2)])) };
  };

  const plan = async (call: HookCall, caller: TrustedClient | undefined, context: Context): Promise<PlannedResponse> => {
    const signal = AbortSignal.timeout(budget);
    const late = new Promise<'late'>((resolve) => { signal.addEventListener('abort', () => resolve('late'), { once: true }); });
    try {
      const { server, evidence } = serversOf(call, caller, signal);
      const work = (async () => planResponse({ database, policies, evidence, signal, context }, call, await gather(call, server)))();
      const planned = await Promise.race([work, late]);
      if (planned !== 'late') return planned;
      // What it comes to has nobody to tell any more.
      work.catch(() => {});
    } catch (error) {
      if (error instanceof Problem && error.status < 500 && !signal.aborted) throw error;
      observer.fault(error, context);
    }
    return technicalResponse(call, context);
  };

  return {
    discovery: () => described,

    async call(id, body, client, context) {
      const call = readCall(id, body);
      const { response, assertions, answers } = await plan(call, client, context);
      const callId = newId(context);
      const text = stringifyJson(response);
      await commit(database, [{
        kind: 'guidance', assertions,
        call: { id: callId, shard: shardInId(callId)!, hook: call.service.hook, hookInstance: call.hookInstance, client: client?.issuer ?? context.actor, request: stringifyJson(withoutCredentials(body)), response: text },
      }], context);
      for (const { covered, paNeeded } of answers) observer.answered(call.service.hook, covered, paNeeded ?? 'none');
      return text;
    },

    async feedback(id, body, context) {
      const rows = readFeedback(id, body).map((told): CoverageFeedbackRow => {
        const rowId = newId(context);
        return { id: rowId, shard: shardInId(rowId)!, service: id, ...told };
      });
      await commit(database, [{ kind: 'feedback', rows }], context);
      for (const { outcome } of rows) observer.feedback(id, outcome);
    },
  };
}

/** Tokens that are lent for a call are gone with it. */
function withoutCredentials(body: unknown): unknown {
  return { ...body as Record<string, unknown>, fhirAuthorization: undefined };
}
