/**
 * What PDex 2.0 calls by other names than PAS, on an ExplanationOfBenefit in place of a ClaimResponse. PAS forbids its own
 * there. Source: hl7.fhir.us.davinci-pdex 2.0.0, pdex-priorauthorization.
 */
import type { Extension } from '@medplum/fhirtypes';
import { EXTENSION } from '../pas.ts';

const STRUCTURE = 'http://hl7.org/fhir/us/davinci-pdex/StructureDefinition/';

/** By the canonical of PAS. */
const PDEX_BY_PAS: ReadonlyMap<string, string> = new Map([
  [EXTENSION.reviewAction, `${STRUCTURE}extension-reviewAction`],
  [EXTENSION.reviewActionCode, `${STRUCTURE}extension-reviewActionCode`],
  [EXTENSION.levelOfServiceCode, `${STRUCTURE}extension-levelOfServiceCode`],
]);
const PAS_BY_PDEX: ReadonlyMap<string, string> = new Map([...PDEX_BY_PAS].map(([pas, pdex]) => [pdex, pas]));

/** The extensions by their names in PDex, those within them too. */
export const inPdex = (extensions: readonly Extension[]): Extension[] => renamed(extensions, PDEX_BY_PAS);

/** The same back. */
export const inPas = (extensions: readonly Extension[]): Extension[] => renamed(extensions, PAS_BY_PDEX);

/** A path of the ledger that names an extension of PAS, by its name in PDex. */
export function pathInPdex(path: string): string {
  return path.replaceAll(/url='([^']+)'/g, (whole, url: string) => (PDEX_BY_PAS.has(url) ? `url='${PDEX_BY_PAS.get(url)}'` : whole));
}

function renamed(extensions: readonly Extension[], names: ReadonlyMap<string, string>): Extension[] {
  return extensions.map((each) => ({ ...each, url: names.get(each.url) ?? each.url, ...(each.extension !== undefined && { extension: renamed(each.extension, names) }) }));
}
