/**
 * What a search finds, told by tables: each query is read into trees, and the trees are applied to index rows in memory
 * (../search-sql/naive.ts). No database: what SQL makes of the trees is another test's business.
 */
import * as fc from 'fast-check';
import { Problem } from '../../../fhir/problems.ts';
import { standardParameters } from '../../../fhir/search-parameters.ts';
import { readSearch, type SearchAddress, type SearchRequest, type SearchSettings } from '../../../store/search/language/read-search.ts';
import { emptySource } from '../../../terminology/empty-source.ts';
import { layered } from '../../../terminology/layered-source.ts';
import { terminologyOf } from '../../../terminology/terminology.ts';
import { hold, Naive } from '../search-sql/naive.ts';
import { resources } from './resources.ts';

const tenant = 1;
const changed = new Date('2026-03-02T09:00:00.123Z');
const stored = resources();
const naive = new Naive(stored.map((resource) => hold(tenant, resource, changed)));

const settings: SearchSettings = {
  context: { tenant: { id: tenant, name: 'default' }, base: 'http://here.example/fhir', parameters: standardParameters, now: () => new Date('2020-03-11T00:00:00Z') },
  handling: 'strict',
  cursorKey: new Uint8Array(32).fill(7),
  terminology: terminologyOf((ask) => ask(layered(stored, emptySource))),
};

function parametersOf(query: string): [string, string][] {
  return query === '' ? [] : query.split('&').map((pair) => pair.split(/=(.*)/s).slice(0, 2) as [string, string]);
}

const read = (address: SearchAddress, query: string, more: Partial<SearchSettings> = {}): Promise<SearchRequest> => readSearch(address, parametersOf(query), { ...settings, ...more });

async function found(address: SearchAddress, query: string): Promise<string[]> {
  const asked = await read(address, query);
  return asked.query.of.flatMap(({ type, where }) => naive.find(type, where)).map(({ resource }) => resource.id).toSorted();
}

async function problemOf(address: SearchAddress, query: string): Promise<string> {
  try {
    await read(address, query);
  } catch (error) {
    if (error instanceof Problem) return error.code;
    throw error;
  }
  return 'none';
}

type Row = readonly [query: string, ids: readonly string[]];

const patient = { type: 'Patient' };
const observation = { type: 'Observation' };
const everyone = ['anna', 'ben', 'cleo', 'dan'];

describe('tokens', () => {
  test.each<Row>([
    ['identifier=1', ['anna', 'ben', 'cleo']], ['identifier=urn:mrn|1', ['anna']], ['identifier=|1', ['ben']], ['identifier=urn:other|', ['cleo']], ['identifier=urn:mrn|2', []], ['identifier=urn:mrn|1,|1', ['anna', 'ben']],
    // The element fixes the system: it is in no resource, and a search may name it all the same.
    ['gender=female', ['anna']], ['gender=http://hl7.org/fhir/administrative-gender|female', ['anna']], ['gender=|female', ['anna']], ['gender=urn:other|female', []], ['gender=http://hl7.org/fhir/administrative-gender|', ['anna', 'ben']],
    ['active=true', ['anna']], ['active=http://terminology.hl7.org/CodeSystem/special-values|true', ['anna']], ['deceased=true', ['cleo', 'dan']],
    // Contact points: the use is no part of it; the system may be named.
    ['telecom=555 1', ['anna']], ['phone=555 1', ['anna']], ['phone=a@example.org', []], ['email=a@example.org', ['anna']], ['telecom=phone|555 1', ['anna']],
    ['_tag=urn:tags|a', ['anna']], ['_tag=a', ['anna']],
    // :not finds what has no value, too.
    ['gender:not=female', ['ben', 'cleo', 'dan']], ['gender:not=female,male', ['cleo', 'dan']], ['identifier:not=urn:mrn|1', ['ben', 'cleo', 'dan']],
    ['identifier:of-type=urn:kinds|MR|1', ['anna']], ['identifier:of-type=urn:kinds|MR|2', []], ['identifier:text=medical', ['anna']], ['identifier:text=record', []],
    ['gender:missing=true', ['cleo', 'dan']], ['gender:missing=false', ['anna', 'ben']],
    ['gender:in=urn:vs:genders', ['anna']], ['gender:not-in=urn:vs:genders', ['ben', 'cleo', 'dan']],
  ])('Patient?%s', async (query, ids) => expect(await found(patient, query)).toEqual(ids));

  test.each<Row>([
    ['code:text=glucose', ['high']], ['code:text=BLOOD', ['high']], ['code:text=volume', []],
    // The code system says what is below what; a code is below and above itself.
    ['code:below=urn:codes|c', ['low', 'panel', 'what', 'when']], ['code:above=urn:codes|c1', ['low', 'panel', 'when']], ['code:below=urn:codes|c2', ['what']],
    ['code:in=urn:vs:listed', ['when']], ['code:in=urn:vs:below', ['when']], ['code:in=urn:vs:nested', ['high', 'when']], ['code:in=ValueSet/vs-listed', ['when']], ['code:not-in=urn:vs:nested', ['low', 'panel', 'said', 'what']],
    // A union is any of its parts.
    ['combo-code=8480-6', ['panel']], ['combo-code=http://loinc.org|2339-0', ['high']], ['component-code=2339-0', []], ['combo-code:not=8480-6', ['high', 'low', 'said', 'what', 'when']],
    ['combo-value-concept:missing=false', ['what']], ['combo-value-quantity:missing=true', ['said', 'what', 'when']],
    ['status=http://hl7.org/fhir/observation-status|amended', ['low']],
  ])('Observation?%s', async (query, ids) => expect(await found(observation, query)).toEqual(ids));
});

