/** Control numbers are their senders' own: a document joins the request of whoever sent both. */
import type { Bundle, Claim, Organization, Parameters, ParametersParameter } from '@medplum/fhirtypes';
import { removeExpired } from '../../operations/prior-authorization/attach/keeping.ts';
import { pasExtension } from '../../profiles/pas/names.ts';
import { serverContext } from '../../server/publish-definitions.ts';
import { openHouse, send, type TestHouse } from '../support/house.ts';
import { attach, document, parametersOf, problemsOf, textsOf } from '../support/pas-attachments.ts';
import { claimOf, pendingRequest, resourceOf, submitted } from '../support/pas-requests.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse({ demo: true, environment: { PRIORA_HELD_LIMIT: '3', PRIORA_HELD_BYTES: '20000', PRIORA_HELD_DAYS: '10', PRIORA_ATTACHMENT_INLINE_LIMIT: '1000', PRIORA_JOBS: '1' } }); });
afterAll(async () => { await house.close(); });

const npi = 'http://hl7.org/fhir/sid/us-npi';
let numbers = 0;
const ownNumber = (): string => `SENDERS-${numbers += 1}`;
const from = (name: 'OrganizationId' | 'ProviderId', value: string, system: string | undefined = npi): ParametersParameter => ({ name, valueIdentifier: { ...(system !== '' && { system }), value } });
const member = (): string => resourceOf(pendingRequest(house), 'Coverage').identifier![0]!.value!;
const sent = (tracking: string, text: string, ...more: ParametersParameter[]): Parameters => parametersOf({ tracking, member: member(), more, contents: [document('28633-6', text)] });

/** A request of this requester that says that a document comes under the number. */
function announcing(number: string, requester: string): Bundle {
  const bundle = pendingRequest(house);
  const claim = claimOf(bundle);
  const provider = bundle.entry!.find(({ fullUrl }) => fullUrl === claim.provider.reference)!.resource as Organization;
  provider.identifier = [{ system: npi, value: requester }];
  claim.supportingInfo = [...claim.supportingInfo ?? [], {
    sequence: 40, category: { coding: [{ system: 'http://hl7.org/fhir/us/davinci-pas/CodeSystem/PASTempCodes', code: 'additionalInformation' }] }, valueReference: { identifier: { value: number } },
    extension: [{ url: pasExtension.documentInformation, extension: [{ url: 'controlNumber', valueString: number }] }],
  }];
  return bundle;
}

const stored = async <T>(address: string): Promise<T> => (await send('GET', `${house.fhir}/${address}`)).json as T;
/** Texts of the documents that a request has as evidence. */
async function evidenceOf(claim: string): Promise<string[]> {
  const addresses = (await stored<Claim>(`Claim/${claim}`)).supportingInfo!.flatMap(({ valueReference }) => valueReference?.reference?.startsWith('DocumentReference/') === true ? [valueReference.reference] : []);
  return Promise.all(addresses.map(async (address) => Buffer.from((await stored<{ content: { attachment: { data: string } }[] }>(address)).content[0]!.attachment.data, 'base64').toString()));
}

test('a number that two senders used joins only the request of the right one', async () => {
  const number = ownNumber();
  await attach(house, sent(number, 'of the first', from('OrganizationId', '1111111112')));
  await attach(house, sent(number, 'of the second', from('ProviderId', '2222222228')));
  await attach(house, sent(number, 'of nobody'));
  const [first, second, third] = [await submitted(house, announcing(number, '1111111112')), await submitted(house, announcing(number, '2222222228')), await submitted(house, announcing(number, '3333333334'))];
  expect([await evidenceOf(first.claim), await evidenceOf(second.claim), await evidenceOf(third.claim)]).toEqual([['of the first'], ['of the second'], []]);
});

test('the same number of another system is another sender', async () => {
  const number = ownNumber();
  await attach(house, sent(number, 'x', from('OrganizationId', '1111111112', 'https://clinic.example/sites')));
  expect(await evidenceOf((await submitted(house, announcing(number, '1111111112'))).claim)).toEqual([]);
});

