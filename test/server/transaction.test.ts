/** Transaction Bundles: all entries or none, references between them, answers in their order. */
import pg from 'pg';
import { openHouse, send, type TestAnswer, type TestHouse } from '../support/house.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse({ environment: { PRIORA_BUNDLE_LIMIT: '1000', PRIORA_JOBS: '0' } }); });
afterAll(async () => { await house.close(); });

type Entry = Record<string, unknown>;
const post = (resource: Entry, fullUrl?: string): Entry => ({ ...(fullUrl !== undefined && { fullUrl }), resource, request: { method: 'POST', url: resource['resourceType'] } });
const put = (resource: Entry, more: Entry = {}): Entry => ({ resource, request: { method: 'PUT', url: `${String(resource['resourceType'])}/${String(resource['id'])}`, ...more } });
const get = (url: string): Entry => ({ request: { method: 'GET', url } });
const remove = (url: string): Entry => ({ request: { method: 'DELETE', url } });
const patient = (more: Entry = {}): Entry => ({ resourceType: 'Patient', ...more });
const observation = (reference: string): Entry => ({ resourceType: 'Observation', status: 'final', code: { text: 'x' }, subject: { reference } });
const transact = (...entry: unknown[]): Promise<TestAnswer> => send('POST', house.fhir, { resourceType: 'Bundle', type: 'transaction', entry });

async function rows(): Promise<unknown> {
  const { rows: [count] } = await house.sql.query('select (select count(*)::integer from resource) as resource, (select count(*)::integer from resource_history) as history, (select count(*)::integer from outbox) as outbox');
  return count;
}

const urn = 'urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a';

