/**
 * Which item of an update is which item of the authorization? On the FHIR rail the sequence says it (spec-34, spec-68).
 * On others an item has no number of its own: its place in the message counts only there. It is known by its trace
 * number (X12: TRN of 2000F), else by its service and the days of it, else by being the only one left.
 * A cancellation is of
 * what is there, and of one line alone: where several could be meant, or none of those days is there, it is refused. Of
 * several that differ in nothing, neither in what they ask for nor in what was decided, it does not matter which: it is
 * the first that stands.
 * Pure; the same update against the same authorization is aligned the same way every time.
 */
import type { ClaimItem, Extension } from '@medplum/fhirtypes';
import { pasExtension } from '../../../profiles/pas/names.ts';
import type { Rejection } from '../rejection.ts';
import { cancels, cancelsAll, type RequestedItem, type RequestReading } from '../request/read-request.ts';
import { codesOf, servicedDates } from '../rows.ts';
import type { AuthorizationState } from '../state.ts';
import { askedFor } from './asked-for.ts';

export interface AlignedItem {
  /** In the authorization. */
  readonly sequence: number;
  readonly sent: RequestedItem;
  /** As the version before asks for it; undefined for an item that is new. */
  readonly before: RequestedItem | undefined;
}

/** `sequence`: items are known by their number; `content`: by what they say. */
export type Alignment = 'sequence' | 'content';

/** `change`: it is to be done; `repetition`: it was done, and its sender asks how what it spoke of stands. */
export type Occasion = 'change' | 'repetition';

/**
 * @param items of the authorization as they stand: a new one gets the next sequence, and of two that look alike the one is
 *   meant that was not cancelled; a rejection where it cannot be told which is meant
 */
export function alignItems(by: Alignment, update: RequestReading, before: RequestReading, items: AuthorizationState['items'], occasion: Occasion = 'change'): AlignedItem[] | Rejection {
  if (by === 'sequence') {
    const earlier = new Map(before.items.map((item) => [item.sequence, item]));
    return update.items.map((sent) => ({ sequence: sent.sequence, sent, before: earlier.get(sent.sequence) }));
  }
  const isCancelled = ({ sequence }: RequestedItem): boolean => items.get(sequence)?.status === 'cancelled';
  const left = new Set(before.items.toSorted((a, b) => a.sequence - b.sequence));
  const standing = (sent: RequestedItem, alike: readonly RequestedItem[]): readonly RequestedItem[] => {
    // A line that has cancelled one spoke of one that is cancelled now; any other spoke of it when it still stood.
    const meant = occasion === 'change' ? alike.filter((item) => !isCancelled(item)) : cancels(sent.element) ? alike.filter(isCancelled) : alike;
    return meant.length > 0 ? meant : alike;
  };
  const found = new Map<RequestedItem, RequestedItem>();
  // Whoever cancels the whole means every line, whichever it is.
  const isOfAll = cancelsAll(update.claim);
  for (const same of likenesses) {
    for (const sent of update.items) {
      if (found.has(sent)) continue;
      const alike = [...left].filter((item) => same(sent.element, item.element));
      const [match, ...others] = standing(sent, alike);
      if (!match || (same === sameTrace && others.length > 0)) continue;
      // Lines that speak of all that are alike are taken in their order.
      const speakers = update.items.filter((each) => !found.has(each) && same(each.element, match.element) && cancels(each.element) === cancels(sent.element));
      const isAnyOfThem = occasion === 'repetition' || (cancels(sent.element) && others.every((other) => isInterchangeable(other, match, { request: before, items })));
      if (!isOfAll && !isAnyOfThem && others.length >= speakers.length) return ambiguous(update, sent);
      found.set(sent, match);
      left.delete(match);
    }
  }
  // One service is spoken of, and there is one: an event that carries its service itself.
  const [sole, ...others] = update.items;
  const [only] = left;
  if (sole && only && others.length === 0 && before.items.length === 1 && namesNoService(sole.element)) found.set(sole, only);
  const numbers = freeSequences(new Set([...items.keys(), ...before.items.map(({ sequence }) => sequence)]));
  const absent = update.items.find((sent) => !found.has(sent) && cancels(sent.element));
  if (absent && !isOfAll) return notThere(update, absent);
  return update.items.flatMap((sent): AlignedItem[] => {
    const match = found.get(sent);
    if (match) return [{ sequence: match.sequence, sent, before: match }];
    return cancelsAll(update.claim) ? [] : [{ sequence: numbers.next().value, sent, before: undefined }];
  });
}

