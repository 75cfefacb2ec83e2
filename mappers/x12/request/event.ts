/** The patient event (2000E): what of it stands on the Claim as a whole. */
import type { Claim, ClaimDiagnosis, ClaimSupportingInfo, Encounter, Extension, Identifier } from '@medplum/fhirtypes';
import { diagnosisKind, restoreDot } from '../codes.ts';
import { toFhirDate } from '../grammar/dates.ts';
import type { Level } from './levels.ts';
import { EXTENSION, profile, SYSTEM, TRACE_SYSTEM_PREFIX, x12System } from '../pas.ts';
import { type Segment, valueAt } from '../segment.ts';
import { compact, concept, conceptExtension, stringExtension } from '../shapes.ts';
import { unknownConcept } from './absent.ts';
import { type Draft, segmentsOf, urnOf } from './draft.ts';
import type { SegmentReader } from './recorder.ts';

const readerOf = (draft: Draft, level: Level, id: string, fullUrl: string): SegmentReader | undefined => {
  const segment = segmentsOf(level.segments, id)[0];
  return segment === undefined ? undefined : draft.recorder.reader(level.id, segment, fullUrl);
};

const dateReader = (draft: Draft, level: Level, code: string, fullUrl: string): SegmentReader | undefined => {
  const segment = segmentsOf(level.segments, 'DTP').find((dtp) => valueAt(dtp, 1) === code);
  return segment === undefined ? undefined : draft.recorder.reader(level.id, segment, fullUrl);
};

/** TRN to Claim.identifier: the tracking number of the patient event, at most two. `except` is one that names another request. */
export function mapIdentifiersOfEvent(draft: Draft, event: Level, claim: string, except?: Segment): Identifier[] {
  const identifiers: Identifier[] = [];
  for (const segment of segmentsOf(event.segments, 'TRN')) {
    if (segment === except || isUntold(segment)) continue;
    const trn = draft.recorder.reader(event.id, segment, claim);
    const at = `identifier[${identifiers.length}]`;
    trn.consult(1);
    const value = trn.take(`${at}.value`, 2);
    const organization = trn.take(`${at}.system`, 3);
    const department = trn.take(`${at}.extension[0].valueString`, 4);
    identifiers.push(compact<Identifier>({ extension: stringExtension(EXTENSION.identifierSubDepartment, department), system: `${TRACE_SYSTEM_PREFIX}${organization}`, value }));
  }
  return identifiers;
}

/** True for a trace of blanks: it is no identifier without its number and whose it is. */
export function isUntold(trn: Segment): boolean {
  return valueAt(trn, 2).trim() === '' || valueAt(trn, 3).trim() === '';
}

/** HI composites to Claim.diagnosis, the dot restored; the date is when the diagnosis was made. */
export function mapDiagnoses(draft: Draft, event: Level, claim: string): ClaimDiagnosis[] {
  const diagnoses: ClaimDiagnosis[] = [];
  const hi = readerOf(draft, event, 'HI', claim);
  if (hi === undefined) return diagnoses;
  for (let element = 1; element <= hi.segment.elements.length; element += 1) {
    const kind = diagnosisKind(valueAt(hi.segment, element, 1));
    if (kind === undefined) continue;
    const path = `diagnosis[${diagnoses.length}]`;
    hi.consult(element, 1);
    const code = hi.take(`${path}.diagnosisCodeableConcept.coding[0].code`, element, 2);
    if (code === undefined) continue;
    const recorded = valueAt(hi.segment, element, 3) === 'D8' ? toFhirDate(hi.take(`${path}.extension[0].valueDate`, element, 4) ?? '') : undefined;
    if (recorded !== undefined) hi.consult(element, 3);
    diagnoses.push(
      compact<ClaimDiagnosis>({
        extension: recorded === undefined ? [] : [{ url: EXTENSION.diagnosisRecordedDate, valueDate: recorded }],
        sequence: diagnoses.length + 1,
        diagnosisCodeableConcept: { coding: [{ system: kind.system, code: restoreDot(kind.system, code) }] },
        type: kind.type === undefined ? undefined : [{ coding: [{ system: SYSTEM.pasTemporary, code: kind.type }] }],
      }),
    );
  }
  return diagnoses;
}

