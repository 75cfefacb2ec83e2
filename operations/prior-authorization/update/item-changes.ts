/**
 * What an update does to each item. The difference to the version before is computed here; the flags of the sender
 * (infoChanged) are compared with it and believed only where they cancel or ask again for what was cancelled: EHRs set them as it comes.
 * Source: PAS 2.2.1, spec-68 to spec-72; X12 data element 1322.
 */
import type { ClaimItem } from '@medplum/fhirtypes';
import { pasExtension } from '../../../profiles/pas/names.ts';
import type { ItemChange } from '../events.ts';
import { cancels, cancelsAll, certificationTypeOf, type RequestReading } from '../request/read-request.ts';
import type { AuthorizationState } from '../state.ts';
import { namesNoService, type AlignedItem, type Alignment } from './align.ts';
import { askedFor } from './asked-for.ts';
import { claimsBefore } from './find-prior.ts';

export interface ItemChanges {
  readonly changes: ReadonlyMap<number, ItemChange>;
  readonly cancelled: readonly number[];
  /** Denied, and asked for in another way without an appeal. */
  readonly refused: readonly number[];
  /** Items whose flag (infoChanged) says something else than the difference. */
  readonly misflagged: readonly number[];
}

/** X12 1322: 1 appeal (immediate), 2 appeal (standard), N reconsideration. */
const appeals: ReadonlySet<string | undefined> = new Set(['1', '2', 'N']);
/** 4 extension, R renewal, S revised: asks for a new decision even where nothing else differs. */
const asksAnew: ReadonlySet<string | undefined> = new Set(['4', 'R', 'S']);

export function itemChanges(by: Alignment, aligned: readonly AlignedItem[], update: RequestReading, before: RequestReading, state: AuthorizationState): ItemChanges {
  const changes = new Map<number, ItemChange>();
  const cancelled: number[] = [];
  const refused: number[] = [];
  const misflagged: number[] = [];
  const live = [...state.items.values()].filter(({ status, standing }) => status !== 'cancelled' && (status !== 'denied' || standing !== undefined)).map(({ sequence }) => sequence);
  if (cancelsAll(update.claim)) {
    const unknown = aligned.flatMap(({ sequence }) => state.items.has(sequence) ? [] : [sequence]);
    for (const sequence of unknown) changes.set(sequence, 'added');
    return { changes, cancelled: [...live, ...unknown], refused, misflagged };
  }
  const ofAll = certificationTypeOf(update.claim);
  for (const { sequence, sent, before: known } of aligned) {
    const status = state.items.get(sequence)?.status;
    const own = certificationTypeOf(sent.element);
    // An appeal may be said of the whole.
    const type = appeals.has(ofAll) && !appeals.has(own) ? ofAll : own;
    const flagged = sent.element.extension?.find(({ url }) => url === pasExtension.infoChanged)?.valueCode;
    // A sender that says the whole again leaves the types of earlier versions where they were.
    const isSaidNow = by === 'content' || type !== certificationTypeOf(known?.element ?? sent.element) || flagged !== undefined;
    const differs = status !== undefined && known !== undefined && (saysOther(by, sent.element, update, known.element, before) || (asksAnew.has(type) && isSaidNow));
    const isCancelled = cancels(sent.element);
    if (by === 'sequence' && (flagged !== undefined) !== (status === undefined || differs || (isCancelled && status !== 'cancelled'))) misflagged.push(sequence);
    if (isCancelled) {
      if (live.includes(sequence)) cancelled.push(sequence);
      // An item that is new and cancelled at once was never asked for; it is answered all the same (spec-46).
      else if (status === undefined) {
        changes.set(sequence, 'added');
        cancelled.push(sequence);
      }
    } else if (status === undefined) changes.set(sequence, 'added');
    else if (status === 'denied') {
      if (appeals.has(type) && isSaidNow) changes.set(sequence, 'appealed');
      else if (differs && state.items.get(sequence)?.standing) changes.set(sequence, 'changed');
      else if (differs) refused.push(sequence);
    } else if (differs || (status === 'cancelled' && (by === 'content' || flagged !== undefined || wasGone(update, sequence)))) changes.set(sequence, 'changed');
  }
  return { changes, cancelled, refused, misflagged };
}

/**
 * The first item that the sender adds under a number which another update has given to something else meanwhile: he has
 * not seen that one, and what it asks for would be gone without a word.
 */
export function addedTwice(aligned: readonly AlignedItem[], update: RequestReading, before: RequestReading): AlignedItem | undefined {
  const seen = claimsBefore(update);
  if (seen.length === 0 || cancelsAll(update.claim)) return undefined;
  return aligned.find(({ sequence, sent, before: known }) => known !== undefined && !cancels(sent.element)
    && seen.every(({ item = [] }) => item.every((each) => each.sequence !== sequence)) && saysOther('sequence', sent.element, update, known.element, before));
}

/**
 * Whether the sender takes back a cancellation: in the Claim before that it sends along the item is cancelled, or not
 * there. One that was written before the cancellation and says the item as it was takes nothing back.
 */
function wasGone(update: RequestReading, sequence: number): boolean {
  return claimsBefore(update).some((claim) => cancelsAll(claim) || (claim.item ?? []).every((item) => item.sequence !== sequence || cancels(item)));
}

/**
 * Does the item ask for something else? Evidence is no part of what is asked for. By content, what an item leaves out
 * has not changed: an X12 278 repeats only what it needs.
 */
function saysOther(by: Alignment, sent: ClaimItem, update: RequestReading, known: ClaimItem, before: RequestReading): boolean {
  const [now, then] = [askedFor(sent, update), askedFor(known, before)];
  return Object.keys(now).some((name) => now[name] !== then[name] && (by === 'sequence' || (now[name] !== '' && !(name === 'service' && namesNoService(sent)))));
}
