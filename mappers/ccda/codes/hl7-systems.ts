/**
 * Which codes the systems of HL7 versions 2 and 3 have, and what they are called (scripts/distill-ccda-systems.mjs):
 * documents often name such a system with a code that it has not, or call a code by another name.
 */
import table from './hl7-systems.json' with { type: 'json' };

const systems: Readonly<Record<string, Readonly<Record<string, string>> | undefined>> = table;

/** The controlled terminology of DICOM has codes of six digits. */
const dicom = 'http://dicom.nema.org/resources/ontology/DCM';

/** Whether a code is none of its system, as far as the system is known here. */
export function isForeign(system: string | undefined, code: string): boolean {
  if (system === dicom) return !/^\d{6}$/.test(code);
  const codes = system === undefined ? undefined : systems[system];
  return codes !== undefined && !Object.hasOwn(codes, code);
}

/** Whether a display may stand beside a code: only the system's own may, as far as the system is known here. */
export function isDisplayOf(system: string | undefined, code: string, display: string): boolean {
  const codes = system === undefined ? undefined : systems[system];
  return codes === undefined || codes[code]?.toLowerCase() === display.toLowerCase();
}
