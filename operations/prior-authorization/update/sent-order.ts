/**
 * An answer in the order of the update that it answers. On a rail where an item's place in the message is its only
 * number, the answer speaks of the items that were sent, by their places; the others are heard of by an inquiry.
 */
import type { Bundle, ClaimResponse, Reference } from '@medplum/fhirtypes';
import type { AlignedItem, Alignment } from './align.ts';

export function inSentOrder(answer: Bundle, by: Alignment, aligned: readonly AlignedItem[]): Bundle {
  if (by === 'sequence') return answer;
  const sentAs = new Map(aligned.map(({ sequence, sent }) => [sequence, sent.sequence]));
  const [first, ...rest] = answer.entry ?? [];
  const response = first?.resource as ClaimResponse;
  const item = (response.item ?? []).flatMap((each) => {
    const itemSequence = sentAs.get(each.itemSequence);
    return itemSequence === undefined ? [] : [{ ...each, itemSequence }];
  }).toSorted((a, b) => a.itemSequence - b.itemSequence);
  const addItem = (response.addItem ?? []).flatMap((each) => {
    const itemSequence = (each.itemSequence ?? []).flatMap((sequence) => sentAs.get(sequence) ?? []);
    return itemSequence.length === 0 ? [] : [{ ...each, itemSequence }];
  });
  const { addItem: _added, communicationRequest, ...said } = response;
  const resource: ClaimResponse = { ...said, item, ...(addItem.length > 0 && { addItem }), ...(communicationRequest && { communicationRequest: communicationRequest as Reference[] as typeof communicationRequest }) };
  return { ...answer, entry: [{ ...first, resource }, ...rest] };
}
