/** HI: diagnoses, procedures, and what institutional claims tell by code: occurrences, spans, values, conditions. */
import type { Cursor } from '../reading/target.ts';
import { procedureCoding, restoreDot } from '../codes.ts';
import { decimalOf } from '../decimal.ts';
import { toFhirDate } from '../grammar/dates.ts';
import { SYSTEM, x12System } from '../pas.ts';
import { sizeOf } from '../segment.ts';
import { type Frame, warn } from './frame.ts';
import { type Piece, piecesOf, putWhen } from '../reading/piece.ts';

/** Qualifiers of diagnoses (element 1270), and the type that each says. */
const DIAGNOSES: ReadonlyMap<string, { system: string; type?: string }> = new Map(Object.entries({
  ABK: { system: SYSTEM.icd10, type: 'principal' }, ABF: { system: SYSTEM.icd10 }, ABJ: { system: SYSTEM.icd10, type: 'admitting' }, APR: { system: SYSTEM.icd10, type: 'patientreasonforvisit' }, ABN: { system: SYSTEM.icd10, type: 'externalcauseofinjury' },
  BK: { system: SYSTEM.icd9, type: 'principal' }, BF: { system: SYSTEM.icd9 }, BJ: { system: SYSTEM.icd9, type: 'admitting' }, PR: { system: SYSTEM.icd9, type: 'patientreasonforvisit' }, BN: { system: SYSTEM.icd9, type: 'externalcauseofinjury' },
}));

/** Qualifiers of procedures. */
const PROCEDURES: ReadonlyMap<string, { system?: string; type?: string }> = new Map(Object.entries({
  BBR: { system: SYSTEM.icd10Procedures, type: 'primary' }, BBQ: { system: SYSTEM.icd10Procedures, type: 'secondary' }, BR: { system: SYSTEM.icd9Procedures, type: 'primary' }, BQ: { system: SYSTEM.icd9Procedures, type: 'secondary' }, CAH: {}, BP: {}, BO: {},
}));

const DIAGNOSIS_TYPE = 'http://terminology.hl7.org/CodeSystem/ex-diagnosistype';
const CARIN_DIAGNOSIS_TYPE = 'http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBClaimDiagnosisType';
const PROCEDURE_TYPE = 'http://terminology.hl7.org/CodeSystem/ex-procedure-type';
const ON_ADMISSION = 'http://terminology.hl7.org/CodeSystem/ex-diagnosis-on-admission';
/** X12's external code source of the National Uniform Billing Committee. */
const BILLING_CODES = 'https://codesystem.x12.org/external/132';
const CARIN_INFORMATION = 'http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBSupportingInfoType';

/** Maps every HI of the claim. */
export function mapCodes(frame: Frame): void {
  for (const hi of piecesOf(frame.draft, frame.loops.claim, 'HI')) {
    const size = sizeOf(hi.segment);
    for (let element = 1; element <= size; element += 1) mapCode(frame, hi, element);
  }
}

function mapCode(frame: Frame, hi: Piece, element: number): void {
  const qualifier = hi.text(element, 1);
  if (qualifier === '' || hi.text(element, 2) === '') return;
  const diagnosis = DIAGNOSES.get(qualifier);
  const procedure = PROCEDURES.get(qualifier);
  if (diagnosis !== undefined) mapDiagnosis(frame, hi, element, diagnosis);
  else if (procedure !== undefined) mapProcedure(frame, hi, element, procedure);
  else mapBillingCode(frame, hi, element, qualifier);
}

function mapDiagnosis({ claim }: Frame, hi: Piece, element: number, { system, type }: { system: string; type?: string }): void {
  const diagnosis = claim.another('diagnosis');
  hi.codeAt(diagnosis, 'diagnosisCodeableConcept', system, element, 2, (code) => restoreDot(system, code));
  diagnosis.set('sequence', (claim.peek('diagnosis') as unknown[]).length);
  hi.consult(element, 1);
  if (type !== undefined) {
    const known = type === 'principal' || type === 'admitting';
    hi.codeItem(diagnosis, 'type', known ? DIAGNOSIS_TYPE : CARIN_DIAGNOSIS_TYPE, element, 1, () => type);
  }
  // Y, N, U, W: present on admission, not, unknown, undetermined.
  hi.codeAt(diagnosis, 'onAdmission', ON_ADMISSION, element, 9, (code) => ({ Y: 'y', N: 'n', U: 'u', W: 'w' })[code]);
}

function mapProcedure(frame: Frame, hi: Piece, element: number, { system, type }: { system?: string; type?: string }): void {
  const procedure = frame.claim.another('procedure');
  const concept = procedure.within('procedureCodeableConcept');
  const told = system === undefined ? procedureCoding('HC', hi.text(element, 2)) : undefined;
  hi.code(concept, system ?? told?.coding.system, element, 2);
  if (told?.inferred === true) warn(frame, 'information', 'procedure-system', 'The code system of a procedure could not be told by its shape.', hi, element);
  procedure.set('sequence', (frame.claim.peek('procedure') as unknown[]).length);
  hi.consult(element, 1);
  if (type !== undefined) hi.codeItem(procedure, 'type', PROCEDURE_TYPE, element, 1, () => type);
  if (hi.put(procedure, 'date', element, 4, toFhirDate)) hi.consult(element, 3);
}

/** DRG, occurrence and span, value, condition and treatment codes. */
function mapBillingCode(frame: Frame, hi: Piece, element: number, qualifier: string): void {
  const category = qualifier === 'DR' ? { system: CARIN_INFORMATION, code: 'drg' } : { system: x12System('1270'), code: qualifier };
  frame.information.add(category, (info: Cursor) => {
    if (!hi.codeAt(info, 'code', qualifier === 'DR' ? SYSTEM.msDrg : BILLING_CODES, element, 2)) return false;
    hi.consult(element, 1);
    if (hi.text(element, 4) !== '') putWhen(hi, info, 'timing', element, element, 4);
    hi.put(info.within('valueQuantity'), 'value', element, 5, decimalOf);
    return true;
  });
}
