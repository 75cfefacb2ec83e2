/**
 * A tenant's own search parameters: from a SearchParameter resource to what resources are indexed and searched by.
 * Source: FHIR R4, SearchParameter (https://hl7.org/fhir/R4/searchparameter.html).
 */
import { isKindOf } from './element-types.ts';
import { FhirPathError } from './fhirpath/error.ts';
import { interpret } from './fhirpath/interpreter.ts';
import { Problem, type ProblemIssue } from './problems.ts';
import { isResourceType, resourceTypes } from './resource-types.ts';
import { searchValueVisit } from './search-values/extract.ts';
import type { SearchParameter, SearchParameterComponent, SearchParameterSet, SearchParameterType } from './search-parameters.ts';

const types = new Set<string>(['number', 'date', 'string', 'token', 'reference', 'composite', 'quantity', 'uri'] satisfies SearchParameterType[]);
const codeShape = /^[A-Za-z][A-Za-z0-9-]{0,63}$/;
const abstractTypes = new Set(['Resource', 'DomainResource']);
const mostComponents = 5;

/** Whether a SearchParameter has an effect here: a draft or a retired one is kept like any other resource. */
export function isInForce(resource: unknown): boolean {
  return asObject(resource)['resourceType'] === 'SearchParameter' && asObject(resource)['status'] === 'active';
}

/**
 * What an active SearchParameter defines, checked against the others of its tenant.
 * @param set the tenant's parameters; an earlier version of this one (the same `source`) does not count
 * @returns undefined for what says over again what is in the standard's own set
 * @throws {Problem} `search-parameter-unusable` and `search-parameter-taken`, with all that is wrong
 */
export function customParameter(resource: unknown, set: SearchParameterSet): SearchParameter | undefined {
  const fields = asObject(resource);
  const issues: ProblemIssue[] = [];
  const refuse = (element: string, reason: string): undefined => void issues.push({ code: 'search-parameter-unusable', details: { reason }, expression: `SearchParameter.${element}` });

  const source = text(fields['id']);
  const url = text(fields['url']) ?? refuse('url', 'it has no url');
  const code = codeOf(fields['code'], refuse);
  const base = basesOf(fields['base'], refuse);
  const type = text(fields['type']);
  if (type === undefined || !types.has(type)) refuse('type', 'its type is none that can be indexed (number, date, string, token, reference, composite, quantity, uri)');
  const expression = text(fields['expression']) ?? refuse('expression', 'it has no expression');
  const target = targetsOf(fields['target'], refuse);
  const component = type === 'composite' ? componentsOf(fields['component'], set, source, refuse) : undefined;
  if (url === undefined || code === undefined || expression === undefined || base.length === 0 || issues.length > 0) throw Problem.of(issues as [ProblemIssue]);

  const standard = set.byUrl(url);
  if (standard !== undefined && standard.source === undefined) {
    if (standard.code === code && standard.type === type && standard.expression === expression) return undefined;
    throw new Problem('search-parameter-taken', { what: 'url' }, 'SearchParameter.url');
  }
  const draft: SearchParameter = {
    url, code, type: type as SearchParameterType, base, expression,
    ...(target.length > 0 && { target }), ...(component && { component }), ...(source !== undefined && { source }),
  };
  if (standard !== undefined && standard.source !== source) issues.push({ code: 'search-parameter-taken', details: { what: 'url' }, expression: 'SearchParameter.url' });
  if (concreteTypes(base).some((name) => isTaken(set, name, code, source))) issues.push({ code: 'search-parameter-taken', details: { what: 'code' }, expression: 'SearchParameter.code' });
  const parameter = withExpression(draft, set, refuse);
  if (issues.length > 0) throw Problem.of(issues as [ProblemIssue]);
  return parameter;
}

type Refuse = (element: string, reason: string) => undefined;

/** The resource types that a parameter with these base types is for. */
export function concreteTypes(base: readonly string[]): readonly string[] {
  return resourceTypes.filter((type) => base.some((name) => isKindOf(type, name)));
}

