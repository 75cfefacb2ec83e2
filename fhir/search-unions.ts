/**
 * Parameters that say over again what others say: `combo-code` of an Observation finds what `code` or `component-code`
 * finds. They are not indexed; a search for one is a search for any of its parts.
 */

const ofObservation: ReadonlyMap<string, readonly string[]> = new Map(
  ['code', 'value-quantity', 'value-concept', 'data-absent-reason', 'code-value-quantity', 'code-value-concept']
    .map((code) => [`combo-${code}`, [code, `component-${code}`]]),
);

/** The parameters that a parameter is the union of; undefined for one that stands for itself. */
export function unionOf(type: string, code: string): readonly string[] | undefined {
  return type === 'Observation' ? ofObservation.get(code) : undefined;
}
