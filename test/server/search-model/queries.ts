/** Random searches, each with the same question in the terms of naive.ts. */
import * as fc from 'fast-check';
import { dateRange } from '../../../fhir/search-values/dates.ts';
import type { CompositeValue, DateValue, NumberValue, PositionValue, QuantityValue, ReferenceValue, SimpleSearchValue, StringValue, TokenValue, UriValue } from '../../../fhir/search-values/values.ts';
import { counts, idOf, pools, type ChartType } from './chart.ts';
import { every, has, isDate, isNumber, isPresent, isText, isToken, isUnder, isUnit, isUri, kilometres, not, refersTo, some, targets, type Prefix, type Test } from './naive.ts';

/** One parameter of a search, and which resources it finds. */
export interface Criterion {
  readonly name: string;
  readonly value: string;
  readonly test: Test;
}

/** One value; several of them are alternatives. */
interface Asked {
  readonly text: string;
  readonly test: Test;
}

const among = <T>(pool: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...pool);
const escaped = (text: string): string => text.replaceAll(/[\\,$|]/g, (character) => `\\${character}`);
/** Most searches have none. */
const prefixes = fc.oneof({ weight: 1, arbitrary: fc.constant<Prefix>('') }, { weight: 2, arbitrary: fc.constantFrom<Prefix>('eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap') });

const alternatives = (name: string, value: fc.Arbitrary<Asked>): fc.Arbitrary<Criterion> =>
  fc.array(value, { minLength: 1, maxLength: 3 }).map((all) => ({ name, value: all.map(({ text }) => text).join(','), test: some(all.map(({ test }) => test)) }));

const negated = (modifier: string, criterion: fc.Arbitrary<Criterion>): fc.Arbitrary<Criterion> => criterion.map(({ name, value, test }) => ({ name: `${name}:${modifier}`, value, test: not(test) }));

const missing = (name: string): fc.Arbitrary<Criterion> => fc.boolean().map((value) => ({ name: `${name}:missing`, value: String(value), test: value ? not(isPresent(name)) : isPresent(name) }));

/** `system|code` in its four forms. */
const tokenForms = fc.tuple(among(pools.systems), among(pools.codes), fc.nat(3)).map(([system, code, form]) => form === 0 ? { text: escaped(code), system: undefined, code } : form === 1 ? { text: `|${escaped(code)}`, system: '', code }
  : form === 2 ? { text: `${escaped(system)}|`, system, code: undefined } : { text: `${escaped(system)}|${escaped(code)}`, system, code });

const token = (name: string): fc.Arbitrary<Criterion> => {
  const plain = alternatives(name, tokenForms.map(({ text, system, code }) => ({ text, test: has<TokenValue>(name, (value) => isToken(value, system, code)) })));
  const display = alternatives(`${name}:text`, fc.tuple(among(pools.texts), fc.nat(20)).map(([text, length]) => ({ text: text.slice(0, length + 1), test: has<TokenValue>(name, (value) => value.text !== undefined && isText({ value: value.text }, 'starts', text.slice(0, length + 1))) })));
  return fc.oneof({ weight: 4, arbitrary: plain }, { weight: 1, arbitrary: negated('not', plain) }, { weight: 1, arbitrary: display }, { weight: 1, arbitrary: missing(name) });
};

/** Codes of an element that fixes their system. */
const bare = (name: string, system: string, codes: readonly string[]): fc.Arbitrary<Criterion> => {
  const plain = alternatives(name, fc.tuple(among(codes), fc.nat(3)).map(([code, form]) => ({
    text: form === 0 ? code : form === 1 ? `|${code}` : form === 2 ? `${system}|${code}` : `urn:other|${code}`,
    test: has<TokenValue>(name, (value) => form !== 3 && value.code === code),
  })));
  return fc.oneof({ weight: 3, arbitrary: plain }, { weight: 1, arbitrary: negated('not', plain) }, { weight: 1, arbitrary: missing(name) });
};

const identifierOfType = alternatives('identifier:of-type', fc.tuple(among(pools.systems), among(pools.codes), among(pools.codes)).map(([system, code, value]) => ({
  text: [system, code, value].map(escaped).join('|'), test: has<TokenValue>('identifier', (held) => held.code === value && (held.identifierTypes ?? []).some((kind) => kind.system === system && kind.code === code)),
})));

