/**
 * What one item of the Claim asks for (PAS profile-claim, Claim.item).
 */
import { codeFacts, readCodes, sameCode } from './codes.ts';
import { readDays, type DayRange } from './dates.ts';
import { readExtent } from './extent.ts';
import { asObject, extensionOf, objectsIn, type Loose } from './loose.ts';
import { readQuantity } from './measures.ts';
import { performerFacts } from './performers.ts';
import { isModified, type Submission } from './submission.ts';
import type { Code, Fact, ItemFacts, ServiceDays, Source } from './types.ts';

const PAS = 'http://hl7.org/fhir/us/davinci-pas/StructureDefinition';
const SUPPORTING_INFO = 'http://hl7.org/fhir/us/davinci-pas/CodeSystem/PASTempCodes';
const OPEN_END = '9999-12-31';

const NOTHING: ItemFacts = {
  services: [], servicesComplete: false, serviceCategories: [], placesOfService: [], performers: [], requestTypes: [], certificationTypes: [], serviceDays: { kind: 'unreadable' }, diagnoses: [],
};

/**
 * The facts of the item with this sequence. An item that is missing, there twice, withdrawn, or changed by an unknown
 * modifier extension gives none.
 */
export function itemFacts(submission: Submission, sequence: number): ItemFacts {
  const claim = submission.claim;
  const [found, ...others] = objectsIn(claim?.resource['item']).filter(([, item]) => item['sequence'] === sequence);
  if (claim === undefined || found === undefined || others.length > 0 || isModified(found[1])) return NOTHING;
  const item = found[1];
  const path = `Claim.item.where(sequence=${sequence})`;
  const at = (expression: string): Source => ({ reference: claim.reference, expression: `${path}.${expression}` });
  const fromExtension = (name: string): Fact<Code>[] =>
    codeFacts(extensionOf(item, `${PAS}/extension-${name}`)?.['valueCodeableConcept'], at(`extension.where(url='${PAS}/extension-${name}').value`));
  const services = codeFacts(item['productOrService'], at('productOrService'));
  const quantity = readQuantity(item['quantity']);
  return {
    services,
    servicesComplete: everyCodingRead(item['productOrService'], services) && item['detail'] === undefined && isNoRange(services, extensionOf(item, `${PAS}/extension-productOrServiceCodeEnd`)),
    serviceCategories: codeFacts(item['category'], at('category')),
    placesOfService: codeFacts(item['locationCodeableConcept'], at('location')),
    performers: performerFacts(submission, item),
    requestTypes: fromExtension('serviceItemRequestType'),
    certificationTypes: fromExtension('certificationType'),
    ...(quantity === undefined ? {} : { quantity: { value: quantity, source: at('quantity') } }),
    extent: readExtent(item),
    serviceDays: serviceDays(submission, item, at),
    diagnoses: diagnoses(submission, item),
  };
}

function everyCodingRead(concept: unknown, read: readonly Fact<Code>[]): boolean {
  const codings = asObject(concept)?.['coding'];
  return Array.isArray(codings) && codings.length === read.length;
}

/** A range of codes that ends where it begins is one code. */
function isNoRange(services: readonly Fact<Code>[], end: Loose | undefined): boolean {
  if (end === undefined) return true;
  const last = codeFacts(end['valueCodeableConcept'], { reference: '', expression: '' });
  const [only, ...others] = services;
  return only !== undefined && others.length === 0 && last.length === 1 && everyCodingRead(end['valueCodeableConcept'], last) && sameCode(only.value, last[0]!.value);
}

// The item's own date; else the date of the event, else of the admission, both told once for the whole Claim.
function serviceDays(submission: Submission, item: Loose, at: (expression: string) => Source): ServiceDays {
  const own = readTiming(item['servicedDate'], item['servicedPeriod'], at('serviced'));
  if (own.kind !== 'none') return own;
  const claim = submission.claim;
  const infos = objectsIn(claim?.resource['supportingInfo']).filter(([, info]) => !isModified(info));
  for (const category of ['patientEvent', 'admissionDates']) {
    const info = infos.find(([, candidate]) => readCodes(candidate['category']).some(({ system, code }) => system === SUPPORTING_INFO && code === category));
    if (claim === undefined || info === undefined) continue;
    return readTiming(info[1]['timingDate'], info[1]['timingPeriod'], { reference: claim.reference, expression: `Claim.supportingInfo[${info[0]}].timing` });
  }
  return own;
}

function readTiming(date: unknown, period: unknown, source: Source): ServiceDays {
  if (date === undefined && period === undefined) return { kind: 'none' };
  const value = date === undefined ? readPeriod(period) : readDays(date);
  return value === undefined ? { kind: 'unreadable' } : { kind: 'stated', value, source };
}

/** The days of a Period that has a start; without an end it stays open. */
function readPeriod(input: unknown): DayRange | undefined {
  const period = asObject(input);
  const start = readDays(period?.['start']);
  const end = period?.['end'] === undefined ? { to: OPEN_END } : readDays(period['end']);
  if (start === undefined || end === undefined || end.to < start.from) return undefined;
  return { from: start.from, to: end.to };
}

// An item that points to diagnoses means those; one that points to none means all of the Claim.
function diagnoses(submission: Submission, item: Loose): Fact<Code>[] {
  const claim = submission.claim;
  const pointed = item['diagnosisSequence'];
  return objectsIn(claim?.resource['diagnosis']).flatMap(([index, diagnosis]) => {
    const meant = !Array.isArray(pointed) || pointed.length === 0 || pointed.includes(diagnosis['sequence']);
    if (claim === undefined || !meant || isModified(diagnosis)) return [];
    return codeFacts(diagnosis['diagnosisCodeableConcept'], { reference: claim.reference, expression: `Claim.diagnosis[${index}].diagnosis` });
  });
}
