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

export interface AlignedItem {
  /** In the authorization. */
  readonly sequence: number;
  readonly sent: RequestedItem;
  /** As the version before asks for it; undefined for an item that is new. */
  readonly before: RequestedItem | undefined;
}

/** `sequence`: items are known by their number; `content`: by what they say. */
export type Alignment = 'sequence' | 'content';

/** @param known sequences of all items of the authorization; a new item gets the next one */
export function alignItems(by: Alignment, update: RequestReading, before: RequestReading, known: Iterable<number>): AlignedItem[] {
  if (by === 'sequence') {
    const earlier = new Map(before.items.map((item) => [item.sequence, item]));
    return update.items.map((sent) => ({ sequence: sent.sequence, sent, before: earlier.get(sent.sequence) }));
  }
  const left = new Set(before.items);
  const found = new Map<RequestedItem, RequestedItem>();
  for (const same of likenesses) {
    for (const sent of update.items) {
      if (found.has(sent)) continue;
      const match = [...left].find((item) => same(sent.element, item.element));
      if (!match) continue;
      found.set(sent, match);
      left.delete(match);
    }
  }
  // One service is spoken of, and there is one: an event that carries its service itself, and a cancellation of all.
  const unmatched = update.items.filter((sent) => !found.has(sent));
  const [only] = left;
  if (only && unmatched[0] && (cancelsAll(update.claim) || (update.items.length === 1 && before.items.length === 1 && namesNoService(unmatched[0].element)))) found.set(unmatched[0], only);
  let next = Math.max(0, ...known) + 1;
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

/** The surest first. The same service on other days is a change of it, unless its sender says that it is another one. */
const likenesses: readonly Likeness[] = [
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

function shares(a: readonly string[], b: readonly string[]): boolean {
  return a.some((each) => b.includes(each));
}