const string = (name: string): fc.Arbitrary<Criterion> => {
  const cut = fc.tuple(among(pools.names), fc.nat(12), fc.nat(12)).map(([text, from, length]) => text.slice(Math.min(from, text.length - 1), from + length + 1)).filter((text) => text.trim() !== '' && !/^[\u0300-\u036f]/.test(text));
  const match = (modifier: '' | 'contains' | 'exact', texts: fc.Arbitrary<string>): fc.Arbitrary<Criterion> => alternatives(modifier === '' ? name : `${name}:${modifier}`, texts.map((text) => ({
    text: escaped(text), test: has<StringValue>(name, (value) => isText(value, modifier === '' ? 'starts' : modifier, text)) })));
  const begun = fc.tuple(among(pools.names), fc.nat(12)).map(([text, length]) => text.slice(0, length + 1));
  return fc.oneof({ weight: 3, arbitrary: match('', fc.oneof(begun, cut)) }, { weight: 2, arbitrary: match('contains', cut) }, { weight: 2, arbitrary: match('exact', fc.oneof(among(pools.names), begun)) }, { weight: 1, arbitrary: missing(name) });
};

const dateAsked = fc.tuple(prefixes, among([...pools.dates, '2020', '2018-12', '2020-02-28', '2020-02-29T10:00Z']));
const date = (name: string, now: () => number): fc.Arbitrary<Criterion> => fc.oneof({ weight: 6, arbitrary: alternatives(name, dateAsked.map(([prefix, text]) => {
  const { low, high } = dateRange(text)!;
  return { text: prefix + text, test: has<DateValue>(name, (value) => isDate(value, prefix, low, high, now())) };
})) }, { weight: 1, arbitrary: missing(name) });

// Such that what is stored lies at the edges of what they cover, within it and beside it.
const numberAsked = fc.tuple(prefixes, among(['0', '1', '5', '5.4', '5.40', '5.375', '10', '100', '100.0', '-3', '-2.5', '0.1', '0.2', '0.15']));
const number = (name: string): fc.Arbitrary<Criterion> => fc.oneof({ weight: 6, arbitrary: alternatives(name, numberAsked.map(([prefix, text]) => ({ text: prefix + text, test: has<NumberValue>(name, (value) => isNumber(value, prefix, text)) }))) }, { weight: 1, arbitrary: missing(name) });

const quantityAsked = fc.tuple(numberAsked, fc.nat(3), among(pools.units)).map(([[prefix, text], form, unit]) => {
  const { system = '', code = 'mg' } = unit as { system?: string; code?: string };
  const [askedSystem, askedCode] = form === 0 ? ['', ''] : form === 1 ? ['', code] : form === 2 ? [system, ''] : [system, code];
  return { text: form === 0 ? prefix + text : `${prefix}${text}|${askedSystem}|${askedCode}`, holds: (value: QuantityValue): boolean => isNumber(value, prefix, text) && isUnit(value, askedSystem, askedCode) };
});
const quantity = (name: string): fc.Arbitrary<Criterion> => fc.oneof({ weight: 6, arbitrary: alternatives(name, quantityAsked.map(({ text, holds }) => ({ text, test: has<QuantityValue>(name, holds) }))) }, { weight: 1, arbitrary: missing(name) });

const uriAsked = fc.tuple(among(pools.uris), among(pools.versions)).map((parts) => parts.join(''));
const uri = (name: string): fc.Arbitrary<Criterion> => fc.oneof(
  { weight: 2, arbitrary: alternatives(name, uriAsked.map((text) => ({ text: escapedUri(text), test: has<UriValue>(name, (value) => isUri(value, text)) }))) },
  { weight: 2, arbitrary: alternatives(`${name}:below`, uriAsked.map((text) => ({ text: escapedUri(text), test: has<UriValue>(name, (value) => isUnder(value, text)) }))) },
  { weight: 1, arbitrary: missing(name) },
);
const escapedUri = (text: string): string => text.replaceAll(/[\\,$]/g, (character) => `\\${character}`);

const reference = (name: string, ...types: readonly ChartType[]): fc.Arbitrary<Criterion> => {
  const target = among(types).chain((type) => fc.tuple(fc.constant(type), fc.nat(counts[type] - 1).map((at) => idOf(type, at)), fc.nat(3)));
  return fc.oneof(
    { weight: 5, arbitrary: alternatives(name, target.map(([type, id, form]) => form === 0 && types.length === 1
      ? { text: id, test: has<ReferenceValue>(name, (value) => refersTo(value, type, id)) }
      : form === 1 ? { text: `http://elsewhere.example/fhir/${type}/${id}`, test: has<ReferenceValue>(name, (value) => value.url === `http://elsewhere.example/fhir/${type}/${id}`) }
        : { text: `${type}/${id}`, test: has<ReferenceValue>(name, (value) => refersTo(value, type, id)) })) },
    { weight: 1, arbitrary: target.map(([type, id]) => ({ name: `${name}:${type}`, value: id, test: has<ReferenceValue>(name, (value) => refersTo(value, type, id)) })) },
    { weight: 1, arbitrary: fc.constant({ name: `${name}:identifier`, value: 'urn:codes|a', test: has<ReferenceValue>(name, ({ identifier }) => identifier !== undefined && isToken(identifier, 'urn:codes', 'a')) }) },
    { weight: 1, arbitrary: missing(name) },
  );
};

