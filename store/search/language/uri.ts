/**
 * Uris: compared as they are written; `:below` finds all under an address and `:above` all that an address is under
 * (https://hl7.org/fhir/R4/search.html#uri). A canonical address without a version means every version of it.
 */
import type { SearchParameter } from '../../../fhir/search-parameters.ts';
import { aboveUri } from '../../index/keys.ts';
import { unescape } from '../escape.ts';
import type { Expression } from '../expression.ts';
import { invalid, unsupportedModifier, type Reading } from './reading.ts';

/** @throws {Problem} `invalid-search-value`, `unsupported-modifier` */
export function uriCondition(parameter: SearchParameter, modifier: string, alternatives: readonly string[], { make }: Reading): Expression {
  const name = parameter.code;
  const uris = alternatives.map(unescape);
  switch (modifier) {
    case '': return { kind: 'key', anyOf: uris.map((uri) => make.url(name, uri)), selective: name === 'url' };
    case 'below': return { kind: 'key', anyOf: uris.map((uri) => make.uriBelow(name, withoutSlash(name, uri))), selective: false };
    case 'above': return { kind: 'key', anyOf: [...new Set(uris.flatMap((uri) => aboveUri(uri).flatMap((prefix) => [prefix, `${withoutSlash(name, prefix)}/`])))].map((uri) => make.url(name, uri)), selective: false };
    default: throw unsupportedModifier(modifier, name);
  }
}

function withoutSlash(name: string, uri: string): string {
  const shorter = uri.replace(/\/$/, '');
  if (shorter === '') throw invalid(name, 'it is no uri');
  return shorter;
}
