/** A notice of what happens to a patient: admission and discharge as an Encounter, diagnoses as Conditions, services as orders. */
import type { CodeableConcept, Condition, Encounter, Identifier, Period, Reference, ServiceRequest } from '@medplum/fhirtypes';
import { diagnosisKind, modifierCoding, procedureCoding, restoreDot } from '../codes.ts';
import { toFhirDate } from '../grammar/dates.ts';
import { PURPOSE } from '../grammar/notification-278.ts';
import { SYSTEM, x12System } from '../pas.ts';
import { segmentsOf } from '../request/draft.ts';
import type { Frame } from '../request/frame.ts';
import type { Level } from '../request/levels.ts';
import type { RequestLevels } from '../request/map.ts';
import { mapParty } from '../request/parties.ts';
import { REFERENCE_SYSTEM } from '../request/predecessor.ts';
import type { SegmentReader } from '../request/recorder.ts';
import { valueAt } from '../segment.ts';
import { compact, concept } from '../shapes.ts';
import { keyOfEvent, numbersIn, traces, urnOfPart } from './keys.ts';
import type { Parties } from './parties.ts';

/** What a notice is about: its Encounter, where the patient is or will be at a facility, and what is ordered. */
export function mapNotice(frame: Frame, levels: RequestLevels, parties: Parties): Reference[] {
  const { event, services } = levels;
  const isVisit = valueAt(segmentsOf(event.segments, 'UM')[0], 1) === 'AR' || event.segments.some((segment) => segment.id === 'CL1' || (segment.id === 'DTP' && /^(435|096)$/.test(valueAt(segment, 1))));
  const key = keyOfEvent(frame, levels);
  const visit = isVisit ? urnOfPart('visit', parties, key) : undefined;
  const diagnoses = mapConditions(frame, event, parties, key, visit);
  if (visit !== undefined) mapVisit(frame, event, parties, visit, diagnoses);
  const ordered = services.length > 0 ? services : isVisit ? [] : [event];
  const orders = ordered.map((level, index) => mapOrder(frame, { level, event, parties, visit, diagnoses, index, key }));
  return [...(visit === undefined ? [] : [visit]), ...orders].map((reference) => ({ reference }));
}

/** A diagnosis, and as what it is told of. */
interface Diagnosis {
  condition: string;
  type: string | undefined;
}

function mapConditions({ draft }: Frame, event: Level, parties: Parties, key: string, visit: string | undefined): Diagnosis[] {
  return segmentsOf(event.segments, 'HI').flatMap((segment) =>
    segment.elements.flatMap((_, index): Diagnosis[] => {
      const kind = diagnosisKind(valueAt(segment, index + 1, 1));
      const said = valueAt(segment, index + 1, 2).trim();
      if (kind === undefined || said === '') return [];
      const condition = urnOfPart('condition', parties, key, said);
      const hi = draft.recorder.reader(event.id, segment, condition);
      hi.consult(index + 1, 1);
      const code = hi.take('code.coding[0].code', index + 1, 2)!;
      const recorded = valueAt(segment, index + 1, 3) === 'D8' ? toFhirDate(hi.take('recordedDate', index + 1, 4) ?? '') : undefined;
      if (recorded !== undefined) hi.consult(index + 1, 3);
      draft.add(condition, compact<Condition>({
        resourceType: 'Condition',
        // An Encounter says as what it is told of; an order has no place for that.
        category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-category', code: 'encounter-diagnosis' }] }, ...(visit === undefined && kind.type !== undefined ? [{ coding: [{ system: SYSTEM.pasTemporary, code: kind.type }] }] : [])],
        code: { coding: [{ system: kind.system, code: restoreDot(kind.system, code) }] },
        subject: { reference: parties.patient },
        encounter: visit === undefined ? undefined : { reference: visit },
        recordedDate: recorded,
      }));
      return [{ condition, type: kind.type }];
    }),
  );
}

const dateOf = ({ draft }: Frame, level: Level, code: string, fullUrl: string): SegmentReader | undefined => {
  const segment = segmentsOf(level.segments, 'DTP').find((dtp) => valueAt(dtp, 1) === code);
  return segment === undefined ? undefined : draft.recorder.reader(level.id, segment, fullUrl);
};

/** Both ends of a D8 or RD8, noted as the source of paths. */
function takePeriod(dtp: SegmentReader | undefined, paths: { start?: string; end?: string; date?: string }): [string | undefined, string | undefined] {
  if (dtp === undefined) return [undefined, undefined];
  dtp.consult(1);
  const isPeriod = dtp.consult(2) === 'RD8';
  const path = isPeriod ? (paths.start ?? paths.end) : (paths.date ?? paths.start ?? paths.end);
  const [start, end] = (dtp.take(path!, 3) ?? '').split('-').map(toFhirDate);
  return [start, isPeriod ? end : undefined];
}

function statusOfVisit(purpose: string, start: string | undefined, end: string | undefined): Encounter['status'] {
  if (purpose === PURPOSE.cancellation) return 'cancelled';
  if (purpose === PURPOSE.advance) return 'planned';
  return end !== undefined ? 'finished' : start !== undefined ? 'in-progress' : 'unknown';
}