describe('refused as a whole', () => {
  const good = post(patient({ name: [{ family: 'Innocent' }] }));
  test.each<[name: string, bad: unknown, status: number, code: string, expression?: string]>([
    ['an entry that is no object', 'x', 400, 'bundle-entry', 'Bundle.entry[1]'],
    ['what lacks a mandatory element', post({ resourceType: 'Observation', subject: { reference: 'Patient/1' } }), 400, 'invalid-element', 'Bundle.entry[1].resource'],
    ['no request', { resource: patient() }, 400, 'bundle-entry', 'Bundle.entry[1]'],
    ['no method', { resource: patient(), request: { url: 'Patient' } }, 400, 'bundle-entry', 'Bundle.entry[1]'],
    ['an unknown method', { request: { method: 'TRACE', url: 'Patient/1' } }, 400, 'bundle-entry', 'Bundle.entry[1]'],
    ['a patch without a patch', { request: { method: 'PATCH', url: 'Patient/1' } }, 400, 'not-a-resource', 'Bundle.entry[1].resource'],
    ['a patch of what is not there', { resource: { resourceType: 'Parameters' }, request: { method: 'PATCH', url: 'Patient/not-there' } }, 404, 'not-found'],
    ['HEAD of what is not there', { request: { method: 'HEAD', url: 'Patient/not-there' } }, 404, 'not-found'],
    ['an operation', { request: { method: 'GET', url: 'Patient/1/$everything' } }, 501, 'not-supported', 'Bundle.entry[1].request.url'],
    ['a url of an unknown type', post({ resourceType: 'Nothing' }), 400, 'invalid-element'],
    ['an absolute url', { resource: patient(), request: { method: 'POST', url: 'http://elsewhere.example/Patient' } }, 400, 'bundle-entry', 'Bundle.entry[1]'],
    ['a version that is not there', get('Patient/1/_history/1'), 404, 'version-not-found', 'Bundle.entry[1]'],
    ['a url with more steps than there are', get('Patient/1/_history/1/2'), 400, 'bundle-entry', 'Bundle.entry[1]'],
    ['an id that is none', get('Patient/a_b'), 400, 'invalid-id'],
    ['a create without a resource', { request: { method: 'POST', url: 'Patient' } }, 400, 'not-a-resource', 'Bundle.entry[1].resource'],
    ['a create of another type', { resource: patient(), request: { method: 'POST', url: 'Observation' } }, 400, 'wrong-resource-type', 'Bundle.entry[1].resource'],
    ['a create under an id', { resource: patient(), request: { method: 'POST', url: 'Patient/1' } }, 400, 'bundle-entry', 'Bundle.entry[1]'],
    ['an update under another id', { resource: patient({ id: 'a' }), request: { method: 'PUT', url: 'Patient/b' } }, 400, 'id-mismatch', 'Bundle.entry[1].resource.id'],
    ['a conditional create without criteria', { ...good, request: { method: 'POST', url: 'Patient', ifNoneExist: '?' } }, 400, 'no-criteria', 'Bundle.entry[1].request'],
    ['a conditional create by what is unknown', { ...good, request: { method: 'POST', url: 'Patient', ifNoneExist: 'nickname=1' } }, 400, 'unknown-search-parameter', 'Bundle.entry[1].request'],
    ['a conditional update without criteria', { resource: patient(), request: { method: 'PUT', url: 'Patient' } }, 400, 'no-criteria', 'Bundle.entry[1].request'],
    ['a conditional patch that nothing matches', { resource: { resourceType: 'Parameters' }, request: { method: 'PATCH', url: 'Patient?identifier=none' } }, 404, 'no-match', 'Bundle.entry[1]'],
    ['criteria beside an id', remove('Patient/1?identifier=1'), 400, 'bundle-entry', 'Bundle.entry[1]'],
    ['a conditional reference that nothing matches', post(observation('Patient?identifier=none')), 412, 'reference-without-match', 'Bundle.entry[1].resource.subject.reference'],
    ['a conditional reference by what is unknown', post(observation('Patient?nickname=none')), 400, 'unknown-search-parameter', 'Bundle.entry[1].resource.subject.reference'],
    ['a version expected of a create', { ...good, request: { method: 'POST', url: 'Patient', ifMatch: 'W/"1"' } }, 400, 'bad-precondition', 'Bundle.entry[1]'],
    ['a tag that is none', put(patient({ id: 'a' }), { ifMatch: '1' }), 400, 'bad-if-match', 'Bundle.entry[1]'],
    ['another version', put(patient({ id: 'a' }), { ifMatch: 'W/"3"' }), 412, 'version-conflict'],
    ['a read of what is not there', get('Patient/not-there'), 404, 'not-found'],
    ['a search that cannot be answered', get('Patient?nickname=x'), 400, 'unknown-search-parameter'],
    ['an urn that no entry has', post(observation(urn)), 400, 'bundle-entry', 'Bundle.entry[1].resource.subject.reference'],
    ['a malformed resource', post(patient({ active: 'yes' })), 400, 'invalid-element', 'Bundle.entry[1].resource.active'],
  ])('%s', async (_name, ...[bad, status, code, expression]) => {
    const before = await rows();
    const answer = await transact(good, bad);
    expect([answer.status, answer.json.issue[0].details.coding[0].code, ...(expression === undefined ? [] : [answer.json.issue[0].expression?.[0]])])
      .toEqual([status, code, ...(expression === undefined ? [] : [expression])]);
    expect(answer.text).not.toContain('Innocent');
    expect(await rows()).toEqual(before);
  });

  test.each<[name: string, entries: Entry[]]>([
    ['one resource twice', [put(patient({ id: 'twice' })), put(patient({ id: 'twice' }))]],
    ['updated and deleted', [put(patient({ id: 'twice' })), remove('Patient/twice')]],
    ['one fullUrl twice', [post(patient(), urn), post(patient(), urn)]],
  ])('%s', async (_name, entries) => {
    const before = await rows();
    expect((await transact(...entries)).json.issue[0]).toMatchObject({ code: 'invalid', expression: ['Bundle.entry[1]'] });
    expect(await rows()).toEqual(before);
  });

  test.each<[name: string, bundle: unknown, status: number]>([
    ['a collection', { resourceType: 'Bundle', type: 'collection', entry: [] }, 400], ['no type', { resourceType: 'Bundle' }, 400], ['another resource', patient(), 400],
    ['entry that is no list', { resourceType: 'Bundle', type: 'transaction', entry: {} }, 400],
    ['a list of no entries', { resourceType: 'Bundle', type: 'transaction', entry: [] }, 400],
    ['a list of no entries in a batch', { resourceType: 'Bundle', type: 'batch', entry: [] }, 400],
  ])('%s', async (_name, bundle, status) => {
    expect((await send('POST', house.fhir, bundle)).status).toBe(status);
  });

  test('1,001 entries', async () => {
    const answer = await transact(...Array.from({ length: 1001 }, () => post(patient())));
    expect([answer.status, answer.json.issue[0].code]).toEqual([413, 'too-costly']);
  });

  test('the last of 200 entries fails', async () => {
    const before = await rows();
    const answer = await transact(...Array.from({ length: 199 }, (_, index) => put(patient({ id: `many-${index}` }))), put(patient({ id: 'last' }), { ifMatch: 'W/"1"' }));
    expect(answer.status).toBe(412);
    expect(await rows()).toEqual(before);
  });
});

