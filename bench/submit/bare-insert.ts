/** The floor under a write: the same statements with the same rows, without what makes them. */
import type { QueryResult, QueryResultRow } from 'pg';
import type { Database, Queryable, Statement } from '../../store/database.ts';

/** Runs `work` against a database that is read but not written; what would have been written is remembered. */
export async function recordStatements(real: Database, work: (database: Database) => Promise<unknown>): Promise<readonly Statement[]> {
  const statements: Statement[] = [];
  const recorder: Queryable = {
    query<R extends QueryResultRow>(statement: Statement) {
      if (/^\s*select\b/i.test(statement.text)) return real.query<R>(statement);
      statements.push(statement);
      return Promise.resolve({ rows: [], rowCount: 1, command: '', oid: 0, fields: [] } as unknown as QueryResult<R>);
    },
  };
  await work({ ...real, query: (statement) => recorder.query(statement), transaction: (inner) => inner(recorder), close: () => Promise.resolve() });
  return statements;
}

export async function replay(database: Database, statements: readonly Statement[]): Promise<void> {
  await database.transaction(async (connection) => {
    for (const statement of statements) await connection.query(statement);
  });
}
