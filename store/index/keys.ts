/**
 * Keys of a resource: its tokens, references and uris, and composites of these, in every form in which a search may ask
 * for them (store/search-keys.ts).
 */
import { normalizedString } from '../../fhir/search-values/strings.ts';
import type { SearchValue, SimpleSearchValue, TokenSystemCode, TokenValue } from '../../fhir/search-values/values.ts';
import type { KeyMaker } from '../search-keys.ts';

export function addKeys(keys: Set<bigint>, value: SearchValue, make: KeyMaker): void {
  const parameter = value.parameter.code;
  if (value.type === 'composite') {
    for (const key of compositeKeys(parameter, value.components, make)) keys.add(key);
    return;
  }
  for (const key of keysOf(parameter, value, make)) keys.add(key);
  if (value.type === 'token') {
    if (value.text !== undefined) keys.add(make.display(parameter, normalizedString(value.text)));
    if (value.code !== undefined) {
      for (const { system, code } of value.identifierTypes ?? []) {
        if (system !== undefined && code !== undefined) keys.add(make.token(parameter, { form: 'of-type', system, code, value: value.code }));
      }
    }
  }
  if (value.type === 'uri') for (const prefix of aboveUri(value.value)) keys.add(make.uriBelow(parameter, prefix));
  if (value.type === 'reference' && value.url !== undefined && value.version !== undefined) for (const prefix of versionsAbove(value.url, value.version)) keys.add(make.uriBelow(parameter, prefix));
}

/** The forms in which one value may be asked for; none for what is no token, reference or uri. */
function keysOf(parameter: string, value: SimpleSearchValue, make: KeyMaker): bigint[] {
  switch (value.type) {
    case 'token': return tokenKeys(parameter, value, make);
    case 'uri': {
      const [url, version] = canonicalParts(value.value);
      return [make.url(parameter, value.value), ...(version === undefined ? [] : [make.url(parameter, url)])];
    }
    case 'reference': {
      const { url, version, targetType, targetId, identifier } = value;
      const keys: bigint[] = [];
      if (url !== undefined) keys.push(make.url(parameter, url), ...(version === undefined ? [] : [make.versioned(parameter, url, version)]));
      else if (targetType !== undefined && targetId !== undefined) keys.push(make.reference(parameter, targetType, targetId));
      return identifier ? [...keys, ...tokenKeys(`${parameter}:identifier`, identifier, make)] : keys;
    }
    default: return [];
  }
}

function tokenKeys(parameter: string, { system, code }: TokenSystemCode, make: KeyMaker): bigint[] {
  const ofSystem = system === undefined ? [] : [make.token(parameter, { form: 'system', system })];
  if (code === undefined) return ofSystem;
  return [
    ...ofSystem,
    make.token(parameter, { form: 'code', code }),
    system === undefined ? make.token(parameter, { form: 'code-without-system', code }) : make.token(parameter, { form: 'system-and-code', system, code }),
  ];
}

/** Of the codings of a principal code all but the first, which the row has: under a name of their own. */
export function furtherCodeKeys(value: TokenValue, make: KeyMaker): bigint[] {
  return tokenKeys(`${value.parameter.code}:more`, value, make);
}

/** Every combination of the parts' forms; none where a part is a range of something. */
function compositeKeys(parameter: string, components: readonly SimpleSearchValue[], make: KeyMaker): bigint[] {
  let combinations: bigint[][] = [[]];
  for (const [index, component] of components.entries()) {
    const forms = keysOf(`${parameter} ${index}`, component, make);
    combinations = combinations.flatMap((combination) => forms.map((form) => [...combination, form]));
  }
  return combinations.map((combination) => make.composite(parameter, combination));
}

/** A canonical address and its version, which stands behind a bar. */
function canonicalParts(uri: string): [url: string, version: string | undefined] {
  const bar = uri.indexOf('|');
  return bar <= 0 ? [uri, undefined] : [uri.slice(0, bar), uri.slice(bar + 1)];
}

/** An address with each beginning of its version that ends before a dot, and with all of it. */
export function versionsAbove(url: string, version: string): string[] {
  return [...[...version.matchAll(/\./g)].slice(0, mostPrefixes).map(({ index }) => version.slice(0, index)), version].map((prefix) => `${url}|${prefix}`);
}

/** What `:below` may name to find this uri: itself, what it is under, and of a canonical address each beginning of its version. */
export function aboveUri(uri: string): string[] {
  const [url, version] = canonicalParts(uri);
  return version === undefined ? prefixesOf(uri) : [...prefixesOf(url), ...versionsAbove(url, version)];
}

/** A path has few steps; an address of thousands is found by its first ones. */
const mostPrefixes = 32;

/** What `:below` may name to find this uri: itself, and all of it before a slash, a hash sign or, in a urn, a colon. */
export function prefixesOf(uri: string): string[] {
  const ends = uri.startsWith('urn:') ? /[:/#]/g : /(?<![:/])\/(?!\/)|#/g;
  const prefixes = [...uri.matchAll(ends)].slice(0, mostPrefixes).map(({ index }) => uri.slice(0, index));
  return [...new Set([...prefixes.filter((prefix) => !/^[a-z][a-z0-9+.-]*$/i.test(prefix)), uri.replace(/\/$/, ''), uri])];
}
