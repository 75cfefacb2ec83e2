/**
 * References: by id, by type and id, by address, by canonical address with or without a version, by identifier
 * (https://hl7.org/fhir/R4/search.html#reference).
 */
import { isKindOf } from '../../../fhir/element-types.ts';
import { readReference } from '../../../fhir/references.ts';
import { isResourceType, resourceTypes } from '../../../fhir/resource-types.ts';
import { searchPlaces } from '../../../fhir/search-places.ts';
import { ownPatientParameters } from '../../../fhir/single-valued.ts';
import type { SearchParameter } from '../../../fhir/search-parameters.ts';
import { versionsAbove } from '../../index/keys.ts';
import type { KeyMaker } from '../../search-keys.ts';
import { splitEscaped, unescape } from '../escape.ts';
import type { Expression } from '../expression.ts';
import { invalid, spendValues, unsupportedModifier, type Reading } from './reading.ts';
import { readToken, tokenKeys } from './token.ts';

export const idShape = /^[A-Za-z0-9\-.]{1,64}$/;
const absolute = /^[a-z][a-z0-9+.-]*:/i;
const noSystems: ReadonlySet<string> = new Set();

/** @throws {Problem} `invalid-search-value`, `unsupported-modifier` */
export function referenceCondition(parameter: SearchParameter, modifier: string, alternatives: readonly string[], reading: Reading): Expression {
  const name = parameter.code;
  const { make } = reading;
  switch (modifier) {
    case 'identifier': return { kind: 'key', anyOf: alternatives.flatMap((value) => tokenKeys(`${name}:identifier`, readToken(name, value), noSystems, make)), selective: true };
    case 'above': case 'below':
      if (!isCanonical(parameter, reading.type)) throw unsupportedModifier(modifier, name);
      return { kind: 'key', anyOf: alternatives.flatMap((value) => relatedVersions(name, modifier, value, make)), selective: true };
    default: {
      if (modifier !== '' && !isResourceType(modifier)) throw unsupportedModifier(modifier, name);
      if (modifier !== '' && !targetsOf(parameter, reading.type).includes(modifier)) throw invalid(name, `it does not refer to resources of type ${modifier}`);
      const keys = alternatives.flatMap((value) => referenceKeys(parameter, name, modifier, value, reading));
      const patient = alternatives.length === 1 ? patientMeant(parameter, modifier, alternatives[0]!, reading) : undefined;
      return { kind: 'key', anyOf: keys, selective: true, ...(patient !== undefined && { patient }) };
    }
  }
}

/** The types that a parameter of resources of a type can refer to. */
export function targetsOf(parameter: SearchParameter, type: string): readonly string[] {
  const declared = parameter.target ?? [];
  const targets = declared.length === 0 || declared.includes('Resource') ? resourceTypes : declared;
  const narrowed = searchPlaces(parameter, type)?.map(({ steps }) => steps.at(-1)?.filter);
  if (narrowed === undefined || narrowed.length === 0 || !narrowed.every((filter) => filter?.kind === 'refers')) return targets;
  return targets.filter((target) => narrowed.some((filter) => filter?.kind === 'refers' && filter.type === target));
}

/** Holds nothing but addresses of definitions, which say no type and no id. */
export function isCanonical(parameter: SearchParameter, type: string): boolean {
  const places = searchPlaces(parameter, type) ?? [];
  return places.length > 0 && places.every((place) => isKindOf(place.type, 'uri'));
}

/** The keys of one value, made under a name. @throws {Problem} `invalid-search-value` */
export function referenceKeys(parameter: SearchParameter, under: string, modifier: string, value: string, reading: Reading): bigint[] {
  const { make, type, context } = reading;
  const name = parameter.code;
  const [address = '', version, ...more] = splitEscaped(value, '|').map(unescape);
  if (more.length > 0) throw invalid(name, 'it is no reference');
  if (version !== undefined) return [make.versioned(under, address, version)];
  const literal = readReference(address);
  if (literal !== undefined) {
    if (modifier !== '' && modifier !== literal.type) throw invalid(name, 'the type in the value is not the type in the modifier');
    if (literal.base === undefined) return [make.reference(under, literal.type, literal.id)];
    // What points to this server may have been written either way.
    return literal.base === context.base ? [make.reference(under, literal.type, literal.id), make.url(under, address)] : [make.url(under, address)];
  }
  if (absolute.test(address)) return [make.url(under, address)];
  if (!idShape.test(address)) throw invalid(name, 'it is no reference');
  // A bare id may be any of the types that the parameter can point to.
  const targets = modifier === '' ? targetsOf(parameter, type) : [modifier];
  spendValues(reading, targets.length);
  return targets.map((target) => make.reference(under, target, address));
}

/** The Patient whose row everything that has this reference is in (fhir/single-valued.ts). */
function patientMeant(parameter: SearchParameter, modifier: string, value: string, { type, context }: Reading): string | undefined {
  if (!ownPatientParameters(type).has(parameter.code) || context.parameters.find(type, parameter.code) !== parameter) return undefined;
  const address = unescape(value);
  const literal = readReference(address);
  if (literal !== undefined) return literal.type === 'Patient' && literal.base === undefined ? literal.id : undefined;
  const targets = modifier === '' ? targetsOf(parameter, type) : [modifier];
  return targets.length === 1 && targets[0] === 'Patient' && idShape.test(address) ? address : undefined;
}

function relatedVersions(name: string, modifier: 'above' | 'below', value: string, make: KeyMaker): bigint[] {
  const [url = '', version, ...more] = splitEscaped(value, '|').map(unescape);
  if (!absolute.test(url) || version === '' || more.length > 0) throw invalid(name, 'a canonical address is expected, as in url or url|version');
  // Without a version every version is meant, both ways.
  if (version === undefined) return [make.url(name, url)];
  if (modifier === 'below') return [make.uriBelow(name, `${url}|${version}`)];
  return versionsAbove(url, version).map((above) => make.versioned(name, url, above.slice(url.length + 1)));
}