describe('references', () => {
  test.each<Row>([
    ['subject=Patient/anna', ['high']], ['subject=anna', ['high']], ['subject:Patient=anna', ['high']], ['subject:Group=all', ['panel']], ['patient=anna', ['high']],
    // A group is no patient, though the definition lists it as a target.
    ['patient=all', []], ['subject=http://here.example/fhir/Patient/anna', ['high']], ['subject=http://elsewhere.example/fhir/Patient/anna', ['when']],
    ['subject:identifier=urn:mrn|1', ['said']], ['subject:identifier=1', ['said']], ['subject:missing=true', ['what']], ['subject=Patient/anna,Patient/ben', ['high', 'low']],
  ])('Observation?%s', async (query, ids) => expect(await found(observation, query)).toEqual(ids));

  test.each<Row>([
    // Without a version every version is meant; with one, that one.
    ['questionnaire=http://example.org/forms/one', ['any', 'three', 'two-one']], ['questionnaire=http://example.org/forms/one|2.1', ['two-one']], ['questionnaire=http://example.org/forms/one|2', []],
    ['questionnaire:below=http://example.org/forms/one|2', ['two-one']], ['questionnaire:below=http://example.org/forms/one', ['any', 'three', 'two-one']], ['questionnaire:above=http://example.org/forms/one|3.1', ['three']],
  ])('QuestionnaireResponse?%s', async (query, ids) => expect(await found({ type: 'QuestionnaireResponse' }, query)).toEqual(ids));

  test('a patient alone is said beside the keys, and several are not', async () => {
    const whereOf = async (query: string): Promise<unknown> => (await read(observation, query)).query.of[0]!.where;
    expect(await whereOf('patient=anna')).toMatchObject({ kind: 'key', patient: 'anna' });
    expect(await whereOf('subject=Patient/anna')).toMatchObject({ kind: 'key', patient: 'anna' });
    expect(await whereOf('subject:Patient=anna')).toMatchObject({ kind: 'key', patient: 'anna' });
    for (const query of ['subject=anna', 'subject=Group/anna', 'patient=anna,ben', 'performer=Patient/anna', 'subject=http://elsewhere.example/fhir/Patient/anna', 'subject:identifier=anna']) expect(await whereOf(query)).not.toHaveProperty('patient');
  });
});

describe('dates', () => {
  // anna: 1980-05-10, ben: 1980, cleo: 1980-05. Each is as long as it is precise.
  test.each<Row>([
    ['birthdate=1980', ['anna', 'ben', 'cleo']], ['birthdate=1980-05', ['anna', 'cleo']], ['birthdate=1980-05-10', ['anna']], ['birthdate=ne1980-05', ['ben']],
    ['birthdate=gt1980-05-09', ['anna', 'ben', 'cleo']], ['birthdate=gt1980-05-10', ['ben', 'cleo']], ['birthdate=gt1980', []], ['birthdate=ge1980-05', ['anna', 'ben', 'cleo']], ['birthdate=ge1980-06', ['ben']],
    ['birthdate=lt1980-05', ['ben']], ['birthdate=lt1980-05-10', ['ben', 'cleo']], ['birthdate=le1980-05', ['anna', 'ben', 'cleo']], ['birthdate=le1980-04', ['ben']],
    ['birthdate=sa1980-05-09', ['anna']], ['birthdate=sa1980', []], ['birthdate=eb1980-05-11', ['anna']], ['birthdate=eb1981', ['anna', 'ben', 'cleo']],
    // Ten percent of the forty years to the clock of this test are about four years.
    ['birthdate=ap1983-06', ['anna', 'ben', 'cleo']], ['birthdate=ap1985-01', []], ['birthdate=1980-05-10,1980-05', ['anna', 'cleo']], ['birthdate:missing=true', ['dan']],
  ])('Patient?%s', async (query, ids) => expect(await found(patient, query)).toEqual(ids));

  // high: a day, low: from 10 o'clock of that day for some days, panel: the year.
  test.each<Row>([
    ['date=2020-03-01', ['high']], ['date=2020-03', ['high', 'low']], ['date=gt2020-03-01', ['low', 'panel']], ['date=sa2020-02', ['high', 'low']], ['date=eb2020-03-06', ['high', 'low']], ['date=le2020-03-01T09:00:00Z', ['high', 'panel']],
    // Ten days before now, so one day more on both sides: the second of March in the evening is near.
    ['date=ap2020-03-02', ['high', 'low', 'panel']], ['date=ap2020-03-05', ['low', 'panel']],
    // A plus that was not escaped arrives as a space.
    ['date=gt2020-03-05T00:00:00 01:00', ['low', 'panel']], ['date=gt2020-03-05T00:00:00+01:00', ['low', 'panel']],
  ])('Observation?%s', async (query, ids) => expect(await found(observation, query)).toEqual(ids));

  test.each<Row>([
    ['_lastUpdated=2026', everyone], ['_lastUpdated=ge2026-03-02T09:00:00.123Z', everyone], ['_lastUpdated=gt2026-03-02T09:00:00.123Z', []], ['_lastUpdated=ne2026-03', []], ['_lastUpdated=ap2026', everyone], ['_lastUpdated:missing=true', []], ['_lastUpdated:missing=false', everyone],
  ])('Patient?%s', async (query, ids) => expect(await found(patient, query)).toEqual(ids));
});

