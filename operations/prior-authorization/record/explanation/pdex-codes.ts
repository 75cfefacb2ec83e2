/** Codes of a request under the names that PDex binds. What PDex has no list for is said in the sender's own, beside the code for "does not apply". */
import type { CodeableConcept, Coding } from '@medplum/fhirtypes';
import { systemOf, x12System } from '../../../../profiles/pas/names.ts';
import { pdexSystem } from '../../../../profiles/pas/pdex-names.ts';
import { canonicalSystem } from '../../../../terminology/system-aliases.ts';
import type { Reason } from '../../events.ts';

/** The lists of PDexPAInstitutionalProcedureCodesVS, by the name that each has here. */
const procedureSystems: ReadonlyMap<string, string> = new Map([
  [canonicalSystem(pdexSystem.cpt), pdexSystem.cpt], [canonicalSystem(pdexSystem.hcpcs), pdexSystem.hcpcs], [canonicalSystem(pdexSystem.hipps), pdexSystem.hipps],
]);

export function procedureConcept(asked: CodeableConcept | undefined): CodeableConcept {
  const codings = (asked?.coding ?? []).map((coding): Coding => {
    const system = coding.system === undefined ? undefined : procedureSystems.get(canonicalSystem(coding.system));
    return system === undefined ? coding : { ...coding, system };
  });
  const isListed = codings.some(({ system }) => [...procedureSystems.values()].includes(system ?? ''));
  return { ...asked, coding: isListed ? codings : [...codings, { system: systemOf.dataAbsent, code: 'not-applicable', display: 'Not Applicable' }] };
}

/** X12 1365. A category of another list is none of PDex. */
export function serviceTypeConcept(category: CodeableConcept | undefined): CodeableConcept | undefined {
  const coding = (category?.coding ?? []).filter(({ system }) => canonicalSystem(system ?? '') === x12System('1365')).map((each) => ({ ...each, system: pdexSystem.serviceType }));
  return coding.length > 0 ? { coding } : undefined;
}

/**
 * Why not, in the list that PDex binds: 39, "denied when authorization was requested", is the one claim adjustment
 * reason that is about this. The plan's own reason stands beside it, in code and words.
 */
export function deniedConcept({ system, code, text }: Reason): CodeableConcept {
  return { coding: [{ system: pdexSystem.adjustmentReason, code: '39' }, { ...(system !== '' && { system }), code }], text };
}
