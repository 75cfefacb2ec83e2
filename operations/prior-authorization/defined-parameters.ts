/**
 * Parameters against the OperationDefinition that was published. What an operation does not know it must not pass
 * over in silence: a decision would then be another than its author meant.
 * Source: FHIR R4, OperationDefinition.parameter and Parameters (https://hl7.org/fhir/R4/parameters.html).
 */
import type { OperationDefinitionParameter, ParametersParameter } from '@medplum/fhirtypes';

/** Properties of a parameter that say nothing about what it means. */
const beside: ReadonlySet<string> = new Set(['id', 'extension', 'name', '_name']);

/**
 * Complains of parameters that are not defined, come more often than they may, or have another value than the one of
 * their type. Names that were sent are not repeated. Whether one is missing is for the operation to say, in its own words.
 * @param path FHIRPath of the list
 */
export function checkParameters(sent: readonly ParametersParameter[], defined: readonly OperationDefinitionParameter[], path: string, complain: (rule: string, expression: string) => void): void {
  const inputs = defined.filter((each) => each.use === 'in');
  for (const { name, max } of inputs) {
    if (max === '1' && sent.filter((each) => each.name === name).length > 1) complain(`${name} may be given only once.`, path);
  }
  for (const [index, parameter] of sent.entries()) {
    const place = `${path}[${index}]`;
    const definition = inputs.find((each) => each.name === parameter.name);
    if (!definition) {
      complain('The operation has no parameter of this name here.', place);
      continue;
    }
    const forms = formsOf(definition);
    const given = Object.entries(parameter).filter(([name, value]) => value !== undefined && !beside.has(name)).map(([name]) => name);
    if (given.some((name) => !forms.includes(name.replace(/^_/, '')))) complain(`${definition.name} must be ${definition.type === undefined ? 'in parts' : `of type ${definition.type}`}, and nothing else.`, place);
    if (definition.part) checkParameters(parameter.part ?? [], definition.part, `${place}.part`, complain);
    else if (given.every((name) => name.startsWith('_'))) complain(`${definition.name} must have a value.`, place);
  }
}

/** A positiveInt is taken as an integer too: generic clients have no other number. */
function formsOf({ type, part }: OperationDefinitionParameter): readonly string[] {
  if (part || type === undefined) return ['part'];
  const form = `value${type.charAt(0).toUpperCase()}${type.slice(1)}`;
  return type === 'positiveInt' ? [form, 'valueInteger'] : [form];
}
