/**
 * Searching by the words of the specification, in memory: values as they are extracted, and conditions on them as
 * https://hl7.org/fhir/R4/search.html says them. Knows nothing of keys, trees and SQL.
 */
import type { Resource } from '@medplum/fhirtypes';
import { extractSearchValues } from '../../../fhir/search-values/extract.ts';
import type { DateValue, QuantityValue, NumberValue, ReferenceValue, SearchValue, StringValue, TokenValue, UriValue } from '../../../fhir/search-values/values.ts';

export interface Stored {
  readonly resource: Resource & { readonly id: string };
  readonly values: readonly SearchValue[];
  readonly changed: number;
}

export const store = (resource: Resource & { id: string }, changed: number): Stored => ({ resource, values: extractSearchValues(resource), changed });

/** Everything there is, by `Type/id`. */
export type World = ReadonlyMap<string, Stored>;
export type Test = (one: Stored, world: World) => boolean;

const ofCode = ({ values }: Stored, code: string): readonly SearchValue[] => values.filter((value) => value.parameter.code === code);

export const has = <T extends SearchValue>(code: string, test: (value: T) => boolean): Test => (one) => (ofCode(one, code) as readonly T[]).some(test);
export const isPresent = (code: string): Test => (one) => ofCode(one, code).length > 0;
export const not = (test: Test): Test => (one, world) => !test(one, world);
export const every = (tests: readonly Test[]): Test => (one, world) => tests.every((test) => test(one, world));
export const some = (tests: readonly Test[]): Test => (one, world) => tests.some((test) => test(one, world));

/** `system` undefined: any; empty: none. */
export const isToken = (value: Pick<TokenValue, 'system' | 'code'>, system: string | undefined, code: string | undefined): boolean =>
  (system === undefined || (value.system ?? '') === system) && (code === undefined || value.code === code);

/** Case, accents and repeated blanks do not count. Letters that no accent makes are spelled as people do. */
export function plain(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ').normalize('NFD').replaceAll(/\p{Mn}/gu, '').toLowerCase().replaceAll('ł', 'l');
}

export const isText = (value: Pick<StringValue, 'value'>, match: 'starts' | 'contains' | 'exact' | 'ends' | 'equals', text: string): boolean => {
  const [mine, asked] = [plain(value.value), plain(text)];
  switch (match) {
    case 'exact': return value.value === text;
    case 'starts': return mine.startsWith(asked);
    case 'contains': return mine.includes(asked);
    case 'ends': return mine.endsWith(asked);
    case 'equals': return mine === asked;
  }
};

export type Prefix = '' | 'eq' | 'ne' | 'gt' | 'lt' | 'ge' | 'le' | 'sa' | 'eb' | 'ap';

/** The value of a search as [low, high] in milliseconds, and what stands in the resource likewise. */
export function isDate(value: Pick<DateValue, 'low' | 'high'>, prefix: Prefix, low: number, high: number, now: number): boolean {
  const within = value.low >= low && value.high <= high;
  switch (prefix) {
    case '': case 'eq': return within;
    case 'ne': return !within;
    case 'gt': return value.high > high;
    case 'lt': return value.low < low;
    case 'ge': return value.high > high || within;
    case 'le': return value.low < low || within;
    case 'sa': return value.low > high;
    case 'eb': return value.high < low;
    case 'ap': {
      const gap = now < low ? low - now : now > high + 1 ? now - high - 1 : 0;
      return value.low < high + 1 + gap / 10 && value.high + 1 > low - gap / 10;
    }
  }
}

/** A number stands for itself, and one with a comparator or a range for all that it may be. */
function limits(value: NumberValue | QuantityValue): [number, number] {
  const open = value.low === -Infinity || value.high === Infinity;
  return value.value === undefined || open ? [value.low, value.high] : [value.value, value.value];
}

export function isNumber(value: NumberValue | QuantityValue, prefix: Prefix, text: string): boolean {
  const [low, high] = limits(value);
  const asked = Number(text);
  const [, fraction = ''] = text.split('.');
  const half = 0.5 * 10 ** -fraction.length;
  // Half a digit below is in it, half a digit above is not.
  const tiny = 1e-12;
  const within = low >= asked - half - tiny && high < asked + half - tiny;
  switch (prefix) {
    case '': case 'eq': return within;
    case 'ne': return !within;
    case 'gt': return high > asked;
    case 'lt': return low < asked;
    case 'ge': return high >= asked;
    case 'le': return low <= asked;
    case 'sa': return low > asked;
    case 'eb': return high < asked;
    case 'ap': {
      const margin = Math.max(half, Math.abs(asked) / 10);
      return low <= asked + margin + tiny && high >= asked - margin - tiny;
    }
  }
}

export const isUnit = ({ system, code, unit }: QuantityValue, askedSystem: string, askedCode: string): boolean => {
  if (askedCode === '') return askedSystem === '' || system === askedSystem;
  return askedSystem === '' ? code === askedCode || unit === askedCode : system === askedSystem && code === askedCode;
};

/** Without a version in the search every version is meant. */
export const isUri = ({ value }: UriValue, uri: string): boolean => value === uri || (!uri.includes('|') && value.split('|')[0] === uri);
export const isUnder = ({ value }: UriValue, uri: string): boolean => {
  const [address = '', version] = value.split('|');
  const [asked = '', askedVersion] = uri.split('|');
  if (askedVersion !== undefined) return address === asked && version !== undefined && (version === askedVersion || version.startsWith(`${askedVersion}.`));
  const stem = asked.replace(/\/$/, '');
  return address === asked || address === stem || [`${stem}/`, `${stem}#`, ...(stem.startsWith('urn:') ? [`${stem}:`] : [])].some((start) => address.startsWith(start));
};

export const refersTo = (value: ReferenceValue, type: string, id: string): boolean => value.url === undefined && value.targetType === type && value.targetId === id;

/** What a reference parameter leads to. */
export const targets = (one: Stored, code: string, world: World): readonly Stored[] =>
  (ofCode(one, code) as readonly ReferenceValue[]).flatMap((value) => (value.url === undefined ? world.get(`${value.targetType}/${value.targetId}`) ?? [] : []));

/** By the cosines of the sphere. */
export function kilometres(latitude: number, longitude: number, otherLatitude: number, otherLongitude: number): number {
  const radians = (degrees: number): number => degrees * Math.PI / 180;
  const [a, b] = [radians(latitude), radians(otherLatitude)];
  const cosine = Math.sin(a) * Math.sin(b) + Math.cos(a) * Math.cos(b) * Math.cos(radians(longitude - otherLongitude));
  return 6371.0088 * Math.acos(Math.max(-1, Math.min(1, cosine)));
}
