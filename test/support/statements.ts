/** How many statements an answer takes: what the server asks by its clock or tells other servers is no part of it. */
import type { TestHouse } from './house.ts';

interface Counted {
  query(statement: { readonly name?: string; readonly text?: string }): Promise<unknown>;
}

/** The house has no readers and no jobs (`PRIORA_JOBS: '0'`). */
export async function statementsOf<T>(house: TestHouse, work: () => Promise<T>): Promise<{ readonly result: T; readonly statements: number }> {
  const database = house.server.house.database as unknown as Counted;
  const original = database.query.bind(database);
  let statements = 0;
  database.query = (statement) => {
    const isOfTheClock = statement.name === 'search-statistics' || (statement.text ?? '').includes('pg_notify');
    if (!isOfTheClock) statements += 1;
    return original(statement);
  };
  try {
    return { result: await work(), statements };
  } finally {
    database.query = original;
  }
}
