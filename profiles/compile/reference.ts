/**
 * References: whether they lead to a type and to profiles that the definition allows. What is in the same Bundle or
 * contained is looked up; what is elsewhere becomes a question.
 * Source: https://hl7.org/fhir/R4/references.html, https://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.type.aggregation
 */
import { readReference } from '../../fhir/references.ts';
import { isResourceType } from '../../fhir/resource-types.ts';
import type { TypeRow } from '../tables/structure-table.ts';
import { isObject, isOfType, own, type CompiledProfile, type JsonObject, type Session } from './check.ts';
import type { Template } from './findings.ts';
import { tellInWords } from './in-words.ts';

const typeBase = 'http://hl7.org/fhir/StructureDefinition/';
const unknownType: Template = { code: 'reference-type-unknown', details: {}, severity: 'error' };
const otherTypeStated: Template = { code: 'reference-type-other', details: {}, severity: 'error' };
const misshapen: Template = { code: 'reference-form', details: {}, severity: 'error' };
const scheme = /^[A-Za-z][A-Za-z0-9+.-]*:/;
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export interface ReferenceRule {
  /** Types of which the target is; undefined for any. */
  readonly types: ReadonlySet<string> | undefined;
  /** The same; none for any. */
  readonly names: readonly string[];
  /** Types of which a target conforms without more. */
  readonly plain: ReadonlySet<string> | undefined;
  /** One of these a target conforms to whose type is not among the plain ones. */
  readonly profiles: readonly CompiledProfile[];
  readonly canonicals: readonly string[];
  readonly aggregation: TypeRow['aggregation'];
  readonly profile: string;
  readonly wrongType: Template;
  readonly nonconforming: Template;
  readonly wrongPlace: Template;
  /** Told by the definition of a type, where profiles need not tell it again. */
  readonly nothingContained: Template | undefined;
  /** The same: the reference names one type, and what it leads to is of another. */
  readonly otherType: Template | undefined;
}

export function checkReference(value: unknown, rule: ReferenceRule, session: Session): void {
  if (!isObject(value)) return;
  const { reference, type } = value;
  if (typeof type === 'string' && rule.otherType !== undefined) checkType(type, reference, rule, session);
  if (typeof reference !== 'string' || reference === '') return;
  const target = session.resolve(reference);
  if (rule.aggregation !== undefined && !rule.aggregation.includes(placeOf(reference, target))) session.add(rule.wrongPlace);
  if (target !== undefined) {
    if (rule.otherType !== undefined && namesOtherType(reference, target)) session.add(rule.otherType);
    else checkTarget(target, rule, session);
  }
  else if (reference.startsWith('#')) {
    if (rule.nothingContained !== undefined) session.add(rule.nothingContained);
  } else if (!session.bundled && isPlain(reference, rule)) askFor(reference, true, rule, session);
  else if (rule.otherType !== undefined && isMisshapen(reference)) tellInWords(misshapen, '.reference', session);
  else if (rule.otherType !== undefined && session.bundled && meansOtherType(reference, session)) session.add(rule.otherType);
  else checkElsewhere(reference, rule, session);
}

/**
 * `Reference.type` is a resource type by its name, or a logical model by its address; it is that of what is referred to.
 * Source: https://hl7.org/fhir/R4/references-definitions.html#Reference.type
 */
function checkType(type: string, reference: unknown, { types }: ReferenceRule, session: Session): void {
  const name = type.startsWith(typeBase) ? type.slice(typeBase.length) : type;
  if (!isResourceType(name)) {
    // Another address may be that of a logical model.
    if (name !== type || !type.includes(':')) tellInWords(unknownType, '.type', session);
    return;
  }
  const isAllowed = types === undefined || types.has(name);
  if (!isAllowed) tellInWords(otherTypeStated, '.type', session);
  if (typeof reference !== 'string' || reference === '') return;
  const actual = session.resolve(reference)?.['resourceType'] ?? typeNamed(reference, undefined);
  if (isAllowed && actual !== undefined && actual !== name) tellInWords(otherTypeStated, '.type', session);
}