/** UM06, CRC and CR6 as Claim extensions. */
export function mapEventExtensions(draft: Draft, event: Level, claim: string): Extension[] {
  const level = concept(x12System('1338'), readerOf(draft, event, 'UM', claim)?.take(`extension.where(url='${EXTENSION.levelOfServiceCode}').valueCodeableConcept.coding[0].code`, 6));
  const conditions = segmentsOf(event.segments, 'CRC').map((segment): Extension => {
    const crc = draft.recorder.reader(event.id, segment, claim);
    const path = `extension.where(url='${EXTENSION.conditionCode}')`;
    return {
      url: EXTENSION.conditionCode,
      extension: [
        ...conceptExtension('category', concept(x12System('1136'), crc.take(`${path}.extension[0].valueCodeableConcept`, 1))),
        { url: 'indicator', valueBoolean: crc.take(`${path}.extension[1].valueBoolean`, 2) === 'Y' },
        ...[3, 4, 5, 6, 7].flatMap((element) => conceptExtension('code', concept(x12System('1321'), crc.take(`${path}.extension[${element - 1}].valueCodeableConcept`, element)))),
      ],
    };
  });
  const cr6 = readerOf(draft, event, 'CR6', claim);
  const prognosis = concept(x12System('923'), cr6?.take(`extension.where(url='${EXTENSION.homeHealthCareInformation}').extension[0].valueCodeableConcept`, 1));
  const start = toFhirDate(cr6?.take(`extension.where(url='${EXTENSION.homeHealthCareInformation}').extension[1].valueDate`, 2) ?? '');
  const homeHealth: Extension[] = prognosis === undefined || start === undefined ? [] : [{ url: EXTENSION.homeHealthCareInformation, extension: [{ url: 'prognosis', valueCodeableConcept: prognosis }, { url: 'date', valueDate: start }] }];
  return [...conceptExtension(EXTENSION.levelOfServiceCode, level), ...conditions, ...homeHealth];
}

/** DTP*439 and UM05 to Claim.accident, which PAS allows with a date only. */
export function mapAccident(draft: Draft, event: Level, claim: string): Claim['accident'] {
  const dtp = dateReader(draft, event, '439', claim);
  const date = valueAt(dtp?.segment, 2) === 'D8' ? toFhirDate(dtp?.take('accident.date', 3) ?? '') : undefined;
  if (dtp === undefined || date === undefined) return undefined;
  dtp.consult(1);
  dtp.consult(2);
  const um = readerOf(draft, event, 'UM', claim);
  const causes = [1, 2, 3].map((component) => um?.take(`accident.type.coding[${component - 1}].code`, 5, component)).filter((code) => code !== undefined);
  const state = um?.take('accident.locationAddress.state', 5, 4);
  const country = um?.take('accident.locationAddress.country', 5, 5);
  return compact<NonNullable<Claim['accident']>>({
    date,
    type: causes.length === 0 ? undefined : { coding: causes.map((code) => ({ system: x12System('1362'), code })) },
    locationAddress: state === undefined && country === undefined ? undefined : compact<{ state?: string; country?: string }>({ state, country }),
  });
}

const DATED_INFORMATION = [
  ['AAH', 'patientEvent'],
  ['435', 'admissionDates'],
  ['096', 'dischargeDates'],
] as const;

/** DTP*AAH, 435 and 096 to supportingInfo. Sequences continue from `from`. */
export function mapDatedInformation(draft: Draft, event: Level, claim: string, from: number): ClaimSupportingInfo[] {
  const information: ClaimSupportingInfo[] = [];
  for (const [code, category] of DATED_INFORMATION) {
    const dtp = dateReader(draft, event, code, claim);
    if (dtp === undefined) continue;
    const isPeriod = valueAt(dtp.segment, 2) === 'RD8' && category !== 'dischargeDates';
    const index = from - 1 + information.length;
    const [start, end] = (dtp.take(`supportingInfo[${index}].${isPeriod ? 'timingPeriod' : 'timingDate'}`, 3) ?? '').split('-').map(toFhirDate);
    dtp.consult(1);
    dtp.consult(2);
    if (start === undefined) continue;
    information.push({
      sequence: from + information.length,
      category: pasCategory(category),
      ...(isPeriod && end !== undefined ? { timingPeriod: { start, end } } : { timingDate: start }),
    });
  }
  return information;
}

