/**
 * What one row of a definition says of one value of its element, as generated text: fixed values and patterns, limits,
 * profiles of the type, bindings, targets of references, invariants. Of a profile only what the row of the base definition
 * does not say already.
 */
import type { Binding, Constraint, ElementRow, TypedValue, TypeRow, UsageRow } from '../tables/structure-table.ts';
import { isObject, type Session } from './check.ts';
import { checkOfBinding, type BindingRule } from './binding.ts';
import { canonicalCheck } from './canonical-target.ts';
import { isExactly, hasPattern } from './equality.ts';
import { nameOf } from './issues.ts';
import { comparison, comparisonWithNow } from './limits.ts';
import { checkReference } from './reference.ts';
import { referenceRule } from './reference-rule.ts';
import { numeral, quoted } from './source.ts';
import { checkOfTypeProfiles } from './type-profiles.ts';
import type { Unit } from './unit.ts';
import { wellKnown } from './well-known.ts';

/** Names of what the text may use. */
export interface Names {
  /** The value. */
  readonly value: string;
  /** `_name` beside a primitive, or `undefined`. */
  readonly sibling: string;
}

/**
 * @param base the row of the definition that has been checked already, if any
 * @param path type of the value, as invariants are compiled for: `Claim.item`, `HumanName`
 */
export function elementRules(unit: Unit, row: ElementRow, type: TypeRow | undefined, base: ElementRow | undefined, path: string, names: Names): string {
  const code = type?.code ?? '';
  const baseType = base?.types?.find((candidate) => candidate.code === code);
  return [
    fixedRules(unit, row, base, names),
    limitRules(unit, row, base, names),
    type === undefined ? '' : profileRules(unit, type, baseType, names),
    bindingRules(unit, row, base, code, names),
    type === undefined ? '' : targetRules(unit, row, type, baseType, names),
    invariantRules(unit, row, base, path, names),
  ].join('');
}

/** As `s.add(k3)`, where a function of `value` says no. */
function unless(unit: Unit, test: unknown, template: unknown, value: string): string {
  return `if (!${unit.source.constant(test)}(${value})) s.add(${unit.source.constant(template)});\n`;
}

function fixedRules(unit: Unit, row: ElementRow, base: ElementRow | undefined, { value, sibling }: Names): string {
  let text = '';
  const element = nameOf(row);
  if (row.fixed !== undefined && !isSame(row.fixed, base?.fixed)) {
    const template = unit.issue('value-fixed', { element, fixed: told(row.fixed.value) });
    if (row.fixed.value !== undefined) {
      text += typeof row.fixed.value === 'string' ? `if (${value} !== ${quoted(row.fixed.value)}) s.add(${unit.source.constant(template)});\n` : unless(unit, isExactly(row.fixed.value), template, value);
    }
    if (row.fixed.sibling !== undefined) text += unless(unit, isExactly(row.fixed.sibling), template, sibling);
  }
  if (row.pattern !== undefined && !isSame(row.pattern, base?.pattern)) {
    const template = unit.issue('value-pattern', { element, pattern: told(row.pattern.value) });
    if (row.pattern.value !== undefined) text += unless(unit, hasPattern(row.pattern.value), template, value);
    if (row.pattern.sibling !== undefined) text += unless(unit, hasPattern(row.pattern.sibling), template, sibling);
  }
  return text;
}

function limitRules(unit: Unit, row: ElementRow, base: ElementRow | undefined, { value, sibling }: Names): string {
  let text = '';
  const element = nameOf(row);
  if (row.maxLength !== undefined && row.maxLength !== base?.maxLength) {
    const template = unit.issue('value-too-long', { element, limit: row.maxLength });
    text += `if (typeof ${value} === 'string' && ${value}.length > ${numeral(row.maxLength)}) s.add(${unit.source.constant(template)});\n`;
  }
  if (row.minLength !== undefined && row.minLength !== base?.minLength) {
    const template = unit.issue('value-too-short', { element, limit: row.minLength });
    text += `if (typeof ${value} === 'string' && ${value}.length < ${numeral(row.minLength)}) s.add(${unit.source.constant(template)});\n`;
  }
  if (row.valueRequired === true && base?.valueRequired !== true) {
    const template = unit.issue('value-missing', { element });
    text += `if (${value} === undefined || ${value} === null) s.add(${unit.source.constant(template)});\n`;
  }
  if (row.valueAlternatives !== undefined && base?.valueAlternatives === undefined) {
    const template = unit.issue('value-alternative-missing', { element, extensions: row.valueAlternatives.join(', ') });
    const hasOne = unit.source.constant(hasExtension(new Set(row.valueAlternatives)));
    text += `if ((${value} === undefined || ${value} === null) && !${hasOne}(${sibling})) s.add(${unit.source.constant(template)});\n`;
  }
  if (row.minValue !== undefined && !isSame(row.minValue, base?.minValue)) {
    const compare = comparison(row.minValue);
    const template = unit.issue('value-too-small', { element, limit: told(row.minValue.value) });
    if (compare !== undefined) text += `if (${value} !== undefined && ${unit.source.constant(compare)}(${value}) < 0) s.add(${unit.source.constant(template)});\n`;
  }
  if (row.maxValue !== undefined && !isSame(row.maxValue, base?.maxValue)) {
    const compare = comparison(row.maxValue);
    const template = unit.issue('value-too-large', { element, limit: told(row.maxValue.value) });
    if (compare !== undefined) text += `if (${value} !== undefined && ${unit.source.constant(compare)}(${value}) > 0) s.add(${unit.source.constant(template)});\n`;
  }
  text += durationRule(unit, row.minValueDuration, base?.minValueDuration, -1, 'value-too-small', element, value);
  text += durationRule(unit, row.maxValueDuration, base?.maxValueDuration, 1, 'value-too-large', element, value);
  return text;
}