describe('numbers and quantities', () => {
  test.each<Row>([
    // 0.5 is what rounds to it: from 0.45 to 0.55. 0.50 is from 0.495.
    ['probability=0.5', ['half']], ['probability=0.50', ['half']], ['probability=0.46', []], ['probability=0.2,0.5', ['fifth', 'half']], ['probability=0.19', []], ['probability=ne0.5', ['fifth']],
    // In exponent notation one digit more counts than is written: 2e-1 is from 0.195.
    ['probability=2e-1', ['fifth']], ['probability=5e-1', ['half']], ['probability=gt0.2', ['half']], ['probability=ge0.2', ['fifth', 'half']], ['probability=lt0.5', ['fifth']], ['probability=le0.5', ['fifth', 'half']],
    ['probability=ap0.46', ['half']], ['probability=ap0.55', ['half']], ['probability=ap0.45', []], ['probability=ap0.56', []], ['probability=sa0.2', ['half']], ['probability=eb0.5', ['fifth']],
  ])('RiskAssessment?%s', async (query, ids) => expect(await found({ type: 'RiskAssessment' }, query)).toEqual(ids));

  test.each<Row>([
    // 5 is from 4.5 to 5.5, and 5.4 is in it; 5.0 is not.
    ['value-quantity=5', ['high', 'low']], ['value-quantity=5.0', ['low']], ['value-quantity=5.4', ['high']], ['value-quantity=5.40', ['high']], ['value-quantity=gt5', ['high']],
    ['value-quantity=5.4|http://unitsofmeasure.org|mmol/L', ['high']], ['value-quantity=5.4||mmol/L', ['high']], ['value-quantity=5||mg', ['low']], ['value-quantity=5|http://unitsofmeasure.org|mg', []],
    ['combo-value-quantity=gt100', ['panel']], ['combo-value-quantity=ge5||mm[Hg]', ['panel']],
  ])('Observation?%s', async (query, ids) => expect(await found(observation, query)).toEqual(ids));
});

describe('strings', () => {
  test.each<Row>([
    ['family=muller', ['anna', 'ben']], ['family=Müller', ['anna', 'ben']], ['family:exact=Müller', ['anna']], ['family:exact=müller', []], ['family:exact=Müll', []], ['family:contains=LLER', ['anna', 'ben']], ['name:contains=muller', ['anna', 'ben', 'cleo']],
    ['name=maria', ['anna']], ['given=ben,anna', ['anna', 'ben']], ['address=1 main st\\, apt', ['anna']], ['address=1 main st, apt', ['anna']], ['address-city=seattle', ['anna']], ['address-city=Seatt', ['anna', 'ben']], ['family:missing=true', ['cleo', 'dan']],
  ])('Patient?%s', async (query, ids) => expect(await found(patient, query)).toEqual(ids));
});

describe('uris', () => {
  test.each<Row>([
    ['url=http://acme.org/fhir/ValueSet/123', ['slash']], ['url=http://ACME.org/fhir/ValueSet/123', []], ['url=http://acme.org/fhir/ValueSet/', []],
    ['url:below=http://acme.org/fhir/ValueSet/123', ['below', 'slash']], ['url:below=http://acme.org/fhir/', ['below', 'beside', 'slash']], ['url:below=http://acme.org/fhir/ValueSet/12', []],
    ['url:above=http://acme.org/fhir/ValueSet/123/_history/5', ['below', 'slash']], ['url:above=http://acme.org/fhir/ValueSet/1234', ['beside']], ['url=urn:oid:1.2.3', ['oid']], ['url:below=urn:oid:1.2', []],
  ])('ValueSet?%s', async (query, ids) => expect(await found({ type: 'ValueSet' }, query)).toEqual(ids));

  test.each<Row>([
    ['_profile=http://example.org/profiles/person', ['anna', 'ben']], ['_profile=http://example.org/profiles/person|2.1.0', ['anna']], ['_profile:below=http://example.org/profiles/person|2', ['anna']], ['_profile:below=http://example.org/profiles', ['anna', 'ben']], ['_profile:missing=true', ['cleo', 'dan']],
    ['_source=http://example.org/feeds/one#5', ['anna']], ['_source:below=http://example.org/feeds/one', ['anna']],
  ])('Patient?%s', async (query, ids) => expect(await found(patient, query)).toEqual(ids));
});

