/** Every statement that writes says by which definitions: rows of one tenant made on both sides of a change do not pass together. */
import sql from 'sql-template-tag';
import { openDatabase, type Database } from '../../store/database.ts';
import { failureCode } from '../../store/failures.ts';
import { definitionsPart } from '../../store/write/definitions.ts';
import { statementOf } from '../../store/write/part.ts';
import { createDatabase } from '../support/house.ts';

let database: Database;
let drop: () => Promise<void>;
beforeAll(async () => {
  const created = await createDatabase();
  drop = created.drop;
  database = openDatabase({ connection: { connectionString: created.url }, size: 2, onIdleError: () => {} });
  await database.query({ text: 'insert into search_definitions (tenant, version) values (2, 5), (3, 1)' });
});
afterAll(async () => {
  await database.close();
  await drop();
});

const row = (tenant: number, indexedBy: number): Parameters<typeof definitionsPart>[0][number] => ({ tenant, id: 'x', lastUpdated: new Date(0), indexedBy });

test.each<[string, [number, number][], boolean]>([
  ['a tenant that has defined nothing', [[1, 0]], true],
  ['the current version', [[2, 5]], true],
  ['many rows of the current version', [[2, 5], [2, 5]], true],
  ['several tenants, each by its own', [[1, 0], [2, 5], [3, 1]], true],
  ['an older version', [[2, 4]], false],
  ['none where there is one', [[2, 0]], false],
  ['a newer version than the store has', [[2, 6]], false],
  ['one of several tenants by an older one', [[1, 0], [2, 5], [3, 0]], false],
  ['rows of one tenant by the older and by the newer', [[2, 4], [2, 5]], false],
  ['the same in the other order', [[2, 5], [2, 4]], false],
])('%s', async (_, used, passes) => {
  const part = definitionsPart(used.map(([tenant, version]) => row(tenant, version)));
  const statement = statementOf([{ ...part!, expressions: [sql`nothing as (select)`] }]);
  const outcome = await database.query(statement).then(() => 'passed', failureCode);
  expect(outcome).toBe(passes ? 'passed' : 'PRDEF');
});
