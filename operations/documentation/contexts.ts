/**
 * What a context id stands for that a client brings: the trace number of a request for information (PAS, LOINC 102089-0),
 * or what somebody else here has promised, such as CRD with a coverage-assertion-id.
 * Source: DTR 2.2.0, spec-107 to spec-110.
 */
import type { Reference } from '@medplum/fhirtypes';
import type { Context } from '../../store/context.ts';
import type { Database } from '../../store/database.ts';
import { authorizationsNamed } from '../../store/authorizations.ts';
import { assertionsOf } from '../../store/coverage-assertions.ts';
import { shardOf } from '../../store/shard.ts';
import type { Answer } from '../coverage-requirements/answer.ts';
import { reopen } from '../prior-authorization/load.ts';
import { trackingNumber, trackingSystem, wantedOf } from '../prior-authorization/record/information-requests.ts';
import type { KnownCoverage } from './coverage.ts';

export interface PromisedDocumentation {
  /** Canonicals; none where what was promised is asked for no more, or by no questionnaire. */
  readonly questionnaires: readonly string[];
  /** Whether documentation was asked for at all under this id. */
  readonly isPromised: boolean;
  /** Id of the member whom it is about, as long as that is asked for or holds good. */
  readonly member: string | undefined;
  /** How a response says that it is for this: it goes into its qr-context. */
  readonly reference: Reference;
}

/** Undefined where the id is not one of this kind, or not of this member. */
export type ContextSource = (id: string, coverage: KnownCoverage, context: Context) => Promise<PromisedDocumentation | undefined>;

/** Requests for information of prior authorization, by their trace number. */
export function informationRequestContexts(database: Database): ContextSource {
  return async (id, { members }, context) => {
    const [reference = ''] = id.split('-');
    for (const { id: member } of members) {
      const [stored] = await authorizationsNamed(database, { member, shard: shardOf(context.tenant.id, member), requester: undefined, numbers: [reference], traces: [], claims: [] }, context);
      if (!stored) continue;
      const { state } = reopen(stored);
      const meant = wantedOf(stored.claimResponse, state).filter((wanted) => id === reference || trackingNumber(reference, wanted) === id);
      return { questionnaires: [...new Set(meant.flatMap(({ questionnaire }) => (questionnaire === undefined ? [] : [questionnaire])))], isPromised: true, member: meant.length > 0 ? member : undefined, reference: { type: 'CommunicationRequest', identifier: { system: trackingSystem, value: id } } };
    }
    return undefined;
  };
}

/** What CRD said of an order, by its coverage-assertion-id. */
export function assertionContexts(database: Database): ContextSource {
  return async (id, { members }, context) => {
    const assertion = (await assertionsOf(database, [id], context)).get(id);
    if (assertion === undefined || !members.some((member) => member.id === assertion.member)) return undefined;
    const { questionnaires = [], docNeeded = [] } = JSON.parse(assertion.answer) as Partial<Pick<Answer, 'questionnaires' | 'docNeeded'>>;
    return { questionnaires, isPromised: docNeeded.length > 0, member: assertion.expiresOn >= context.now().toISOString().slice(0, 10) ? assertion.member : undefined, reference: { identifier: { system: assertionSystem, value: id } } };
  };
}

const assertionSystem = 'https://priora.health/fhir/coverage-assertion';

/** What any of the sources knows of an id. */
export async function promisedBy(sources: readonly ContextSource[], id: string, coverages: readonly KnownCoverage[], context: Context): Promise<PromisedDocumentation | undefined> {
  for (const source of sources) {
    for (const coverage of coverages) {
      const found = await source(id, coverage, context);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}
