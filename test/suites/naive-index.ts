/** What a resource can be found by, parameter by parameter: its expression evaluated by fhirpath.js, its nodes read naively. */
import { searchParameterByUrl, type SearchParameter } from '../../fhir/search-parameters.ts';
import { evaluateTyped, type Node } from '../fhir/fhirpath/oracle.ts';
import { naiveValues } from './naive-values.ts';

/** Every choice of one of each. */
export const combinations = (lists: readonly string[][]): string[] => lists.reduce<string[]>((all, list) => all.flatMap((one) => list.map((next) => (one === '' ? next : `${one} $ ${next}`))), ['']);

/** In the words of naive-values.ts. */
export function naively(parameter: SearchParameter, resource: Node): Set<string> {
  const nodes = evaluateTyped(parameter.expression, resource, resource);
  const { type } = parameter;
  if (type !== 'composite') return new Set(nodes.flatMap((node) => naiveValues(type, node)));
  return new Set(nodes.flatMap((node) => {
    const whole = typeof node.value === 'object' && 'resourceType' in (node.value as object);
    const lists = parameter.component!.map(({ definition, expression }) => {
      const { type: componentType } = searchParameterByUrl(definition)!;
      if (componentType === 'composite') throw new Error('a composite of composites');
      return evaluateTyped(expression, node.value, resource, whole ? undefined : node.path).flatMap((one) => naiveValues(componentType, one));
    });
    return lists.some((list) => list.length === 0) ? [] : combinations(lists);
  }));
}
