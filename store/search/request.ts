/**
 * FHIR search parameters to an expression tree.
 * Source: https://hl7.org/fhir/R4/search.html. Parameters of type token and reference, `_id` and `_lastUpdated` are
 * answered; every other parameter or modifier is refused by name, never ignored.
 */
import { Problem, type ProblemIssue } from '../../fhir/problems.ts';
import { readReference } from '../../fhir/references.ts';
import { isResourceType, resourceTypeCode } from '../../fhir/resource-types.ts';
import { searchParameter, type SearchParameter } from '../../fhir/search-parameters.ts';
import { keyMaker, type KeyMaker } from '../search-keys.ts';
import { dateRange } from './date-range.ts';
import type { Expression, Order, Place } from './expression.ts';
import { splitEscaped, unescape } from './escape.ts';

export interface SearchRequest {
  readonly type: string;
  readonly where: Expression;
  readonly count: number;
  readonly order: Order;
  readonly after: Place | undefined;
  readonly total: 'none' | 'accurate';
  /** The parameters that were used, for the self link. */
  readonly used: readonly (readonly [string, string])[];
  /** What lenient handling left out. */
  readonly ignored: readonly ProblemIssue[];
}

export interface SearchSettings {
  readonly tenant: number;
  readonly handling: 'strict' | 'lenient';
  /** The server's own FHIR base: absolute references to it are references to its resources. */
  readonly baseUrl: string;
}

const defaultCount = 20;
const largestCount = 1000;
/** More than a person or a program needs, and few enough for one query. */
const mostParameters = 100;
const mostAlternatives = 1000;

const idShape = /^[A-Za-z0-9\-.]{1,64}$/;

/** Parameters about the form of the answer, which other parts of the server read. */
const presentation = new Set(['_format', '_pretty']);

/** Whether `conditionOf` answers a parameter; what the CapabilityStatement lists. */
export function isSearchable(parameter: SearchParameter): boolean {
  return parameter.code === '_id' || parameter.code === '_lastUpdated' || parameter.type === 'token' || parameter.type === 'reference';
}

/** @throws {Problem} for anything that cannot be answered exactly */
export function readSearch(type: string, parameters: Iterable<readonly [string, string]>, settings: SearchSettings): SearchRequest {
  const conditions: Expression[] = [];
  const used: [string, string][] = [];
  const ignored: ProblemIssue[] = [];
  let count = defaultCount;
  let order: Order = [];
  let after: Place | undefined;
  let total: SearchRequest['total'] = 'none';
  const keys = keyMaker(settings.tenant, resourceTypeCode(type));

  for (const [name, value] of parameters) {
    if (presentation.has(name)) continue;
    if (conditions.length === mostParameters) throw new Problem('invalid-search-value', { name: nameShown(name), reason: `there are more than ${mostParameters} parameters` });
    try {
      switch (name) {
        case '_count': count = readCount(value); break;
        case '_total': total = readTotal(value); break;
        case '_sort': order = readSort(value); break;
        case '_cursor': after = readCursor(type, value); continue;
        default: conditions.push(conditionOf(type, name, value, keys, settings));
      }
      used.push([name, value]);
    } catch (error) {
      const unknown = error instanceof Problem && ['unknown-search-parameter', 'unsupported-search-parameter'].includes(error.code);
      if (!unknown || settings.handling === 'strict') throw error;
      ignored.push(...error.issues.map((issue) => ({ ...issue, severity: 'warning' as const })));
    }
  }
  if (after && after.values.length !== order.length) throw new Problem('invalid-search-value', { name: '_cursor', reason: 'it belongs to another order' });
  return { type, where: { kind: 'all', of: conditions }, count, order, after, total, used, ignored };
}

function conditionOf(type: string, nameAndModifier: string, value: string, keys: KeyMaker, settings: SearchSettings): Expression {
  const [name = '', ...modifiers] = nameAndModifier.split(':');
  const modifier = modifiers.join(':');
  const noModifier = (): void => { if (nameAndModifier.includes(':')) throw new Problem('unsupported-modifier', { modifier: nameShown(modifier), name }); };
  if (name.includes('.')) throw new Problem('unsupported-search-parameter', { name: nameShown(nameAndModifier), kind: 'chain' });
  const parameter = searchParameter(type, name);
  if (!parameter) throw new Problem('unknown-search-parameter', { name: nameShown(name), type });
  const alternatives = splitEscaped(value, ',');
  if (alternatives.some((alternative) => alternative === '')) throw new Problem('invalid-search-value', { name, reason: 'it is empty' });
  if (alternatives.length > mostAlternatives) throw new Problem('invalid-search-value', { name, reason: `it has more than ${mostAlternatives} alternatives` });

  if (name === '_id') {
    noModifier();
    const ids = alternatives.map(unescape);
    if (ids.some((id) => !idShape.test(id))) throw new Problem('invalid-search-value', { name, reason: 'it is no id' });
    return { kind: 'id', ids };
  }
  if (name === '_lastUpdated') {
    noModifier();
    return { kind: 'any', of: alternatives.map((alternative) => dateRange(name, alternative)) };
  }
  switch (parameter.type) {
    case 'token':
      noModifier();
      return { kind: 'key', anyOf: alternatives.map((alternative) => tokenKey(name, alternative, keys)), selective: name === 'identifier' };
    case 'reference':
      return { kind: 'key', anyOf: alternatives.flatMap((alternative) => referenceKeys(parameter, name, modifier, alternative, keys, settings)), selective: true };
    default:
      throw new Problem('unsupported-search-parameter', { name, kind: parameter.type });
  }
}

