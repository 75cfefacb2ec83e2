/**
 * Charts of invented patients, the same for the same seed and index wherever they are made: about 125 resources each, of
 * the types, sizes and mix that Synthea's have (41 % Observations, 13 % Claims and as many ExplanationOfBenefits, ...),
 * every reference within the chart. What searches must find in it is told with it.
 */
import { randomOf, type Random } from './random.ts';
import { claimAndStatement, type Service } from './chart-claims.ts';
import { concept, dateOf, day, organization, secondOf, type Reference, type Resource } from './elements.ts';
import { base, cities, diagnoses, families, givenNames, laboratory, medications, organizations, payers, pulse, services, systems, terminology, vaccines, visits, vitals, type Finding } from './words.ts';

/** A change of what is made needs another number: kept data of an older one is of no use. */
export const generation = 1;

export interface ChartEntry {
  /** What the others refer to it by: `urn:uuid:` and this. */
  readonly uuid: string;
  readonly resource: Resource;
}

/** What searches must find. */
export interface Facts {
  readonly recordNumber: string;
  readonly family: string;
  readonly birthDate: string;
  /** Times of the findings by their code. */
  readonly findings: ReadonlyMap<string, readonly string[]>;
  readonly claims: readonly { readonly status: string; readonly created: string }[];
  readonly diagnoses: ReadonlySet<string>;
  readonly counts: ReadonlyMap<string, number>;
}
export interface Chart {
  readonly index: number;
  /** Each refers only to those before it. The first is the Patient. */
  readonly entries: readonly ChartEntry[];
  readonly facts: Facts;
}

const firstVisits = Date.UTC(2015, 0, 1);
const lastVisits = Date.UTC(2025, 11, 1);
const weights = diagnoses.reduce((sum, [, , weight]) => sum + weight, 0);

