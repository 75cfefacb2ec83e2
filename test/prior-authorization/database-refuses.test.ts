/** What no code can do, because the database refuses it: asked of the database directly, past all of our code. */
import { openHouse, type TestHouse } from '../support/house.ts';
import { pendingRequest, submitted } from '../support/pas-requests.ts';

let house: TestHouse;
let key: { tenant: number; shard: number; id: string };

beforeAll(async () => {
  house = await openHouse({ demo: true });
  const { claim } = await submitted(house, pendingRequest(house));
  const { rows } = await house.sql.query<{ tenant: number; shard: number; id: string }>('select tenant, shard, id from prior_authorization where claim = $1', [claim]);
  key = rows[0]!;
});
afterAll(async () => { await house.close(); });

let sequence = 100;

interface Row {
  readonly kind: string;
  readonly authority: string;
  readonly author?: string | undefined;
  readonly rule?: string | undefined;
  readonly code?: string | undefined;
  readonly text?: string | undefined;
  readonly item?: number | null;
  /** What the entry says other than the columns do. */
  readonly entry?: object;
}

function insert({ kind, authority, author, rule, code, text, item = kind === 'received' ? null : 1, entry }: Row): Promise<unknown> {
  sequence += 1;
  const detail = {
    kind, sequence, ...(item !== null && { item }), ...(authority !== 'intake' && { authority: { kind: authority, ...(author !== undefined && { name: author }) } }),
    reason: { system: 'urn:test', code, text }, ...entry,
  };
  return house.sql.query(
    `insert into prior_authorization_event (tenant, shard, authorization_id, sequence, at, kind, item, authority, author, rule, reason_system, reason_code, reason_text, detail)
     values ($1, $2, $3, $4, now(), $5, $11, $6, $7, $8, 'urn:test', $9, $10, $12)`,
    [key.tenant, key.shard, key.id, sequence, kind, authority, author ?? null, rule ?? null, code ?? null, text ?? null, item, JSON.stringify(detail)],
  );
}

const criterion = { authority: 'clinical-criterion', rule: 'demo@1#oxygen', code: 'x', text: 'A reason.' };
const rule = { authority: 'administrative-rule', rule: 'demo@1#excluded', code: 'x', text: 'A reason.' };
const person = { authority: 'person', author: 'Dr. Ines Moreau', code: 'x', text: 'A reason.' };

test.each<[string, Row, string]>([
  ['a denial by a clinical criterion', { ...criterion, kind: 'denied' }, 'clinical_criteria_never_deny'],
  ['a modification by a clinical criterion', { ...criterion, kind: 'modified' }, 'clinical_criteria_never_deny'],
  ['more time on the word of a rule', { ...rule, kind: 'extended', entry: { notice: 'More.', dueAt: '2026-03-09T09:00:00Z' } }, 'only_a_person_takes_more_time'],
  ['more time without a notice', { ...person, kind: 'extended', entry: { dueAt: '2026-03-09T09:00:00Z' } }, 'more_time_has_a_reason_and_a_notice'],
  ['more time without words', { ...person, kind: 'extended', text: ' ', entry: { notice: 'More.', dueAt: '2026-03-09T09:00:00Z' } }, 'more_time_has_a_reason_and_a_notice'],
  ['a downgrade that does not say until when', { ...person, kind: 'downgraded', entry: { notice: 'No.' } }, 'a_clock_moves_to_an_instant'],
  ['a pause by a person', { ...person, kind: 'paused', entry: { dueAt: '2026-03-09T09:00:00Z' } }, 'only_its_rule_stops_a_clock'],
  ['a pause on a clinical criterion', { ...criterion, kind: 'paused', entry: { dueAt: '2026-03-09T09:00:00Z' } }, 'clinical_criteria_never_deny'],
  ['a modification by a rule of the contract', { ...rule, kind: 'modified' }, 'only_a_person_modifies'],
  ['a denial by a person without a reason code', { ...person, kind: 'denied', code: undefined }, 'every_denial_has_a_reason'],
  ['a denial by a person without words', { ...person, kind: 'denied', text: '' }, 'every_denial_has_a_reason'],
  ['a denial by a rule without words', { ...rule, kind: 'denied', text: undefined }, 'every_denial_has_a_reason'],
  ['a modification without a reason', { ...person, kind: 'modified', code: undefined }, 'every_denial_has_a_reason'],
  ['a person without a name', { ...person, kind: 'denied', author: undefined }, 'a_person_has_a_name'],
  ['a person whose name is blank', { ...person, kind: 'certified', author: '  ' }, 'a_person_has_a_name'],
  ['a rule without a name', { ...rule, kind: 'certified', rule: '' }, 'a_rule_is_named'],
  ['a criterion without a name', { ...criterion, kind: 'pended', rule: undefined }, 'a_rule_is_named'],
  ['a denial by intake', { kind: 'denied', authority: 'intake', code: 'x', text: 'A reason.' }, 'intake_only_receives'],
  ['a certification by intake', { kind: 'certified', authority: 'intake' }, 'intake_only_receives'],
  ['a receipt by a person', { ...person, kind: 'received' }, 'intake_only_receives'],
  ['a denial of no item', { ...person, kind: 'denied', item: null }, 'only_a_receipt_is_of_no_item'],
  ...(['\u200b', '.', '-\u00a0\u2060', '\ufeff', '\u3164', '\u2800', '\u{e0041}', ' \n'] as const).flatMap((nothing): [string, Row, string][] => [
    [`a person called ${JSON.stringify(nothing)}`, { ...person, kind: 'denied', author: nothing }, 'a_person_has_a_name'],
    [`a denial that says ${JSON.stringify(nothing)}`, { ...person, kind: 'denied', text: nothing }, 'every_denial_has_a_reason'],
  ]),
  ['a denial with a reason code that is blank', { ...person, kind: 'denied', code: ' ' }, 'every_denial_has_a_reason'],
  ...([
    ['a denial by a criterion under the name of a person', { authority: { kind: 'clinical-criterion' } }],
    ['a denial by intake under the name of a person', { authority: undefined }],
    ['a denial by another person', { authority: { kind: 'person', name: 'Dr. No' } }],
    ['another item', { item: 2 }], ['no item', { item: undefined }], ['another place in the log', { sequence: 1 }],
    ['another reason', { reason: { system: 'urn:test', code: 'y', text: 'A reason.' } }],
    ['other words', { reason: { system: 'urn:test', code: 'x', text: '' } }],
    ['another list of reasons', { reason: { system: 'urn:other', code: 'x', text: 'A reason.' } }],
    ['no reason', { reason: undefined }], ['no kind', { kind: undefined }],
  ] satisfies [string, object][]).map(([name, entry]): [string, Row, string] => [`an entry that says ${name}`, { ...person, kind: 'denied', entry }, 'the_entry_says_what_the_columns_say']),
  ['a denial in the columns of a question', { ...criterion, kind: 'pended', entry: { kind: 'denied' } }, 'the_entry_says_what_the_columns_say'],
  ['a denial by the requester', { kind: 'denied', authority: 'requester', code: 'x', text: 'A reason.' }, 'the_requester_cancels'],
  ['a certification by the requester', { kind: 'certified', authority: 'requester' }, 'the_requester_cancels'],
  ['a cancellation by a clinical criterion', { ...criterion, kind: 'cancelled' }, 'clinical_criteria_never_deny'],
  ['a cancellation by a rule of the contract', { ...rule, kind: 'cancelled' }, 'the_requester_cancels'],
  ['a cancellation by a person of the plan', { ...person, kind: 'cancelled' }, 'the_requester_cancels'],
  ['a kind of event that there is not', { ...person, kind: 'reduced' }, 'prior_authorization_event_kind_check'],
  ['an authority that there is not', { ...person, kind: 'certified', authority: 'model' }, 'prior_authorization_event_authority_check'],
])('%s', async (_, row, constraint) => {
  await expect(insert(row)).rejects.toMatchObject({ code: '23514', constraint });
});

