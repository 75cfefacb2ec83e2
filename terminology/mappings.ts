/** Mappings of a ConceptMap that a request brings along, as the tables have those that are stored. */
import type { ConceptMap } from '@medplum/fhirtypes';
import type { Mapping } from './source.ts';

/** Those from a code, or (`reverse`) to it. */
export function mappingsIn(map: ConceptMap, { code, system, reverse }: { readonly code: string; readonly system: string | undefined; readonly reverse: boolean }): readonly Mapping[] {
  return (map.group ?? []).flatMap((group) => (group.element ?? []).flatMap(({ code: source = '', target }): Mapping[] => {
    const from = { map: { url: map.url ?? '', version: map.version ?? '' }, sourceSystem: group.source ?? '', sourceCode: source, targetSystem: group.target ?? '' };
    const mappings = (target ?? [{ equivalence: 'unmatched' as const, code: undefined, display: undefined, comment: undefined, dependsOn: undefined, product: undefined }]).map((to): Mapping => ({
      ...from, targetCode: to.code, targetDisplay: to.display, equivalence: to.equivalence, comment: to.comment, ...(to.dependsOn && { dependsOn: to.dependsOn }), ...(to.product && { product: to.product }),
    }));
    return mappings.filter((one) => (reverse ? one.targetCode === code && (system === undefined || one.targetSystem === system) : one.sourceCode === code && (system === undefined || one.sourceSystem === system)));
  }));
}
