/** Reads that are made together: each has what it asked for, by its own access. */
import type pg from 'pg';
import { openDatabase, type Database, type Queryable, type Statement } from '../../store/database.ts';
import { readTogether } from '../../store/read-together.ts';
import { commit } from '../../store/write/commit.ts';
import { createDatabase } from '../support/house.ts';
import { contextFor } from './contexts.ts';

let database: Database;
let dispose: () => Promise<void>;
beforeAll(async () => {
  const { url, drop } = await createDatabase();
  database = openDatabase({ connection: { connectionString: url }, size: 4, onIdleError: () => {} });
  dispose = async () => { await database.close(); await drop(); };
  for (const tenant of [1, 2]) {
    await commit(database, [{ kind: 'update', resource: { resourceType: 'Patient', id: 'shared', active: tenant === 1 } }, { kind: 'update', resource: { resourceType: 'Practitioner', id: `of-${tenant}` } }], contextFor(tenant));
  }
  await commit(database, [{ kind: 'update', resource: { resourceType: 'Patient', id: 'gone' } }], contextFor(1));
  await commit(database, [{ kind: 'delete', type: 'Patient', id: 'gone' }], contextFor(1));
});
afterAll(async () => { await dispose(); });

/** The database, noting what it is asked. */
function noting(): { readonly noted: Queryable; readonly statements: Statement[] } {
  const statements: Statement[] = [];
  return {
    statements,
    noted: {
      query<R extends pg.QueryResultRow>(statement: Statement) {
        statements.push(statement);
        return database.query<R>(statement);
      },
    },
  };
}

const patient = { type: 'Patient', id: 'shared' };

test('several read in one statement, what two of them ask for once; each has its own, without what was deleted', async () => {
  const { noted, statements } = noting();
  const [one, other, none] = await Promise.all([[patient, { type: 'Practitioner', id: 'of-1' }], [patient, { type: 'Patient', id: 'gone' }], []].map((keys) => readTogether(noted, keys, contextFor(1))));
  expect([...one!.keys()].toSorted()).toEqual(['Patient/shared', 'Practitioner/of-1']);
  expect([...other!.keys()]).toEqual(['Patient/shared']);
  expect(none!.size).toBe(0);
  expect(other!.get('Patient/shared')).toBe(one!.get('Patient/shared'));
  expect(statements).toHaveLength(1);
});

test('of two tenants at the same moment each reads its own', async () => {
  const found = await Promise.all([1, 2].map((tenant) => readTogether(database, [patient, { type: 'Practitioner', id: 'of-1' }], contextFor(tenant))));
  expect(found.map((one) => (JSON.parse(one.get('Patient/shared')!.content) as { active: boolean }).active)).toEqual([true, false]);
  expect(found.map((one) => one.has('Practitioner/of-1'))).toEqual([true, false]);
});