describe('composites', () => {
  test.each<Row>([
    ['code-value-quantity=http://loinc.org|2339-0$5.4', ['high']], ['code-value-quantity=2339-0$gt5', ['high']], ['code-value-quantity=urn:codes|2339-0$gt5', []], ['code-value-quantity=http://loinc.org|2339-0$lt5', []], ['code-value-quantity=2339-0$5.4||mmol/L', ['high']],
    // Both parts of one and the same component.
    ['component-code-value-quantity=8480-6$120', ['panel']], ['component-code-value-quantity=8480-6$80', []], ['combo-code-value-quantity=8462-4$lt90', ['panel']], ['combo-code-value-quantity=2339-0$5.4,8480-6$120', ['high', 'panel']],
    ['code-value-string=c$blue', ['said']], ['code-value-string=|c$blue', ['said']], ['code-value-string=urn:codes|c$blue', []], ['code-value-string=c$blue\\, or', ['said']], ['code-value-date=c1$2020-03', ['when']], ['code-value-date=c1$lt2020-03', []],
    ['code-value-concept=urn:codes|c2$urn:codes|yes', ['what']], ['code-value-concept=c2$yes', ['what']], ['code-value-concept=c2$|yes', []], ['code-value-concept=c2$urn:codes|', ['what']],
  ])('Observation?%s', async (query, ids) => expect(await found(observation, query)).toEqual(ids));

  test.each<Row>([
    ['relationship=DocumentReference/old$replaces', ['letter']], ['relationship=DocumentReference/old$http://hl7.org/fhir/document-relationship-type|replaces', ['letter']], ['relationship=DocumentReference/old$signs', []], ['relationship=other$signs', ['letter']],
  ])('DocumentReference?%s', async (query, ids) => expect(await found({ type: 'DocumentReference' }, query)).toEqual(ids));

  test.each<Row>([['chromosome-window-coordinate=2$100$200', ['gene']], ['chromosome-window-coordinate=2$ge50$le300', ['gene']], ['chromosome-window-coordinate=2$ge150$le300', []], ['chromosome-window-coordinate=3$ge50$le300', []]])(
    'MolecularSequence?%s', async (query, ids) => expect(await found({ type: 'MolecularSequence' }, query)).toEqual(ids));
});

describe('near', () => {
  test.each<Row>([['near=47.6|-122.33', ['harbour']], ['near=47.6|-122.33|20', ['airport', 'harbour']], ['near=47.6|-122.33|20|km', ['airport', 'harbour']], ['near=47.6|-122.33|9|[mi_i]', ['harbour']], ['near=47.6|-122.33|11|[mi_i]', ['airport', 'harbour']], ['near=47.6|-122.33|900|m', ['harbour']]])(
    'Location?%s', async (query, ids) => expect(await found({ type: 'Location' }, query)).toEqual(ids));
});

describe('chains and _has', () => {
  test.each<Row>([
    ['subject:Patient.name=muller', ['high', 'low']], ['subject.name=maria', ['high']], ['patient.identifier=urn:mrn|1', ['high']], ['patient._id=ben', ['low']], ['patient.organization.name=north', ['high']], ['patient.organization.partof.identifier=urn:npi|9', ['high']],
    ['subject:Group._id=all', []], ['encounter.participant:Practitioner.family=house', ['high']], ['patient.gender:not=female', ['low']], ['patient.name:missing=false', ['high', 'low']], ['patient._has:Encounter:patient:status=finished', ['high']],
    ['performer.family=house', ['high']], ['patient.birthdate=lt1980-05', ['low']], ['patient._filter=gender eq female', ['high']],
  ])('Observation?%s', async (query, ids) => expect(await found(observation, query)).toEqual(ids));

  test.each<Row>([
    ['_has:Observation:patient:code=2339-0', ['anna']], ['_has:Observation:subject:value-quantity=gt4', ['anna', 'ben']], ['_has:Observation:patient:encounter.status=finished', ['anna']], ['_has:Observation:patient:_has:List:item:_id=people', ['anna']], ['_has:Observation:patient:status=registered', []],
    ['organization.name=south', ['ben']], ['general-practitioner:Practitioner.family=house', ['anna']], ['_list=people', ['anna']], ['_list=nobody', []], ['_id=anna,ben', ['anna', 'ben']], ['_id:not=anna', ['ben', 'cleo', 'dan']],
  ])('Patient?%s', async (query, ids) => expect(await found(patient, query)).toEqual(ids));

  test('a reference to a patient is followed by the row, one to anything else by its target', async () => {
    const whereOf = async (address: SearchAddress, query: string): Promise<unknown> => (await read(address, query)).query.of[0]!.where;
    expect(await whereOf(observation, 'subject:Patient.name=x')).toMatchObject({ kind: 'chain', viaPatient: true });
    expect(await whereOf(observation, 'performer:Patient.name=x')).toMatchObject({ kind: 'chain', viaPatient: false });
    expect(await whereOf(patient, '_has:Observation:subject:code=x')).toMatchObject({ kind: 'has', viaPatient: true });
    expect(await whereOf(patient, '_has:Observation:performer:code=x')).toMatchObject({ kind: 'has', viaPatient: false });
    expect(await whereOf({ type: 'Group' }, '_has:Observation:subject:code=x')).toMatchObject({ kind: 'has', viaPatient: false });
  });
});

