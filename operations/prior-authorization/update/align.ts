/**
 * Which item of an update is which item of the authorization? On the FHIR rail the sequence says it (spec-34, spec-68).
 * On others an item has no number of its own: its place in the message counts only there. It is known by its trace
 * number (X12: TRN of 2000F), else by its service and the days of it, else by being the only one left.
 * Pure; the same update against the same authorization is aligned the same way every time.
 */
import type { ClaimItem, Extension } from '@medplum/fhirtypes';
import { pasExtension } from '../../../profiles/pas/names.ts';
import { cancelsAll, type RequestedItem, type RequestReading } from '../request/read-request.ts';
import { codesOf, servicedDates } from '../rows.ts';
import type { AuthorizationState } from '../state.ts';

export interface AlignedItem {
  /** In the authorization. */
  readonly sequence: number;
  readonly sent: RequestedItem;
  /** As the version before asks for it; undefined for an item that is new. */
  readonly before: RequestedItem | undefined;
}

/** `sequence`: items are known by their number; `content`: by what they say. */
export type Alignment = 'sequence' | 'content';

/** @param items of the authorization as they stand: a new one gets the next sequence, and of two that look alike the one is meant that was not cancelled */
export function alignItems(by: Alignment, update: RequestReading, before: RequestReading, items: AuthorizationState['items']): AlignedItem[] {
  if (by === 'sequence') {
    const earlier = new Map(before.items.map((item) => [item.sequence, item]));
    return update.items.map((sent) => ({ sequence: sent.sequence, sent, before: earlier.get(sent.sequence) }));
  }
  const isCancelled = ({ sequence }: RequestedItem): boolean => items.get(sequence)?.status === 'cancelled';
  const left = new Set([...before.items.filter((item) => !isCancelled(item)), ...before.items.filter(isCancelled)]);
  const found = new Map<RequestedItem, RequestedItem>();
  for (const same of likenesses) {
    for (const sent of update.items) {
      if (found.has(sent)) continue;
      const [match, ...others] = [...left].filter((item) => same(sent.element, item.element));
      if (!match || (same === sameTrace && others.length > 0)) continue;
      found.set(sent, match);
      left.delete(match);
    }
  }
  // One service is spoken of, and there is one: an event that carries its service itself.
  const [sole, ...others] = update.items;
  const [only] = left;
  if (sole && only && others.length === 0 && before.items.length === 1 && namesNoService(sole.element)) found.set(sole, only);
  let next = Math.max(0, ...items.keys()) + 1;
  return update.items.flatMap((sent): AlignedItem[] => {
    const match = found.get(sent);
    if (match) return [{ sequence: match.sequence, sent, before: match }];
    return cancelsAll(update.claim) ? [] : [{ sequence: next++, sent, before: undefined }];
  });
}

type Likeness = (sent: ClaimItem, before: ClaimItem) => boolean;

const sameTrace: Likeness = (sent, before) => shares(tracesIn(sent), tracesIn(before));
const sameService: Likeness = (sent, before) => shares(codesOf(sent.productOrService), codesOf(before.productOrService));
const sameDays: Likeness = (sent, before) => {
  const [a, b] = [servicedDates(sent), servicedDates(before)];
  return a.from === b.from && a.to === b.to;
};

/** Its sender says that it is new. */
const isAdded = (element: ClaimItem): boolean => element.extension?.some(({ url, valueCode }) => url === pasExtension.infoChanged && valueCode === 'added') === true;

/**
 * The surest first. A trace number that several items share tells none of them; the same service on other days is a
 * change of it, unless its sender says that it is another one.
 */
const likenesses: readonly Likeness[] = [
  (sent, before) => sameTrace(sent, before) && sameService(sent, before) && sameDays(sent, before),
  sameTrace,
  (sent, before) => sameService(sent, before) && sameDays(sent, before),
  (sent, before) => sameService(sent, before) && !isAdded(sent),
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
