/**
 * Where a rule puts its value: a path through a resource, resolved against the definitions of FHIR R4, so that a rule
 * with a path that no resource has is found when it is compiled and not in a Bundle.
 */
import { elementsOf, isPrimitive, isType } from '../../../fhir/element-types.ts';
import { RuleFault } from './rule.ts';

export interface Step {
  /** JSON property: `valueQuantity`, `_birthDate` for what is beside a primitive. */
  readonly property: string;
  readonly repeats: boolean;
  /** FHIR type of what stands there. */
  readonly type: string;
  /** Which of several objects of one element, as the rule numbers them: `name[2]`. */
  readonly slot: string;
  /** Other properties of the same choice of types: of `valueString` and `valueQuantity` only one may be there. */
  readonly others?: readonly string[];
  /** The type of the resource that is gone into, where the step is a reference. */
  readonly through?: string;
}

const STEP = /^([A-Za-z]+)(?:\[(\w+)\])?/;

/**
 * The steps of a path such as `name[1].given` or `requester(PractitionerRole.organization(Organization.address))`.
 * @throws {RuleFault} where R4 has no such element
 */
export function resolveTarget(resourceType: string, path: string): readonly Step[] {
  const steps: Step[] = [];
  let type = resourceType;
  let rest = path;
  let closing = 0;
  while (rest !== '') {
    const match = STEP.exec(rest);
    if (match === null) throw new RuleFault(`a path that cannot be read: ${path}`);
    rest = rest.slice(match[0].length);
    const [, name, slot] = match;
    const found = elementOf(type, name!);
    if (found === undefined) throw new RuleFault(`${type} has no element ${name}`);
    const beside = isPrimitive(found.type) && /^\.extension\b/.test(rest);
    let through: string | undefined;
    if (rest.startsWith('(')) {
      through = /^\(([A-Z][A-Za-z]+)/.exec(rest)?.[1];
      if (through === undefined || found.type !== 'Reference' || !isType(through)) throw new RuleFault(`a step that is no reference: ${path}`);
      rest = rest.slice(1 + through.length);
      closing += 1;
    }
    steps.push({ property: beside ? `_${found.property}` : found.property, repeats: beside ? false : found.repeats, type: beside ? 'Element' : found.type, slot: slot ?? '', ...(found.others.length > 0 && { others: found.others }), ...(through !== undefined && { through }) });
    type = through ?? (beside ? 'Element' : found.type);
    if (rest.startsWith('.')) rest = rest.slice(1);
    else if (rest !== '') {
      if (!/^\)+$/.test(rest) || rest.length !== closing) throw new RuleFault(`a path that cannot be read: ${path}`);
      rest = '';
    } else if (closing !== 0) throw new RuleFault(`a bracket that is not closed: ${path}`);
  }
  if (steps.length === 0) throw new RuleFault('a path without a step');
  return steps;
}

function elementOf(type: string, name: string): { property: string; repeats: boolean; type: string; others: readonly string[] } | undefined {
  for (const element of elementsOf(type)) {
    for (const each of element.types) if (each.property === name && !(element.choice && element.types.length > 1 && each.property === element.name)) return { property: name, repeats: element.repeats, type: each.type, others: element.types.map(({ property }) => property).filter((property) => property !== name) };
  }
  return undefined;
}