const canonical = (name: string): fc.Arbitrary<Criterion> => alternatives(name, uriAsked.map((text) => {
  const [url, version] = text.split('|');
  return { text, test: has<ReferenceValue>(name, (value) => value.url === url && (version === undefined || value.version === version)) };
}));

type Part = fc.Arbitrary<{ text: string; holds: (value: SimpleSearchValue) => boolean }>;
const tokenPart: Part = tokenForms.filter(({ code }) => code !== undefined).map(({ text, system, code }) => ({ text, holds: (value) => isToken(value as TokenValue, system, code) }));
const parts: Readonly<Record<string, Part>> = {
  quantity: quantityAsked as Part,
  concept: tokenForms.map(({ text, system, code }) => ({ text, holds: (value) => isToken(value as TokenValue, system, code) })),
  string: among(pools.names).map((text) => ({ text: escaped(text), holds: (value) => isText(value as StringValue, 'starts', text) })),
};
const composite = (names: readonly string[], name: string, second: Part): fc.Arbitrary<Criterion> => alternatives(name, fc.tuple(tokenPart, second).map(([first, other]) => ({
  text: `${first.text}$${other.text}`,
  test: some(names.map((one) => has<CompositeValue>(one, ({ components: [a, b] }) => first.holds(a!) && other.holds(b!)))),
})));

const near = alternatives('near', fc.tuple(among(pools.latitudes), among(pools.longitudes), among([undefined, 3, 7, 50, 5000] as const)).map(([latitude, longitude, distance]) => ({
  text: `${latitude}|${longitude}${distance === undefined ? '' : `|${distance}|km`}`, test: has<PositionValue>('near', (value) => kilometres(latitude, longitude, value.latitude, value.longitude) <= (distance ?? 5)),
})));

/** A union of parameters: of what they find, each by itself. */
const union = (name: string, codes: readonly string[], make: (code: string) => fc.Arbitrary<Criterion>): fc.Arbitrary<Criterion> => {
  const [code = ''] = codes;
  // The names in the test are those of the parts.
  return make(code).filter(({ name: made }) => made === code).map(({ value, test }) => ({ name, value, test: (one, world) => codes.some((part) => test({ ...one, values: one.values.filter((found) => found.parameter.code === part).map((found) => ({ ...found, parameter: { ...found.parameter, code } })) }, world)) }));
};

/** Conditions on a type; `depth` references may be followed. */
export function criteria(type: ChartType, now: () => number, depth = 2): fc.Arbitrary<Criterion> {
  const simple = [ids(type), ...simpleCriteria(type, now)];
  if (depth === 0) return fc.oneof(...simple);
  const chains = (linksOf[type] ?? []).map((link) => chainOf(link, criteria(link[1], now, depth - 1)));
  const referring = (Object.entries(linksOf) as [ChartType, readonly Link[]][]).flatMap(([source, links]) => links.filter(([, target]) => target === type).map(([code]) => hasOf(source, code, criteria(source, now, depth - 1))));
  return fc.oneof({ weight: 4, arbitrary: fc.oneof(...simple) }, ...[...chains, ...referring].map((arbitrary) => ({ weight: 1, arbitrary })));
}

/** On what a resource refers to. */
export const chainOf = ([code, target]: Link, criterion: fc.Arbitrary<Criterion>): fc.Arbitrary<Criterion> => criterion.map(({ name, value, test }) => ({
  name: `${code}:${target}.${name}`, value, test: (one, world) => targets(one, code, world).some((found) => found.resource.resourceType === target && test(found, world)) }));

/** On what refers to a resource. */
export const hasOf = (source: ChartType, code: string, criterion: fc.Arbitrary<Criterion>): fc.Arbitrary<Criterion> => criterion.map(({ name, value, test }) => ({
  name: `_has:${source}:${code}:${name}`, value,
  test: (one, world) => [...world.values()].some((found) => found.resource.resourceType === source && targets(found, code, world).includes(one) && test(found, world)) }));

