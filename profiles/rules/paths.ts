/** The types that a path of a definition leads to, by the types of FHIR R4: `Observation.value[x]`, `HumanName.given`. */
import { elementTypes, isPrimitive, isType } from '../../fhir/element-types.ts';
import { parseDiscriminatorPath } from '../compile/discriminator-path.ts';

/** @returns none for a path that no element has */
export function typesAt(path: string): readonly string[] {
  const [type, ...steps] = path.split('.');
  if (type === undefined || !isType(type)) return [];
  return steps.reduce<readonly string[]>((types, step) => types.flatMap((one) => typesOfStep(one, step)), [type]);
}

function typesOfStep(type: string, step: string): readonly string[] {
  const name = step.replace(/\[x\]$/, '');
  const found = elementTypes(type, name).map((one) => one.type);
  if (found.length > 0) return found;
  if (name === 'value' && isPrimitive(type)) return [type];
  // `valueQuantity` stands for `value[x]` of that type.
  for (const [capital] of name.matchAll(/[A-Z].*/g)) {
    const choice = elementTypes(type, name.slice(0, -capital.length)).find(({ property }) => property === name);
    if (choice !== undefined) return [choice.type];
  }
  return [];
}

/** Whether the path of a discriminator can lead anywhere from values of these types; what `resolve()` leads to is not looked at. */
export function leadsSomewhere(path: string, types: readonly string[]): boolean {
  const steps = parseDiscriminatorPath(path);
  if (steps === undefined) return false;
  let at = types;
  for (const step of steps) {
    switch (step.kind) {
      case 'resolve': return true;
      case 'extension': at = ['Extension']; break;
      case 'type': at = [step.type]; break;
      case 'element': default: at = at.flatMap((type) => type === 'Resource' || type === 'DomainResource' ? [] : typesOfStep(type, step.name));
    }
    if (at.length === 0) return types.some((type) => type === 'Resource' || type === 'DomainResource');
  }
  return true;
}
