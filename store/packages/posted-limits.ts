/**
 * How large a posted StructureDefinition may be. It is made ready while others wait for their answers, when somebody first
 * asks for it, and each takes less than about 200 ms within these limits. Packages, which an administrator installs, may
 * have larger ones.
 */
import { parseJson } from '../../fhir/json.ts';
import { Problem } from '../../fhir/problems.ts';
import { type JsonObject } from '../../profiles/distill/json-parts.ts';
import { sizeReason, type SnapshotLimits } from '../../profiles/snapshot/generate.ts';

export const postedLimits: SnapshotLimits & { readonly together: number } = {
  changes: 1000, elements: 4000, slices: 200,
  /** Of a definition and all posted ones that it stands on. Elements of a snapshot that is there cost a quarter, and count so. */
  together: 2000,
};

/** @throws {Problem} `unusable-definition` for one that is too large */
export function assertPostable(content: string): void {
  const definition = parseJson(content) as JsonObject;
  const reason = sizeReason(definition, postedLimits);
  if (reason !== undefined) throw new Problem('unusable-definition', { definition: 'This StructureDefinition', reason });
}
