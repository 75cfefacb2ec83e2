/**
 * Questionnaire/$questionnaire-package on a real server: what is refused, which questionnaires an order needs, and what is
 * in a package.
 */
import type { Bundle, Library, Parameters, Questionnaire, QuestionnaireResponse, Resource } from '@medplum/fhirtypes';
import { openHouse, send, type TestAnswer, type TestHouse } from '../../support/house.ts';

let house: TestHouse;
const own = 'https://plan.example/fhir';

beforeAll(async () => {
  house = await openHouse({ demo: true, environment: { PRIORA_TENANTS: 'other' } });
  for (const resource of content()) {
    const answer = await send('PUT', `${house.fhir}/${resource.resourceType}/${resource.id!}`, resource);
    if (answer.status > 201) throw new Error(answer.text);
  }
});
afterAll(() => house.close());

function content(): Resource[] {
  const data = (text: string): string => Buffer.from(text).toString('base64');
  const library = (id: string, more: Partial<Library> = {}): Library => ({
    resourceType: 'Library', id, url: `${own}/Library/${id}`, version: '2.0.0', name: id, status: 'active', type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/library-type', code: 'logic-library' }] },
    content: [{ contentType: 'text/cql', data: data(`library ${id}`) }, { contentType: 'application/elm+json', data: data('{}') }], ...more,
  });
  const questionnaire = (id: string, version: string, more: Partial<Questionnaire> = {}): Questionnaire => ({
    resourceType: 'Questionnaire', id: `${id}-${version}`, url: `${own}/Questionnaire/${id}`, version, name: id, title: id, status: 'active', subjectType: ['Patient'],
    item: [{ linkId: '1', text: 'One?', type: 'boolean' }], ...more,
  });
  return [
    library('first', { relatedArtifact: [{ type: 'depends-on', resource: `${own}/Library/second` }, { type: 'citation', display: 'A book' }] }),
    library('second', { relatedArtifact: [{ type: 'depends-on', resource: `${own}/Library/first` }] }),
    library('half', { content: [{ contentType: 'text/cql', data: data('library half') }] }),
    { resourceType: 'CodeSystem', id: 'colours', url: `${own}/CodeSystem/colours`, version: '1', name: 'Colours', status: 'active', content: 'complete', concept: [{ code: 'red', display: 'Red' }, { code: 'blue', display: 'Blue' }] },
    { resourceType: 'ValueSet', id: 'colours', url: `${own}/ValueSet/colours`, version: '3', name: 'Colours', status: 'active', compose: { include: [{ system: `${own}/CodeSystem/colours` }] } },
    { resourceType: 'CodeSystem', id: 'many', url: `${own}/CodeSystem/many`, version: '1', name: 'Many', status: 'active', content: 'complete', concept: Array.from({ length: 40 }, (_, index) => ({ code: `c${index}` })) },
    { resourceType: 'ValueSet', id: 'many', url: `${own}/ValueSet/many`, version: '1', name: 'Many', status: 'active', compose: { include: [{ system: `${own}/CodeSystem/many` }] } },
    questionnaire('plain', '1.9.0'), questionnaire('plain', '1.10.0'), questionnaire('plain', '2.0.0', { status: 'retired' }),
    questionnaire('rich', '1.0.0', {
      extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/cqf-library', valueCanonical: `${own}/Library/first` }],
      item: [
        { linkId: 'g', text: 'Group', type: 'group', item: [{ linkId: 'g.1', text: 'Which?', type: 'choice', answerValueSet: `${own}/ValueSet/colours`, item: [{ linkId: 'g.1.1', text: 'Why?', type: 'string' }] }, { linkId: 'g.2', text: 'Read this.', type: 'display' }] },
        { linkId: '2', text: 'Which of many?', type: 'choice', answerValueSet: `${own}/ValueSet/many|1` },
      ],
    }),
    questionnaire('poor', '1.0.0', {
      extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/cqf-library', valueCanonical: `${own}/Library/half` }, { url: 'http://hl7.org/fhir/StructureDefinition/cqf-library', valueCanonical: `${own}/Library/nowhere` }],
      item: [{ linkId: '1', text: 'Which?', type: 'choice', answerValueSet: `${own}/ValueSet/nowhere` }],
    }),
    questionnaire('adaptive', '1.0.0', { extension: [{ url: 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-questionnaireAdaptive', valueBoolean: true }, { url: 'http://hl7.org/fhir/StructureDefinition/cqf-library', valueCanonical: `${own}/Library/first` }] }),
  ];
}

const coverage = { resourceType: 'Coverage', id: 'my-coverage', status: 'active', subscriberId: 'PD1000002', beneficiary: { reference: 'Patient/my-patient' }, payor: [{ display: 'Demo Health Plan' }] };
const order = (code: string | undefined, id = 'my-order') => ({ resourceType: 'DeviceRequest', id, status: 'draft', intent: 'original-order', codeCodeableConcept: code === undefined ? { text: 'a thing' } : { coding: [{ system: 'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets', code }] }, subject: { reference: 'Patient/my-patient' } });

type Parameter = Readonly<Record<string, unknown>>;
const of = (resource: object): Parameter => ({ name: 'coverage', resource });
const named = (canonical: string): Parameter => ({ name: 'questionnaire', valueCanonical: canonical });

function ask(parameter: readonly Parameter[], base = house.fhir): Promise<TestAnswer> {
  return send('POST', `${base}/Questionnaire/$questionnaire-package`, { resourceType: 'Parameters', parameter });
}

const bundlesIn = ({ json }: TestAnswer, name = 'packagebundle'): Bundle[] => ((json as Parameters).parameter ?? []).filter((each) => each.name === name).map(({ resource }) => resource as Bundle);
const issuesIn = ({ json }: TestAnswer, name = 'outcome'): string[] => ((json as Parameters).parameter ?? []).filter((each) => each.name === name).flatMap(({ resource }) => (resource as { issue: { severity: string; details: { coding: { code: string }[] } }[] }).issue.map(({ severity, details }) => `${severity} ${details.coding[0]!.code}`));
const ofType = <T extends Resource['resourceType']>(bundle: Bundle, type: T) => bundle.entry!.map(({ resource }) => resource!).filter((resource): resource is Extract<Resource, { resourceType: T }> => resource.resourceType === type);
const problemOf = ({ json }: TestAnswer): string => (json as { issue: { details: { coding: { code: string }[] } }[] }).issue[0]!.details.coding[0]!.code;

describe('refused', () => {
  test.each<[string, readonly Parameter[], number, string]>([
    ['no coverage', [named(`${own}/Questionnaire/plain`)], 400, 'missing-operation-parameter'],
    ['nothing to document', [of(coverage)], 400, 'documentation-of-nothing'],
    ['a coverage that is none', [of({ resourceType: 'Patient' }), named('x')], 400, 'invalid-operation-parameter'],
    ['a coverage without the form of one', [of({ resourceType: 'Coverage', status: { a: 1 } }), named('x')], 400, 'invalid-operation-parameter'],
    ['a coverage of nobody here', [of({ ...coverage, subscriberId: 'NOBODY' }), named('x')], 422, 'documentation-coverage-unknown'],
    ['a coverage without a number', [of({ ...coverage, subscriberId: undefined }), named('x')], 422, 'documentation-coverage-unknown'],
    ['an order that is no order', [of(coverage), { name: 'order', resource: { resourceType: 'Patient' } }], 400, 'invalid-operation-parameter'],
    ['an order by reference', [of(coverage), { name: 'order', valueReference: { reference: 'DeviceRequest/1' } }], 400, 'invalid-operation-parameter'],
    ['two contexts', [of(coverage), { name: 'context', valueString: 'a' }, { name: 'context', valueString: 'b' }], 400, 'invalid-operation-parameter'],
    ['a context nobody knows', [of(coverage), { name: 'context', valueString: 'PANOBODY-1-00000000' }], 422, 'documentation-context-unknown'],
    ['an empty context', [of(coverage), { name: 'context', valueString: ' ' }], 400, 'invalid-operation-parameter'],
    ['a moment that is none', [of(coverage), named('x'), { name: 'changedsince', valueInstant: 'yesterday' }], 400, 'invalid-operation-parameter'],
    ['a parameter nobody knows', [of(coverage), named('x'), { name: 'mood', valueString: 'x' }], 400, 'unknown-operation-parameter'],
  ])('%s', async (_, parameter, status, code) => {
    const answer = await ask(parameter);
    expect([answer.status, problemOf(answer)]).toEqual([status, code]);
  });

  test('no Parameters, and what was sent is not repeated', async () => {
    const answer = await send('POST', `${house.fhir}/Questionnaire/$questionnaire-package`, coverage);
    expect([answer.status, problemOf(answer)]).toEqual([400, 'not-parameters']);
    const unknown = await ask([of(coverage), { name: 'context', valueString: 'SECRET-OF-A-PATIENT' }]);
    expect(unknown.text).not.toContain('SECRET');
    expect((await ask([of(coverage), named('Jane Doe, born 1950')])).text).not.toContain('Jane');
  });

  test('another tenant has neither the member nor the questionnaires', async () => {
    const answer = await ask([of(coverage), named(`${own}/Questionnaire/plain`)], `${house.origin}/tenant/other/fhir`);
    expect(problemOf(answer)).toBe('documentation-coverage-unknown');
  });
});

describe('by name', () => {
  test('a version that is named, and without one the current: active, and 1.10 before 1.9', async () => {
    const answer = await ask([of(coverage), named(`${own}/Questionnaire/plain|1.9.0`), named(`${own}/Questionnaire/plain`), named(`${own}/Questionnaire/plain|1.10.0`)]);
    expect(answer.status).toBe(200);
    expect(bundlesIn(answer).map((bundle) => ofType(bundle, 'Questionnaire')[0]!.version)).toEqual(['1.9.0', '1.10.0']);
    expect(issuesIn(answer)).toEqual([]);
  });

  test('what is not here is a warning beside what is', async () => {
    const answer = await ask([of(coverage), named(`${own}/Questionnaire/plain`), named(`${own}/Questionnaire/nowhere`), named(`${own}/Questionnaire/plain|7`)]);
    expect(bundlesIn(answer)).toHaveLength(1);
    expect(issuesIn(answer)).toEqual(['warning documentation-questionnaire-unknown', 'warning documentation-questionnaire-unknown']);
  });

  test('with what it needs: libraries of libraries, value sets, the draft; all names in versions', async () => {
    const answer = await ask([of(coverage), { name: 'order', resource: order('E0601') }, named(`${own}/Questionnaire/rich`)]);
    const bundle = bundlesIn(answer).find((each) => ofType(each, 'Questionnaire')[0]!.name === 'rich')!;
    expect(bundle.type).toBe('collection');
    expect(bundle.entry!.map(({ resource }) => `${resource!.resourceType} ${(resource as { name?: string }).name ?? ''}`)).toEqual(['Questionnaire rich', 'Library first', 'Library second', 'ValueSet Colours', 'ValueSet Many', 'QuestionnaireResponse ']);
    const [questionnaire] = ofType(bundle, 'Questionnaire');
    expect(questionnaire!.extension![0]!.valueCanonical).toBe(`${own}/Library/first|2.0.0`);
    expect([questionnaire!.item![0]!.item![0]!.answerValueSet, questionnaire!.item![1]!.answerValueSet]).toEqual([`${own}/ValueSet/colours|3`, `${own}/ValueSet/many|1`]);
    expect(ofType(bundle, 'Library').map(({ relatedArtifact }) => relatedArtifact![0]!.resource)).toEqual([`${own}/Library/second|2.0.0`, `${own}/Library/first|2.0.0`]);
    const [few, many] = ofType(bundle, 'ValueSet');
    expect(few!.expansion!.contains!.map(({ code, display }) => `${code} ${display}`)).toEqual(['red Red', 'blue Blue']);
    expect([many!.expansion, many!.compose !== undefined]).toEqual([undefined, true]);
  });

  test('the draft is about the subject, the coverage and the order, and has a place for every answer', async () => {
    const answer = await ask([of(coverage), { name: 'order', resource: order('E0601') }, named(`${own}/Questionnaire/rich`)]);
    const [draft] = ofType(bundlesIn(answer)[0]!, 'QuestionnaireResponse') as [QuestionnaireResponse];
    expect(draft).toMatchObject({ status: 'in-progress', questionnaire: `${own}/Questionnaire/rich|1.0.0`, subject: { reference: 'Patient/my-patient' }, authored: house.clock.now.toISOString() });
    expect(draft.extension!.map(({ url, valueReference, valueCodeableConcept }) => [url.split('/').at(-1), valueReference?.reference ?? valueCodeableConcept?.coding?.[0]?.code])).toEqual([['qr-coverage', 'Coverage/my-coverage'], ['qr-context', 'DeviceRequest/my-order'], ['intendedUse', 'withpa']]);
    expect(draft.item).toEqual([{ linkId: 'g', text: 'Group', item: [{ linkId: 'g.1', text: 'Which?' }] }, { linkId: '2', text: 'Which of many?' }]);
  });

  test('dependencies that are not here, or lack ELM, are warnings', async () => {
    const answer = await ask([of(coverage), named(`${own}/Questionnaire/poor`)]);
    expect(bundlesIn(answer)).toHaveLength(1);
    expect(issuesIn(answer).toSorted((a, b) => a.localeCompare(b))).toEqual(['warning documentation-dependency-unknown', 'warning documentation-dependency-unknown', 'warning documentation-library-form']);
  });

  test('an adaptive one comes without questions, and its draft contains what is derived from it', async () => {
    const answer = await ask([of(coverage), { name: 'order', resource: order('E0601') }, named(`${own}/Questionnaire/adaptive`)]);
    const bundle = bundlesIn(answer)[0]!;
    const [questionnaire] = ofType(bundle, 'Questionnaire');
    const [draft] = ofType(bundle, 'QuestionnaireResponse');
    expect(questionnaire).toMatchObject({ url: `${own}/Questionnaire/adaptive`, meta: { profile: ['http://hl7.org/fhir/us/davinci-dtr/StructureDefinition/dtr-questionnaire-adapt-search'] } });
    expect(questionnaire!.item).toBeUndefined();
    expect(ofType(bundle, 'Library').map(({ name }) => name)).toEqual(['first', 'second']);
    expect(draft!.questionnaire).toBe('#adaptive');
    expect(draft!.contained).toMatchObject([{ resourceType: 'Questionnaire', id: 'adaptive', derivedFrom: [`${own}/Questionnaire/adaptive|1.0.0`] }]);
    expect((draft!.contained![0] as Questionnaire).item).toBeUndefined();
  });

  test('what has not changed since is not repeated', async () => {
    const since = new Date(house.clock.now.getTime() + 1000).toISOString();
    const later = await ask([of(coverage), named(`${own}/Questionnaire/rich`), { name: 'changedsince', valueInstant: since }]);
    expect([later.status, bundlesIn(later).length, issuesIn(later)]).toEqual([200, 0, ['information documentation-unchanged']]);
    const before = await ask([of(coverage), named(`${own}/Questionnaire/rich`), { name: 'changedsince', valueInstant: '2020-01-01T00:00:00Z' }]);
    expect(bundlesIn(before)).toHaveLength(1);
  });
});

describe('by order', () => {
  test('one that no rule asks anything of needs nothing, and one without a code is not understood', async () => {
    const answer = await ask([of(coverage), { name: 'order', resource: order('A4253') }, { name: 'order', resource: order(undefined, 'other') }]);
    expect([answer.status, bundlesIn(answer), issuesIn(answer)]).toEqual([200, [], ['information documentation-not-needed', 'warning documentation-order-unclear']]);
  });
});

describe('DTR 2.0.1', () => {
  test('at the base of PAS 2.0.1 names and contexts are those of 2.0.1', async () => {
    const answer = await ask([of(coverage), { name: 'order', resource: order('E0601') }, named(`${own}/Questionnaire/rich`), named(`${own}/Questionnaire/nowhere`)], `${house.origin}/pas/2.0.1/fhir`);
    const [bundle] = bundlesIn(answer, 'PackageBundle');
    expect(issuesIn(answer, 'operationOutcome')).toContain('warning documentation-questionnaire-unknown');
    expect(ofType(bundle!, 'Questionnaire')[0]!.extension![0]!.valueCanonical).toBe(`${own}/Library/first`);
    expect(ofType(bundle!, 'QuestionnaireResponse')[0]!.extension!.map(({ url, valueReference }) => [url.split('/').at(-1), valueReference?.reference])).toEqual([['qr-context', 'Coverage/my-coverage'], ['qr-context', 'DeviceRequest/my-order'], ['intendedUse', undefined]]);
  });
});
