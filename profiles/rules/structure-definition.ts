/**
 * StructureDefinitions that make no sense: differentials of elements that are not there, slices told apart by what their
 * items do not have, values and types that an element cannot have, constraints that nobody can evaluate.
 * Source: https://hl7.org/fhir/R4/structuredefinition.html, https://hl7.org/fhir/R4/elementdefinition.html
 */
import { isKindOf, isType } from '../../fhir/element-types.ts';
import { FhirPathError } from '../../fhir/fhirpath/error.ts';
import { compileExpression } from '../../fhir/fhirpath/native/index.ts';
import { isObject, own, type JsonObject, type ResourceRule, type Session } from '../compile/check.ts';
import type { Template } from '../compile/findings.ts';
import { leadsSomewhere, typesAt } from './paths.ts';

const bindable = new Set(['code', 'Coding', 'CodeableConcept', 'Quantity', 'string', 'uri', 'url', 'canonical', 'id', 'oid', 'uuid', 'markdown', 'Money']);
const valueForm = /^(?:fixed|pattern)([A-Z]\w*)$/;
/** Longer expressions are not looked at; the longest of R4 has 2,000 characters. */
const longestExpression = 10_000;

export const structureDefinitionRule: ResourceRule = (definition, session) => {
  const type = own(definition, 'type');
  if (own(definition, 'derivation') !== 'constraint' || typeof type !== 'string') return;
  checkBase(own(definition, 'baseDefinition'), type, session);
  const differential = own(definition, 'differential');
  const elements = isObject(differential) ? own(differential, 'element') : undefined;
  if (!Array.isArray(elements) || !isType(type)) return;
  for (const [index, element] of elements.entries()) {
    if (!isObject(element)) continue;
    const from = session.n;
    checkElement(element, type, session);
    if (session.n > from) session.at(from, `.differential.element[${index}]`);
    if (session.n >= session.limit) return;
  }
};

function wrong(reason: string, session: Session): Template {
  return { code: 'definition-senseless', details: { reason }, severity: session.options.inWords ?? 'error' };
}

function checkBase(base: unknown, type: string, session: Session): void {
  const known = typeof base === 'string' ? session.library.profile(base) : undefined;
  if (known !== undefined && known.type !== type) session.addAt(wrong('its type must be that of the definition that it constrains', session), '.type');
}

function checkElement(element: JsonObject, type: string, session: Session): void {
  const path = own(element, 'path');
  if (typeof path !== 'string') return;
  const types = path.split('.')[0] === type ? typesAt(path) : [];
  if (types.length === 0) {
    session.addAt(wrong(`no element of ${type} has this path`, session), '.path');
    return;
  }
  const narrowed = checkTypes(element, path, types, session);
  checkConstraints(element, narrowed[0]!, session);
  checkSlicing(element, narrowed, session);
  if (isObject(own(element, 'binding')) && !narrowed.some((one) => bindable.has(one) || isKindOf(one, 'Quantity') || isAny(one))) session.addAt(wrong('an element of this type has no code to bind', session), '.binding');
  for (const name of Object.keys(element)) {
    const suffix = valueForm.exec(name)?.[1];
    if (suffix === undefined || narrowed.some((one) => isAny(one) || capital(one) === suffix)) continue;
    session.addAt(wrong('the element has no value of the type that is fixed here', session), name.startsWith('fixed') ? '.fixed' : '.pattern');
  }
}

/** @returns the types that the element has here */
function checkTypes(element: JsonObject, path: string, types: readonly string[], session: Session): readonly string[] {
  const list = own(element, 'type');
  const codes = (Array.isArray(list) ? list : []).map((one) => isObject(one) ? own(one, 'code') : undefined);
  // The type itself, and codes of FHIRPath for ids and the like.
  if (codes.length === 0 || !path.includes('.') || codes.some((code) => typeof code !== 'string' || code.includes(':'))) return types;
  for (const [index, code] of codes.entries()) {
    const isAllowed = types.some((one) => isAny(one) || one.includes('.') || isKindOf(String(code), one) || (one === 'Resource' && isKindOf(String(code), 'Resource')));
    if (!isAllowed) session.addAt(wrong('the element that is constrained has no such type', session), `.type[${index}].code`);
  }
  // What is said of a nested structure by its type is less than what is known by its path.
  return codes.some((code) => code === 'BackboneElement' || code === 'Element') ? types : codes as string[];
}

/** What is no FHIRPath is an error; what this server does not evaluate is told too, since resources are not checked by it. */
function checkConstraints(element: JsonObject, type: string, session: Session): void {
  const constraints = own(element, 'constraint');
  if (!Array.isArray(constraints)) return;
  for (const [index, constraint] of constraints.entries()) {
    const expression = isObject(constraint) ? own(constraint, 'expression') : undefined;
    if (typeof expression !== 'string' || expression.length > longestExpression) continue;
    const code = refusalOf(expression, isType(type) ? type : 'Element');
    if (code === 'syntax') session.addAt(wrong('the constraint is no FHIRPath', session), `.constraint[${index}].expression`);
    if (code === 'unsupported' || code === 'limit') session.addAt({ ...wrong('the constraint is beyond what this server evaluates of FHIRPath', session), severity: 'warning' }, `.constraint[${index}].expression`);
  }
}

function refusalOf(expression: string, type: string): string | undefined {
  try {
    compileExpression(expression, type);
    return undefined;
  } catch (error) {
    if (error instanceof FhirPathError) return error.code;
    throw error;
  }
}

function checkSlicing(element: JsonObject, types: readonly string[], session: Session): void {
  const slicing = own(element, 'slicing');
  const list = isObject(slicing) ? own(slicing, 'discriminator') : undefined;
  if (!Array.isArray(list)) return;
  for (const [index, one] of list.entries()) {
    const path = isObject(one) ? own(one, 'path') : undefined;
    if (typeof path === 'string' && path !== '' && !leadsSomewhere(path, types)) session.addAt(wrong('the path leads to nothing that the sliced element has', session), `.slicing.discriminator[${index}].path`);
  }
}

function isAny(type: string): boolean {
  return type === 'Element' || type === 'BackboneElement' || type.includes('.');
}

function capital(type: string): string {
  return type.charAt(0).toUpperCase() + type.slice(1);
}
