/** A service line (2000F) to Claim.item; and the one item of a request that names its service on the event (2000E). */
import type { ClaimItem, CodeableConcept, Extension, Identifier, Period, Quantity } from '@medplum/fhirtypes';
import { modifierCoding, procedureCoding } from '../codes.ts';
import { toFhirDate } from '../grammar/dates.ts';
import type { Level } from './levels.ts';
import { EXTENSION, SYSTEM, TRACE_SYSTEM_PREFIX, x12System } from '../pas.ts';
import { componentsAt, valueAt } from '../segment.ts';
import { compact, concept, conceptExtension, stringExtension } from '../shapes.ts';
import { type Draft, segmentsOf } from './draft.ts';
import { isUntold } from './event.ts';
import type { ItemParts } from './item-parts.ts';
import { mapQuantities } from './quantity.ts';
import type { SegmentReader } from './recorder.ts';

/** Maps one item. */
export function mapItem(draft: Draft, parts: ItemParts): ClaimItem {
  const { level, event, claim, sequence } = parts;
  const at = `item[${sequence - 1}]`;
  const read = (id: string, loop = level): SegmentReader | undefined => {
    const segment = segmentsOf(loop.segments, id)[0];
    return segment === undefined ? undefined : draft.recorder.reader(loop.id, segment, claim);
  };
  const own = read('UM');
  const inherited = read('UM', event);
  const um = (path: string, element: number): string | undefined => {
    const value = own?.take(path, element);
    // What the event repeats has come across; what it says otherwise stays in the unmapped report.
    if (value !== undefined && valueAt(inherited?.segment, element).trim() !== value) return value;
    return inherited?.take(path, element) ?? value;
  };
  const certificationType = parts.certificationType ?? um(`${at}.extension[1].valueCodeableConcept.coding[0].code`, 2);
  const category = concept(x12System('1365'), um(`${at}.category.coding[0].code`, 3));
  const line = mapLine(draft, parts, read('SV1') ?? read('SV2') ?? read('SV3'), at);
  const quantities = mapQuantities(draft, parts, line, at);
  const isEvent = level === event;
  return compact<ClaimItem>({
    extension: [
      ...conceptExtension(EXTENSION.serviceItemRequestType, concept(x12System('1525'), um(`${at}.extension[0].valueCodeableConcept.coding[0].code`, 1))),
      ...conceptExtension(EXTENSION.certificationType, concept(x12System('1322'), certificationType)),
      ...(isEvent ? [] : mapTraces(draft, level, claim, at)),
      ...(isEvent ? [] : mapReviewReferences(draft, level, claim, `${at}.extension`)),
      ...(line.extension ?? []),
      ...(quantities.extension ?? []),
      ...(parts.isUpdate ? [{ url: EXTENSION.infoChanged, valueCode: !isEvent && certificationType === 'I' ? 'added' : 'changed' }] : []),
    ],
    modifierExtension: certificationType === '3' ? [{ url: EXTENSION.infoCancelled, valueBoolean: true }] : undefined,
    sequence,
    careTeamSequence: parts.careTeamSequence,
    diagnosisSequence: line.diagnosisSequence,
    informationSequence: parts.informationSequence,
    revenue: line.revenue,
    category,
    productOrService: line.productOrService ?? category ?? { coding: [{ system: SYSTEM.dataAbsent, code: 'not-applicable' }] },
    modifier: line.modifier,
    ...mapServiced(draft, level, claim, at),
    locationCodeableConcept: mapLocation(own, inherited, at),
    quantity: quantities.quantity,
    unitPrice: line.unitPrice === undefined ? undefined : { value: Number(line.unitPrice), currency: 'USD' },
  });
}

/** REF*BB and REF*NT, on the item or on the Claim. */
export function mapReviewReferences(draft: Draft, level: Level, claim: string, path: string): Extension[] {
  return segmentsOf(level.segments, 'REF').flatMap((segment) => {
    const reader = draft.recorder.reader(level.id, segment, claim);
    const url = reader.consult(1) === 'BB' ? EXTENSION.authorizationNumber : EXTENSION.administrationReferenceNumber;
    return stringExtension(url, reader.take(`${path}.where(url='${url}').valueString`, 2));
  });
}

function mapTraces(draft: Draft, level: Level, claim: string, at: string): Extension[] {
  return segmentsOf(level.segments, 'TRN').filter((segment) => !isUntold(segment)).map((segment): Extension => {
    const reader = draft.recorder.reader(level.id, segment, claim);
    const path = `${at}.extension.where(url='${EXTENSION.itemTraceNumber}').valueIdentifier`;
    reader.consult(1);
    const value = reader.take(`${path}.value`, 2);
    const organization = reader.take(`${path}.system`, 3);
    const extension = stringExtension(EXTENSION.identifierSubDepartment, reader.take(`${path}.extension[0].valueString`, 4));
    return { url: EXTENSION.itemTraceNumber, valueIdentifier: compact<Identifier>({ extension, system: `${TRACE_SYSTEM_PREFIX}${organization}`, value }) };
  });
}

function placeOf(um: SegmentReader | undefined): string {
  return `${valueAt(um?.segment, 4, 1)}:${valueAt(um?.segment, 4, 2)}`;
}