function mapVisit(frame: Frame, event: Level, parties: Parties, visit: string, diagnoses: readonly Diagnosis[]): void {
  const { draft, purpose } = frame;
  const read = (id: string): SegmentReader | undefined => segmentsOf(event.segments, id).slice(0, 1).map((segment) => draft.recorder.reader(event.id, segment, visit))[0];
  const [um, cl1] = [read('UM'), read('CL1')];
  const [admission] = takePeriod(dateOf(frame, event, '435', visit), { start: 'period.start' });
  const [discharge] = takePeriod(dateOf(frame, event, '096', visit), { end: 'period.end' });
  const hasDates = admission !== undefined || discharge !== undefined;
  const [start, end] = hasDates ? [admission, discharge] : takePeriod(dateOf(frame, event, 'AAH', visit), { start: 'period.start' });
  const hsd = valueAt(segmentsOf(event.segments, 'HSD')[0], 1) === 'DY' ? read('HSD') : undefined;
  const days = hsd?.take('length.value', 2);
  hsd?.consult(1);
  const source = concept(SYSTEM.pointOfOrigin, cl1?.take('hospitalization.admitSource.coding[0].code', 2));
  const disposition = concept(SYSTEM.dischargeStatus, cl1?.take('hospitalization.dischargeDisposition.coding[0].code', 3));
  const type = concept(SYSTEM.admitPriority, cl1?.take('type[0].coding[0].code', 1));
  const isAdmission = valueAt(um?.segment, 1) === 'AR';
  const team = mapTeam(frame, event, parties, visit);
  const traced = traces(frame, event, visit, 0);
  draft.add(visit, compact<Encounter>({
    resourceType: 'Encounter',
    identifier: [...traced, ...numbersOf(frame, event, visit, traced.length)],
    status: statusOfVisit(purpose, start, hasDates ? discharge : end),
    class: { system: SYSTEM.encounterClass, code: isAdmission ? 'IMP' : 'AMB' },
    type: type === undefined ? undefined : [type],
    serviceType: concept(x12System('1365'), um?.take('serviceType.coding[0].code', 3)),
    priority: concept(x12System('1338'), um?.take('priority.coding[0].code', 6)),
    subject: { reference: parties.patient },
    participant: team.participant,
    period: start === undefined && end === undefined ? undefined : compact<Period>({ start, end }),
    length: days === undefined ? undefined : { value: Number(days), unit: 'days', system: SYSTEM.units, code: 'd' },
    diagnosis: diagnoses.map(({ condition, type: use }) => ({ condition: { reference: condition }, ...(use !== undefined && { use: { coding: [{ system: SYSTEM.pasTemporary, code: use }] } }) })),
    hospitalization: source === undefined && disposition === undefined ? undefined : compact<NonNullable<Encounter['hospitalization']>>({ admitSource: source, dischargeDisposition: disposition }),
    serviceProvider: team.facility === undefined ? undefined : { reference: team.facility },
  }));
}

/** The payer's numbers, so that the next notification of the event is found to be about the same. */
function numbersOf({ draft }: Frame, event: Level, visit: string, first: number): Identifier[] {
  return numbersIn(event).flatMap((segment, index): Identifier[] => {
    const reader = draft.recorder.reader(event.id, segment, visit);
    const code = reader.consult(1);
    const value = reader.take(`identifier[${first + index}].value`, 2);
    return value === undefined ? [] : [{ type: { coding: [{ system: REFERENCE_SYSTEM, code }] }, system: REFERENCE_SYSTEM, value }];
  });
}

/** 2010EA: individuals take part; the facility is the one that is named, else the sender where it is no payer. */
function mapTeam({ draft }: Frame, event: Level, parties: Parties, visit: string): { participant: NonNullable<Encounter['participant']>; facility?: string } {
  const participant: NonNullable<Encounter['participant']> = [];
  let facility: string | undefined;
  for (const loop of event.names) {
    if (loop.id !== '2010EA') continue;
    const nm1 = loop.segments[0]!;
    if (valueAt(nm1, 2) === '1') {
      const role = draft.recorder.reader(loop.id, nm1, visit).take(`participant[${participant.length}].type[0].coding[0].code`, 1);
      participant.push(compact<NonNullable<Encounter['participant']>[number]>({ type: role === undefined ? undefined : [{ coding: [{ system: x12System('98'), code: role }] }], individual: { reference: mapParty(draft, loop, 'organization').reference } }));
    } else if (valueAt(nm1, 1) === 'FA' && facility === undefined) {
      draft.recorder.reader(loop.id, nm1, visit).consult(1);
      facility = mapParty(draft, loop, 'organization').reference;
    }
  }
  facility ??= draft.isOrganization(parties.provider) ? parties.provider : undefined;
  return { participant, ...(facility !== undefined && { facility }) };
}

