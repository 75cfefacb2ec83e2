/**
 * Tokens: codes with and without their system, identifiers, contact points, truth values
 * (https://hl7.org/fhir/R4/search.html#token). `:not` and `:not-in` are turned into their opposites before this
 * (condition.ts).
 */
import { Problem } from '../../../fhir/problems.ts';
import { fixedCodeSystems } from '../../../fhir/fixed-code-systems.ts';
import { principalCode } from '../../../fhir/principal-code.ts';
import { searchPlaces } from '../../../fhir/search-places.ts';
import type { SearchParameter } from '../../../fhir/search-parameters.ts';
import { normalizedString } from '../../../fhir/search-values/strings.ts';
import { resourceTypeCode } from '../../../fhir/resource-types.ts';
import { isSpelledOut, spellingsOf } from '../../../terminology/spellings.ts';
import type { Codes } from '../../../terminology/terminology.ts';
import { systemKey, tokenKeyPrefix, type KeyMaker } from '../../search-keys.ts';
import { splitEscaped, unescape } from '../escape.ts';
import type { ConceptKeys, Expression, KeyCondition } from '../expression.ts';
import { anyOf, invalid, spendValues, unsupportedModifier, type Reading } from './reading.ts';

/** A token as a search says it. */
export interface TokenAsked {
  /** Undefined: any or none. Empty: none. */
  readonly system: string | undefined;
  /** Undefined: any code of the system. */
  readonly code: string | undefined;
}

/** @throws {Problem} `invalid-search-value`, `unsupported-modifier` and those of the terminology */
export async function tokenCondition(parameter: SearchParameter, modifier: string, alternatives: readonly string[], reading: Reading): Promise<Expression> {
  const name = parameter.code;
  const { make } = reading;
  switch (modifier) {
    case '':
      spendValues(reading, alternatives.length);
      return tokensCondition(parameter, alternatives.map((value) => readToken(name, value)), reading);
    case 'text': return anyOf(alternatives.map((value) => ({ kind: 'display', scope: make.scope(name), match: 'starts', value: readText(name, value) })));
    case 'of-type':
      if (!isIdentifier(parameter, reading.type)) throw unsupportedModifier(modifier, name);
      return { kind: 'key', anyOf: alternatives.map((value) => ofTypeKey(name, value, make)), selective: true };
    case 'in': return codesCondition(parameter, await Promise.all(alternatives.map((url) => codesOf(name, unescape(url), reading))), reading);
    case 'above': case 'below': return codesCondition(parameter, await Promise.all(alternatives.map((value) => related(parameter, modifier, value, reading))), reading);
    default: throw unsupportedModifier(modifier, name);
  }
}

/** Of codes whose systems do not tell capitals from small letters, all together. */
const mostSpellings = 100_000;

/** Has any of the codes that terminology tells. */
function codesCondition(parameter: SearchParameter, found: readonly Codes[], reading: Reading): Expression {
  const listed = found.flatMap(({ codes }) => codes);
  // A member that is written otherwise must not be among those that are not members.
  const isUncertain = listed.some(({ code, anyCase }) => anyCase === true && code !== undefined && !isSpelledOut(code)) || found.some((one) => one.concepts.some(({ anyCase }) => anyCase === 'many-letters'));
  if (reading.turned === true && isUncertain) throw new Problem('value-set-not-expandable', { reason: 'codes of a system that is not case sensitive have too many spellings to leave them out' });
  spendValues(reading, listed.length);
  const tokens = listed.flatMap(({ system = '', code, anyCase }): TokenAsked[] => (anyCase === true && code !== undefined ? spellingsOf(code) : [code]).map((spelling) => ({ system, code: spelling })));
  if (tokens.length > mostSpellings) throw new Problem('search-too-large', { limit: mostSpellings, what: 'spellings of codes' });
  const { type, context } = reading;
  const fixed = fixedCodeSystems(parameter, type);
  const concepts = found.flatMap((one) => one.concepts).flatMap(({ system, key, where, count, anyCase }) => (fixed.has(system) ? [system, undefined] : [system])
    .map((written): ConceptKeys => ({ key, where, count, anyCase: anyCase !== undefined, prefix: tokenKeyPrefix(context.tenant.id, resourceTypeCode(type), parameter.code, written) })));
  return tokensCondition(parameter, tokens, reading, concepts);
}

