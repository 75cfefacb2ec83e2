/**
 * A copy of what was decided elsewhere, as an ExplanationOfBenefit with use `preauthorization`: what was asked for and
 * what was decided of it in one, as payers hand prior authorizations on (Da Vinci PDex 2.0, pdex-priorauthorization). It is
 * no Claim, since nobody is asked to decide, and no ClaimResponse, since those are this plan's own decisions.
 */
import type { Claim, ExplanationOfBenefit, ExplanationOfBenefitItem, ExplanationOfBenefitItemAdjudication, Extension, Period, Reference } from '@medplum/fhirtypes';
import { toFhirDate } from '../grammar/dates.ts';
import { PURPOSE } from '../grammar/notification-278.ts';
import { EXTENSION, SYSTEM, x12System } from '../pas.ts';
import { segmentsOf } from '../request/draft.ts';
import type { Frame } from '../request/frame.ts';
import type { Level } from '../request/levels.ts';
import { mapClaim, type RequestLevels } from '../request/map.ts';
import { valueAt } from '../segment.ts';
import { compact, concept, conceptExtension, stringExtension } from '../shapes.ts';
import { keyOfEvent, urnOfPart } from './keys.ts';
import type { Parties } from './parties.ts';
import { inPdex, pathInPdex } from './pdex.ts';

/** Extensions of the Claim that are told by the Communication. */
const OF_EVENT: readonly string[] = [EXTENSION.authorizationNumber, EXTENSION.administrationReferenceNumber];

/** Extensions that have no place on a benefit: who sent it is the Communication's, and whose provider somebody is, its items say. */
const CLAIM_ONLY = new Set<string>([...OF_EVENT, EXTENSION.transmissionIdentifiers]);

/** Adds the copy, and gives it as what the notification is about. */
export function mapCopy(frame: Frame, levels: RequestLevels, parties: Parties): Reference[] {
  const copy = urnOfPart('copy', parties, keyOfEvent(frame, levels));
  // What is taken back is the notification. The event it copies says for itself what it is.
  const claim = mapClaim({ ...frame, claim: copy, purpose: '' }, levels, parties);
  frame.draft.add(copy, mapBenefit(frame, levels, parties, copy, claim));
  // The payer's numbers of the event are the Communication's: on a benefit they have a place with an item only.
  frame.draft.recorder.repath(copy, (path) => (OF_EVENT.some((url) => path.startsWith(`extension.where(url='${url}')`)) ? undefined : pathInPdex(path)));
  return [{ reference: copy }];
}

function mapBenefit(frame: Frame, { event, services }: RequestLevels, parties: Parties, copy: string, claim: Claim): ExplanationOfBenefit {
  const lines = services.length > 0 ? services : [event];
  const decided = (claim.item ?? []).map((each, index): ExplanationOfBenefitItem => {
    const at = `item[${index}]`;
    const level = lines[index]!;
    return compact<ExplanationOfBenefitItem>({ ...each, extension: [...(each.extension ?? []), ...mapDates(frame, level, copy, `${at}.extension`)], adjudication: mapAdjudication(frame, level, copy, at) });
  });
  const whole = services.length > 0 ? mapAdjudication(frame, event, copy, '') : [];
  const all = [...whole, ...decided.flatMap(({ adjudication }) => adjudication ?? [])];
  const period = services.length > 0 ? mapPeriod(frame, event, copy, 'preAuthRefPeriod[0]') : undefined;
  const rejected = all.filter(({ reason }) => reason !== undefined);
  return compact<ExplanationOfBenefit>({
    resourceType: 'ExplanationOfBenefit',
    extension: inPdex((claim.extension ?? []).filter(({ url }) => !CLAIM_ONLY.has(url))),
    identifier: claim.identifier,
    type: claim.type,
    use: 'preauthorization',
    patient: claim.patient,
    created: claim.created,
    insurer: { reference: parties.insurer },
    provider: claim.provider,
    priority: claim.priority,
    related: claim.related,
    careTeam: claim.careTeam?.map(({ extension: _extension, ...member }) => member),
    supportingInfo: claim.supportingInfo,
    diagnosis: claim.diagnosis,
    accident: claim.accident,
    status: frame.purpose === PURPOSE.cancellation ? 'entered-in-error' : 'active',
    outcome: rejected.length === 0 ? 'complete' : rejected.length < all.length ? 'partial' : 'error',
    preAuthRefPeriod: period === undefined ? undefined : [period],
    insurance: claim.insurance.map(({ focal, coverage }) => ({ focal, coverage })),
    item: decided,
    adjudication: whole,
  });
}