test('1,000 entries at once', async () => {
  const answer = await transact(...Array.from({ length: 1000 }, (_, index) => post(patient({ identifier: [{ system: 'urn:x', value: String(index) }] }))));
  expect([answer.status, answer.json.entry.length]).toEqual([200, 1000]);
  const search = await send('GET', `${house.fhir}/Patient?identifier=urn:x|777`);
  expect(search.json.entry[0].resource.id).toBe(answer.json.entry[777].response.location.split('/').at(-3));
});

test('an empty transaction does nothing', async () => {
  for (const type of ['transaction', 'batch']) expect((await send('POST', house.fhir, { resourceType: 'Bundle', type })).json).toEqual({ resourceType: 'Bundle', type: `${type}-response` });
});

test('answers stand in the order of the entries; reads see what was written', async () => {
  await transact(put(patient({ id: 'old' })), put(patient({ id: 'gone' })));
  const answer = await transact(
    get('Patient/new'), remove('Patient/gone'), post(observation('Patient/new')), put(patient({ id: 'old', active: true }), { ifMatch: 'W/"1"' }),
    get('Observation?patient=new&_total=accurate'), put(patient({ id: 'new' })), remove('Patient/never-was'),
  );
  const statuses = answer.json.entry.map((entry: { response: { status: string } }) => entry.response.status);
  expect(statuses).toEqual(['200', '204', '201', '200', '200', '201', '204']);
  expect(answer.json.entry[0].resource).toMatchObject({ id: 'new', meta: { versionId: '1' } });
  expect(answer.json.entry[3].response).toMatchObject({ etag: 'W/"2"', location: `${house.fhir}/Patient/old/_history/2` });
  expect(answer.json.entry[4].resource).toMatchObject({ type: 'searchset', total: 1, entry: [{ resource: { resourceType: 'Observation' } }] });
  expect((await send('GET', `${house.fhir}/Patient/gone`)).status).toBe(410);
});

test('references by urn, by relative and by absolute fullUrl become references to what was stored', async () => {
  const base = 'http://sender.example/fhir';
  const answer = await transact(
    post(observation(urn)),
    post(patient({ link: [{ other: { reference: `${base}/Patient/2` }, type: 'seealso' }] }), urn),
    post(patient(), `${base}/Patient/2`),
    post(observation('Patient/2'), `${base}/Observation/3`),
    post(observation('Patient/2')),
    post({ ...observation(urn), contained: [{ resourceType: 'Specimen', id: 's', subject: { reference: urn } }] }),
    put({ ...observation(`${house.fhir}/Patient/own`), id: 'own-base' }),
    put({ ...observation(`${base}/Patient/77`), id: 'elsewhere' }),
  );
  expect(answer.status).toBe(200);
  const [first, one, two, byBase, withoutBase, contained, own, elsewhere] = answer.json.entry.map((entry: { resource: Entry }) => entry.resource);
  expect(first.subject.reference).toBe(`Patient/${one.id}`);
  expect(one.link[0].other.reference).toBe(`Patient/${two.id}`);
  expect(byBase.subject.reference).toBe(`Patient/${two.id}`);
  expect(withoutBase.subject.reference).toBe('Patient/2');
  expect(contained.contained[0].subject.reference).toBe(`Patient/${one.id}`);
  expect(own.subject.reference).toBe('Patient/own');
  expect(elsewhere.subject.reference).toBe(`${base}/Patient/77`);
  // The id of what belongs to a patient of the same Bundle carries the patient's shard.
  const { rows: shards } = await house.sql.query('select distinct shard from resource where id = any($1)', [[one.id, first.id, contained.id]]);
  expect(shards).toHaveLength(1);
});