/** Limits that move with time: so long ago, or so far ahead. */
function durationRule(unit: Unit, limit: TypedValue | undefined, base: TypedValue | undefined, direction: -1 | 1, code: 'value-too-small' | 'value-too-large', element: string, value: string): string {
  const compare = limit === undefined || isSame(limit, base) ? undefined : comparisonWithNow(limit, direction);
  if (compare === undefined) return '';
  const template = unit.issue(code, { element, limit: `${direction < 0 ? 'now less' : 'now and'} ${told(limit!.value)}` });
  return `if (${value} !== undefined && ${unit.source.constant(compare)}(${value}, s.options.now) * ${direction} > 0) s.add(${unit.source.constant(template)});\n`;
}

function hasExtension(urls: ReadonlySet<string>): (sibling: unknown) => boolean {
  return (sibling) => isObject(sibling) && Array.isArray(sibling['extension']) && sibling['extension'].some((extension) => isObject(extension) && typeof extension['url'] === 'string' && urls.has(extension['url']));
}

function profileRules(unit: Unit, type: TypeRow, base: TypeRow | undefined, { value }: Names): string {
  if (type.profiles === undefined || isSame(type.profiles, base?.profiles)) return '';
  const check = checkOfTypeProfiles(unit, type);
  return check === undefined ? '' : `${unit.source.constant(check)}(${value}, s);\n`;
}

function bindingRules(unit: Unit, row: ElementRow, base: ElementRow | undefined, type: string, { value }: Names): string {
  const { binding } = row;
  if (binding === undefined || isSame(binding, base?.binding)) return '';
  const element = nameOf(row);
  const strengths = { required: 'error', extensible: 'warning', preferred: 'information' } as const;
  let text = '';
  const add = (valueSet: string, strength: keyof typeof strengths, maximum = false, usages?: readonly UsageRow[]): void => {
    const severity = strengths[strength];
    const details = { element, valueSet };
    const code = maximum ? 'binding-maximum' : `binding-${strength}` as const;
    const rule: BindingRule = {
      canonical: valueSet,
      valueSet: unit.compiler.valueSets(valueSet),
      out: unit.issue(code, details, severity),
      missing: strength === 'preferred' || maximum ? undefined : unit.issue(code, details, severity),
      unknown: strength === 'preferred' ? undefined : unit.issue('binding-not-checked', details, strength === 'required' ? 'warning' : 'information'),
    };
    const check = checkOfBinding(rule, type);
    if (check !== undefined) text += `${usages === undefined ? '' : `if (${unit.source.constant(areMet(usages))}(s)) `}${unit.source.constant(check)}(${value}, s);\n`;
  };
  if (binding.valueSet !== undefined && binding.strength !== 'example' && !isSameBinding(binding, base?.binding)) add(binding.valueSet, strengthOf(binding, binding.valueSet));
  if (binding.max !== undefined && binding.max !== base?.binding?.max) add(binding.max, 'required', true);
  for (const { purpose, valueSet, usage, usages } of binding.additional ?? []) {
    // One for usages that no code tells is not known to hold anywhere.
    if (usage === true && usages === undefined) continue;
    if (purpose === 'required' || purpose === 'extensible' || purpose === 'preferred') add(valueSet, purpose, false, usages);
    // New records have a code of it, and older ones may have another: which this is nobody says.
    else if (purpose === 'current') add(valueSet, 'extensible', false, usages);
    else if (purpose === 'maximum') add(valueSet, 'required', true, usages);
  }
  return text;
}

