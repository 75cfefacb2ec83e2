/** Filters of a composition as conditions on concepts (https://hl7.org/fhir/R4/valueset-filter-operator.html). */
import type { ValueSetComposeIncludeFilter } from '@medplum/fhirtypes';
import { codeKey, propertiesFor } from './concepts.ts';
import { spellings } from './decimals.ts';
import { filterConstraint } from './ecl/filter.ts';
import { TerminologyRefusal } from './issues.ts';
import { wholeMatcher } from './patterns.ts';
import { all, and, none, not, or, type Predicate } from './predicate.ts';
import type { CodeSystemHead } from './source.ts';

/** How R5's operators are written in R4. */
const laterOperator = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-ValueSet.compose.include.filter.op';

/**
 * @param at where the filter stands, for messages
 * @throws {TerminologyRefusal} `filter-without-value`, `filter-value-not-boolean`, `filter-not-supported`
 */
export function filterPredicate(filter: ValueSetComposeIncludeFilter, system: CodeSystemHead, valueSet: string, at: string): Predicate {
  const { property, value } = filter;
  const op = operatorOf(filter);
  if (typeof value !== 'string' || value === '') throw new TerminologyRefusal('filter-without-value', { system: system.url, property: property ?? '', op }, at);
  const constraint = filterConstraint(system.url, property, op, value);
  if (constraint !== undefined) return { kind: 'ecl', constraint };
  const unsupported = (): TerminologyRefusal => new TerminologyRefusal('filter-not-supported', { property: property ?? '', op, valueSet, system: system.url }, at);
  if ((op === 'exists' || (op === '=' && property === 'inactive')) && value !== 'true' && value !== 'false') throw new TerminologyRefusal('filter-value-not-boolean', { system: system.url, property: property ?? '', op }, at);
  if (op === 'regex' && wholeMatcher(value) === undefined) throw unsupported();
  if (property === 'concept' || property === 'code') return conceptPredicate(op, value, system) ?? refuse(unsupported());
  const near = op === '=' || op === 'in' || op === 'not-in' ? neighbours(property ?? '', split(op, value), system) : undefined;
  if (near !== undefined) return op === 'not-in' ? not(near) : near;
  if (property === 'display' && op === '=') return { kind: 'display', values: [value] };
  if (property === 'display' && op === 'regex') return { kind: 'matches', of: 'display', pattern: value };
  if (property === 'inactive' && op === '=') return value === 'true' ? { kind: 'inactive' } : not({ kind: 'inactive' });
  const names = propertiesFor(system.resource, property ?? '');
  switch (op) {
    case '=': case 'in': return { kind: 'property', names, values: writtenAs(names, split(op, value), system) };
    case 'not-in': return not({ kind: 'property', names, values: writtenAs(names, split(op, value), system) });
    case 'exists': return value === 'true' ? { kind: 'has', names } : not({ kind: 'has', names });
    case 'regex': return { kind: 'matches', of: names, pattern: value };
    default: throw unsupported();
  }
}

/** Values as concepts may have them: a decimal with any trailing zeros. */
export function writtenAs(names: readonly string[], values: readonly string[], { resource }: CodeSystemHead): readonly string[] {
  const decimal = (resource.property ?? []).some(({ code, type }) => type === 'decimal' && code !== undefined && names.includes(code));
  return decimal ? values.flatMap(spellings) : values;
}

/** Those directly below or above codes, however the system tells its hierarchy; undefined where the property means neither. */
export function neighbours(property: string, codes: readonly string[], { resource, caseSensitive }: CodeSystemHead): Predicate | undefined {
  const kind = propertiesFor(resource, 'parent').includes(property) ? 'child' : propertiesFor(resource, 'child').includes(property) ? 'parent' : undefined;
  return kind === undefined ? undefined : or(codes.map((code) => ({ kind, key: codeKey(code, caseSensitive) })));
}

/**
 * The name of the property that a filter asks for where neither FHIR nor the code system defines it: whether any concept
 * has it is for who has the concepts.
 */
export function undeclaredProperty(filter: ValueSetComposeIncludeFilter, system: CodeSystemHead): string | undefined {
  const property = filter.property ?? '';
  if (anySystems.has(property) || filterConstraint(system.url, property, operatorOf(filter), filter.value ?? '') !== undefined) return undefined;
  return (system.resource.property ?? []).some(({ code }) => code === property) || (system.resource.filter ?? []).some(({ code }) => code === property) ? undefined : property;
}

/** What concepts of any system can be asked for (https://hl7.org/fhir/R4/codesystem-concept-properties.html). */
const anySystems: ReadonlySet<string> = new Set([
  'concept', 'code', 'display', 'definition', 'designation', 'inactive', 'status', 'deprecated', 'deprecationDate', 'retirementDate', 'effectiveDate', 'notSelectable',
  'parent', 'child', 'subsumedBy', 'partOf', 'synonym', 'comment', 'itemWeight',
]);

function refuse(refusal: TerminologyRefusal): never {
  throw refusal;
}

function operatorOf(filter: ValueSetComposeIncludeFilter): string {
  const { op, _op } = filter as ValueSetComposeIncludeFilter & { _op?: { extension?: readonly { url?: string; valueCode?: string }[] } };
  return _op?.extension?.find(({ url }) => url === laterOperator)?.valueCode ?? op ?? '';
}

function split(op: string, value: string): string[] {
  return op === '=' ? [value] : value.split(',').map((one) => one.trim());
}

function conceptPredicate(op: string, value: string, { caseSensitive }: CodeSystemHead): Predicate | undefined {
  const key = codeKey(value, caseSensitive);
  const keys = (): ReadonlySet<string> => new Set(split(op, value).map((code) => codeKey(code, caseSensitive)));
  switch (op) {
    case '=': case 'in': return { kind: 'codes', keys: keys() };
    case 'not-in': return not({ kind: 'codes', keys: keys() });
    case 'is-a': return { kind: 'below', key, self: true };
    case 'descendent-of': return { kind: 'below', key, self: false };
    case 'is-not-a': return not({ kind: 'below', key, self: true });
    case 'generalizes': return { kind: 'above', key, self: true };
    case 'child-of': return { kind: 'child', key };
    case 'descendent-leaf': return and([{ kind: 'below', key, self: false }, { kind: 'leaf' }]);
    case 'regex': return { kind: 'matches', of: 'code', pattern: value };
    case 'exists': return value === 'true' ? all : none;
    default: return undefined;
  }
}