/** Nearly all are `Type/id`, and of a type that is enough: told with one look at the type and one at the id. */
function isPlain(reference: string, { plain }: ReferenceRule): boolean {
  const slash = reference.indexOf('/');
  if (slash <= 0 || !isId(reference, slash + 1)) return false;
  const type = reference.slice(0, slash);
  return plain === undefined ? isResourceType(type) : plain.has(type);
}

/**
 * What is not absolute is a type and an id, or a search that finds one (in transactions).
 * Source: https://hl7.org/fhir/R4/references.html#literal
 */
function isMisshapen(reference: string): boolean {
  const slash = reference.indexOf('/');
  // Nearly all are `Type/id`: told without a pattern.
  if (slash > 0 && isId(reference, slash + 1) && isResourceType(reference.slice(0, slash))) return false;
  if (scheme.test(reference)) return false;
  const query = reference.indexOf('?');
  return query === -1 ? readReference(reference) === undefined : !isResourceType(reference.slice(0, query));
}

/** Whether the rest of a text is an id. */
function isId(text: string, from: number): boolean {
  if (from >= text.length || text.length - from > 64) return false;
  for (let at = from; at < text.length; at++) {
    const c = text.charCodeAt(at);
    const isOne = (c >= 97 && c <= 122) || (c >= 48 && c <= 57) || (c >= 65 && c <= 90) || c === 45 || c === 46;
    if (!isOne) return false;
  }
  return true;
}

function namesOtherType(reference: string, target: JsonObject): boolean {
  const type = readReference(reference)?.type;
  return isResourceType(type) && type !== own(target, 'resourceType');
}

/** `Practitioner/[uuid]` beside an entry `urn:uuid:[uuid]` that is no Practitioner. */
function meansOtherType(reference: string, session: Session): boolean {
  const read = readReference(reference);
  if (read === undefined || !uuid.test(read.id)) return false;
  const target = session.resolve(`urn:uuid:${read.id}`);
  return target !== undefined && namesOtherType(reference, target);
}

function placeOf(reference: string, target: JsonObject | undefined): 'contained' | 'bundled' | 'referenced' {
  return reference.startsWith('#') ? 'contained' : target === undefined ? 'referenced' : 'bundled';
}

function checkTarget(target: JsonObject, rule: ReferenceRule, session: Session): void {
  const { types, plain, profiles } = rule;
  const type = own(target, 'resourceType');
  if (typeof type !== 'string') return;
  if (types !== undefined && !types.has(type)) session.add(rule.wrongType);
  else if (profiles.length > 0 && plain !== undefined && !plain.has(type) && !profiles.some((profile) => session.conforms(target, profile))) {
    session.add(rule.nonconforming);
    // Of several nobody knows which is meant.
    const ofType = profiles.filter((profile) => isOfType(target, profile));
    if (ofType.length === 1) session.explain(target, ofType, 'hints');
  }
}

/** The type that a reference names: most are `Type/id`, and of a type that is allowed. */
function typeNamed(reference: string, types: ReadonlySet<string> | undefined): string | undefined {
  const first = reference.slice(0, Math.max(reference.indexOf('/'), 0));
  if (types?.has(first) === true) return first;
  const type = readReference(reference)?.type;
  return isResourceType(type) ? type : undefined;
}

function checkElsewhere(reference: string, rule: ReferenceRule, session: Session): void {
  const { types, plain } = rule;
  const type = typeNamed(reference, types);
  if (types !== undefined && type !== undefined && !types.has(type)) {
    session.add(rule.wrongType);
    return;
  }
  // Some types are enough by themselves, and a profile that is not known here may be the one that the target has.
  askFor(reference, plain === undefined || (type !== undefined && plain.has(type)), rule, session);
}

/** @param isEnough whether any resource of a type that is allowed will do */
function askFor(reference: string, isEnough: boolean, { names, canonicals, profile }: ReferenceRule, session: Session): void {
  session.ask((expression) => ({ kind: 'reference', reference, types: names, profiles: isEnough ? [] : canonicals, expression, profile }));
}
