/** The floor under a write: the same statements with the same rows, without what makes them. */
import type { QueryResult, QueryResultRow } from 'pg';
import type { Database, Queryable, Statement } from '../../store/database.ts';

/** Runs `work` against a database that writes nothing and remembers what it was told. */
export async function recordStatements(work: (database: Database) => Promise<unknown>): Promise<readonly Statement[]> {
  const statements: Statement[] = [];
  const recorder: Queryable = {
    query<R extends QueryResultRow>(statement: Statement) {
      statements.push(statement);
      return Promise.resolve({ rows: [], rowCount: 1, command: '', oid: 0, fields: [] } as unknown as QueryResult<R>);
    },
  };
  await work({ query: (statement) => recorder.query(statement), transaction: (inner) => inner(recorder), close: () => Promise.resolve() });
  return statements;
}

export async function replay(database: Database, statements: readonly Statement[]): Promise<void> {
  await database.transaction(async (connection) => {
    for (const statement of statements) await connection.query(statement);
  });
}
