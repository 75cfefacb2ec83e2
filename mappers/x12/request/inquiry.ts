/**
 * A checked 278 inquiry (005010X215) to a PAS 2.2.1 inquiry Bundle. The Claim asks by example: each item is a service
 * asked about, with the dates, numbers and review action it should have; an inquiry that names no service has one item
 * that stands for any (`data-absent-reason#not-applicable`, PAS spec-43). What the event says of every service and PAS
 * has on items only (review action, certification dates) goes to each item that does not say otherwise.
 */
import type { Claim, ClaimItem, ClaimSupportingInfo, CodeableConcept, Extension, Identifier, Period } from '@medplum/fhirtypes';
import type { LoopOccurrence } from '../grammar/definition.ts';
import { toFhirDate } from '../grammar/dates.ts';
import { EXTENSION, profile, SYSTEM, x12System } from '../pas.ts';
import { type Segment, valueAt } from '../segment.ts';
import { compact, concept, conceptExtension } from '../shapes.ts';
import { CareTeam } from './care-team.ts';
import { type Draft, segmentsOf } from './draft.ts';
import { mapAccident, mapDatedInformation, mapDiagnoses, mapEventExtensions, mapIdentifiersOfEvent } from './event.ts';
import { closeFrame, type Frame, type MappedRequest, type MappingOptions, mapParties, openFrame, type Origin, submitterIdentifier, transmissionIdentifiers } from './frame.ts';
import { findLevels, type Level, type Levels } from './levels.ts';
import type { SegmentReader } from './recorder.ts';
import { mapItem, mapReviewReferences } from './service.ts';

const ANY_SERVICE: CodeableConcept = { coding: [{ system: SYSTEM.dataAbsent, code: 'not-applicable' }] };

/** Maps a transaction set that passed its checks; undefined when its levels are not all there. */
export function mapInquiry(set: LoopOccurrence, origin: Origin, options: MappingOptions): MappedRequest | undefined {
  const levels = findLevels(set);
  const [bht] = segmentsOf(set.segments, 'BHT');
  if (levels === undefined || bht === undefined) return undefined;
  const traced = tracedLevels(levels);
  const frame = openFrame(bht, 'inquiry', segmentsOf(traced[0]?.segments ?? [], 'TRN')[0], origin, options);
  return closeFrame(frame, mapClaim(frame, levels, traced), levels, { kind: 'inquiry', profile: 'pas-inquiry-request-bundle' });
}

/** Levels with a trace number, the most particular first. */
function tracedLevels({ event, dependent, subscriber }: Levels): Level[] {
  return [event, dependent, subscriber].filter((level) => level !== undefined && segmentsOf(level.segments, 'TRN').length > 0) as Level[];
}

function mapClaim(frame: Frame, levels: Levels, traced: readonly Level[]): Claim {
  const { draft, claim, origin } = frame;
  const { event, services } = levels;
  const { insurer, provider, patient, coverage } = mapParties(frame, levels);
  const careTeam = new CareTeam(draft, claim);
  if (event !== undefined) careTeam.addLoops(event, true);
  const information = event === undefined ? [] : mapDatedInformation(draft, event, claim, 1);
  // An inquiry has one identifier: a second trace number of its level has no place.
  const [trace] = segmentsOf(traced[0]?.segments ?? [], 'TRN');
  const [identifier]: Identifier[] = traced[0] === undefined || trace === undefined ? [] : mapIdentifiersOfEvent(draft, { ...traced[0], segments: [trace] }, claim);
  return compact<Claim>({
    resourceType: 'Claim',
    meta: { profile: [profile('claim-inquiry')] },
    extension: [
      transmissionIdentifiers(origin),
      ...(event === undefined ? [] : [...mapEventExtensions(draft, event, claim), ...mapReviewReferences(draft, event, claim, 'extension')]),
    ],
    identifier: [identifier ?? submitterIdentifier(frame)],
    status: 'active',
    type: { coding: [{ system: SYSTEM.claimType, code: claimType(services) }] },
    use: 'preauthorization',
    patient: { reference: patient },
    billablePeriod: periodOf(information),
    created: frame.timestamp,
    insurer: { reference: insurer },
    provider: { reference: provider },
    priority: { coding: [{ system: SYSTEM.processPriority, code: 'normal' }] },
    insurance: [{ sequence: 1, focal: true, coverage: { reference: coverage } }],
    supportingInfo: information,
    diagnosis: event === undefined ? undefined : mapDiagnoses(draft, event, claim),
    accident: event === undefined ? undefined : mapAccident(draft, event, claim),
    item: event === undefined ? [{ sequence: 1, productOrService: ANY_SERVICE }] : mapItems(draft, { event, services, careTeam, claim, patient }),
    careTeam: careTeam.members,
  });
}