function mapLocation(own: SegmentReader | undefined, inherited: SegmentReader | undefined, at: string): CodeableConcept | undefined {
  const isOwn = valueAt(own?.segment, 4) !== '';
  const readers = isOwn ? [own, ...(placeOf(own) === placeOf(inherited) ? [inherited] : [])] : [inherited];
  const found = readers.map((um) => {
    const system = um?.consult(4, 2) === 'A' ? SYSTEM.typeOfBill : SYSTEM.placeOfService;
    return concept(system, um?.take(`${at}.locationCodeableConcept.coding[0].code`, 4, 1));
  });
  return found[0];
}

function mapServiced(draft: Draft, level: Level, claim: string, at: string): { servicedDate?: string; servicedPeriod?: Period } {
  const segment = segmentsOf(level.segments, 'DTP').find((dtp) => valueAt(dtp, 1) === '472');
  if (segment === undefined) return {};
  const reader = draft.recorder.reader(level.id, segment, claim);
  reader.consult(1);
  const isPeriod = reader.consult(2) === 'RD8';
  const [start = '', end = ''] = (reader.take(`${at}.${isPeriod ? 'servicedPeriod' : 'servicedDate'}`, 3) ?? '').split('-');
  const first = toFhirDate(start);
  const last = toFhirDate(end);
  if (first === undefined) return {};
  return isPeriod && last !== undefined ? { servicedPeriod: { start: first, end: last } } : { servicedDate: first };
}

interface MappedLine {
  extension?: Extension[];
  productOrService?: CodeableConcept;
  modifier?: CodeableConcept[];
  revenue?: CodeableConcept;
  unitPrice?: string;
  quantity?: Quantity;
  diagnosisSequence?: number[];
}

/** SV1, SV2 or the procedure of an SV3. */
function mapLine(draft: Draft, parts: ItemParts, line: SegmentReader | undefined, at: string): MappedLine {
  if (line === undefined) return {};
  const kind = line.segment.id;
  const composite = kind === 'SV2' ? 2 : 1;
  const procedure = mapProcedure(draft, parts, line, composite, at);
  if (kind === 'SV3') return procedure;
  const unit = kind === 'SV1' ? 3 : 4;
  const value = line.take(`${at}.quantity.value`, unit + 1);
  const code = line.take(`${at}.quantity.code`, unit);
  const path = (url: string): string => `${at}.extension.where(url='${url}').value`;
  const levelOfCare = concept(x12System('1337'), line.take(path(EXTENSION.nursingHomeLevelOfCare), kind === 'SV1' ? 20 : 10));
  const residential = kind === 'SV2' ? concept(x12System('1345'), line.take(path(EXTENSION.nursingHomeResidentialStatus), 9)) : undefined;
  const rate = kind === 'SV2' ? line.take(path(EXTENSION.revenueUnitRateLimit), 6) : undefined;
  const epsdt = kind === 'SV1' ? line.take(path(EXTENSION.epsdtIndicator), 11) : undefined;
  const pointers = kind === 'SV1' ? componentsAt(line.segment, 7).map((_, index) => line.take(`${at}.diagnosisSequence[${index}]`, 7, index + 1)) : [];
  return compact<MappedLine>({
    ...procedure,
    extension: [
      ...(procedure.extension ?? []),
      ...(epsdt === undefined ? [] : [{ url: EXTENSION.epsdtIndicator, valueBoolean: epsdt === 'Y' }]),
      ...conceptExtension(EXTENSION.nursingHomeResidentialStatus, residential),
      ...conceptExtension(EXTENSION.nursingHomeLevelOfCare, levelOfCare),
      ...(rate === undefined ? [] : [{ url: EXTENSION.revenueUnitRateLimit, valueDecimal: Number(rate) }]),
    ],
    revenue: kind === 'SV2' ? concept(SYSTEM.revenue, line.take(`${at}.revenue.coding[0].code`, 1)) : undefined,
    unitPrice: line.take(`${at}.unitPrice.value`, kind === 'SV1' ? 2 : 3),
    quantity: value === undefined ? undefined : compact<Quantity>({ value: Number(value), system: code === undefined ? undefined : x12System('355'), code }),
    diagnosisSequence: pointers.filter((pointer) => pointer !== undefined).map(Number),
  });
}

function mapProcedure(draft: Draft, parts: ItemParts, line: SegmentReader, composite: number, at: string): MappedLine {
  const code = line.take(`${at}.productOrService.coding[0].code`, composite, 2);
  if (code === undefined) return {};
  const qualifier = line.consult(composite, 1);
  const { coding, inferred } = procedureCoding(qualifier, code);
  if (inferred) draft.issues.push({ severity: 'information', code: 'procedure-system', text: 'The code system of a procedure could not be told by its shape.', location: { loop: parts.level.id, segment: line.segment.id, position: line.segment.position, element: composite } });
  const description = line.take(`${at}.productOrService.text`, composite, 7);
  const end = line.take(`${at}.extension.where(url='${EXTENSION.productOrServiceCodeEnd}')`, composite, 8);
  const modifiers: string[] = [];
  for (const component of [3, 4, 5, 6]) {
    // A blank one in between takes no place in the list.
    const modifier = line.take(`${at}.modifier[${modifiers.length}].coding[0].code`, composite, component);
    if (modifier !== undefined) modifiers.push(modifier);
  }
  return compact<MappedLine>({
    extension: end === undefined ? [] : [{ url: EXTENSION.productOrServiceCodeEnd, valueCodeableConcept: { coding: [procedureCoding(qualifier, end).coding] } }],
    productOrService: compact<CodeableConcept>({ coding: [coding], text: description }),
    modifier: modifiers.map((modifier) => ({ coding: [modifierCoding(modifier)] })),
  });
}