describe('by criteria', () => {
  const system = 'urn:by-criteria';
  const known = (value: string, more: Entry = {}): Entry => patient({ identifier: [{ system, value }], ...more });
  const criteria = (value: string): string => `identifier=${system}|${value}`;
  const statuses = (answer: TestAnswer): string[] => answer.json.entry.map((entry: { response: { status: string } }) => entry.response.status);
  const unless = (value: string, fullUrl?: string): Entry => ({ ...(fullUrl !== undefined && { fullUrl }), resource: known(value), request: { method: 'POST', url: 'Patient', ifNoneExist: criteria(value) } });
  const subjects = (answer: TestAnswer): string[] => answer.json.entry.flatMap((entry: { resource?: { subject?: { reference: string } } }) => entry.resource?.subject?.reference ?? []);

  test('created once, found from then on, and referred to wherever it is', async () => {
    const bundle = [unless('once', urn), post(observation(urn)), post(observation(`Patient?${criteria('once')}`)), unless('once', `${urn}0`), post(observation(`${urn}0`))];
    const first = await transact(...bundle);
    expect(statuses(first)).toEqual(['201', '201', '201', '200', '201']);
    const again = await transact(...bundle);
    expect(statuses(again)).toEqual(['200', '201', '201', '200', '201']);
    const address = `Patient/${String(first.json.entry[0].resource.id)}`;
    expect([...subjects(first), ...subjects(again)]).toEqual(Array.from({ length: 6 }, () => address));
    expect(again.json.entry[0].response.location).toBe(first.json.entry[0].response.location);
  });

  test('updated, patched and deleted in one go; what is deleted is out of sight', async () => {
    await transact(put(known('upd', { id: 'upd' })), put(known('del', { id: 'del' })), put(known('pat', { id: 'pat' })));
    const answer = await transact(
      unless('del'), { resource: known('upd', { active: true }), request: { method: 'PUT', url: `Patient?${criteria('upd')}` } }, remove(`Patient?${criteria('del')}`),
      { resource: { resourceType: 'Binary', contentType: 'application/json-patch+json', data: Buffer.from('[{"op":"add","path":"/active","value":false}]').toString('base64') }, request: { method: 'PATCH', url: `Patient?${criteria('pat')}` } },
      { resource: known('ins'), request: { method: 'PUT', url: `Patient?${criteria('ins')}` } }, remove(`Patient?${criteria('nobody')}`), post(observation(`Patient?${criteria('ins')}`)),
    );
    expect(statuses(answer)).toEqual(['201', '200', '204', '200', '201', '204', '201']);
    expect(answer.json.entry[0].resource.id).not.toBe('del');
    expect(subjects(answer)).toEqual([`Patient/${String(answer.json.entry[4].resource.id)}`]);
  });

  test.each<[name: string, entries: Entry[]]>([
    ['two updates by the same criteria', [1, 2].map(() => ({ resource: known('twice'), request: { method: 'PUT', url: `Patient?${criteria('twice')}` } }))],
    ['a create and an update by the same', [unless('both'), { resource: known('both'), request: { method: 'PUT', url: `Patient?${criteria('both')}` } }]],
    ['by criteria and by id', [{ resource: known('upd'), request: { method: 'PUT', url: `Patient?${criteria('upd')}` } }, put(known('upd', { id: 'upd' }))]],
    ['deleted by criteria and updated by id', [remove(`Patient?${criteria('upd')}`), put(known('upd', { id: 'upd' }))]],
  ])('identities that overlap are refused: %s', async (_name, entries) => {
    const before = await rows();
    const answer = await transact(...entries);
    expect([answer.status, answer.json.issue[0].details.coding[0].code]).toEqual([400, 'bundle-entry']);
    expect(await rows()).toEqual(before);
  });

  test('the same Bundle from many clients at once makes everything once', async () => {
    const bundle = [unless('race-a', urn), unless('race-b', `${urn}1`), { resource: { ...observation(urn), identifier: [{ system, value: 'race' }] }, request: { method: 'POST', url: 'Observation', ifNoneExist: criteria('race') } }];
    const answers = await Promise.all(Array.from({ length: 12 }, (_, index) => transact(...(index % 2 === 0 ? bundle : bundle.toReversed()))));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    for (const query of [`Patient?${criteria('race-a')}`, `Patient?${criteria('race-b')}`, `Observation?${criteria('race')}`]) expect((await send('GET', `${house.fhir}/${query}&_total=accurate`)).json.total).toBe(1);
  });
});