/** The days of the patient event (DTP*AAH) are the days asked about, which the inquiry profile has as billablePeriod. */
function periodOf(information: readonly ClaimSupportingInfo[]): Period | undefined {
  const event = information.find(({ category }) => category.coding?.[0]?.code === 'patientEvent');
  return event?.timingPeriod ?? (event?.timingDate === undefined ? undefined : { start: event.timingDate, end: event.timingDate });
}

interface ItemsParts {
  event: Level;
  services: readonly Level[];
  careTeam: CareTeam;
  claim: string;
  patient: string;
}

function mapItems(draft: Draft, { event, services, careTeam, claim, patient }: ItemsParts): ClaimItem[] {
  return (services.length > 0 ? services : [event]).map((level, index) => {
    const at = `item[${index}]`;
    const item = mapItem(draft, {
      sequence: index + 1, level, event, claim, patient,
      careTeamSequence: level === event ? [] : careTeam.addLoops(level, false),
      informationSequence: [], takesEventQuantity: false, isUpdate: false,
    });
    const extension = [...(item.extension ?? []), ...reviewAction(draft, level, event, claim, at), ...certificationDates(draft, level, event, claim, at)];
    return compact<ClaimItem>({
      ...item,
      extension,
      // A type of service (UM03) asks for its services, whichever they are.
      productOrService: item.productOrService.coding?.[0]?.system === x12System('1365') ? ANY_SERVICE : item.productOrService,
    });
  });
}

/** The segment of the level, else that of the event; what the event repeats has come across too. */
function readers(draft: Draft, level: Level, event: Level, claim: string, fits: (segment: Segment) => boolean): SegmentReader[] {
  return [...new Set([level, event])].flatMap((each) => each.segments.filter(fits).slice(0, 1).map((segment) => draft.recorder.reader(each.id, segment, claim)));
}

/** HCR01: what was decided. */
function reviewAction(draft: Draft, level: Level, event: Level, claim: string, at: string): Extension[] {
  const [reader] = readers(draft, level, event, claim, (segment) => segment.id === 'HCR');
  return conceptExtension(EXTENSION.reviewActionCode, concept(x12System('306'), reader?.take(`${at}.extension.where(url='${EXTENSION.reviewActionCode}').valueCodeableConcept.coding[0].code`, 1)));
}

const CERTIFICATION_DATES = [
  ['102', EXTENSION.itemCertificationIssueDate],
  ['036', EXTENSION.itemCertificationExpirationDate],
  ['007', EXTENSION.itemCertificationEffectiveDate],
] as const;

/** DTP*102, 036 and 007. */
function certificationDates(draft: Draft, level: Level, event: Level, claim: string, at: string): Extension[] {
  return CERTIFICATION_DATES.flatMap(([code, url]): Extension[] => {
    const [reader] = readers(draft, level, event, claim, (segment) => segment.id === 'DTP' && valueAt(segment, 1) === code);
    if (reader === undefined) return [];
    reader.consult(1);
    const isPeriod = reader.consult(2) === 'RD8';
    const [start, end] = (reader.take(`${at}.extension.where(url='${url}').${isPeriod ? 'valuePeriod' : 'valueDate'}`, 3) ?? '').split('-').map(toFhirDate);
    if (start === undefined) return [];
    return [isPeriod && end !== undefined ? { url, valuePeriod: { start, end } } : { url, valueDate: start }];
  });
}

function claimType(services: readonly Level[]): string {
  const lines = new Set(services.flatMap((service) => service.segments.map((segment) => segment.id)));
  return lines.has('SV3') ? 'oral' : lines.has('SV2') ? 'institutional' : 'professional';
}
