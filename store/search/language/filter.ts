/**
 * `_filter`: conditions with and, or, not and parentheses (https://hl7.org/fhir/R4/search_filter.html). Each operator
 * is what the same question is in a search by parameters.
 */
import type { Problem } from '../../../fhir/problems.ts';
import { principalDate } from '../../../fhir/principal-date.ts';
import { unionOf } from '../../../fhir/search-unions.ts';
import type { SearchParameter } from '../../../fhir/search-parameters.ts';
import type { Comparison, Expression, TextMatch } from '../expression.ts';
import { chainCondition } from './chain.ts';
import { readDate } from './date.ts';
import { parseFilter, refusal, type Filter, type FilterOperator, type FilterStep, type FilterTerm } from './filter-syntax.ts';
import { parameterCondition, presence } from './parameter-condition.ts';
import { allOf, anyOf, parameterOf, spendStep, type Reading } from './reading.ts';
import { specials } from './special.ts';
import { readString } from './string.ts';

/** @throws {Problem} `invalid-filter`, `search-too-large` and those of the conditions */
export async function filterCondition(text: string, reading: Reading): Promise<Expression> {
  if (text.includes('\u0000')) throw refusal(text.indexOf('\u0000'), 'no text can have this character');
  return conditionOf(parseFilter(text.toWellFormed()), reading);
}

async function conditionOf(filter: Filter, reading: Reading): Promise<Expression> {
  switch (filter.kind) {
    case 'and': return { kind: 'all', of: await Promise.all(filter.of.map((part) => conditionOf(part, reading))) };
    case 'or': return { kind: 'any', of: await Promise.all(filter.of.map((part) => conditionOf(part, reading))) };
    case 'not': return { kind: 'not', of: await conditionOf(filter.of, { ...reading, turned: true }) };
    case 'term': return pathCondition(filter, filter.path, reading);
  }
}

async function pathCondition(term: FilterTerm, [step, ...rest]: readonly FilterStep[], reading: Reading): Promise<Expression> {
  if (step === undefined) throw refusal(term.position, 'the name of a search parameter is expected');
  if (rest.length === 0) {
    spendStep(reading);
    return termCondition(term, step.name, reading);
  }
  return chainCondition(step.name, async (target) => {
    const last = await pathCondition(term, rest, target);
    return step.filter === undefined ? last : allOf([await conditionOf(step.filter, target), last]);
  }, reading);
}

async function termCondition(term: FilterTerm, name: string, reading: Reading): Promise<Expression> {
  const { operator } = term;
  const special = specials.get(name);
  if (special !== undefined) return specialCondition(term, name, special, reading);
  const parameter = parameterOf(reading, name);
  if (operator === 'pr') return readTruth(term) ? presence(parameter, reading) : { kind: 'not', of: presence(parameter, reading) };
  const ask = (modifier: string, value = written(term)): Promise<Expression> => parameterCondition(parameter, modifier, [value], reading);

  switch (parameter.type) {
    case 'string': return ofParts(parameter, reading, (part) => stringTerm(term, part, reading));
    case 'number': case 'quantity': case 'date':
      if (operator === 'po' && parameter.type === 'date') return overlap(parameter, term, reading);
      if (!ordered.has(operator)) break;
      return ask('', operator + written(term));
    case 'token':
      switch (operator) {
        case 'eq': return ask('');
        case 'ne': return unequal(parameter, reading, await ask(''));
        case 'in': return ask('in');
        case 'ni': return ask('not-in');
        // The value subsumes what is stored, or is subsumed by it.
        case 'ss': return ask('below');
        case 'sb': return ask('above');
        default: break;
      }
      break;
    case 'reference': case 'uri':
      switch (operator) {
        case 'eq': case 're':
          if (operator === 're' && parameter.type === 'uri') break;
          return ask('');
        case 'ne': return unequal(parameter, reading, await ask(''));
        case 'sb': if (parameter.type === 'uri') return ask('above'); break;
        case 'ss': if (parameter.type === 'uri') return ask('below'); break;
        default: break;
      }
      break;
    case 'composite': case 'special':
      if (operator === 'eq') return ask('');
      break;
  }
  throw meaningless(term, parameter.type);
}

const ordered: ReadonlySet<FilterOperator> = new Set<FilterOperator>(['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'ap', 'sa', 'eb'] satisfies Comparison[]);
const textMatches: ReadonlyMap<FilterOperator, TextMatch> = new Map([['eq', 'equals'], ['ne', 'equals'], ['co', 'contains'], ['sw', 'starts'], ['ew', 'ends']]);

function stringTerm(term: FilterTerm, parameter: SearchParameter, reading: Reading): Expression {
  const match = textMatches.get(term.operator);
  if (match === undefined) throw meaningless(term, 'string');
  const found: Expression = { kind: 'string', scope: reading.make.scope(parameter.code), ...readString(parameter.code, term.value, match) };
  return term.operator === 'ne' ? unequal(parameter, reading, found) : found;
}

/** `po`: the periods have something in common. */
function overlap(parameter: SearchParameter, term: FilterTerm, reading: Reading): Expression {
  const { low, high, comparison } = readDate(parameter.code, written(term), reading);
  if (comparison !== 'eq') throw refusal(term.position, 'the value of po has no prefix');
  const scope = principalDate(reading.type) === parameter.code ? 'principal' : reading.make.scope(parameter.code);
  return { kind: 'date', scope, comparison: 'ap', low, high };
}

/** There is a value, and it is another one. */
function unequal(parameter: SearchParameter, reading: Reading, equal: Expression): Expression {
  return { kind: 'all', of: [presence(parameter, reading), { kind: 'not', of: equal }] };
}

function ofParts(parameter: SearchParameter, reading: Reading, read: (part: SearchParameter) => Expression): Expression {
  const parts = unionOf(reading.type, parameter.code);
  return parts === undefined ? read(parameter) : anyOf(parts.map((part) => read(parameterOf(reading, part))));
}

type Special = typeof specials extends ReadonlyMap<string, infer Reader> ? Reader : never;

function specialCondition(term: FilterTerm, name: string, special: Special, reading: Reading): Expression {
  const { operator } = term;
  if (operator === 'pr' && (name === '_id' || name === '_lastUpdated')) return special(name, 'missing', [readTruth(term) ? 'false' : 'true'], reading);
  if (name === '_lastUpdated' && ordered.has(operator)) return special(name, '', [operator + written(term)], reading);
  if (operator === 'eq' && name !== '_lastUpdated') return special(name, '', [written(term)], reading);
  if (operator === 'ne' && name === '_id') return special(name, 'not', [written(term)], reading);
  throw meaningless(term, name);
}

/** The value as the language of parameters has it: a string in quotes has bars and escapes of codes, nothing else. */
function written({ value, quoted }: FilterTerm): string {
  if (quoted) return value.replace(/[\\,$]/g, (character) => `\\${character}`);
  // Without quotes escapes are those of a parameter's value; a comma alone is no alternative here.
  return value.replace(/\\.|,/g, (part) => (part === ',' ? '\\,' : part));
}

function readTruth(term: FilterTerm): boolean {
  if (term.value !== 'true' && term.value !== 'false') throw refusal(term.position, 'true or false is expected with pr');
  return term.value === 'true';
}

function meaningless(term: FilterTerm, type: string): Problem {
  return refusal(term.position, `${term.operator} means nothing for parameters of type ${type}`);
}