test('addresses of entries are rewritten wherever they may stand, and nowhere else', async () => {
  const questionnaire = 'urn:uuid:7d6a1b6e-6a57-4a2e-9c39-1d5d0c4f0f11';
  const answer = await transact(
    { fullUrl: urn, resource: patient({ identifier: [{ system: 'urn:ietf:rfc:3986', value: urn }] }), request: { method: 'POST', url: 'Patient' } },
    { fullUrl: questionnaire, resource: { resourceType: 'Questionnaire', status: 'draft' }, request: { method: 'POST', url: 'Questionnaire' } },
    post({
      resourceType: 'DocumentReference', status: 'current', content: [{ attachment: { url: urn, title: urn } }], extension: [{ url: 'urn:x', valueUuid: urn }, { url: 'urn:y', valueUri: urn }, { url: 'urn:z', valueCanonical: questionnaire }],
      text: { status: 'additional', div: `<div xmlns="http://www.w3.org/1999/xhtml"><a href="${urn}">x</a> <img src='${urn}'/> ${urn}</div>` },
    }),
    post({ resourceType: 'QuestionnaireResponse', status: 'completed', questionnaire, subject: { reference: urn } }),
  );
  expect(answer.status).toBe(200);
  const [one, form, document, response] = answer.json.entry.map((entry: { resource: Entry }) => entry.resource);
  const address = `Patient/${String(one.id)}`;
  expect(one.identifier[0].value).toBe(urn);
  expect(document.content[0].attachment).toEqual({ url: address, title: urn });
  expect(document.extension).toEqual([{ url: 'urn:x', valueUri: address }, { url: 'urn:y', valueUri: address }, { url: 'urn:z', valueCanonical: `${house.fhir}/Questionnaire/${String(form.id)}` }]);
  expect(document.text.div).toBe(`<div xmlns="http://www.w3.org/1999/xhtml"><a href="${address}">x</a> <img src="${address}"/> ${urn}</div>`);
  expect([response.questionnaire, response.subject.reference]).toEqual([`${house.fhir}/Questionnaire/${String(form.id)}`, address]);
});

test('Prefer says how much of what was written comes back', async () => {
  const entry = [post(patient())];
  const [minimal, told] = await Promise.all(['return=minimal', 'return=OperationOutcome'].map((prefer) => send('POST', house.fhir, { resourceType: 'Bundle', type: 'transaction', entry }, { prefer })));
  expect([minimal!.json.entry[0].resource, minimal!.json.entry[0].response.status, minimal!.json.entry[0].response.outcome]).toEqual([undefined, '201', undefined]);
  expect([told!.json.entry[0].resource, told!.json.entry[0].response.outcome.resourceType]).toEqual([undefined, 'OperationOutcome']);
});

test('56 creates that refer to each other are a handful of statements', async () => {
  const bundle = [post(patient(), urn), ...Array.from({ length: 55 }, (_, index) => post(observation(urn), `${urn.slice(0, -2)}${String(index).padStart(2, '0')}`))];
  expect((await transact(...bundle)).status).toBe(200);
  // oxlint-disable-next-line typescript/unbound-method -- it is called on each client again
  const original = pg.Client.prototype.query;
  const texts: string[] = [];
  pg.Client.prototype.query = function query(this: pg.Client, ...parameters: unknown[]): unknown {
    const [statement] = parameters as [string | { text?: string }];
    texts.push(typeof statement === 'string' ? statement : statement.text ?? '');
    return (original as (...all: unknown[]) => unknown).apply(this, parameters);
  } as typeof original;
  try {
    expect((await transact(...bundle)).status).toBe(200);
  } finally {
    pg.Client.prototype.query = original;
  }
  expect(texts.filter((text) => /\bresource\b/.test(text))).toHaveLength(1);
  expect(texts.filter((text) => !text.includes('pg_notify')).length).toBeLessThan(8);
});