test('an entry that is no JSON', async () => {
  await expect(house.sql.query(`insert into prior_authorization_event (tenant, shard, authorization_id, sequence, at, kind, item, authority, author, detail)
    values ($1, $2, $3, 99, now(), 'certified', 1, 'person', 'Dr. Ines Moreau', '{')`, [key.tenant, key.shard, key.id])).rejects.toMatchObject({ code: '22P02' });
});

describe('an item whose status the log does not say', () => {
  test.each(['denied', 'certified', 'modified', 'requested'])('pended becomes %s', async (status) => {
    const change = 'update prior_authorization_item set status = $1 where authorization_id = $2';
    await expect(house.sql.query(change, [status, key.id])).rejects.toMatchObject({ code: '23514', constraint: 'the_log_says_the_status' });
    await expect(house.sql.query(change, ['pended', key.id])).resolves.toMatchObject({ rowCount: 1 });
  });

  test('a new item that is denied from the beginning, alone, among others and in place of one that is there', async () => {
    const put = (items: readonly number[], status: string): Promise<unknown> => house.sql.query(
      `insert into prior_authorization_item (tenant, shard, authorization_id, item, member, requester, received_at, service, status)
       select $1, $2, $3, item, 'demo-daniel-reyes', '{}', now(), '{}', case item when 1 then 'pended' else $5 end from unnest($4::integer[]) as item
       on conflict (tenant, shard, authorization_id, item) do update set status = $5`, [key.tenant, key.shard, key.id, items, status]);
    for (const items of [[7], [7, 8], [1]]) await expect(put(items, 'denied')).rejects.toMatchObject({ code: '23514', constraint: 'the_log_says_the_status' });
    await expect(put([1], 'pended')).resolves.toMatchObject({ rowCount: 1 });
  });
});

test('a second event in the same place of the log', async () => {
  sequence = 0;
  await expect(insert({ ...person, kind: 'certified' })).rejects.toMatchObject({ code: '23505' });
  sequence = 200;
});

test.each([
  ['update', `update prior_authorization_event set detail = '{}'`],
  ['delete', 'delete from prior_authorization_event'],
  ['truncate', 'truncate prior_authorization_event'],
  ['truncate with others', 'truncate prior_authorization, prior_authorization_event'],
])('%s of the log', async (_, statement) => {
  const before = await house.sql.query('select * from prior_authorization_event order by sequence');
  await expect(house.sql.query(statement)).rejects.toMatchObject({ code: '23000', message: expect.stringContaining('append-only') as string });
  expect((await house.sql.query('select * from prior_authorization_event order by sequence')).rows).toEqual(before.rows);
});

test('what is allowed goes in, so the refusals above are for their reasons', async () => {
  for (const row of [{ ...person, kind: 'denied' }, { ...person, kind: 'modified' }, { ...rule, kind: 'denied' }, { ...criterion, kind: 'pended' }, { kind: 'received', authority: 'intake' }, { ...person, kind: 'denied', author: '山田 太郎', text: '不足' }, { ...person, kind: 'denied', author: 'Ольга', text: '५' }]) await expect(insert(row)).resolves.toMatchObject({ rowCount: 1 });
});
