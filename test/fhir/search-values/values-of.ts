/** The values one search parameter finds in a resource, without the parameter itself: what tests compare. */
import { extractSearchValues } from '../../../fhir/search-values/extract.ts';
import type { SearchValue } from '../../../fhir/search-values/values.ts';

type Bare = Record<string, unknown>;

function bare(value: SearchValue): Bare {
  const { parameter: _, type: __, ...rest } = value;
  const entries = Object.entries(rest).filter(([, part]) => part !== undefined);
  return Object.fromEntries(entries.map(([name, part]) => [name, name === 'components' ? (part as SearchValue[]).map(bare) : part]));
}

export function valuesOf(resource: { readonly resourceType: string; readonly [element: string]: unknown }, code: string): Bare[] {
  return extractSearchValues(resource)
    .filter((value) => value.parameter.code === code)
    .map(bare);
}