describe('_filter', () => {
  test.each<Row>([
    ['gender eq female', ['anna']], ['gender ne female', ['ben']], ['not (gender eq female)', ['ben', 'cleo', 'dan']], ['name co "MULLER"', ['anna', 'ben', 'cleo']], ['family sw mull', ['anna', 'ben']], ['family ew ler', ['anna']], ['family eq "muller"', ['anna']], ['family ne "muller"', ['ben']],
    ['birthdate ge 1980-05-01 and birthdate le 1980-05-31', ['anna', 'ben', 'cleo']], ['birthdate eq 1980-05', ['anna', 'cleo']], ['birthdate po 1980-05-10', ['anna', 'ben', 'cleo']], ['birthdate sa 1980-05-09', ['anna']],
    // Alike and from the left: (a or b) and c.
    ['gender eq female or gender eq male and active eq true', ['anna']], ['gender eq female or (gender eq male and active eq true)', ['anna']], ['gender eq male or gender eq female and active eq false', ['ben']],
    ['gender pr true', ['anna', 'ben']], ['gender pr false', ['cleo', 'dan']], ['identifier eq urn:mrn|1', ['anna']], ['identifier eq "urn:mrn|1"', ['anna']], ['organization.name co north', ['anna']], ['organization[name sw south].name co clinic', ['ben']], ['organization re Organization/north', ['anna']], ['organization eq north', ['anna']],
    ['gender in urn:vs:genders', ['anna']], ['gender ni urn:vs:genders', ['ben', 'cleo', 'dan']], ['_id eq anna', ['anna']], ['_id ne anna', ['ben', 'cleo', 'dan']], ['_lastUpdated ge 2026', everyone], ['address eq "1 Main St, Apt. 2"', ['anna']], ['_id pr true', everyone],
  ])('Patient?_filter=%s', async (filter, ids) => expect(await found(patient, `_filter=${filter}`)).toEqual(ids));

  test.each<Row>([['code ss urn:codes|c', ['low', 'panel', 'what', 'when']], ['code sb urn:codes|c1', ['low', 'panel', 'when']], ['value-quantity gt 5', ['high']], ['value-quantity eq 5.4|http://unitsofmeasure.org|mmol/L', ['high']], ['patient.organization.name co north and status eq final', ['high']], ['combo-code eq 8480-6', ['panel']]])(
    'Observation?_filter=%s', async (filter, ids) => expect(await found(observation, `_filter=${filter}`)).toEqual(ids));

  test.each<[filter: string, position: number]>([
    ['', 1], ['gender', 7], ['gender eq', 10], ['gender xx female', 8], ['gender eq female and', 18], ['(gender eq female', 18], ['gender eq female)', 17], ['gender eq "female', 11], ['gender co female', 1], ['name gt x', 1], ['gender pr maybe', 1], ['not gender eq female', 5],
    [`${'('.repeat(25)}gender eq female${')'.repeat(25)}`, 21], ['a..b eq c', 3], ['organization[name sw x] eq y', 24], ['x'.repeat(9000), 1],
  ])('refused where it is wrong: %.40s', async (filter, position) => {
    const problem = await read(patient, `_filter=${filter}`).then(() => undefined, (error: unknown) => error);
    expect(problem).toBeInstanceOf(Problem);
    expect([(problem as Problem).code, (problem as Problem).issues[0].details['position']]).toEqual(['invalid-filter', position]);
  });
});

describe('several types, and compartments', () => {
  test('conditions that all types have', async () => {
    expect(await found({}, '_type=Observation,Encounter&patient=anna')).toEqual(['high', 'visit']);
    expect(await found({}, '_type=Patient&_id=anna')).toEqual(['anna']);
    expect(await found({}, '_lastUpdated=2026&_id=anna,visit')).toEqual(['anna', 'visit']);
    expect(await problemOf({}, '_type=Observation,Patient&subject=anna')).toBe('unknown-search-parameter');
    expect(await problemOf({}, '_type=Observation,Nothing')).toBe('invalid-search-value');
    expect(await problemOf(patient, '_type=Patient')).toBe('invalid-search-value');
  });

  test('in a compartment', async () => {
    const anna = { name: 'Patient', id: 'anna' } as const;
    expect(await found({ compartment: anna, type: 'Observation' }, '')).toEqual(['high']);
    expect(await found({ compartment: anna, type: 'Observation' }, 'status=amended')).toEqual([]);
    expect(await found({ compartment: anna }, '')).toEqual(['anna', 'half', 'high', 'visit']);
    expect(await found({ compartment: anna }, '_type=Observation,Encounter')).toEqual(['high', 'visit']);
    expect(await found({ compartment: { name: 'Encounter', id: 'visit' }, type: 'Observation' }, '')).toEqual(['high']);
    expect(await found({ compartment: { name: 'Encounter', id: 'visit' }, type: 'Encounter' }, '')).toEqual(['visit']);
    expect(await found({ compartment: { name: 'Practitioner', id: 'dora' } }, '')).toEqual(['anna', 'dora', 'high', 'visit']);
    expect(await problemOf({ compartment: anna, type: 'Organization' }, '')).toBe('not-in-compartment');
    expect(await problemOf({ compartment: anna }, '_type=Organization')).toBe('not-in-compartment');
  });
});