describe('a conditional reference to what the same transaction writes', () => {
  const system = 'http://in-bundle.example/numbers';
  const numbered = (value: string, more: Entry = {}): Entry => patient({ identifier: [{ system, value }], ...more });
  const subjectIn = (answer: TestAnswer, index: number): string => answer.json.entry[index].resource.subject.reference;

  test('by a plain create, whatever the order of the entries', async () => {
    const answer = await transact(post(observation(`Patient?identifier=${system}|created`)), post(numbered('created')));
    expect(answer.status).toBe(200);
    expect(subjectIn(answer, 0)).toBe(`Patient/${answer.json.entry[1].resource.id}`);
  });

  test('by an update under an id of its own, new and over what is stored', async () => {
    for (const version of ['1', '2']) {
      const answer = await transact(put(numbered('updated', { id: 'in-bundle' })), post(observation(`Patient?identifier=${system}|updated`)));
      expect([answer.status, answer.json.entry?.[0].resource.meta.versionId]).toEqual([200, version]);
      expect(subjectIn(answer, 1)).toBe('Patient/in-bundle');
    }
  });

  test('two that are alike are too many, one of them stored', async () => {
    expect((await send('POST', `${house.fhir}/Patient`, numbered('twice'))).status).toBe(201);
    const answer = await transact(post(numbered('twice')), post(observation(`Patient?identifier=${system}|twice`)));
    expect([answer.status, answer.json.issue[0].details.coding[0].code]).toEqual([412, 'several-matches']);
  });

  test('what is like something else is not meant', async () => {
    const answer = await transact(post(numbered('other')), post(observation(`Patient?identifier=${system}|another`)));
    expect([answer.status, answer.json.issue[0].details.coding[0].code]).toEqual([412, 'reference-without-match']);
  });

  const focused = (reference: string): Entry => ({ resourceType: 'Observation', status: 'final', code: { text: 'x' }, focus: [{ reference }] });
  const focusIn = (answer: TestAnswer, index: number): string => answer.json.entry[index].resource.focus[0].reference;
  const measured = (value: number, more: Entry = {}): Entry => ({ resourceType: 'Observation', status: 'final', code: { coding: [{ system, code: 'dose' }] }, valueQuantity: { value, unit: 'milligram', system: 'http://unitsofmeasure.org', code: 'mg' }, ...more });
  const sandgaard = patient({ name: [{ family: 'Sandgård', given: ['Åse', 'Maria'] }], birthDate: '1931-05' });

  describe.each<[what: string, written: Entry, meets: readonly string[], doesNot: readonly string[]]>([
    ['strings', sandgaard,
      ['family=sandgard', 'family:exact=Sandg%C3%A5rd', 'family:contains=DGAR', 'name=maria', 'name=nobody,maria', 'family=sandgard&given=ase', 'family=sandgard&gender:missing=true', 'family=sandgard&gender:not=male'],
      ['family=andgard', 'family:exact=Sandgard', 'family:contains=dgarr', 'name=mariana', 'family=sandgard&given=nobody', 'family=sandgard&gender:missing=false']],
    ['dates', sandgaard,
      ['birthdate=1931', 'birthdate=1931-05&family=sandgard', 'family=sandgard&birthdate=lt1931-05-15', 'family=sandgard&birthdate=ge1931-05', 'family=sandgard&birthdate=sa1931-04&birthdate=eb1931-06', 'family=sandgard&birthdate=ne1931-05-01'],
      ['birthdate=1931-05-01', 'family=sandgard&birthdate=gt1931-05', 'family=sandgard&birthdate=lt1931-05-01', 'family=sandgard&death-date=ge1900']],
    ['numbers', { resourceType: 'RiskAssessment', status: 'final', subject: { reference: 'Patient/1' }, prediction: [{ probabilityDecimal: 0.3125 }] },
      ['probability=0.3125', 'probability=0.31', 'probability=gt0.3124&probability=lt0.3126', 'probability=ap0.33'], ['probability=0.32', 'probability=gt0.3125', 'probability=ap0.4']],
    ['quantities and composites', measured(5.4375),
      ['value-quantity=5.4375', 'value-quantity=5.44|http://unitsofmeasure.org|mg', 'value-quantity=5.4375||milligram', 'value-quantity=gt5.437&value-quantity=le5.4375', `code-value-quantity=${system}|dose$5.4375`, 'code-value-quantity=dose$ge5.4375&value-quantity=le5.4375'],
      ['value-quantity=5.4376', 'value-quantity=5.4375|http://unitsofmeasure.org|g', 'value-quantity=5.4375|urn:other|mg', 'value-quantity=gt5.4375&value-quantity=lt6', `code-value-quantity=${system}|other$5.4375`, `code-value-quantity=${system}|dose$5.4376`]],
  ])('by %s', (_what, written, meets, doesNot) => {
    const criteriaOf = (text: string): string => `${String(written['resourceType'])}?${text}`;
    // What a test writes is gone for the next one.
    const alone = async (...entry: unknown[]): Promise<TestAnswer> => {
      const answer = await transact(...entry);
      for (const { resource } of (answer.json.entry ?? []) as { resource: Entry }[]) await send('DELETE', `${house.fhir}/${String(resource['resourceType'])}/${String(resource['id'])}`);
      return answer;
    };

    test.each(meets)('%s: the entry is meant', async (criteria) => {
      const answer = await alone(post(focused(criteriaOf(criteria))), post(written));
      expect(answer.status === 200 ? focusIn(answer, 0) : answer.text).toBe(`${String(written['resourceType'])}/${answer.json.entry?.[1].resource.id}`);
    });

    test.each(doesNot)('%s: it is not', async (criteria) => {
      const answer = await alone(post(focused(criteriaOf(criteria))), post(written));
      expect([answer.status, answer.json.issue?.[0].details.coding[0].code]).toEqual([412, 'reference-without-match']);
    });
  });

  test('what is written over is what it will be, and not what it was', async () => {
    for (const value of ['before', 'behind']) expect((await send('PUT', `${house.fhir}/Patient/over-${value}`, numbered('over', { id: `over-${value}` }))).status).toBe(201);
    const answer = await transact(put(numbered('changed', { id: 'over-before' })), post(observation(`Patient?identifier=${system}|over`)));
    expect([answer.status, subjectIn(answer, 1)]).toEqual([200, 'Patient/over-behind']);
    const none = await transact(put(numbered('again', { id: 'over-behind' })), post(observation(`Patient?identifier=${system}|over`)));
    expect([none.status, none.json.issue[0].details.coding[0].code]).toEqual([412, 'reference-without-match']);
  });

  test('by a reference that the same transaction resolves', async () => {
    expect((await send('PUT', `${house.fhir}/Patient/visitor`, numbered('visitor', { id: 'visitor' }))).status).toBe(201);
    const visit = { resourceType: 'Encounter', status: 'planned', class: { code: 'AMB' }, subject: { reference: urn } };
    const answer = await transact(
      post({ ...observation('Patient/visitor'), encounter: { reference: 'Encounter?subject=Patient/visitor' } }), post(visit),
      { fullUrl: urn, resource: numbered('visitor'), request: { method: 'POST', url: 'Patient', ifNoneExist: `identifier=${system}|visitor` } });
    expect(answer.status === 200 ? answer.json.entry[0].resource.encounter.reference : answer.text).toBe(`Encounter/${answer.json.entry?.[1].resource.id}`);
  });

  test('by a reference that is conditional itself', async () => {
    const visit = { resourceType: 'Encounter', status: 'planned', class: { code: 'AMB' }, subject: { reference: `Patient?identifier=${system}|guest` } };
    const answer = await transact(put(numbered('guest', { id: 'guest' })), post(visit), post({ ...observation('Patient/guest'), encounter: { reference: 'Encounter?subject=Patient/guest' } }));
    expect(answer.status === 200 ? answer.json.entry[2].resource.encounter.reference : answer.text).toBe(`Encounter/${answer.json.entry?.[1].resource.id}`);
  });

  describe('criteria that other resources have a say in', () => {
    const role = (more: Entry = {}): Entry => ({ resourceType: 'PractitionerRole', ...more });
    const performed = (reference: string): Entry => ({ resourceType: 'Observation', status: 'final', code: { text: 'x' }, performer: [{ reference }] });

    test('are refused where an entry may be meant and nothing stored is', async () => {
      const answer = await transact(put({ resourceType: 'Practitioner', id: 'chained', identifier: [{ system, value: 'chained' }] }), post(role({ practitioner: { reference: 'Practitioner/chained' } })), post(performed(`PractitionerRole?practitioner.identifier=${system}|chained`)));
      expect([answer.status, answer.json.issue[0].details.coding[0].code, answer.json.issue[0].expression]).toEqual([412, 'reference-untold', ['Bundle.entry[2].resource.performer[0].reference']]);
    });

    test('are not met by what refers to nothing', async () => {
      const answer = await transact(post(role()), post(performed(`PractitionerRole?practitioner.identifier=${system}|chained`)));
      expect([answer.status, answer.json.issue[0].details.coding[0].code]).toEqual([412, 'reference-without-match']);
    });

    test('mean what is stored', async () => {
      await transact(put({ resourceType: 'Practitioner', id: 'chained', identifier: [{ system, value: 'chained' }] }), put(role({ id: 'stored-role', practitioner: { reference: 'Practitioner/chained' } })));
      const answer = await transact(post(role({ practitioner: { reference: 'Practitioner/another' } })), post(performed(`PractitionerRole?practitioner.identifier=${system}|chained`)));
      expect([answer.status, answer.json.entry?.[1].resource.performer[0].reference]).toEqual([200, 'PractitionerRole/stored-role']);
    });
  });
});