/** PWK and MSG of an event or a service to supportingInfo. The document itself comes by another way, so the reference is logical. */
export function mapAttachments(draft: Draft, level: Level, claim: string, from: number): ClaimSupportingInfo[] {
  const information: ClaimSupportingInfo[] = [];
  for (const segment of segmentsOf(level.segments, 'PWK')) {
    const pwk = draft.recorder.reader(level.id, segment, claim);
    const path = `supportingInfo[${from - 1 + information.length}]`;
    const document = `${path}.extension[0]`;
    pwk.consult(5);
    const controlNumber = pwk.take(`${document}.extension.where(url='controlNumber').valueString`, 6);
    information.push({
      extension: [
        {
          url: EXTENSION.documentInformation,
          extension: [
            ...conceptExtension('reportTypeCode', concept(x12System('755'), pwk.take(`${document}.extension.where(url='reportTypeCode').valueCodeableConcept.coding[0].code`, 1))),
            ...conceptExtension('transmissionMethod', concept(x12System('756'), pwk.take(`${document}.extension.where(url='transmissionMethod').valueCodeableConcept.coding[0].code`, 2))),
            ...stringExtension('controlNumber', controlNumber),
            ...stringExtension('description', pwk.take(`${document}.extension.where(url='description').valueString`, 7)),
          ],
        },
      ],
      sequence: from + information.length,
      category: pasCategory('additionalInformation'),
      valueReference: { type: 'DocumentReference', ...(controlNumber === undefined ? { display: 'Sent by another way' } : { identifier: { value: controlNumber } }) },
    });
  }
  for (const segment of segmentsOf(level.segments, 'MSG')) {
    const text = draft.recorder.reader(level.id, segment, claim).take(`supportingInfo[${from - 1 + information.length}].valueString`, 1);
    if (text !== undefined) information.push({ sequence: from + information.length, category: pasCategory('freeFormMessage'), valueString: text });
  }
  return information;
}

function pasCategory(code: string): ClaimSupportingInfo['category'] {
  return { coding: [{ system: SYSTEM.pasTemporary, code }] };
}

/** CL1, the admission dates and the days asked for, as a planned Encounter; gives its fullUrl, or nothing without a CL1 or such days. */
export function mapEncounter(draft: Draft, event: Level, claim: string, patient: string, hasServices: boolean): string | undefined {
  const fullUrl = urnOf('encounter', claim);
  const cl1 = readerOf(draft, event, 'CL1', fullUrl);
  const days = hasServices ? mapDays(draft, event, fullUrl) : undefined;
  if (cl1 === undefined && days === undefined) return undefined;
  const admission = dateReader(draft, event, '435', fullUrl);
  const start = toFhirDate(admission?.take('period.start', 3)?.split('-')[0] ?? '');
  const end = toFhirDate(dateReader(draft, event, '096', fullUrl)?.take('period.end', 3)?.split('-')[0] ?? '');
  const source = concept(SYSTEM.pointOfOrigin, cl1?.take('hospitalization.admitSource.coding[0].code', 2));
  const type = concept(SYSTEM.admitPriority, cl1?.take('type[0].coding[0].code', 1));
  const isAdmission = valueAt(segmentsOf(event.segments, 'UM')[0], 1) === 'AR';
  draft.add(
    fullUrl,
    compact<Encounter>({
      resourceType: 'Encounter',
      meta: { profile: [profile('encounter')] },
      extension: [
        ...conceptExtension(EXTENSION.patientStatus, concept(SYSTEM.dischargeStatus, cl1?.take(`extension.where(url='${EXTENSION.patientStatus}').valueCodeableConcept.coding[0].code`, 3))),
        ...conceptExtension(EXTENSION.nursingHomeResidentialStatus, concept(x12System('1345'), cl1?.take(`extension.where(url='${EXTENSION.nursingHomeResidentialStatus}').valueCodeableConcept.coding[0].code`, 4))),
      ],
      status: 'planned',
      class: { system: SYSTEM.encounterClass, code: isAdmission ? 'IMP' : 'AMB' },
      type: [type ?? unknownConcept()],
      subject: { reference: patient },
      period: start === undefined && end === undefined ? undefined : compact<{ start?: string; end?: string }>({ start, end }),
      length: days,
      hospitalization: source === undefined ? undefined : { admitSource: source },
    }),
  );
  return fullUrl;
}

/** HSD*DY on an event that has services of its own: the length of the stay asked for. */
function mapDays(draft: Draft, event: Level, fullUrl: string): Encounter['length'] {
  const segment: Segment | undefined = segmentsOf(event.segments, 'HSD')[0];
  if (segment === undefined || valueAt(segment, 1) !== 'DY') return undefined;
  const hsd = draft.recorder.reader(event.id, segment, fullUrl);
  const value = hsd.take('length.value', 2);
  if (value === undefined) return undefined;
  hsd.consult(1);
  return { value: Number(value), unit: 'days', system: SYSTEM.units, code: 'd' };
}