export function chartOf(seed: number, index: number): Chart {
  const random = randomOf(seed, 1, index);
  const entries: ChartEntry[] = [];
  const findings = new Map<string, string[]>();
  const claims: { status: string; created: string }[] = [];
  const found = new Set<string>();
  const add = (resource: Resource): Reference => {
    const uuid = random.uuid();
    entries.push({ uuid, resource });
    return { reference: `urn:uuid:${uuid}` };
  };

  const person = patientOf(random, seed, index);
  const patient = add(person.resource);
  const home = random.between(0, organizations.length - 1);
  const payer = random.pick(payers);
  const coverage = add(coverageOf(random, patient, payer));
  for (let count = random.between(0, 2); count > 0; count -= 1) add(allergyOf(random, patient));

  const count = random.between(4, 19);
  const step = (lastVisits - firstVisits) / count;
  for (let visit = 0; visit < count; visit += 1) {
    const start = Math.floor((firstVisits + step * visit + random.share() * step * 0.8) / 1000) * 1000;
    const end = start + random.between(15, 180) * 60_000;
    const [code, words, kind] = random.pick(visits);
    const clinician = { identifier: { system: systems.clinician, value: `C-${random.between(0, 399)}` }, display: `Dr. ${random.pick(families)} ${random.pick(givenNames)}` };
    const encounter = add({
      resourceType: 'Encounter', identifier: [{ use: 'official', system: systems.encounter, value: random.uuid() }], status: 'finished',
      class: { system: `${terminology}v3-ActCode`, code: kind }, type: [concept(systems.visit, code, words)], subject: { ...patient, display: person.name },
      participant: [{ type: [concept(`${terminology}v3-ParticipationType`, 'PPRF', 'primary performer')], individual: clinician }],
      period: { start: secondOf(start), end: secondOf(end) }, location: [{ location: { display: organizations[home] } }], serviceProvider: organization(home),
    });
    const about = { subject: patient, encounter };
    const rendered: Service[] = [{ system: systems.visit, code, words, price: 85.55 + random.between(0, 120) }];

    if (visit === 0 || random.chance(0.6)) rendered.push(diagnosed());
    const observe = (category: string, [name, shown, unit, low, high]: Finding): Reference => {
      const time = secondOf(start);
      findings.set(name, [...findings.get(name) ?? [], time]);
      return add({
        resourceType: 'Observation', status: 'final', category: [concept(`${terminology}observation-category`, category, category)], code: concept(systems.finding, name, shown), ...about,
        effectiveDateTime: time, issued: new Date(start).toISOString(), valueQuantity: { value: Number((low + random.share() * (high - low)).toFixed(2)), unit, system: 'http://unitsofmeasure.org', code: unit },
      });
    };
    for (const vital of vitals) if (vital[0] === pulse || random.chance(0.37)) observe('vital-signs', vital);
    if (random.chance(0.7)) pressure();
    if (random.chance(0.3)) report();
    if (random.chance(0.53)) {
      const [service, shown, price] = random.pick(services);
      const procedure = add({ resourceType: 'Procedure', status: 'completed', code: concept(systems.service, service, shown), ...about, performedPeriod: { start: secondOf(start), end: secondOf(start + 900_000) }, location: { display: organizations[home] } });
      rendered.push({ system: systems.service, code: service, words: shown, price, procedure });
    }
    if (random.chance(0.33)) {
      const [vaccine, shown] = random.pick(vaccines);
      add({ resourceType: 'Immunization', status: 'completed', vaccineCode: concept(systems.vaccine, vaccine, shown), patient, encounter, occurrenceDateTime: secondOf(start), primarySource: true, location: { display: organizations[home] } });
      rendered.push({ system: systems.vaccine, code: vaccine, words: shown, price: 140.52 });
    }
    const bill = (items: readonly Service[], prescription?: Reference): void => {
      const { claim, statement } = claimAndStatement({ random, patient, coverage, encounter, clinician, payer, provider: organization(home), start, end, items, ...(prescription && { prescription }) });
      claims.push({ status: claim['status'] as string, created: claim['created'] as string });
      add(statement(add(claim)));
    };
    if (random.chance(0.42)) {
      const [medication, shown] = random.pick(medications);
      const request = add({
        resourceType: 'MedicationRequest', status: random.chance(0.3) ? 'active' : 'stopped', intent: 'order', category: [concept(`${terminology}medicationrequest-category`, 'community', 'Community')],
        medicationCodeableConcept: concept(systems.medication, medication, shown), ...about, authoredOn: secondOf(start), requester: clinician,
        dosageInstruction: [{ sequence: 1, text: 'Once a day, with food.', timing: { repeat: { frequency: 1, period: 1, periodUnit: 'd' } }, asNeededBoolean: false, doseAndRate: [{ doseQuantity: { value: 1 } }] }],
      });
      bill([{ system: systems.medication, code: medication, words: shown, price: 20 + random.between(0, 300) }], request);
    }
    bill(rendered);

    function diagnosed(): Service {
      let left = random.share() * weights;
      const [diagnosis, shown] = diagnoses.find(([, , weight]) => (left -= weight) <= 0) ?? diagnoses[0];
      found.add(diagnosis);
      const active = random.chance(0.4);
      const condition = add({
        resourceType: 'Condition', clinicalStatus: { coding: [{ system: `${terminology}condition-clinical`, code: active ? 'active' : 'resolved' }] }, verificationStatus: { coding: [{ system: `${terminology}condition-ver-status`, code: 'confirmed' }] },
        category: [concept(`${terminology}condition-category`, 'encounter-diagnosis', 'Encounter Diagnosis')], code: concept(systems.diagnosis, diagnosis, shown), ...about,
        onsetDateTime: secondOf(start), ...(!active && { abatementDateTime: secondOf(start + random.between(5, 60) * day) }), recordedDate: secondOf(start),
      });
      return { system: systems.diagnosis, code: diagnosis, words: shown, price: 0, condition };
    }
    function pressure(): void {
      const part = (name: string, shown: string, low: number, high: number) => ({ code: concept(systems.finding, name, shown), valueQuantity: { value: random.between(low, high), unit: 'mm[Hg]', system: 'http://unitsofmeasure.org', code: 'mm[Hg]' } });
      findings.set('pressure', [...findings.get('pressure') ?? [], secondOf(start)]);
      add({
        resourceType: 'Observation', status: 'final', category: [concept(`${terminology}observation-category`, 'vital-signs', 'vital-signs')], code: concept(systems.finding, 'pressure', 'Blood pressure'), ...about,
        effectiveDateTime: secondOf(start), issued: new Date(start).toISOString(), component: [part('diastolic', 'Diastolic blood pressure', 58, 99), part('systolic', 'Systolic blood pressure', 95, 165)],
      });
    }
    function report(): void {
      const first = random.between(0, laboratory.length - 4);
      const result = laboratory.slice(first, first + random.between(2, 4)).map((finding) => ({ ...observe('laboratory', finding), display: finding[1] }));
      add({
        resourceType: 'DiagnosticReport', status: 'final', category: [concept(`${terminology}v2-0074`, 'LAB', 'Laboratory')], code: concept(systems.finding, 'metabolic-panel', 'Basic metabolic panel'), ...about,
        effectiveDateTime: secondOf(start), issued: new Date(start).toISOString(), performer: [organization(home)], result,
      });
    }
  }
  const counts = new Map<string, number>();
  for (const { resource } of entries) counts.set(resource.resourceType, (counts.get(resource.resourceType) ?? 0) + 1);
  return { index, entries, facts: { recordNumber: person.recordNumber, family: person.family, birthDate: person.birthDate, findings, claims, diagnoses: found, counts } };
}

