/** How much is asked for has to be an amount that can be given: more than nothing, and one number. */
import type { Rejection } from './rejection.ts';
import { cancels, cancelsAll, type RequestReading } from './request/read-request.ts';

/** One rejection for each item whose quantity is none. What is cancelled may have any. */
export function checkQuantities({ claim, items }: Pick<RequestReading, 'claim' | 'items'>): Rejection[] {
  if (cancelsAll(claim)) return [];
  return items.flatMap(({ element }, index) => {
    const { value, comparator } = element.quantity ?? {};
    if (cancels(element) || ((value === undefined || value > 0) && comparator === undefined)) return [];
    return {
      code: '33', followUp: 'C', element: '2000F-HSD02', path: `Bundle.entry[0].resource.item[${index}].quantity.${comparator === undefined ? 'value' : 'comparator'}`,
      text: 'The quantity of a service has to be one number, and more than zero.',
    };
  });
}
