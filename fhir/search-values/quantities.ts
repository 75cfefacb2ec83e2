/**
 * Quantity values from Quantity and its kin, Money, Range and SampledData.
 * Source: FHIR R4, "Search", section "quantity" (https://hl7.org/fhir/R4/search.html#quantity).
 */
import { isKindOf } from '../element-types.ts';
import { isObject, type Visit } from '../fhirpath/visit.ts';
import type { SearchParameter } from '../search-parameters.ts';
import { numberRange } from './numbers.ts';
import { text } from './tokens.ts';
import type { QuantityValue, SearchValue } from './values.ts';

type Measure = Omit<QuantityValue, 'type' | 'parameter'>;

const currencies = 'urn:iso:std:iso:4217';

/** A Quantity; one with a comparator reaches as far as the comparator says. */
export function quantity(node: unknown): Measure | undefined {
  if (!isObject(node)) return undefined;
  const range = numberRange(node['value']);
  if (range === undefined) return undefined;
  const comparator = node['comparator'];
  const low = comparator === '<' || comparator === '<=' ? -Infinity : comparator === '>' || comparator === '>=' ? range.value : range.low;
  const high = comparator === '>' || comparator === '>=' ? Infinity : comparator === '<' || comparator === '<=' ? range.value : range.high;
  return { value: range.value, low, high, system: text(node['system']), code: text(node['code']), unit: text(node['unit']) };
}

function money(node: unknown): Measure | undefined {
  if (!isObject(node)) return undefined;
  const amount = numberRange(node['value']);
  if (amount === undefined) return undefined;
  const code = text(node['currency']);
  return { ...amount, system: code === undefined ? undefined : currencies, code, unit: code };
}

function rangeOf(node: unknown): Measure | undefined {
  if (!isObject(node)) return undefined;
  const [low, high] = [quantity(node['low']), quantity(node['high'])];
  const unit = low ?? high;
  if (unit === undefined || (low !== undefined && high !== undefined && low.low > high.high)) return undefined;
  return { value: undefined, low: low?.low ?? -Infinity, high: high?.high ?? Infinity, system: unit.system, code: unit.code, unit: unit.unit };
}

/** From the lowest sample to the highest; E, L and U (error, below and above the limits) are no samples. */
function samples(node: unknown): Measure | undefined {
  if (!isObject(node) || typeof node['data'] !== 'string') return undefined;
  const origin = quantity(node['origin']);
  if (origin?.value === undefined) return undefined;
  const factor = node['factor'] === undefined ? 1 : (numberRange(node['factor'])?.value ?? Number.NaN);
  let [low, high] = [Infinity, -Infinity];
  for (const item of node['data'].split(' ')) {
    const sample = item === '' ? Number.NaN : origin.value + Number(item) * factor;
    if (sample < low) low = sample;
    if (sample > high) high = sample;
  }
  return low <= high ? { ...origin, value: undefined, low, high } : undefined;
}

/** The visit that makes quantity values of nodes of a type; undefined for types that measure nothing. */
export function quantities(parameter: SearchParameter, type: string): Visit<SearchValue[]> | undefined {
  const read = isKindOf(type, 'Quantity') ? quantity : type === 'Money' ? money : type === 'Range' ? rangeOf : type === 'SampledData' ? samples : undefined;
  return (
    read &&
    ((node, { out }) => {
      const measure = read(node);
      if (measure === undefined) return;
      const { value, low, high, system, code, unit } = measure;
      out.push({ type: 'quantity', parameter, value, low, high, system, code, unit });
    })
  );
}
