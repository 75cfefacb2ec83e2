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
  readonly author?: string;
  readonly rule?: string;
  readonly code?: string;
  readonly text?: string;
}

function insert({ kind, authority, author, rule, code, text }: Row): Promise<unknown> {
  sequence += 1;
  return house.sql.query(
    `insert into prior_authorization_event (tenant, shard, authorization_id, sequence, at, kind, item, authority, author, rule, reason_system, reason_code, reason_text, detail)
     values ($1, $2, $3, $4, now(), $5, 1, $6, $7, $8, 'urn:test', $9, $10, '{}')`,
    [key.tenant, key.shard, key.id, sequence, kind, authority, author ?? null, rule ?? null, code ?? null, text ?? null],
  );
}

const criterion = { authority: 'clinical-criterion', rule: 'demo@1#oxygen', code: 'x', text: 'A reason.' };
const rule = { authority: 'administrative-rule', rule: 'demo@1#excluded', code: 'x', text: 'A reason.' };
const person = { authority: 'person', author: 'Dr. Ines Moreau', code: 'x', text: 'A reason.' };

test.each<[string, Row, string]>([
  ['a denial by a clinical criterion', { ...criterion, kind: 'denied' }, 'clinical_criteria_never_deny'],
  ['a modification by a clinical criterion', { ...criterion, kind: 'modified' }, 'clinical_criteria_never_deny'],
  ['a modification by a rule of the contract', { ...rule, kind: 'modified' }, 'only_a_person_modifies'],
  ['a denial by a person without a reason code', { ...person, kind: 'denied', code: undefined } as unknown as Row, 'every_denial_has_a_reason'],
  ['a denial by a person without words', { ...person, kind: 'denied', text: '' }, 'every_denial_has_a_reason'],
  ['a denial by a rule without words', { ...rule, kind: 'denied', text: undefined } as unknown as Row, 'every_denial_has_a_reason'],
  ['a modification without a reason', { ...person, kind: 'modified', code: undefined } as unknown as Row, 'every_denial_has_a_reason'],
  ['a person without a name', { ...person, kind: 'denied', author: undefined } as unknown as Row, 'a_person_has_a_name'],
  ['a person whose name is blank', { ...person, kind: 'certified', author: '  ' }, 'a_person_has_a_name'],
  ['a rule without a name', { ...rule, kind: 'certified', rule: '' }, 'a_rule_is_named'],
  ['a criterion without a name', { ...criterion, kind: 'pended', rule: undefined } as unknown as Row, 'a_rule_is_named'],
  ['a kind of event that there is not', { ...person, kind: 'reduced' }, 'prior_authorization_event_kind_check'],
  ['an authority that there is not', { ...person, kind: 'certified', authority: 'model' }, 'prior_authorization_event_authority_check'],
])('%s', async (_, row, constraint) => {
  await expect(insert(row)).rejects.toMatchObject({ code: '23514', constraint });
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
  for (const row of [{ ...person, kind: 'denied' }, { ...person, kind: 'modified' }, { ...rule, kind: 'denied' }, { ...criterion, kind: 'pended' }]) await expect(insert(row)).resolves.toMatchObject({ rowCount: 1 });
});
