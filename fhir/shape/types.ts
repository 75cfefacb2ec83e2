/**
 * Checks of whole types, compiled once per type, when the first value of it comes by.
 */
import { type ElementOfType, elementsOf, isPrimitive } from '../element-types.ts';
import { Decimal } from '../json.ts';
import { refusedNarrative } from '../narrative.ts';
import { isResourceType } from '../resource-types.ts';
import { isMandatory } from '../summary/marked-elements.ts';
import { type Check, isObject, ownValue, primitiveCheck, type PropertyCheck, repeating, repeatingSibling, single } from './elements.ts';
import type { Findings } from './findings.ts';
import { primitiveRules } from './primitives.ts';

interface PropertyRule {
  /** `.name`: the step to the element in FHIRPath, where a choice and the sibling of a primitive go by the element's name. */
  readonly step: string;
  readonly check: PropertyCheck;
  /** Where the element is a choice of types: a bit of its own among the choices of the type. */
  readonly choice: number;
  /** Where the element is mandatory: a bit of its own among those of the type. */
  readonly mandatory: number;
  /** For the sibling of a primitive: the property of the value. */
  readonly siblingOf: string | undefined;
}

/** Elements that are attributes or markup in XML and therefore cannot be extended: no `_id`. */
const withoutSibling = new Set(['Element.id', 'Extension.url', 'Narrative.div']);
/** What has a name like this may be told; anything else could be a patient's data in the wrong place. */
const tellableName = /^_{0,2}[A-Za-z][A-Za-z0-9_]{0,63}$/;

const compiled = new Map<string, Check>();

/** The check of an object of a complex type, or of a resource by its type. */
export function typeCheck(type: string): Check {
  let check = compiled.get(type);
  if (check === undefined) compiled.set(type, check = compile(type));
  return check;
}

/** The check of any resource: its `resourceType` says which. */
export const resourceCheck: Check = (value, findings) => {
  if (!isObject(value)) {
    findings.add(notAnObject(value));
    return;
  }
  const type = ownValue(value, 'resourceType');
  if (isResourceType(type)) typeCheck(type)(value, findings);
  else findings.add('must be a resource with a resourceType of FHIR R4');
};

function compile(type: string): Check {
  const isResource = isResourceType(type);
  const rules = rulesOf(type);
  const mandatory = new Map([...rules.values()].flatMap((rule) => rule.mandatory === 0 ? [] : [[rule.mandatory, rule.step.slice(1)]]));
  const wanted = [...mandatory.keys()].reduce((all, bit) => all | bit, 0);
  return (value, findings) => {
    if (!isObject(value)) {
      findings.add(notAnObject(value));
      return;
    }
    let empty = true;
    let choices = 0;
    let present = 0;
    for (const name of Object.keys(value)) {
      const item = value[name];
      // Not there once the resource is JSON text.
      if (item === undefined) continue;
      empty = false;
      const rule = rules.get(name);
      if (rule === undefined) {
        if (isResource && name === 'resourceType') continue;
        findings.add(unknownElement(type, name));
        if (findings.full) return;
        continue;
      }
      present |= rule.mandatory;
      const before = findings.count;
      if (rule.choice !== 0 && (rule.siblingOf === undefined || ownValue(value, rule.siblingOf) === undefined)) {
        if ((choices & rule.choice) !== 0) findings.add('must be of one type only');
        choices |= rule.choice;
      }
      rule.check(item, value, findings);
      if (findings.count === before) continue;
      findings.place(before, rule.step);
      if (findings.full) return;
    }
    if (empty) findings.add(value instanceof Decimal ? notAnObject(value) : 'must not be empty');
    else if (findings.demanding && (present & wanted) !== wanted) for (const [bit, element] of mandatory) if ((present & bit) === 0) findings.add(`must have ${element}, which is mandatory`);
  };
}

function rulesOf(type: string): ReadonlyMap<string, PropertyRule> {
  const rules = new Map<string, PropertyRule>();
  let choices = 0;
  let demanded = 0;
  for (const element of elementsOf(type)) {
    const choice = element.choice ? 1 << choices++ : 0;
    const mandatory = isMandatory(type, element.name) ? 1 << demanded++ : 0;
    for (const declared of element.types) addRules(rules, type, element, declared, { choice, mandatory });
  }
  if (demanded > 31) throw new RangeError(`${type} has more mandatory elements than bits`);
  if (choices > 31) throw new RangeError(`${type} has more choices of types than bits`);
  return rules;
}

function addRules(rules: Map<string, PropertyRule>, type: string, element: ElementOfType, { property, type: valueType }: ElementOfType['types'][number], bits: Pick<PropertyRule, 'choice' | 'mandatory'>): void {
  const step = `.${element.name}`;
  if (!isPrimitive(valueType)) {
    const check = valueType === 'Resource' ? resourceCheck : later(valueType);
    rules.set(property, { step, check: element.repeats ? repeating(check) : single(check), ...bits, siblingOf: undefined });
    return;
  }
  const rule = primitiveRules.get(valueType);
  if (rule === undefined) throw new RangeError(`No rule for the primitive type ${valueType}`);
  const check = valueType === 'xhtml' ? narrativeCheck(primitiveCheck(rule)) : primitiveCheck(rule);
  const sibling = `_${property}`;
  rules.set(property, { step, check: element.repeats ? repeating(check, sibling) : single(check), ...bits, siblingOf: undefined });
  // In a resource `id` is an element of its own; in everything else it is that of Element.
  const definedBy = element.name === 'id' && valueType === 'string' ? 'Element' : type;
  if (withoutSibling.has(`${definedBy}.${element.name}`)) return;
  const siblingCheck = later('Element');
  rules.set(sibling, { step, check: element.repeats ? repeatingSibling(siblingCheck, property) : single(siblingCheck), ...bits, siblingOf: property });
}

/** A narrative runs nothing where it is shown: what does is refused before it is stored. */
function narrativeCheck(text: Check): Check {
  return (value, findings) => {
    const before = findings.count;
    text(value, findings);
    if (findings.count > before || typeof value !== 'string') return;
    for (const { reason, where } of refusedNarrative(value)) findings.add(`${reason} (line ${where.line}, column ${where.column} of the text)`);
  };
}

/** The check of a type that is compiled when it is first needed: types contain each other. */
function later(type: string): Check {
  let check: Check | undefined;
  return (value: unknown, findings: Findings) => (check ??= typeCheck(type))(value, findings);
}

function notAnObject(value: unknown): string {
  return value === null ? 'must not be null' : Array.isArray(value) ? 'must not be an array' : 'must be an object';
}

function unknownElement(type: string, name: string): string {
  if (name === 'fhir_comments') return 'must not have fhir_comments, which FHIR R4 does not know';
  return tellableName.test(name) ? `must not have ${name}, which is no element of ${type}` : `must not have a property whose name is that of no element of ${type}`;
}