export type Link = readonly [code: string, target: ChartType];
/** References that can be followed. */
export const linksOf: Readonly<Partial<Record<ChartType, readonly Link[]>>> = {
  Patient: [['general-practitioner', 'Practitioner'], ['general-practitioner', 'Organization'], ['organization', 'Organization']], Organization: [['partof', 'Organization']],
  Encounter: [['subject', 'Patient'], ['subject', 'Group'], ['patient', 'Patient'], ['part-of', 'Encounter'], ['location', 'Location']],
  Observation: [['subject', 'Patient'], ['patient', 'Patient'], ['subject', 'Group'], ['encounter', 'Encounter'], ['performer', 'Practitioner'], ['performer', 'Patient']],
  RiskAssessment: [['patient', 'Patient']], QuestionnaireResponse: [['subject', 'Patient']],
};

const ids = (type: ChartType): fc.Arbitrary<Criterion> => fc.array(fc.nat(counts[type]).map((at) => idOf(type, at)), { minLength: 1, maxLength: 4 }).chain((named) => fc.boolean().map((opposite): Criterion => ({
  name: opposite ? '_id:not' : '_id', value: named.join(','), test: ({ resource }) => named.includes(resource.id) !== opposite })));

/** One for each parameter: conditions on the resource itself. */
export function simpleCriteria(type: ChartType, now: () => number): fc.Arbitrary<Criterion>[] {
  const common = [token('_tag'), uri('_profile'), uri('_source')];
  switch (type) {
    case 'Patient': return [...common, token('identifier'), identifierOfType, bare('gender', 'http://hl7.org/fhir/administrative-gender', ['male', 'female', 'unknown']), bare('active', 'http://terminology.hl7.org/CodeSystem/special-values', ['true', 'false']), string('name'), string('family'), string('given'), date('birthdate', now), date('death-date', now),
      reference('general-practitioner', 'Practitioner', 'Organization'), reference('organization', 'Organization'), among(pools.codes).map((code): Criterion => ({ name: 'phone', value: escaped(code), test: has<TokenValue>('phone', (value) => value.code === code) }))];
    case 'Practitioner': return [token('identifier'), string('name')];
    case 'Organization': return [token('identifier'), string('name'), reference('partof', 'Organization')];
    case 'Group': return [...common, token('code'), bare('actual', 'http://terminology.hl7.org/CodeSystem/special-values', ['true', 'false'])];
    case 'Encounter': return [...common, bare('status', 'http://hl7.org/fhir/encounter-status', ['planned', 'finished', 'arrived']), token('class'), reference('patient', 'Patient'), reference('subject', 'Patient', 'Group'), date('date', now), quantity('length'), reference('part-of', 'Encounter'), reference('location', 'Location')];
    case 'Observation': return [...common, bare('status', 'http://hl7.org/fhir/observation-status', ['final', 'amended', 'preliminary']), token('code'), token('category'), token('value-concept'), token('component-code'), string('value-string'), date('date', now), date('value-date', now), quantity('value-quantity'), quantity('component-value-quantity'),
      reference('patient', 'Patient'), reference('subject', 'Patient', 'Group'), reference('encounter', 'Encounter'), reference('performer', 'Practitioner', 'Patient'),
      composite(['code-value-quantity'], 'code-value-quantity', parts['quantity']!), composite(['code-value-concept'], 'code-value-concept', parts['concept']!), composite(['code-value-string'], 'code-value-string', parts['string']!), composite(['component-code-value-quantity'], 'component-code-value-quantity', parts['quantity']!),
      composite(['code-value-quantity', 'component-code-value-quantity'], 'combo-code-value-quantity', parts['quantity']!), composite(['code-value-concept', 'component-code-value-concept'], 'combo-code-value-concept', parts['concept']!),
      union('combo-code', ['code', 'component-code'], token), union('combo-value-quantity', ['value-quantity', 'component-value-quantity'], quantity)];
    case 'RiskAssessment': return [...common, number('probability'), reference('patient', 'Patient')];
    case 'Location': return [...common, string('name'), near];
    case 'ValueSet': return [...common, uri('url'), string('name'), bare('status', 'http://hl7.org/fhir/publication-status', ['draft', 'active'])];
    case 'QuestionnaireResponse': return [...common, canonical('questionnaire'), date('authored', now), reference('patient', 'Patient')];
  }
}

/** What all of a search's parameters ask together. */
export const allOf = (all: readonly Criterion[]): Test => every(all.map(({ test }) => test));