function tokenKey(name: string, value: string, keys: KeyMaker): bigint {
  const [first = '', second, ...more] = splitEscaped(value, '|').map(unescape);
  if (more.length > 0) throw new Problem('invalid-search-value', { name, reason: 'a token has one "|" at most' });
  if (second === undefined) return keys.token(name, { form: 'code', code: first });
  if (first === '' && second === '') throw new Problem('invalid-search-value', { name, reason: 'it is empty' });
  if (first === '') return keys.token(name, { form: 'code-without-system', code: second });
  if (second === '') return keys.token(name, { form: 'system', system: first });
  return keys.token(name, { form: 'system-and-code', system: first, code: second });
}

function referenceKeys(parameter: SearchParameter, name: string, modifier: string, value: string, keys: KeyMaker, settings: SearchSettings): bigint[] {
  if (modifier === 'identifier') return [tokenKey(`${name}:identifier`, value, keys)];
  if (modifier !== '' && !isResourceType(modifier)) throw new Problem('unsupported-modifier', { modifier: nameShown(String(modifier)), name });
  const reference = unescape(value);
  const literal = readReference(reference);
  if (literal) {
    if (modifier && modifier !== literal.type) throw new Problem('invalid-search-value', { name, reason: 'the type in the value is not the type in the modifier' });
    if (literal.base === undefined) return [keys.reference(name, literal.type, literal.id)];
    // What points to this server may have been written either way.
    return literal.base === settings.baseUrl ? [keys.reference(name, literal.type, literal.id), keys.url(name, reference)] : [keys.url(name, reference)];
  }
  if (/^[a-z][a-z0-9+.-]*:/i.test(reference)) return [keys.url(name, reference)];
  if (!idShape.test(reference)) throw new Problem('invalid-search-value', { name, reason: 'it is no reference' });
  // A bare id may be any of the types that the parameter can point to.
  const targets = modifier ? [modifier] : (parameter.target ?? []);
  if (targets.length === 0 || targets.includes('Resource')) throw new Problem('invalid-search-value', { name, reason: 'say which type is meant, as in Patient/123' });
  return targets.map((target) => keys.reference(name, target, reference));
}

function readCount(value: string): number {
  if (!/^\d{1,9}$/.test(value)) throw new Problem('invalid-search-value', { name: '_count', reason: 'a whole number is expected' });
  return Math.min(Number(value), largestCount);
}

function readTotal(value: string): SearchRequest['total'] {
  if (value === 'none' || value === 'accurate') return value;
  // An exact count is a permitted estimate (https://hl7.org/fhir/R4/search.html#total).
  if (value === 'estimate') return 'accurate';
  throw new Problem('invalid-search-value', { name: '_total', reason: 'none, estimate or accurate is expected' });
}

function readSort(value: string): Order {
  if (value !== '-_lastUpdated') throw new Problem('unsupported-search-parameter', { name: '_sort', kind: 'other than -_lastUpdated' });
  return [{ by: 'changed', descending: true }];
}

/** The place in an opaque cursor. Its parts are only ever parameters of a query, so a forged one finds nothing new. */
function readCursor(type: string, value: string): Place {
  const parts = /^(?:(\d{1,15}) )?([A-Za-z0-9\-.]{1,64})$/.exec(Buffer.from(value, 'base64url').toString('latin1'));
  if (!parts) throw new Problem('invalid-search-value', { name: '_cursor', reason: 'it is not one of ours' });
  return { type, values: parts[1] === undefined ? [] : [new Date(Number(parts[1])).toISOString()], id: parts[2]! };
}

export function writeCursor(place: Place): string {
  return Buffer.from(place.values.length === 0 ? place.id : `${Date.parse(String(place.values[0]))} ${place.id}`, 'latin1').toString('base64url');
}

/** A name as an error text may repeat it: what is no name may be anything, a patient's among them. */
function nameShown(name: string): string {
  return /^[A-Za-z_][A-Za-z_.:-]{0,79}$/.test(name) ? name : '(not a name)';
}
