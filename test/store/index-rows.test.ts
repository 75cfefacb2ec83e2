/** Index entries that are rows of their own are written again only when what they say has changed. */
import pg from 'pg';
import type { Observation, Patient, Resource } from '@medplum/fhirtypes';
import { openDatabase, type Database } from '../../store/database.ts';
import type { Change } from '../../store/write/changes.ts';
import { commit } from '../../store/write/commit.ts';
import { createDatabase } from '../support/house.ts';
import { contextFor } from './contexts.ts';

let database: Database;
let sql: pg.Pool;
let dispose: () => Promise<void>;
beforeAll(async () => {
  const { url, drop } = await createDatabase();
  database = openDatabase({ connection: { connectionString: url }, size: 4, onIdleError: () => {} });
  sql = new pg.Pool({ connectionString: url, max: 2 });
  dispose = async () => { await Promise.all([database.close(), sql.end()]); await drop(); };
});
afterAll(async () => { await dispose(); });

const tables = ['index_date', 'index_string', 'index_number', 'index_narrative'] as const;
const other: Resource & { id: string } = { resourceType: 'Basic', id: 'beside', code: {} };
const first: Observation & { id: string } = {
  resourceType: 'Observation', id: 'rows', status: 'final', code: { coding: [{ system: 'urn:x', code: 'a' }] }, subject: { reference: 'Patient/one' }, effectiveDateTime: '2026-01-01',
  valueQuantity: { value: 7, unit: 'mg', system: 'urn:ucum', code: 'mg' }, component: [{ code: {}, valueQuantity: { value: 8 } }],
  text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">plain words</div>' },
};
const second: Patient & { id: string } = { resourceType: 'Patient', id: 'named', name: [{ family: 'Winter', given: ['Ada'] }], birthDate: '1990-01-01', deceasedDateTime: '2026-01-01T10:00:00Z' };

/** Each entry with the transaction that wrote it (`xmin`) and where it stands (`ctid`): both are new when it is written again. */
async function entries(id: string): Promise<Record<string, string[]>> {
  const found = await Promise.all(tables.map(async (table) => {
    const { rows } = await sql.query<{ entry: string }>(`select concat_ws(' ', x.xmin, x.ctid, x.shard) as entry from ${table} x where id = $1 order by ctid`, [id]);
    return [table, rows.map(({ entry }) => entry)] as const;
  }));
  return Object.fromEntries(found.filter(([, rows]) => rows.length > 0));
}

/** A commit of one resource goes another way than one of several (store/write/gather.ts). */
const ways = [
  ['alone', (change: Change): Change[] => [change]],
  ['beside another', (change: Change): Change[] => [change, { kind: 'update', resource: other }]],
] as const;

describe.each(ways)('written %s', (_name, changes) => {
  const write = (resource: Resource & { id: string }): Promise<unknown> => commit(database, changes({ kind: 'update', resource }), contextFor(1));

  test.each<[string, Resource & { id: string }, Resource & { id: string }]>([
    ['the same again', first, first],
    ['what nothing is found by', first, { ...first, note: [{ text: 'said' }] }],
    ['a code', first, { ...first, status: 'amended' }],
    ['the principal date, which is in the row', first, { ...first, effectiveDateTime: '2026-02-02' }],
    ['the same again, of a name', second, second],
    ['a gender', second, { ...second, gender: 'female' }],
  ])('%s: the entries stay', async (_what, before, after) => {
    await write(before);
    const stood = await entries(before.id);
    expect(Object.keys(stood).length).toBeGreaterThan(1);
    await write(after);
    expect(await entries(before.id)).toEqual(stood);
  });

  test.each<[string, Resource & { id: string }, Resource & { id: string }, string]>([
    ['a quantity', first, { ...first, valueQuantity: { ...first.valueQuantity, value: 9 } }, 'index_number'],
    ['its unit', first, { ...first, valueQuantity: { ...first.valueQuantity, code: 'g' } }, 'index_number'],
    ['a code that is looked for together with the quantity', first, { ...first, code: { coding: [{ system: 'urn:x', code: 'b' }] } }, 'index_number'],
    ['a word of the narrative', first, { ...first, text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">other words</div>' } }, 'index_narrative'],
    ['the patient, and so the shard', first, { ...first, subject: { reference: 'Patient/two' } }, 'index_number'],
    ['a name', second, { ...second, name: [{ family: 'Sommer', given: ['Ada'] }] }, 'index_string'],
    ['a date', second, { ...second, deceasedDateTime: '2026-01-02T10:00:00Z' }, 'index_date'],
  ])('%s: they are written again', async (_what, before, after, table) => {
    await write(before);
    const stood = await entries(before.id);
    await write(after);
    const now = await entries(before.id);
    expect(now[table]).toHaveLength(stood[table]!.length);
    expect(now[table]!.filter((entry) => stood[table]!.includes(entry))).toEqual([]);
  });

  test('a deletion: they go, and come again with the resource', async () => {
    await write(first);
    const stood = await entries('rows');
    await commit(database, changes({ kind: 'delete', type: 'Observation', id: 'rows' }), contextFor(1));
    expect(await entries('rows')).toEqual({});
    await write(first);
    expect(Object.keys(await entries('rows'))).toEqual(Object.keys(stood));
  });
});