test('where nobody says who sends, the number alone counts', async () => {
  const number = ownNumber();
  await attach(house, sent(number, 'x'));
  expect(await evidenceOf((await submitted(house, announcing(number, '1111111112'))).claim)).toEqual(['x']);
});

test('what comes after two requests that wait for the same number joins that of its sender; of a third it is kept', async () => {
  const number = ownNumber();
  const [first, second] = [await submitted(house, announcing(number, '1111111112')), await submitted(house, announcing(number, '2222222228'))];
  expect(textsOf(await attach(house, sent(number, 'for the first', from('OrganizationId', '1111111112'))))[0]).toContain('whose review goes on');
  for (const more of [[from('OrganizationId', '3333333334')], []]) expect(textsOf(await attach(house, sent(number, 'of a third', ...more)))[0]).toContain('kept');
  expect([await evidenceOf(first.claim), await evidenceOf(second.claim)]).toEqual([['for the first'], []]);
});

test('nobody passes for another by an extension of the document', async () => {
  const number = ownNumber();
  const forged = { ...document('28633-6', 'forged'), extension: [{ url: 'https://priora.health/fhir/StructureDefinition/attachment-sender', valueIdentifier: { system: npi, value: '1111111112' } }] } as ReturnType<typeof document>;
  await attach(house, parametersOf({ tracking: number, member: member(), contents: [forged], more: [from('OrganizationId', '2222222228')] }));
  expect(await evidenceOf((await submitted(house, announcing(number, '1111111112'))).claim)).toEqual([]);
});

test('a sender that is no identifier', async () => {
  expect(problemsOf(await attach(house, sent(ownNumber(), 'x', { name: 'OrganizationId', valueBoolean: true })))).toEqual(['attachment-invalid']);
});

