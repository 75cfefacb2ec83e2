/**
 * Quantities as facts. A comparator (FHIR R4, Quantity.comparator) makes a range; one that is not known makes no fact.
 */
import { asNumber, asObject, asText } from './loose.ts';
import type { Measure } from './types.ts';

export function exactly(value: number): Measure {
  return { low: value, lowOpen: false, high: value, highOpen: false };
}

export function readQuantity(input: unknown): Measure | undefined {
  const quantity = asObject(input);
  const value = asNumber(quantity?.['value']);
  if (quantity === undefined || value === undefined) return undefined;
  const bounds = withComparator(value, quantity['comparator']);
  if (bounds === undefined) return undefined;
  const unit = asText(quantity['code']) ?? asText(quantity['unit']);
  const unitSystem = asText(quantity['system']);
  return { ...bounds, ...(unit === undefined ? {} : { unit }), ...(unitSystem === undefined ? {} : { unitSystem }) };
}

function withComparator(value: number, comparator: unknown): Measure | undefined {
  switch (comparator) {
    case undefined:
      return exactly(value);
    case '<':
    case '<=':
      return { low: -Infinity, lowOpen: true, high: value, highOpen: comparator === '<' };
    case '>':
    case '>=':
      return { low: value, lowOpen: comparator === '>', high: Infinity, highOpen: true };
    default:
      return undefined;
  }
}

/** The measure in words for a reviewer, such as `< 88 %`. */
export function showMeasure(measure: Measure): string {
  const unit = measure.unit === undefined ? '' : ` ${measure.unit}`;
  if (measure.low === measure.high) return `${measure.low}${unit}`;
  if (measure.low === -Infinity) return `${measure.highOpen ? '<' : '<='} ${measure.high}${unit}`;
  if (measure.high === Infinity) return `${measure.lowOpen ? '>' : '>='} ${measure.low}${unit}`;
  return `${measure.low} to ${measure.high}${unit}`;
}