describe('refused by name, and never ignored', () => {
  test.each<[query: string, code: string]>([
    ['nickname=x', 'unknown-search-parameter'], ['=x', 'unknown-search-parameter'], ['Gender=x', 'unknown-search-parameter'], ['__proto__=x', 'unknown-search-parameter'], ['_has=x', 'unknown-search-parameter'], ['organization.nickname=x', 'unknown-search-parameter'], ['_has:Observation:patient:nickname=x', 'unknown-search-parameter'],
    ['gender:exact=x', 'unsupported-modifier'], ['gender:=x', 'unsupported-modifier'], ['gender:of-type=a|b|c', 'unsupported-modifier'], ['family:not=x', 'unsupported-modifier'], ['family:text=x', 'unsupported-modifier'], ['birthdate:exact=1980', 'unsupported-modifier'], ['birthdate:not=1980', 'unsupported-modifier'], ['organization:below=x', 'unsupported-modifier'],
    ['organization:Nothing=x', 'unsupported-modifier'], ['_id:exact=x', 'unsupported-modifier'], ['_lastUpdated:not=2020', 'unsupported-modifier'], ['_filter:not=x', 'unsupported-modifier'], ['_list:missing=true', 'unsupported-modifier'], ['_include:recurse=Patient:organization', 'unsupported-modifier'], ['_sort:asc=name', 'unsupported-modifier'], ['_count:max=1', 'unsupported-modifier'],
    ['gender=', 'invalid-search-value'], ['gender=a,,b', 'invalid-search-value'], ['identifier=|', 'invalid-search-value'], ['identifier=a|b|c', 'invalid-search-value'], ['identifier:of-type=a|b', 'invalid-search-value'], ['gender:missing=maybe', 'invalid-search-value'], ['gender:missing=true,false', 'invalid-search-value'], ['gender=\u0000', 'invalid-search-value'],
    ['birthdate=yesterday', 'invalid-search-value'], ['birthdate=1980-13', 'invalid-search-value'], ['birthdate=1980-02-30', 'invalid-search-value'], ['birthdate=>1980', 'invalid-search-value'], ['birthdate=xx1980', 'invalid-search-value'], ['birthdate=', 'invalid-search-value'], ['birthdate=1980-05-10T10', 'invalid-search-value'],
    ['organization=a b', 'invalid-search-value'], ['organization:Patient=x', 'invalid-search-value'], ['organization:Organization=Patient/x', 'invalid-search-value'], ['family=\u0301', 'invalid-search-value'], ['_id=a/b', 'invalid-search-value'], ['_list=$current-problems', 'invalid-search-value'],
    ['gender:in=urn:vs:none', 'unknown-value-set'], ['identifier:below=urn:none|x', 'unknown-code-system'], ['identifier:below=x', 'invalid-search-value'],
    ['name.x=1', 'invalid-chain'], ['organization:Patient.name=1', 'invalid-chain'], ['_has:Observation:code:x=1', 'invalid-chain'], ['_has:Observation:patient=1', 'invalid-chain'], ['_has:Nothing:patient:x=1', 'invalid-chain'], ['_has:Observation:encounter:status=1', 'invalid-chain'],
    ['organization.partof.partof.partof.partof.name=1', 'invalid-chain'], ['_count=-1', 'invalid-search-value'], ['_count=1e3', 'invalid-search-value'], ['_total=some', 'invalid-search-value'], ['_contained=true', 'invalid-search-value'], ['_containedType=contained', 'invalid-search-value'],
    ['_sort=', 'unknown-search-parameter'], ['_sort=nickname', 'unknown-search-parameter'], ['_sort=_score', 'unsupported-sort'], ['_sort=name:exact', 'unsupported-sort'], ['_sort=deceased', 'unsupported-sort'], ['_sort=a,b,c,d,e,f,g,h,i', 'invalid-search-value'],
    ['_include=Patient', 'invalid-search-value'], ['_include=Patient:', 'invalid-search-value'], ['_include=Nothing:x', 'invalid-search-value'], ['_include=Patient:name', 'invalid-chain'], ['_include=Patient:nickname', 'unknown-search-parameter'], ['_include=Observation:patient', 'invalid-search-value'], ['_include=Patient:organization:Patient', 'invalid-search-value'],
    ['_revinclude=Observation:encounter', 'invalid-search-value'], ['_include=Patient:organization:Organization:x', 'invalid-search-value'],
    ['_cursor=x', 'invalid-search-value'], ['_cursor=', 'invalid-search-value'], ['_cursor=e30.AAAA', 'invalid-search-value'],
    ['_count=1&_count=2', 'repeated-search-parameter'], ['_count=1&_count=1', 'repeated-search-parameter'], ['_total=none&_total=accurate', 'repeated-search-parameter'], ['_contained=false&_contained=false', 'repeated-search-parameter'],
  ])('Patient?%s', async (query, code) => expect(await problemOf(patient, query)).toBe(code));

  test.each<[type: string, query: string, code: string]>([
    ['RiskAssessment', 'probability=x', 'invalid-search-value'], ['RiskAssessment', 'probability=1e999', 'invalid-search-value'], ['RiskAssessment', `probability=${'9'.repeat(500)}`, 'invalid-search-value'], ['RiskAssessment', 'probability:exact=1', 'unsupported-modifier'],
    ['Observation', 'value-quantity=1|2|3|4', 'invalid-search-value'], ['Observation', 'value-quantity=|x|y', 'invalid-search-value'], ['Observation', 'code-value-quantity=a', 'invalid-search-value'], ['Observation', 'code-value-quantity=a$1$2', 'invalid-search-value'], ['Observation', 'code-value-quantity=urn:x|$1', 'invalid-search-value'], ['Observation', 'code-value-quantity:not=a$1', 'unsupported-modifier'],
    ['Observation', '_sort=code-value-quantity', 'unsupported-sort'], ['Observation', '_sort=combo-code', 'unsupported-sort'], ['QuestionnaireResponse', 'questionnaire.title=x', 'invalid-chain'], ['QuestionnaireResponse', '_include=QuestionnaireResponse:questionnaire', 'invalid-chain'], ['Provenance', 'target.identifier=x', 'invalid-chain'],
    ['Location', 'near=1', 'invalid-search-value'], ['Location', 'near=91|0', 'invalid-search-value'], ['Location', 'near=0|181', 'invalid-search-value'], ['Location', 'near=1|2|-1', 'invalid-search-value'], ['Location', 'near=1|2|3|parsec', 'invalid-search-value'], ['ValueSet', 'url:contains=x', 'unsupported-modifier'], ['ValueSet', 'url:below=/', 'invalid-search-value'],
  ])('%s?%s', async (type, query, code) => expect(await problemOf({ type }, query)).toBe(code));

  test('more than is bounded', async () => {
    expect(await problemOf(patient, Array.from({ length: 101 }, () => '_id=a').join('&'))).toBe('invalid-search-value');
    expect(await problemOf(patient, `_id=${Array.from({ length: 1001 }, () => 'a').join(',')}`)).toBe('invalid-search-value');
    expect(await problemOf(patient, `_filter=${Array.from({ length: 300 }, () => '_id eq a').join(' or ')}`)).toBe('search-too-large');
    // A bare id may be of any type.
    expect(await problemOf({ type: 'Provenance' }, `target=${Array.from({ length: 200 }, () => 'a').join(',')}`)).toBe('search-too-large');
    expect(await problemOf({}, `_id=${Array.from({ length: 200 }, () => 'a').join(',')}`)).toBe('search-too-large');
    // Four times whatever a subject may be.
    expect(await problemOf({ type: 'Provenance' }, Array.from({ length: 90 }, () => 'patient.link.link.link.name=x').join('&'))).toBe('search-too-large');
  });

  test('lenient handling passes over what is not known, says so, and nothing else', async () => {
    const asked = await read(patient, 'nickname=x&gender=female&organization.nickname=x', { handling: 'lenient' });
    expect([asked.used, asked.ignored.map(({ code, severity }) => [code, severity])]).toEqual([[['gender', 'female']], [['unknown-search-parameter', 'warning'], ['unknown-search-parameter', 'warning']]]);
    for (const query of ['gender:exact=x', 'birthdate=x', '_filter=x', '_cursor=x']) await expect(read(patient, query, { handling: 'lenient' })).rejects.toBeInstanceOf(Problem);
  });

  test('of what has one meaning only, lenient handling takes the first and says so; what adds up may be there twice', async () => {
    const { query, total, used, ignored } = await read(patient, '_count=7&_total=accurate&_count=8&gender=female&_total=none', { handling: 'lenient' });
    expect([query.limit, total, used, ignored.map(({ code, details, severity }) => [code, details['name'], severity])]).toEqual([7, 'accurate', [['_count', '7'], ['_total', 'accurate'], ['gender', 'female']], [['repeated-search-parameter', '_count', 'warning'], ['repeated-search-parameter', '_total', 'warning']]]);
    const added = await read(patient, '_sort=gender&_sort=-birthdate&_include=Patient:organization&_include=Patient:link&_tag=a&_tag=b');
    expect([added.query.order.length, added.query.include?.length, added.ignored]).toEqual([2, 2, []]);
  });

  test('whatever is sent is answered or refused', async () => {
    const piece = fc.constantFrom('_has', ':', '.', 'Observation', 'patient', 'gender', 'name', 'birthdate', 'identifier', 'organization', '_id', '_filter', '_include', '_revinclude', '_sort', '_type', '_list', '_text', '_cursor', '_total', 'missing', 'not', 'in', 'below', 'of-type', 'iterate', 'Patient', '*', '', '-', '__proto__', 'constructor');
    const part = fc.oneof(piece, fc.constantFrom('|', '$', ',', '\\', '(', ')', '[', ']', '"', ' ', 'eq', 'and', 'or', 'gt', '2020', '1e5', 'http://x/y', 'urn:x', '\u0000', '\ud800', '\u0301'), fc.string({ unit: 'binary', maxLength: 5 }));
    const pair = fc.tuple(fc.array(fc.oneof({ weight: 9, arbitrary: piece }, { weight: 1, arbitrary: part }), { maxLength: 7 }).map((all) => all.join('')), fc.array(part, { maxLength: 8 }).map((all) => all.join('')));
    await fc.assert(fc.asyncProperty(fc.constantFrom(patient, observation, {}, { compartment: { name: 'Patient', id: 'anna' } } as const), fc.array(pair, { maxLength: 3 }), fc.constantFrom<'strict' | 'lenient'>('strict', 'lenient'), async (address, parameters, handling) => {
      const asked = await readSearch(address, parameters, { ...settings, handling }).catch((error: unknown) => error);
      expect(asked instanceof Error && !(asked instanceof Problem)).toBe(false);
    }), { numRuns: 3000 });
  });

  test('without terminology what needs it is refused', async () => {
    const { terminology: _, ...without } = settings;
    for (const query of ['gender:in=urn:vs:genders', 'gender:not-in=urn:vs:genders', 'gender:below=male']) await expect(readSearch(patient, parametersOf(query), without)).rejects.toMatchObject({ code: 'unsupported-modifier' });
  });

  test('what a client sent is in no error text', async () => {
    for (const query of ['O\'Brien 1980=x', 'gender:O\'Brien 1980=x', 'birthdate=O\'Brien', '_filter=O\'Brien 1980', '_sort=O\'Brien 1980', '_include=O\'Brien:1980', 'organization:O\'Brien.name=x', '_has:O\'Brien:x:y=1', '_type=O\'Brien', 'gender:in=O\'Brien']) {
      const problem = await read(patient, query).then(() => undefined, (error: unknown) => error);
      expect(problem).toBeInstanceOf(Problem);
      expect((problem as Problem).message).not.toContain('Brien');
    }
  });
});