describe('what waits for a request', () => {
  const kept = async (number: string): Promise<number> => (await stored<{ total: number }>(`DocumentReference?identifier=${number}`)).total;
  const removeHeld = (): Promise<number> => removeExpired(house.server.house.database, serverContext(house.server.house, 'test'));

  test('of one sender is bounded, of another too, each for itself; what joins a request counts no more', async () => {
    const [first, second] = [from('OrganizationId', '4444444440'), from('OrganizationId', '5555555557')];
    const number = ownNumber();
    for (const text of ['a', 'b', 'c']) expect((await attach(house, sent(text === 'a' ? number : ownNumber(), text, first))).status).toBe(200);
    const refused = await attach(house, sent(ownNumber(), 'd', first));
    expect([refused.status, problemsOf(refused)]).toEqual([422, ['too-many-held']]);
    expect((await attach(house, sent(ownNumber(), 'e', second))).status).toBe(200);
    await submitted(house, announcing(number, '4444444440'));
    expect((await attach(house, sent(ownNumber(), 'f', first))).status).toBe(200);
  });

  test('at the same instant: no more are kept than there is room for', async () => {
    const all = [ownNumber(), ownNumber(), ownNumber(), ownNumber(), ownNumber(), ownNumber(), ownNumber(), ownNumber()];
    const answers = await Promise.all(all.map((number) => attach(house, sent(number, number, from('OrganizationId', '6767676761')))));
    expect(answers.map((answer) => answer.status === 200 ? 'kept' : String(problemsOf(answer)[0])).toSorted()).toEqual(['kept', 'kept', 'kept', ...Array.from({ length: 5 }, () => 'too-many-held')]);
    expect((await Promise.all(all.map(kept))).reduce((sum, count) => sum + count)).toBe(3);
    expect((await house.sql.query(`select count(*)::int as count from held_sender where documents > 3`)).rows).toEqual([{ count: 0 }]);
  });

  test('what was removed by another way is counted until the night', async () => {
    const sender = from('OrganizationId', '7878787872');
    const all = [ownNumber(), ownNumber(), ownNumber()];
    for (const number of all) await attach(house, sent(number, number, sender));
    const { entry: [{ resource: { id } }] } = await stored<{ entry: [{ resource: { id: string } }] }>(`DocumentReference?identifier=${all[0]!}`);
    expect((await send('DELETE', `${house.fhir}/DocumentReference/${id}`)).status).toBe(204);
    expect(problemsOf(await attach(house, sent(ownNumber(), 'x', sender)))).toEqual(['too-many-held']);
    expect(await removeHeld()).toBe(0);
    expect((await attach(house, sent(ownNumber(), 'x', sender))).status).toBe(200);
    expect(problemsOf(await attach(house, sent(ownNumber(), 'y', sender)))).toEqual(['too-many-held']);
  });

  test('is removed when its time has passed, with its contents, by the nightly job; what has joined a request stays', async () => {
    const [number, joined, large] = [ownNumber(), ownNumber(), ownNumber()];
    await attach(house, sent(number, 'x', from('OrganizationId', '6666666664')));
    await attach(house, sent(joined, 'y', from('OrganizationId', '6666666664')));
    await attach(house, sent(large, 'z'.repeat(5000), from('OrganizationId', '6666666664')));
    const { claim } = await submitted(house, announcing(joined, '6666666664'));
    const binaries = (await stored<{ total: number }>('Binary?_summary=count')).total;
    expect(await removeHeld()).toBe(0);
    house.clock.advance(11 * 86_400_000);
    expect(await removeHeld()).toBeGreaterThanOrEqual(2);
    expect([await kept(number), await kept(large), await evidenceOf(claim), (await stored<{ total: number }>('Binary?_summary=count')).total]).toEqual([0, 0, ['y'], binaries - 1]);
    expect(await removeHeld()).toBe(0);
  });

  test('of one sender is bounded in bytes, as they came; what joins a request leaves room', async () => {
    const [sender, number] = [from('OrganizationId', '4545454541'), ownNumber()];
    expect((await attach(house, sent(number, 'x'.repeat(12_000), sender))).status).toBe(200);
    const refused = await attach(house, sent(ownNumber(), 'y'.repeat(6000), sender));
    expect([refused.status, problemsOf(refused)]).toEqual([422, ['too-much-held']]);
    const alone = await attach(house, sent(ownNumber(), 'z'.repeat(20_000), from('OrganizationId', '5656565656')));
    expect(problemsOf(alone)).toEqual(['too-much-held']);
    await submitted(house, announcing(number, '4545454541'));
    expect((await attach(house, sent(ownNumber(), 'y'.repeat(6000), sender))).status).toBe(200);
  });

  test('the job does it from the queue, under the name of its schedule, and counts them', async () => {
    const counted = async (): Promise<number> => Number(/^priora_expired_documents_total (\d+)$/m.exec((await send('GET', `${house.origin}/metrics`)).text)?.[1] ?? 0);
    const number = ownNumber();
    await attach(house, sent(number, 'x', from('OrganizationId', '7777777770')));
    const before = await counted();
    house.clock.advance(11 * 86_400_000);
    const { rows } = await house.sql.query<{ identifier: string }>('select identifier from graphile_worker._private_known_crontabs');
    expect(rows.map(({ identifier }) => identifier)).toContain('remove_held');
    await house.sql.query(`select graphile_worker.add_job('remove_held', '{}')`);
    await until(async () => await kept(number) === 0 && await counted() > before);
  });

  test('one that is removed while a request joins it: the request is taken as if it had not been there', async () => {
    const number = ownNumber();
    await attach(house, sent(number, 'x', from('OrganizationId', '8888888887')));
    const { entry: [{ resource: { id } }] } = await stored<{ entry: [{ resource: { id: string } }] }>(`DocumentReference?identifier=${number}`);
    house.clock.advance(11 * 86_400_000);
    const holder = await house.sql.connect();
    const waiters = async (): Promise<number> => (await holder.query<{ count: number }>(`select count(*)::int as count from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`)).rows[0]!.count;
    try {
      await holder.query('begin');
      await holder.query('select 1 from resource where id = $1 for update', [id]);
      const removed = removeHeld();
      await until(async () => await waiters() >= 1);
      const answer = submitted(house, announcing(number, '8888888887'));
      await until(async () => await waiters() >= 2);
      await holder.query('commit');
      await removed;
      expect(await evidenceOf((await answer).claim)).toEqual([]);
    } finally {
      holder.release();
    }
  });
});

/** The server works on what it was sent in its own time. The test's time limit ends a wait in vain. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!await isSo()) await new Promise((resolve) => { setImmediate(resolve); });
}
