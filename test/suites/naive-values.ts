/**
 * What a node can be found by, told anew and without care for speed: strings to compare an index's values with.
 * Source: FHIR R4, "Search", section "Search Parameter Types" (https://hl7.org/fhir/R4/search.html#ptypes).
 */
import { isResourceType } from '../../fhir/resource-types.ts';
import type { SearchParameterType } from '../../fhir/search-parameters.ts';
import type { SimpleSearchValue } from '../../fhir/search-values/values.ts';
import type { TypedNode } from '../fhir/fhirpath/oracle.ts';

interface Parts {
  readonly [name: string]: unknown;
}

const items = <Item>(value: Item | readonly Item[] | undefined): readonly Item[] => (value === undefined ? [] : Array.isArray(value) ? value as readonly Item[] : [value as Item]);
const said = (value: unknown): string => (typeof value === 'string' ? value : '');

type Maker = (node: TypedNode) => string[];

const coding = (value: Parts): string[] => [
  ...(said(value['system']) || said(value['code']) ? [`${said(value['system'])}|${said(value['code'])}`] : []),
  ...(said(value['display']) ? [`text:${said(value['display'])}`] : []),
];

const structured = new Set(['Coding', 'CodeableConcept', 'Identifier', 'ContactPoint']);
const token: Maker = ({ type, value }) => {
  // Where a CodeableConcept is meant, a mere string is malformed.
  if (typeof value !== 'object') return value === '' || structured.has(type) ? [] : [`|${value as string | boolean}`];
  const parts = value as Parts;
  switch (type) {
    case 'Coding': return coding(parts);
    case 'CodeableConcept': return [...items(parts['coding'] as Parts[]).flatMap(coding), ...(said(parts['text']) ? [`text:${said(parts['text'])}`] : [])];
    case 'Identifier': {
      const kind = parts['type'] as Parts | undefined;
      const own = `${said(parts['system'])}|${said(parts['value'])}`;
      return [
        ...(own === '|' ? [] : [own]), ...(said(kind?.['text']) ? [`text:${said(kind?.['text'])}`] : []),
        ...items(kind?.['coding'] as Parts[] | undefined).filter((one) => said(one['code']) && said(parts['value'])).map((one) => `of-type:${said(one['system'])}|${said(one['code'])}|${said(parts['value'])}`),
      ];
    }
    case 'ContactPoint': return said(parts['value']) ? [`|${said(parts['value'])}`, ...(said(parts['system']) ? [`${said(parts['system'])}|${said(parts['value'])}`] : [])] : [];
    default: return [];
  }
};

const absolute = /^[a-z][a-z0-9+.-]*:/i;
const reference: Maker = ({ type, value }) => {
  if (typeof value === 'string') {
    const address = type === 'canonical' ? value.replace(/\|.*$/, '') : value;
    return address === '' || address.startsWith('#') ? [] : [address];
  }
  const parts = value as Parts;
  if (typeof parts['resourceType'] === 'string') return said(parts['id']) ? [`${parts['resourceType']}/${said(parts['id'])}`] : [];
  const found: string[] = [];
  const literal = said(parts['reference']).replace(/\/_history\/[A-Za-z0-9.-]+$/, '');
  const [, target] = /^([A-Z][A-Za-z]+)\/[A-Za-z0-9.-]{1,64}$/.exec(literal) ?? [];
  if (absolute.test(literal) || isResourceType(target)) found.push(literal);
  const identifier = parts['identifier'] as Parts | undefined;
  if (said(identifier?.['value'])) found.push(`identifier:${said(identifier?.['system'])}|${said(identifier?.['value'])}`);
  return found;
};

/** The first millisecond of a date, and the first after it; no numbers for what is none. */
function limits(text: string): [number, number] {
  if (!/^\d{4}/.test(text) || text.startsWith('0000')) return [Number.NaN, Number.NaN];
  const [, date = '', time, fraction, zone] = /^([\d-]+)(?:T(\d\d:\d\d(?::\d\d)?)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)?)?$/.exec(text) ?? [];
  const [year = 0, month, day] = date.split('-').map(Number);
  if (time === undefined) {
    const at = (y: number, m: number, d: number): number => new Date(0).setUTCFullYear(y, m, d);
    if (month === undefined) return [at(year, 0, 1), at(year + 1, 0, 1)];
    return day === undefined ? [at(year, month - 1, 1), at(year, month, 1)] : [at(year, month - 1, day), at(year, month - 1, day + 1)];
  }
  const first = Date.parse(`${date}T${time.length === 5 ? `${time}:00` : time}.${(fraction ?? '').slice(0, 3).padEnd(3, '0')}${zone ?? 'Z'}`);
  return [first, first + (time.length === 5 ? 60_000 : fraction === undefined ? 1000 : 10 ** (3 - Math.min(fraction.length, 3)))];
}