interface OrderParts {
  level: Level;
  event: Level;
  parties: Parties;
  visit: string | undefined;
  diagnoses: readonly Diagnosis[];
  index: number;
  key: string;
}

function statusOfOrder(purpose: string): ServiceRequest['status'] {
  if (purpose === PURPOSE.cancellation) return 'revoked';
  return purpose === PURPOSE.completion ? 'completed' : 'active';
}

/** A service, or the event that names its type only, as an order; gives its fullUrl. */
function mapOrder(frame: Frame, { level, event, parties, visit, diagnoses, index, key }: OrderParts): string {
  const { draft, purpose } = frame;
  const trace = segmentsOf(level.segments, 'TRN')[0];
  const order = urnOfPart('order', parties, key, level === event || trace === undefined ? String(index + 1) : `${valueAt(trace, 3)}|${valueAt(trace, 2)}`);
  const read = (id: RegExp): SegmentReader | undefined => level.segments.filter((segment) => id.test(segment.id)).slice(0, 1).map((segment) => draft.recorder.reader(level.id, segment, order))[0];
  const [um, line, hsd] = [read(/^UM$/), read(/^SV[123]$/), read(/^HSD$/)];
  const type = concept(x12System('1365'), um?.take('category[0].coding[0].code', 3));
  const shared = segmentsOf(event.segments, 'UM')[0];
  // What the event repeats of its services has come across with them.
  if (level !== event && visit === undefined && shared !== undefined && um !== undefined && valueAt(shared, 3) === valueAt(um.segment, 3)) draft.recorder.reader(event.id, shared, order).take('category[0].coding[0].code', 3);
  const service = line === undefined ? {} : mapService(line);
  const [start, end] = takePeriod(dateOf(frame, level, level === event ? 'AAH' : '472', order), { start: 'occurrencePeriod.start', date: 'occurrenceDateTime' });
  const quantity = hsd?.take('quantityQuantity.value', 2);
  const unit = quantity === undefined ? undefined : hsd?.take('quantityQuantity.code', 1);
  const place = um === undefined || valueAt(um.segment, 4, 2) !== 'B' ? undefined : um.take('locationCode[0].coding[0].code', 4, 1);
  if (place !== undefined) um!.consult(4, 2);
  const performers = level.names.filter(({ id }) => id === '2010F' || id === '2010EA').map((loop) => {
    draft.recorder.reader(loop.id, loop.segments[0]!, order).consult(1);
    return { reference: mapParty(draft, loop, 'organization').reference };
  });
  draft.add(order, compact<ServiceRequest>({
    resourceType: 'ServiceRequest',
    identifier: traces(frame, level, order, 0),
    status: statusOfOrder(purpose),
    intent: 'order',
    category: type === undefined ? undefined : [type],
    code: service.code ?? type,
    orderDetail: service.modifiers,
    quantityQuantity: quantity === undefined ? service.quantity : { value: Number(quantity), ...(unit !== undefined && { system: x12System('673'), code: unit }) },
    subject: { reference: parties.patient },
    encounter: visit === undefined ? undefined : { reference: visit },
    occurrenceDateTime: end === undefined ? start : undefined,
    occurrencePeriod: end === undefined ? undefined : compact<Period>({ start, end }),
    requester: { reference: parties.provider },
    performer: performers,
    locationCode: place === undefined ? undefined : [{ coding: [{ system: SYSTEM.placeOfService, code: place }] }],
    reasonReference: diagnoses.map(({ condition }) => ({ reference: condition })),
    insurance: [{ reference: parties.coverage }],
  }));
  return order;
}

interface MappedService {
  code?: CodeableConcept;
  modifiers?: CodeableConcept[];
  quantity?: NonNullable<ServiceRequest['quantityQuantity']>;
}

/** SV1, SV2 or SV3: the procedure, its modifiers and the units. */
function mapService(line: SegmentReader): MappedService {
  const at = line.segment.id === 'SV2' ? 2 : 1;
  const code = line.take('code.coding[0].code', at, 2);
  if (code === undefined) return {};
  const modifiers = [3, 4, 5, 6].flatMap((component) => {
    const said = valueAt(line.segment, at, component).trim();
    return said === '' ? [] : [{ component, said }];
  });
  for (const [index, { component }] of modifiers.entries()) line.take(`orderDetail[${index}].coding[0].code`, at, component);
  const text = line.take('code.text', at, 7);
  const unitAt = line.segment.id === 'SV2' ? 4 : 3;
  const value = line.segment.id === 'SV3' ? undefined : line.take('quantityQuantity.value', unitAt + 1);
  const unit = value === undefined ? undefined : line.take('quantityQuantity.code', unitAt);
  return compact<MappedService>({
    code: compact<CodeableConcept>({ coding: [procedureCoding(line.consult(at, 1), code).coding], text }),
    modifiers: modifiers.map(({ said }) => ({ coding: [modifierCoding(said)] })),
    quantity: value === undefined ? undefined : compact<NonNullable<ServiceRequest['quantityQuantity']>>({ value: Number(value), system: unit === undefined ? undefined : x12System('355'), code: unit }),
  });
}
