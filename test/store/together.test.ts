/** Calls that are made together: who shares one, who does not, and who is told of a failure. */
import { Problem } from '../../fhir/problems.ts';
import { Together } from '../../store/together.ts';

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** Notes which items were worked on together. */
function noting(work: (items: readonly string[]) => readonly string[] = (items) => items.map((item) => `${item}!`), more: { weight?: (item: string) => number; heaviest?: number; name?: (item: string) => string } = {}): { together: Together<string, string>; groups: string[][] } {
  const groups: string[][] = [];
  const together = new Together<string, string>({
    ...more,
    async work(items) {
      groups.push([...items]);
      await Promise.resolve();
      return work(items);
    },
  });
  return { together, groups };
}

test('a failure of several is not told to all: each is tried alone, and hears of its own', async () => {
  const { together, groups } = noting((items) => {
    if (items.includes('bad')) throw new Error('one is bad');
    return items;
  });
  const results = await Promise.allSettled(['a', 'b', 'c', 'bad', 'd'].map((item) => together.call(item)));
  expect(results.map((result) => result.status === 'fulfilled' ? result.value : String(result.reason))).toEqual(['a', 'b', 'c', 'Error: one is bad', 'd']);
  expect(groups).toEqual([['a', 'b', 'c', 'bad', 'd'], ['a'], ['b'], ['c'], ['bad'], ['d']]);
});

test('a store that is not there is not asked again by each', async () => {
  const { together, groups } = noting(() => { throw new Problem('store-unavailable', {}); });
  const results = await Promise.allSettled(numbers(10).map((index) => together.call(String(index))));
  expect(results.every((result) => result.status === 'rejected' && result.reason instanceof Problem)).toBe(true);
  expect(groups.map(({ length }) => length)).toEqual([10]);
});

test('what comes in one turn goes together, 64 at most, each with its own outcome', async () => {
  const { together, groups } = noting();
  expect(await Promise.all(numbers(100).map((index) => together.call(String(index))))).toEqual(numbers(100).map((index) => `${index}!`));
  expect(groups.map(({ length }) => length)).toEqual([64, 36]);
});

test('two of one name are done one after the other, and what is heavy goes with few', async () => {
  const { together, groups } = noting(undefined, { name: (item) => item.slice(0, 1), weight: ({ length }) => length, heaviest: 6 });
  await Promise.all(['x', 'y', 'a1', 'a2', 'b1', 'c12345678', 'd1', 'e1'].map((item) => together.call(item)));
  expect(groups).toEqual([['x', 'y', 'a1', 'b1'], ['a2', 'd1', 'e1'], ['c12345678']]);
});
