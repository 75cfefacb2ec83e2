/**
 * What a request changes. A 278 that revises, extends, renews, appeals or cancels (UM02 other than I, or BHT02 01) names
 * the authorization it is about by the payer's certification number (REF*BB), by the payer's administrative reference
 * (REF*NT, all there is of a pended request), or by the requester's own trace number of the event (TRN).
 * Source: PAS 2.2.1 profile-claim-update, whose Claim.related has exactly one predecessor.
 */
import type { Identifier } from '@medplum/fhirtypes';
import { TRACE_SYSTEM_PREFIX, x12System } from '../pas.ts';
import { type Segment, valueAt } from '../segment.ts';
import { type Draft, segmentsOf } from './draft.ts';
import { isUntold } from './event.ts';
import type { Level, Levels } from './levels.ts';

/** Where REF01 of an earlier review's number is told from the other: the coding of `Identifier.type`. */
export const REFERENCE_SYSTEM = x12System('128');

/**
 * Kinds that cannot be asked for on their own: appeals and reconsideration, cancel, extension, revision. A renewal can:
 * it is its planner who knows whether its trace number is that of an authorization.
 */
const BOUND = new Set(['1', '2', '3', '4', 'N', 'S']);

interface Named {
  level: Level;
  segment: Segment;
}

export interface Predecessor {
  identifier: Identifier;
  /** The TRN that names it, where no number does and it is not the request's own: it is no trace of this request. */
  trace?: Segment;
}

/**
 * The authorization that a request changes; undefined for a request of its own. What changes nothing that is named is
 * told: PAS has no update without a predecessor.
 * @param certificationType of the event: UM02, or 3 where BHT02 cancels
 */
export function mapPredecessor(draft: Draft, { event, services }: Pick<Levels, 'services'> & { event: Level }, claim: string, certificationType: string): Predecessor | undefined {
  const kinds = new Set([certificationType, ...services.map((service) => valueAt(segmentsOf(service.segments, 'UM')[0], 2).trim())]);
  const changes = [...kinds].filter((kind) => kind !== '' && kind !== 'I');
  if (changes.length === 0) return undefined;
  const numbers = [[event], services].flatMap((levels) => numbersIn(levels, 'BB')).concat([[event], services].flatMap((levels) => numbersIn(levels, 'NT')));
  const [named] = numbers;
  if (named !== undefined) {
    if (namesSeveral(numbers, named)) draft.warn('several-authorizations', 'The services are of several authorizations; the change is told of the first, and each service keeps its number.', named.level.id, named.segment);
    const reader = draft.recorder.reader(named.level.id, named.segment, claim);
    const code = reader.take('related[0].claim.identifier.type.coding[0].code', 1);
    const value = reader.take('related[0].claim.identifier.value', 2);
    return value === undefined ? undefined : { identifier: { type: { coding: [{ system: REFERENCE_SYSTEM, ...(code !== undefined && { code }) }] }, system: REFERENCE_SYSTEM, value } };
  }
  const byTrace = changes.some((kind) => BOUND.has(kind)) ? mapTrace(draft, event, claim) : undefined;
  if (byTrace === undefined) {
    const isCancel = certificationType === '3';
    draft.warn(isCancel ? 'cancel-without-reference' : 'change-without-reference', `The ${isCancel ? 'cancellation' : 'change'} names no earlier authorization.`, event.id, segmentsOf(event.segments, 'UM')[0]);
  }
  return byTrace;
}

function numbersIn(levels: readonly Level[], code: string): Named[] {
  return levels.flatMap((level) => segmentsOf(level.segments, 'REF').filter((segment) => valueAt(segment, 1) === code && valueAt(segment, 2).trim() !== '').map((segment) => ({ level, segment })));
}

/** The event's number is that of all its services, whatever theirs are; without one the services' numbers may differ. */
function namesSeveral(numbers: readonly Named[], { level, segment }: Named): boolean {
  return level.id === '2000F' && numbers.some((each) => valueAt(each.segment, 1) === valueAt(segment, 1) && valueAt(each.segment, 2).trim() !== valueAt(segment, 2).trim());
}

/** The trace number of the event: the request's own, which was the earlier request's too, or a second one of the same requester. */
function mapTrace(draft: Draft, event: Level, claim: string): Predecessor | undefined {
  const [own, ...others] = segmentsOf(event.segments, 'TRN').filter((trn) => !isUntold(trn));
  const earlier = others.find((trn) => valueAt(trn, 3) === valueAt(own, 3));
  const segment = earlier ?? own;
  if (segment === undefined) return undefined;
  const trn = draft.recorder.reader(event.id, segment, claim);
  const value = trn.take('related[0].claim.identifier.value', 2);
  const organization = trn.take('related[0].claim.identifier.system', 3);
  if (value === undefined || organization === undefined) return undefined;
  trn.consult(1);
  return { identifier: { system: `${TRACE_SYSTEM_PREFIX}${organization}`, value }, ...(earlier !== undefined && { trace: earlier }) };
}
