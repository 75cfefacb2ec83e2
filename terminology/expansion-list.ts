/** What an expansion lists, by system and version, as a composition: of a value set that has no other. */
import type { ValueSet, ValueSetComposeInclude, ValueSetComposeIncludeConcept, ValueSetExpansionContains } from '@medplum/fhirtypes';

export function composeOf(contains: readonly ValueSetExpansionContains[]): NonNullable<ValueSet['compose']> {
  const includes = new Map<string, ValueSetComposeInclude & { concept: ValueSetComposeIncludeConcept[] }>();
  const open = [...contains].toReversed();
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { system, version, code, display, designation, abstract } = next;
    // An abstract entry is a heading and no choice.
    if (code !== undefined && abstract !== true) {
      const name = JSON.stringify([system, version]);
      const include = includes.get(name) ?? { ...(system !== undefined && { system }), ...(version !== undefined && { version }), concept: [] };
      includes.set(name, include);
      include.concept.push({ code, ...(display !== undefined && { display }), ...(designation && { designation }) });
    }
    open.push(...(next.contains ?? []).toReversed());
  }
  return { include: [...includes.values()] };
}
