/** A concept from its fragments, where no code system has ways of its own. */
import type { Designation } from '../concepts.ts';
import type { Assembled, DesignationFragment, Fragment } from './release.ts';

export function assembleConcept(fragments: readonly Fragment[]): Assembled {
  const told = fragments.find((fragment) => fragment.kind === 'concept')!;
  const designations = fragments.filter((fragment) => fragment.kind === 'designation').toSorted((a, b) => rankOf(a) - rankOf(b));
  const text = fragments.flatMap((fragment) => (fragment.kind === 'text' ? [fragment.value] : [])).join(' ');
  const display = told.display ?? (text === '' ? designations[0]?.value : text);
  return {
    concept: {
      code: told.code,
      ...(display !== undefined && { display }),
      ...(told.definition !== undefined && { definition: told.definition }),
      inactive: told.inactive ?? false,
      abstract: told.abstract ?? false,
      designations: designations.filter(({ value }) => value !== display).map(designationOf),
      properties: [...told.properties ?? [], ...fragments.flatMap((fragment) => (fragment.kind === 'property' ? [fragment.property] : []))],
    },
  };
}

function rankOf({ rank = 1000 }: DesignationFragment): number {
  return rank;
}

export function designationOf({ language, use, value }: DesignationFragment): Designation {
  return { ...(language !== undefined && { language }), ...(use && { use }), value };
}