describe('orders, totals, inclusions', () => {
  const orderOf = async (type: string, sort: string): Promise<unknown> => (await read({ type }, `_sort=${sort}`)).query.order;
  test('each type of parameter', async () => {
    expect(await orderOf('Observation', '-date,_id')).toEqual([{ by: 'principal-date', descending: true }, { by: 'id', descending: false }]);
    expect(await orderOf('Observation', '_lastUpdated')).toEqual([{ by: 'changed', descending: false }]);
    expect(await orderOf('Patient', 'death-date')).toMatchObject([{ by: 'date', descending: false }]);
    expect(await orderOf('Patient', '-family')).toMatchObject([{ by: 'string', descending: true }]);
    expect(await orderOf('Observation', 'value-quantity')).toMatchObject([{ by: 'number' }]);
    expect(await orderOf('Observation', 'status')).toEqual([{ by: 'content', paths: ['$.status'], descending: false }]);
    expect(await orderOf('Observation', 'code')).toEqual([{ by: 'content', paths: ['$.code.coding.code', '$.code.text'], descending: false }]);
    expect(await orderOf('Observation', 'subject')).toEqual([{ by: 'content', paths: ['$.subject.reference', '$.subject.identifier.value'], descending: false }]);
    expect(await orderOf('Observation', 'patient')).toEqual([{ by: 'content', paths: ['$.subject ? (@.reference starts with "Patient/").reference', '$.subject ? (@.reference starts with "Patient/").identifier.value'], descending: false }]);
    expect(await orderOf('Patient', 'phone')).toEqual([{ by: 'content', paths: ['$.telecom ? (@.system == "phone").value'], descending: false }]);
    expect(await orderOf('MedicationRequest', 'code')).toEqual([{ by: 'content', paths: ['$.medicationCodeableConcept.coding.code', '$.medicationCodeableConcept.text'], descending: false }]);
    expect(await orderOf('ValueSet', 'url')).toEqual([{ by: 'content', paths: ['$.url'], descending: false }]);
    expect((await read({}, '_type=Patient,Observation&_sort=-_lastUpdated,_tag')).query.order).toMatchObject([{ by: 'changed' }, { by: 'content', paths: ['$.meta.tag.code'] }]);
    expect(await problemOf({}, '_type=Patient,Observation&_sort=identifier')).toBe('unsupported-sort');
  });

  test('inclusions', async () => {
    const included = async (type: string, query: string): Promise<unknown> => (await read({ type }, query)).query.include;
    expect(await included('Observation', '_include=Observation:patient')).toEqual([{ direction: 'include', source: 'Observation', parameter: 'patient', iterate: false }]);
    expect(await included('Observation', '_include=Observation:subject:Patient&_include:iterate=Patient:organization')).toEqual([
      { direction: 'include', source: 'Observation', parameter: 'subject', target: 'Patient', iterate: false }, { direction: 'include', source: 'Patient', parameter: 'organization', iterate: true }]);
    expect(await included('Observation', '_include=*')).toEqual([{ direction: 'include', source: 'Observation', parameter: '*', iterate: false }]);
    expect(await included('Patient', '_revinclude=Observation:patient')).toEqual([{ direction: 'revinclude', source: 'Observation', parameter: 'patient', iterate: false }]);
    expect(await included('Patient', '_revinclude=Observation:*')).toEqual([{ direction: 'revinclude', source: 'Observation', parameter: '*', iterate: false }]);
    expect((await included('Patient', '_revinclude=*')) as unknown[]).toContainEqual({ direction: 'revinclude', source: 'Observation', parameter: '*', iterate: false });
  });

  test('counts and totals', async () => {
    expect(await read(patient, '')).toMatchObject({ total: 'none', query: { limit: 20, order: [], include: [] } });
    expect(await read(patient, '_count=5000&_total=estimate')).toMatchObject({ total: 'estimate', query: { limit: 1000 } });
    expect((await read(patient, '_count=0')).query.limit).toBe(0);
  });
});

