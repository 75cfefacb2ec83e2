/**
 * Comparing answers: equal, and before or after where a type has an order. Undefined where it cannot be told, as with
 * quantities of two units or dates of which one is less precise.
 */
import { dateRange } from '../../fhir/search-values/dates.ts';
import type { JsonObject } from './items.ts';

/** @param type the end of the property's name, as in `valueDateTime` */
export function compareValues(type: string, left: unknown, right: unknown): number | undefined {
  switch (type) {
    case 'Integer': case 'Decimal': return sign(Number(left), Number(right));
    case 'Date': case 'DateTime': case 'Instant': return compareDates(String(left), String(right));
    case 'Time': return String(left) < String(right) ? -1 : String(left) > String(right) ? 1 : 0;
    case 'Quantity': {
      const [first, second] = [left as JsonObject, right as JsonObject];
      if (first['code'] !== second['code'] || (first['system'] ?? second['system']) !== (second['system'] ?? first['system'])) return undefined;
      return sign(Number(first['value']), Number(second['value']));
    }
    default: return undefined;
  }
}

export function equalValues(type: string, left: unknown, right: unknown): boolean {
  switch (type) {
    case 'Coding': {
      const [first, second] = [left as JsonObject, right as JsonObject];
      return first['code'] === second['code'] && first['system'] === second['system'];
    }
    case 'Reference': return (left as JsonObject)['reference'] === (right as JsonObject)['reference'];
    case 'Boolean': case 'String': case 'Uri': return left === right;
    default: return compareValues(type, left, right) === 0;
  }
}

function sign(left: number, right: number): number | undefined {
  if (Number.isNaN(left) || Number.isNaN(right)) return undefined;
  return left < right ? -1 : left > right ? 1 : 0;
}

function compareDates(left: string, right: string): number | undefined {
  const [first, second] = [dateRange(left), dateRange(right)];
  if (first === undefined || second === undefined) return undefined;
  if (first.high < second.low) return -1;
  if (first.low > second.high) return 1;
  return first.low === second.low && first.high === second.high ? 0 : undefined;
}