describe('criteria of an entry that another entry meets', () => {
  const system = 'http://in-bundle.example/met';
  const numbered = (...values: string[]): Entry => patient({ identifier: values.map((value) => ({ system, value })), name: [{ family: values[0] }] });
  const unless = (resource: Entry, criteria: string): Entry => ({ resource, request: { method: 'POST', url: 'Patient', ifNoneExist: criteria } });
  const told = (answer: TestAnswer): unknown => answer.status === 200 ? answer.json.entry.map((entry: { response: { status: string } }) => entry.response.status) : [answer.status, answer.json.issue[0].details.coding[0].code, answer.json.issue[0].expression];

  test.each([['before', true], ['behind', false]])('a create is not needed where one without conditions stands %s it', async (name, isFirst) => {
    const entries = [post(numbered(`plain-${name}`)), unless(numbered(`plain-${name}`), `family:exact=plain-${name}`)];
    const answer = await transact(...(isFirst ? entries : entries.toReversed()));
    expect(told(answer)).toEqual(isFirst ? ['201', '200'] : ['200', '201']);
    expect(answer.json.entry[0].resource.id).toBe(answer.json.entry[1].resource.id);
  });

  test('of two conditional creates that meet each other\'s criteria the first is done', async () => {
    const answer = await transact(unless(numbered('one', 'two'), `identifier=${system}|one`), unless(numbered('two', 'one'), `identifier=${system}|two`));
    expect(told(answer)).toEqual(['201', '200']);
    expect(answer.json.entry[0].resource.id).toBe(answer.json.entry[1].resource.id);
  });

  test('those that do not are both done', async () => {
    expect(told(await transact(unless(numbered('three'), `identifier=${system}|three`), unless(numbered('four'), `identifier=${system}|four`)))).toEqual(['201', '201']);
  });

  test('what is stored comes first', async () => {
    const stored = await send('POST', `${house.fhir}/Patient`, numbered('stored'));
    const answer = await transact(post(numbered('stored')), unless(numbered('stored'), `identifier=${system}|stored`));
    expect([told(answer), answer.json.entry[1].resource.id]).toEqual([['201', '200'], stored.json.id]);
  });

  test('several are too many', async () => {
    expect(told(await transact(post(numbered('several')), post(numbered('several')), unless(numbered('several'), `identifier=${system}|several`)))).toEqual([412, 'several-matches', ['Bundle.entry[2]']]);
  });

  test.each<[string, Entry]>([
    ['an update', { resource: numbered('overlap'), request: { method: 'PUT', url: 'Patient?family:contains=verla' } }],
    ['a patch', { resource: { resourceType: 'Parameters' }, request: { method: 'PATCH', url: 'Patient?family:contains=verla' } }],
  ])('%s of what another entry creates overlaps with it', async (_name, entry) => {
    expect(told(await transact(entry, post(numbered('overlap'))))).toEqual([400, 'bundle-entry', ['Bundle.entry[0]']]);
  });

  test('an update that also finds what is stored has several matches', async () => {
    await send('POST', `${house.fhir}/Patient`, numbered('both'));
    expect(told(await transact(post(numbered('both')), { resource: numbered('both'), request: { method: 'PUT', url: 'Patient?family=both' } }))).toEqual([412, 'several-matches', ['Bundle.entry[1]']]);
  });

  test('a deletion does not see what is created', async () => {
    expect(told(await transact(post(numbered('deleted')), remove(`Patient?identifier=${system}|deleted`)))).toEqual(['201', '204']);
  });

  test('chains are looked for in the store only', async () => {
    const coverage = { resourceType: 'Coverage', status: 'active', beneficiary: { reference: 'Patient/in-bundle' }, payor: [{ display: 'x' }] };
    const conditional = (criteria: string): Entry => ({ resource: coverage, request: { method: 'POST', url: 'Coverage', ifNoneExist: criteria } });
    expect(told(await transact(conditional('beneficiary.family=nobody'), conditional('beneficiary.family=no-one')))).toEqual(['201', '201']);
  });
});