function period(value: Parts | undefined): [number, number] | undefined {
  const [start, end] = [said(value?.['start']), said(value?.['end'])];
  return start || end ? [start ? limits(start)[0] : -Infinity, end ? limits(end)[1] : Infinity] : undefined;
}

const date: Maker = ({ type, value }) => {
  let range: [number, number] | undefined;
  if (typeof value === 'string') range = limits(value);
  else if (type === 'Period') range = period(value as Parts);
  else if (type === 'Timing') {
    const bounds = period((value as { repeat?: { boundsPeriod?: Parts } }).repeat?.boundsPeriod);
    const all = [...items((value as { event?: string[] }).event).map(limits), ...(bounds ? [bounds] : [])];
    range = all.length === 0 ? undefined : [Math.min(...all.map(([low]) => low)), Math.max(...all.map(([, high]) => high))];
  }
  return range === undefined || range.some(Number.isNaN) ? [] : [`${range[0]}..${range[1] - 1}`];
};

const string: Maker = ({ type, value }) => {
  const parts = type === 'HumanName' ? ['text', 'family', 'given', 'prefix', 'suffix'] : type === 'Address' ? ['text', 'line', 'city', 'district', 'state', 'postalCode', 'country'] : undefined;
  const all = parts === undefined ? [value] : parts.flatMap((name) => items((value as Parts)[name]));
  return all.map(said).filter((one) => one.trim() !== '');
};

const quantityParts = (system: unknown, code: unknown, unit: unknown): string => `${said(system)}|${said(code)}|${said(unit)}`;
const quantity: Maker = ({ type, value }) => {
  const parts = value as Parts & { low?: Parts; high?: Parts; origin?: Parts };
  const number = (one: Parts | undefined): number | undefined => (one?.['value'] === undefined ? undefined : Number(one['value']));
  if (type === 'Money') return number(parts) === undefined ? [] : [`${number(parts)} ${quantityParts(parts['currency'] && 'urn:iso:std:iso:4217', parts['currency'], parts['currency'])}`];
  if (type === 'Range') {
    const unit = number(parts.low) === undefined ? parts.high : parts.low;
    return number(unit) === undefined ? [] : [`range ${quantityParts(unit!['system'], unit!['code'], unit!['unit'])}`];
  }
  if (type === 'SampledData') return /\d/.test(said(parts['data'])) ? [`range ${quantityParts(parts.origin?.['system'], parts.origin?.['code'], parts.origin?.['unit'])}`] : [];
  return number(parts) === undefined ? [] : [`${number(parts)} ${quantityParts(parts['system'], parts['code'], parts['unit'])}`];
};

const makers: Readonly<Record<Exclude<SearchParameterType, 'composite'>, Maker>> = {
  token, reference, date, string, quantity,
  number: ({ value }) => (typeof value === 'number' ? [String(value)] : []),
  uri: ({ value }) => (said(value) ? [said(value)] : []),
  special: ({ value }) => {
    const { latitude, longitude } = value as { latitude?: number; longitude?: number };
    return latitude === undefined || longitude === undefined ? [] : [`${latitude},${longitude}`];
  },
};

/** What a node selected by a parameter of this type is found by. */
export function naiveValues(type: Exclude<SearchParameterType, 'composite'>, node: TypedNode): string[] {
  return makers[type](node);
}

/** An extracted value in the same words. */
export function inWords(value: SimpleSearchValue): string[] {
  switch (value.type) {
    case 'token': return [
      ...(value.system === undefined && value.code === undefined ? [] : [`${value.system ?? ''}|${value.code ?? ''}`]), ...(value.text === undefined ? [] : [`text:${value.text}`]),
      ...(value.code === undefined ? [] : value.identifierTypes ?? []).map((kind) => `of-type:${kind.system ?? ''}|${kind.code}|${value.code}`),
    ];
    case 'reference': return [
      ...(value.url !== undefined ? [value.url] : value.targetId !== undefined ? [`${value.targetType}/${value.targetId}`] : []),
      ...(value.identifier === undefined ? [] : [`identifier:${value.identifier.system ?? ''}|${value.identifier.code}`]),
    ];
    case 'date': return [`${value.low}..${value.high}`];
    case 'string': return [value.value];
    case 'number': return [String(value.value)];
    case 'quantity': return [`${value.value ?? 'range'} ${quantityParts(value.system, value.code, value.unit)}`];
    case 'uri': return [value.value];
    case 'special': return [`${value.latitude},${value.longitude}`];
  }
}