/** They ask for the same, bear no number that tells them apart, and the same was decided of both. */
function isInterchangeable(a: RequestedItem, b: RequestedItem, { request, items }: { readonly request: RequestReading; readonly items: AuthorizationState['items'] }): boolean {
  const textOf = ({ element, sequence }: RequestedItem): string => {
    const state = items.get(sequence);
    const approved = state?.decision?.kind === 'modified' ? state.decision.approved : undefined;
    return JSON.stringify([askedFor(element, request), tracesIn(element).toSorted(), state?.status, approved, state?.standing?.detail, state?.appealed !== undefined, state?.wanted]);
  };
  return textOf(a) === textOf(b);
}

/** The greatest positiveInt (https://hl7.org/fhir/R4/datatypes.html#positiveInt). */
const greatestSequence = 2_147_483_647;

/** After those that are used; where there is no room, the lowest that is free. */
function* freeSequences(used: ReadonlySet<number>): Generator<number, never> {
  for (let next = Math.max(0, ...used) + 1; next <= greatestSequence; next += 1) yield next;
  // No authorization has so many items that it ends.
  for (let next = 1; ; next += 1) if (!used.has(next)) yield next;
}

const lineRejection = (update: RequestReading, sent: RequestedItem, text: string): Rejection => ({
  code: '33', followUp: 'C', element: '2000F-TRN02', path: `Bundle.entry[0].resource.item[${update.items.indexOf(sent)}]`, text,
});

function ambiguous(update: RequestReading, sent: RequestedItem): Rejection {
  return lineRejection(update, sent, 'Several services of the authorization could be meant; please name the one by its trace number (TRN) or its days.');
}

function notThere(update: RequestReading, sent: RequestedItem): Rejection {
  return lineRejection(update, sent, 'The authorization has no such service on these days that could be cancelled.');
}

type Likeness = (sent: ClaimItem, before: ClaimItem) => boolean;

const sameTrace: Likeness = (sent, before) => shares(tracesIn(sent), tracesIn(before));
const sameService: Likeness = (sent, before) => shares(codesOf(sent.productOrService), codesOf(before.productOrService));
const sameDays: Likeness = (sent, before) => {
  const [a, b] = [servicedDates(sent), servicedDates(before)];
  return a.from === b.from && a.to === b.to;
};

const saysNoDays = (sent: ClaimItem): boolean => {
  const { from, to } = servicedDates(sent);
  return from === undefined && to === undefined;
};

/** Its sender says that it is new. */
const isAdded = (element: ClaimItem): boolean => element.extension?.some(({ url, valueCode }) => url === pasExtension.infoChanged && valueCode === 'added') === true;

/**
 * The surest first. A trace number that several items share tells none of them; the same service on other days is a
 * change of it, unless its sender says that it is another one; what is cancelled does not change its days.
 */
const likenesses: readonly Likeness[] = [
  (sent, before) => sameTrace(sent, before) && sameService(sent, before) && sameDays(sent, before),
  sameTrace,
  (sent, before) => sameService(sent, before) && sameDays(sent, before),
  (sent, before) => sameService(sent, before) && !isAdded(sent) && (!cancels(sent) || saysNoDays(sent)),
];

function tracesIn(element: ClaimItem): string[] {
  return (element.extension ?? []).flatMap(({ url, valueIdentifier }: Extension) => url === pasExtension.itemTraceNumber && valueIdentifier?.value !== undefined ? [`${valueIdentifier.system ?? ''}|${valueIdentifier.value}`] : []);
}

/** Only the type of service (UM03), or nothing at all. */
export function namesNoService({ productOrService, category }: ClaimItem): boolean {
  const codes = codesOf(productOrService);
  return codes.length === 0 || codes.some((code) => code.endsWith('|not-applicable')) || shares(codes, codesOf(category));
}

/** Sequences in the authorization by sequence in what was sent. */
export function sequencesOf(aligned: readonly AlignedItem[]): ReadonlyMap<number, number> {
  return new Map(aligned.map(({ sequence, sent }) => [sent.sequence, sequence]));
}

function shares(a: readonly string[], b: readonly string[]): boolean {
  return a.some((each) => b.includes(each));
}