/** HCR, what was decided of a level, and AAA, why it could not be reviewed. */
function mapAdjudication(frame: Frame, level: Level, copy: string, at: string): ExplanationOfBenefitItemAdjudication[] {
  const path = at === '' ? 'adjudication' : `${at}.adjudication`;
  const decisions = mapDecision(frame, level, copy, `${path}[0]`);
  return [...decisions, ...mapRejections(frame, level, copy, path, decisions.length)];
}

/** HCR01 to HCR04. */
function mapDecision({ draft }: Frame, level: Level, copy: string, at: string): ExplanationOfBenefitItemAdjudication[] {
  const [segment] = segmentsOf(level.segments, 'HCR');
  if (segment === undefined) return [];
  const hcr = draft.recorder.reader(level.id, segment, copy);
  const path = `${at}.extension.where(url='${EXTENSION.reviewAction}').extension`;
  const action = hcr.take(`${path}.where(url='${EXTENSION.reviewActionCode}').valueCodeableConcept.coding[0].code`, 1);
  const number = hcr.take(`${path}.where(url='number').valueString`, 2);
  const reason = hcr.take(`${path}.where(url='reasonCode').valueCodeableConcept.coding[0].code`, 3);
  const opinion = hcr.take(`${path}.where(url='secondSurgicalOpinionFlag').valueBoolean`, 4);
  const parts: Extension[] = [
    ...conceptExtension(EXTENSION.reviewActionCode, concept(x12System('306'), action)),
    ...stringExtension('number', number),
    ...conceptExtension('reasonCode', concept('https://codesystem.x12.org/external/886', reason)),
    ...(opinion === undefined ? [] : [{ url: 'secondSurgicalOpinionFlag', valueBoolean: opinion === 'Y' }]),
  ];
  return [{ extension: inPdex([{ url: EXTENSION.reviewAction, extension: parts }]), category: { coding: [{ system: SYSTEM.adjudication, code: 'submitted' }] } }];
}

/** The day of a DTP; undefined without one. */
function takeDate({ draft }: Frame, level: Level, code: string, copy: string, path: string): string | undefined {
  const segment = segmentsOf(level.segments, 'DTP').find((dtp) => valueAt(dtp, 1) === code);
  if (segment === undefined || valueAt(segment, 2) !== 'D8') return undefined;
  const dtp = draft.recorder.reader(level.id, segment, copy);
  dtp.consult(1);
  dtp.consult(2);
  return toFhirDate(dtp.take(path, 3) ?? '');
}

/** DTP*007 and DTP*036. */
function mapPeriod(frame: Frame, level: Level, copy: string, path: string): Period | undefined {
  const start = takeDate(frame, level, '007', copy, `${path}.start`);
  const end = takeDate(frame, level, '036', copy, `${path}.end`);
  return start === undefined && end === undefined ? undefined : compact<Period>({ start, end });
}

function mapDates(frame: Frame, level: Level, copy: string, at: string): Extension[] {
  const issued = takeDate(frame, level, '102', copy, `${at}.where(url='${EXTENSION.itemPreAuthIssueDate}').valueDate`);
  const period = mapPeriod(frame, level, copy, `${at}.where(url='${EXTENSION.itemPreAuthPeriod}').valuePeriod`);
  return [...(issued === undefined ? [] : [{ url: EXTENSION.itemPreAuthIssueDate, valueDate: issued }]), ...(period === undefined ? [] : [{ url: EXTENSION.itemPreAuthPeriod, valuePeriod: period }])];
}

/** AAA: the reject reason as the reason of an adjudication. */
function mapRejections({ draft }: Frame, level: Level, copy: string, path: string, first: number): ExplanationOfBenefitItemAdjudication[] {
  return segmentsOf(level.segments, 'AAA').flatMap((segment, index): ExplanationOfBenefitItemAdjudication[] => {
    const reason = concept(x12System('901'), draft.recorder.reader(level.id, segment, copy).take(`${path}[${first + index}].reason.coding[0].code`, 3));
    return reason === undefined ? [] : [{ category: { coding: [{ system: SYSTEM.adjudication, code: 'submitted' }] }, reason }];
  });
}