describe('cursors', () => {
  const place = { type: 'Patient', id: 'anna', values: ['Müller', null, 5.4] };
  test('one comes back as it went, and the count may change meanwhile', async () => {
    const cursor = (await read(patient, 'gender=female&_sort=family')).cursorOf(place);
    expect((await read(patient, `gender=female&_sort=family&_cursor=${cursor}`)).query.after).toEqual(place);
    expect((await read(patient, `_count=5&_sort=family&gender=female&_total=accurate&_cursor=${cursor}`)).query.after).toEqual(place);
    expect((await read(patient, `gender=female&_sort=family&_cursor=${cursor}`)).used).toEqual([['gender', 'female'], ['_sort', 'family']]);
  });

  test('one of another search, type, tenant or key is refused, and one that was altered', async () => {
    const cursor = (await read(patient, 'gender=female')).cursorOf(place);
    const refused: Promise<unknown>[] = [
      read(patient, `gender=male&_cursor=${cursor}`), read(patient, `_cursor=${cursor}`), read(patient, `gender=female&_sort=family&_cursor=${cursor}`), read(patient, `gender=female&gender=female&_cursor=${cursor}`),
      read({ type: 'Practitioner' }, `gender=female&_cursor=${cursor}`), read({ compartment: { name: 'Patient', id: 'anna' }, type: 'Patient' }, `gender=female&_cursor=${cursor}`),
      read(patient, `gender=female&_cursor=${cursor}`, { context: { ...settings.context, tenant: { id: 2, name: 'other' } } }), read(patient, `gender=female&_cursor=${cursor}`, { cursorKey: new Uint8Array(32).fill(8) }),
      ...cursor.split('').map((character, at) => read(patient, `gender=female&_cursor=${cursor.slice(0, at)}${character === 'A' ? 'B' : 'A'}${cursor.slice(at + 1)}`)),
    ];
    for (const one of await Promise.allSettled(refused)) expect(one).toMatchObject({ status: 'rejected', reason: { code: 'invalid-search-value' } });
  });
});