/** Has any of these codes. */
function tokensCondition(parameter: SearchParameter, tokens: readonly TokenAsked[], reading: Reading, concepts: readonly ConceptKeys[] = []): Expression {
  const { make, type } = reading;
  const fixed = fixedCodeSystems(parameter, type);
  const codes = parameter.code === principalCode(type) && concepts.length === 0 ? principalCodes(parameter.code, tokens, fixed, make) : undefined;
  const keys: Expression = {
    kind: 'key', anyOf: tokens.flatMap((token) => tokenKeys(parameter.code, token, fixed, make)),
    selective: isIdentifier(parameter, type) && tokens.every(({ code }) => code !== undefined),
    ...(codes && { codes }), ...(concepts.length > 0 && { concepts }),
  };
  const anyCode = tokens.some(({ system, code }) => code === undefined && system !== undefined && fixed.has(system));
  return anyCode ? { kind: 'any', of: [keys, { kind: 'present', parameter: make.present(parameter.code) }] } : keys;
}

/** The same asked of the row's own code; undefined where that cannot say it (a system without a code, a system that is implied). */
function principalCodes(name: string, tokens: readonly TokenAsked[], fixed: ReadonlySet<string>, make: KeyMaker): KeyCondition['codes'] {
  const codes: { code: bigint; system?: bigint | 'none'; more: bigint }[] = [];
  for (const { system, code } of tokens) {
    if (code === undefined || (system !== undefined && fixed.has(system))) return undefined;
    const [more] = tokenKeys(`${name}:more`, { system, code }, fixed, make);
    codes.push({ code: make.principalCode(name, code), more: more!, ...(system !== undefined && { system: system === '' ? 'none' : systemKey(system) }) });
  }
  return codes;
}

/**
 * The keys of one token, made under a name.
 * @param fixed systems whose codes are stored without a system
 */
export function tokenKeys(under: string, { system, code }: TokenAsked, fixed: ReadonlySet<string>, make: KeyMaker): bigint[] {
  if (code === undefined) return system === undefined ? [] : [make.token(under, { form: 'system', system })];
  if (system === undefined) return [make.token(under, { form: 'code', code })];
  if (system === '') return [make.token(under, { form: 'code-without-system', code })];
  const written = make.token(under, { form: 'system-and-code', system, code });
  return fixed.has(system) ? [written, make.token(under, { form: 'code-without-system', code })] : [written];
}

/** `code`, `system|code`, `|code` or `system|`. @throws {Problem} `invalid-search-value` */
export function readToken(name: string, value: string): TokenAsked {
  const [first = '', second, ...more] = splitEscaped(value, '|').map(unescape);
  if (more.length > 0) throw invalid(name, 'a token has one "|" at most');
  if (second === undefined) return { system: undefined, code: first };
  if (first === '' && second === '') throw invalid(name, 'it is empty');
  return { system: first, code: second === '' ? undefined : second };
}

function readText(name: string, value: string): string {
  const text = normalizedString(unescape(value));
  if (text === '') throw invalid(name, 'it is empty');
  return text;
}

function ofTypeKey(name: string, value: string, make: KeyMaker): bigint {
  const [system = '', code = '', identifier = '', ...more] = splitEscaped(value, '|').map(unescape);
  if (system === '' || code === '' || identifier === '' || more.length > 0) throw invalid(name, 'the system and the code of the type and the value are expected, as in system|code|value');
  return make.token(name, { form: 'of-type', system, code, value: identifier });
}

/** Without places nothing speaks against an identifier. */
function isIdentifier(parameter: SearchParameter, type: string): boolean {
  const places = searchPlaces(parameter, type);
  return places === undefined ? parameter.code === 'identifier' : places.some((place) => place.type === 'Identifier');
}

async function codesOf(name: string, url: string, { terminology, context }: Reading): Promise<Codes> {
  if (terminology === undefined) throw unsupportedModifier('in', name);
  // The address of a ValueSet here, as relative to the base.
  return terminology.codesOf(url.startsWith(`${context.base}/ValueSet/`) ? url.slice(context.base.length + 1) : url);
}

async function related(parameter: SearchParameter, modifier: 'above' | 'below', value: string, { terminology, type }: Reading): Promise<Codes> {
  const name = parameter.code;
  if (terminology === undefined) throw unsupportedModifier(modifier, name);
  const { system: written, code } = readToken(name, value);
  const [fixed, ...others] = fixedCodeSystems(parameter, type);
  const system = written === undefined && others.length === 0 ? fixed : written;
  if (system === undefined || system === '' || code === undefined) throw invalid(name, 'a code and its system are expected, as in system|code');
  return modifier === 'below' ? terminology.descendants(system, code) : terminology.ancestors(system, code);
}
