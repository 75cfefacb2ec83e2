/** Places for messages that are worked on: one for a usual one, several for a large one, in order. */
import { placesFor } from '../../../channels/mllp/places.ts';

const megabyte = 1024 * 1024;

interface Asking {
  readonly begun: readonly string[];
  readonly give: (name: string) => Promise<void>;
}

/** Asks for a place for each, and notes who has begun. */
function asking(count: number, sizes: Readonly<Record<string, number>>): Asking {
  const places = placesFor(count);
  const begun: string[] = [];
  const gives = new Map<string, () => void>();
  const begin = async (name: string, bytes: number): Promise<void> => {
    gives.set(name, await places.take(bytes));
    begun.push(name);
  };
  for (const [name, bytes] of Object.entries(sizes)) void begin(name, bytes);
  return {
    begun,
    give: async (name) => {
      gives.get(name)!();
      await settled();
    },
  };
}

const settled = async (): Promise<void> => { await new Promise((resolve) => { setImmediate(resolve); }); };

test('a large one waits until there is room for all of it, and those behind it wait for it', async () => {
  const { begun, give } = asking(4, { small: 100, none: 0, large: 2.5 * megabyte, after: 100 });
  await settled();
  expect(begun).toEqual(['small', 'none']);
  await give('small');
  expect(begun).toEqual(['small', 'none', 'large']);
  await give('none');
  expect(begun).toEqual(['small', 'none', 'large', 'after']);
});

test('one larger than all places is worked on alone, and all of them are free again after it', async () => {
  const { begun, give } = asking(2, { huge: 16 * megabyte, one: 1, two: megabyte, three: 1 });
  await settled();
  expect(begun).toEqual(['huge']);
  await give('huge');
  expect(begun).toEqual(['huge', 'one', 'two']);
  await give('one');
  expect(begun).toEqual(['huge', 'one', 'two', 'three']);
});