function isTaken(set: SearchParameterSet, type: string, code: string, source: string | undefined): boolean {
  const other = set.find(type, code);
  return other !== undefined && (other.source === undefined || other.source !== source);
}

/** The parameter with its expression tried on each type it is for; one beyond the compiler gets an interpreter. */
function withExpression(draft: SearchParameter, set: SearchParameterSet, refuse: Refuse): SearchParameter {
  try {
    const yielding = concreteTypes(draft.base).filter((type) => searchValueVisit(draft, type, set) !== undefined);
    if (yielding.length === 0) refuse('expression', `it selects no element of these types that a ${draft.type} parameter can index`);
    const idle = draft.base.filter((base) => yielding.length > 0 && !yielding.some((type) => isKindOf(type, base)));
    for (const base of idle) refuse('expression', `it selects nothing in ${base} that a ${draft.type} parameter can index`);
    return draft;
  } catch (error) {
    if (!(error instanceof FhirPathError)) throw error;
    if (draft.type !== 'composite') return interpretedParameter(draft, error, refuse);
    refuse('expression', `${toldBy(error)}, in itself or in a component`);
    return draft;
  }
}

function interpretedParameter(draft: SearchParameter, compiling: FhirPathError, refuse: Refuse): SearchParameter {
  try {
    return { ...draft, evaluate: interpret(draft.expression) };
  } catch (error) {
    if (!(error instanceof FhirPathError)) throw error;
    refuse('expression', toldBy(compiling.code === 'syntax' && error.code === 'syntax' ? compiling : error));
    return draft;
  }
}

/** Our own words and a position; of the expression itself no more than the name of a function. */
function toldBy(error: FhirPathError): string {
  const where = error.position === undefined ? '' : ` (character ${error.position + 1})`;
  return error.code === 'syntax' ? `its expression is no FHIRPath${where}` : `its expression uses what cannot be indexed${where}`;
}

function codeOf(value: unknown, refuse: Refuse): string | undefined {
  const code = text(value);
  if (code === undefined) return refuse('code', 'it has no code');
  return codeShape.test(code) ? code : refuse('code', 'its code is not a letter followed by at most 63 letters, digits and hyphens');
}

function basesOf(value: unknown, refuse: Refuse): readonly string[] {
  const bases = [...new Set(list(value).map(text))];
  if (bases.length === 0) refuse('base', 'it has no base');
  const known = bases.filter((base): base is string => base !== undefined && (isResourceType(base) || abstractTypes.has(base)));
  if (known.length < bases.length) refuse('base', 'one of its base types is no resource type of FHIR R4');
  return known;
}

function targetsOf(value: unknown, refuse: Refuse): readonly string[] {
  const targets = list(value).map(text);
  const known = targets.filter((target): target is string => target !== undefined && (isResourceType(target) || abstractTypes.has(target)));
  if (known.length < targets.length) refuse('target', 'one of its target types is no resource type of FHIR R4');
  return known.includes('DomainResource') ? ['Resource'] : known;
}

function componentsOf(value: unknown, set: SearchParameterSet, source: string | undefined, refuse: Refuse): readonly SearchParameterComponent[] {
  const components = list(value).map((component) => ({ definition: text(asObject(component)['definition'])?.split('|')[0], expression: text(asObject(component)['expression']) }));
  if (components.length < 2 || components.length > mostComponents) refuse('component', `a composite has 2 to ${mostComponents} components`);
  return components.flatMap(({ definition, expression }, index) => {
    const part = definition === undefined ? undefined : set.byUrl(definition);
    if (part === undefined || (part.source !== undefined && part.source === source)) refuse(`component[${index}].definition`, 'it is no search parameter that is known here');
    else if (part.type === 'composite' || part.type === 'special' || part.evaluate !== undefined) refuse(`component[${index}].definition`, 'a search parameter of this kind cannot be part of a composite');
    if (expression === undefined) refuse(`component[${index}].expression`, 'it has no expression');
    return definition === undefined || expression === undefined ? [] : [{ definition, expression }];
  });
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? value as Record<string, unknown> : {};
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : value === undefined ? [] : [value];
}