/** Whether the caller says that the resource is used in one of these contexts. */
function areMet(usages: readonly UsageRow[]): (session: Session) => boolean {
  return ({ options }) => options.usages?.some(({ code, system, value }) => usages.some((usage) => usage.code === code && usage.value === value && (usage.system === undefined || usage.system === system))) ?? false;
}

/**
 * As the definition says, but for one of R4: units of vital signs are bound to a list that lacks units which profiles of
 * them ask for (L/min in pulse oximetry of US Core). HL7's validator takes that binding as extensible, too.
 */
function strengthOf({ strength }: Binding, valueSet: string): 'required' | 'extensible' | 'preferred' {
  if (strength === 'required' && valueSet.replace(/\|.*$/, '') === 'http://hl7.org/fhir/ValueSet/ucum-vitals-common') return 'extensible';
  return strength === 'example' ? 'preferred' : strength;
}

/** The same value set as strongly, whatever version is meant. */
function isSameBinding(left: Binding, right: Binding | undefined): boolean {
  return left.strength === right?.strength && left.valueSet?.replace(/\|.*$/, '') === right.valueSet?.replace(/\|.*$/, '');
}

function targetRules(unit: Unit, row: ElementRow, type: TypeRow, base: TypeRow | undefined, { value }: Names): string {
  if (type.code === 'canonical') {
    if (base !== undefined && isSame(type.targets, base.targets)) return '';
    const check = canonicalCheck(unit, row, type);
    return check === undefined ? '' : `${unit.source.constant(check)}(${value}, s);\n`;
  }
  if (type.code !== 'Reference') return '';
  if (base !== undefined && isSame(type.targets, base.targets) && isSame(type.aggregation, base.aggregation)) return '';
  const rule = referenceRule(unit, row, type, base === undefined);
  return `${unit.source.constant(checkReference)}(${value}, ${unit.source.constant(rule)}, s);\n`;
}

/** True of every value whose form is right, which has been checked: ele-1, as R4 has it and as later tools write it. */
const alwaysTrue = new Set(['hasValue() or (children().count() > id.count())', 'hasValue() or (children().count() > id.count()) or $this is Parameters']);

function invariantRules(unit: Unit, row: ElementRow, base: ElementRow | undefined, path: string, { value, sibling }: Names): string {
  let text = '';
  const typeRow = row.path.includes('.') ? unit.compiler.definitions.type(path)?.elements[0] : undefined;
  for (const constraint of row.constraints ?? []) {
    if (alwaysTrue.has(constraint.expression) || isAmong(constraint, base?.constraints) || isAmong(constraint, typeRow?.constraints)) continue;
    text += invariantRule(unit, constraint, path, value, sibling);
  }
  return text;
}

function invariantRule(unit: Unit, constraint: Constraint, path: string, value: string, sibling: string): string {
  const { key, expression, human } = constraint;
  const holds = unit.compiler.invariants(expression, path);
  if (holds === undefined) return '';
  const details = { key, meaning: human ?? expression };
  const call = `${unit.source.constant(holds)}(${value}, ${sibling}, s)`;
  if (constraint.bestPractice === true) {
    const [warning, error] = (['warning', 'error'] as const).map((severity) => unit.source.constant(unit.issue('constraint-failed', details, severity, key)));
    return `if (s.bestPractice !== 0 && ${call} === false) s.add(s.bestPractice === 1 ? ${warning} : ${error});\n`;
  }
  const failed = unit.source.constant(unit.issue('constraint-failed', details, constraint.severity, key));
  const untold = unit.source.constant(unit.issue('constraint-not-evaluated', { key }, 'warning', key));
  const result = unit.source.local('r');
  return `const ${result} = ${call};\nif (${result} !== true) s.add(${result} === false ? ${failed} : ${untold});\n`;
}

function isAmong(constraint: Constraint, others: readonly Constraint[] | undefined): boolean {
  // One of R4 may be written otherwise by later tools, and mean the same.
  const known = wellKnown.get(constraint.expression);
  return others?.some(({ key, expression }) => key === constraint.key && (expression === constraint.expression || (known !== undefined && known === wellKnown.get(expression)))) ?? false;
}

export function isSame(left: unknown, right: unknown): boolean {
  return left === right || JSON.stringify(left) === JSON.stringify(right);
}

/** A value of a definition, for the reader of an issue. */
function told(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value) ?? '';
  return text.length > 300 ? `${text.slice(0, 300)} …` : text;
}