function patientOf(random: Random, seed: number, index: number) {
  const [family, given, middle, mother] = [random.pick(families), random.pick(givenNames), random.pick(givenNames), random.pick(families)];
  const gender = random.chance(0.5) ? 'male' : 'female';
  const birthDate = dateOf(Date.UTC(1935, 0, 1) + random.between(0, 27_000) * day);
  const recordNumber = `R-${seed}-${index}`;
  const [city, state, postalCode] = random.pick(cities);
  const extension = (name: string, value: object): object => ({ url: `${base}/StructureDefinition/${name}`, ...value });
  const identifier = (code: string, words: string, system: string, value: string): object => ({ type: concept(`${terminology}v2-0203`, code, words), system, value });
  const resource: Resource = {
    resourceType: 'Patient',
    text: { status: 'generated', div: `<div xmlns="http://www.w3.org/1999/xhtml"><p>An invented patient of the bench, number ${index} of seed ${seed}.</p></div>` },
    extension: [
      extension('race', { extension: [{ url: 'ombCategory', valueCoding: { system: `${base}/races`, code: `race-${random.between(1, 5)}` } }, { url: 'text', valueString: 'As told by the patient' }] }),
      extension('ethnicity', { extension: [{ url: 'ombCategory', valueCoding: { system: `${base}/ethnicities`, code: `ethnicity-${random.between(1, 2)}` } }, { url: 'text', valueString: 'As told by the patient' }] }),
      extension('mothers-maiden-name', { valueString: `${random.pick(givenNames)} ${mother}` }), extension('sex-at-birth', { valueCode: gender === 'male' ? 'M' : 'F' }),
      extension('place-of-birth', { valueAddress: { city, state, country: 'US' } }),
    ],
    identifier: [
      { system: systems.record, value: recordNumber }, identifier('DL', "Driver's license", `${base}/licenses/${state}`, `L${random.between(10_000_000, 99_999_999)}`),
      identifier('PPN', 'Passport number', `${base}/passports`, `X${random.between(10_000_000, 99_999_999)}X`),
    ],
    name: [{ use: 'official', family, given: [given, middle], prefix: [gender === 'male' ? 'Mr.' : 'Ms.'] }],
    telecom: [{ system: 'phone', value: `555-01${random.between(10, 99)}-${random.between(1000, 9999)}`, use: 'home' }],
    gender, birthDate, address: [{ line: [`${random.between(1, 1999)} ${random.pick(families)} Street`], city, state, postalCode, country: 'US' }],
    maritalStatus: random.chance(0.5) ? concept(`${terminology}v3-MaritalStatus`, 'M', 'Married') : concept(`${terminology}v3-MaritalStatus`, 'S', 'Never Married'),
    multipleBirthBoolean: false, communication: [{ language: concept('urn:ietf:bcp:47', 'en-US', 'English') }],
  };
  return { resource, family, birthDate, recordNumber, name: `${given} ${family}` };
}

function coverageOf(random: Random, beneficiary: Reference, payer: string): Resource {
  const number = `M${random.between(10_000_000, 99_999_999)}`;
  return {
    resourceType: 'Coverage', identifier: [{ system: systems.member, value: number }], status: 'active', type: concept(`${terminology}v3-ActCode`, 'HIP', 'health insurance plan policy'), subscriberId: number, beneficiary,
    relationship: concept(`${terminology}subscriber-relationship`, 'self', 'Self'), period: { start: '2015-01-01', end: '2026-12-31' }, payor: [{ display: payer }],
    class: [{ type: concept(`${terminology}coverage-class`, 'plan', 'Plan'), value: `P-${random.between(1, 60)}`, name: `${payer}, broad network` }],
  };
}

function allergyOf(random: Random, patient: Reference): Resource {
  return {
    resourceType: 'AllergyIntolerance', clinicalStatus: { coding: [{ system: `${terminology}allergyintolerance-clinical`, code: 'active' }] }, verificationStatus: { coding: [{ system: `${terminology}allergyintolerance-verification`, code: 'confirmed' }] },
    type: 'allergy', category: ['food'], criticality: 'low', code: concept(systems.diagnosis, 'peanuts', 'Allergy to peanuts'), patient, recordedDate: secondOf(Date.UTC(2000, 0, 1) + random.between(0, 5000) * day),
  };
}
