/** The names under which the plans of commits are kept. */
import sql from 'sql-template-tag';
import { statementOf, type Part } from '../../store/write/part.ts';

const part = (name: string): Part => ({ name, expressions: [sql`x as (select 1)`] });
const nameOf = (...names: [string, ...string[]]): string => statementOf(names.map(part) as [Part, ...Part[]]).name!;

test('fit into what PostgreSQL keeps of a name, and stay apart where only their ends differ', () => {
  const long = ['recorded', 'definitions', 'new', 'strings', 'narratives'] as const;
  const [one, other] = [nameOf(...long, 'request0-and-answer0'), nameOf(...long, 'request0-and-answer1')];
  expect([one.length, other.length].every((length) => length <= 63)).toBe(true);
  expect(one).not.toBe(other);
  expect(nameOf(...long, 'request0-and-answer0')).toBe(one);
  expect(nameOf('new', 'strings')).toBe('write new strings');
});
