/**
 * Composite values: the values of the components side by side, from the same node.
 * Source: FHIR R4, "Search", section "Composite Search Parameters" (https://hl7.org/fhir/R4/search.html#combining).
 */
import { compileFhirPath } from '../fhirpath/compiler.ts';
import type { Ending } from '../fhirpath/scope.ts';
import type { Visit } from '../fhirpath/visit.ts';
import type { SearchParameter, SearchParameterSet } from '../search-parameters.ts';
import type { SearchValue, SimpleSearchValue } from './values.ts';

/** The most combinations one node is indexed by; a hostile one with thousands of codings stops here. */
const maximumCombinations = 1000;

/**
 * The visit that makes composite values of nodes of a type; undefined where a component has nothing to find there.
 * @param resourceType the type of the resource the nodes are in
 * @param set where the components are defined
 * @param ending the visit for the values of a simple parameter
 */
export function composites(
  parameter: SearchParameter,
  type: string,
  resourceType: string,
  set: SearchParameterSet,
  ending: (component: SearchParameter) => Ending<SearchValue[]>,
): Visit<SearchValue[]> | undefined {
  const visits: Visit<SearchValue[]>[] = [];
  for (const { definition, expression } of parameter.component ?? []) {
    const component = set.byUrl(definition);
    const visit = component && compileFhirPath(expression, type, ending(component), resourceType);
    if (visit === undefined) return undefined;
    visits.push(visit);
  }
  if (visits.length === 0) return undefined;
  return (node, { resource, out }) => {
    let combinations: SimpleSearchValue[][] = [[]];
    for (const visit of visits) {
      const found: SearchValue[] = [];
      visit(node, { resource, out: found });
      // Without one of its parts a composite cannot match anything.
      if (found.length === 0) return;
      const longer: SimpleSearchValue[][] = [];
      for (const combination of combinations) {
        for (const value of found) {
          if (longer.length < maximumCombinations && value.type !== 'composite') longer.push([...combination, value]);
        }
      }
      combinations = longer;
    }
    for (const components of combinations) out.push({ type: 'composite', parameter, components });
  };
}
