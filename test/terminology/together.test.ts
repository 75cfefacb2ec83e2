/** Questions that come together, and readings that a change overtakes. */
import type { CodeSystem } from '@medplum/fhirtypes';
import { Together } from '../../store/terminology/together.ts';
import { withTerminology } from '../../store/terminology/stored-source.ts';
import { openHouse, send, type TestHouse } from '../support/house.ts';

describe('questions of one turn', () => {
  test('when the answer to all fails, each fails', async () => {
    const together = new Together();
    const fails = (): Promise<never> => Promise.reject(new RangeError('no'));
    const outcomes = await Promise.allSettled([together.ask('k', 1, fails), together.ask('k', 2, fails)]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await together.ask('k', 3, async (all) => all)).toBe(3);
  });

  test('each has its own answer; kinds are apart, and so are turns', async () => {
    const together = new Together();
    const asked: (readonly number[])[] = [];
    const answer = async (all: readonly number[]): Promise<readonly number[]> => {
      asked.push(all);
      return all.map((one) => one * 10);
    };
    expect(await Promise.all([together.ask('a', 1, answer), together.ask('b', 2, answer), together.ask('a', 3, answer)])).toEqual([10, 20, 30]);
    expect(await together.ask('a', 4, answer)).toBe(40);
    expect(asked).toEqual([[1, 3], [2], [4]]);
  });

  test('there is a bound to how many share an answer', async () => {
    const together = new Together();
    const sizes: number[] = [];
    const all = Array.from({ length: 450 }, (_, index) => index);
    const answers = await Promise.all(all.map((one) => together.ask('a', one, async (shared: readonly number[]) => {
      sizes.push(shared.length);
      return shared;
    })));
    expect(answers).toEqual(all);
    expect(sizes).toEqual([200, 200, 50]);
  });
});

describe('in the store', () => {
  let house: TestHouse;
  beforeAll(async () => { house = await openHouse({ environment: { PRIORA_JOBS: '0' } }); });
  afterAll(async () => { await house.close(); });

  const system = (display: string): CodeSystem => ({
    resourceType: 'CodeSystem', id: 'letters', url: 'urn:letters', version: '1', status: 'active', content: 'complete', hierarchyMeaning: 'is-a',
    concept: [{ code: 'a', display, concept: [{ code: 'b', display, concept: [{ code: 'c', display }] }] }, { code: 'd', display }],
  });
  const put = async (display: string): Promise<void> => { expect((await send('PUT', `${house.fhir}/CodeSystem/letters`, system(display))).status).toBeLessThan(300); };

  test('codes, and what each is to be below, keep their places', async () => {
    await put('first');
    const answers = await withTerminology(house.server.house.database, { tenant: 1 }, async (source) => {
      const [head] = await source.codeSystems('urn:letters');
      const below = (key: string, self: boolean): { kind: 'below'; key: string; self: boolean } => ({ kind: 'below', key, self });
      return source.ask([
        { system: head!, code: 'c', where: [below('a', false)] },
        { system: head!, code: 'd', where: [below('a', false)] },
        { system: head!, code: 'none', where: [{ kind: 'all' }] },
        { system: head!, code: 'a', where: [below('a', false)] },
        { system: head!, code: 'a', where: [below('a', true)] },
        { system: head!, code: 'b', where: [below('c', false), { kind: 'all' }, { kind: 'none' }] },
        { system: head!, code: 'b', where: [{ kind: 'none' }, below('none', true), { kind: 'leaf' }, { kind: 'not', of: { kind: 'leaf' } }] },
        { system: head!, code: 'c', where: [below('b', false)] },
      ]);
    });
    expect(answers.map(({ concept, truths }) => [concept?.code, ...truths])).toEqual([
      ['c', true], ['d', false], [undefined, false], ['a', false], ['a', true], ['b', false, true, false], ['b', false, false, false, true], ['c', true],
    ]);
  });

  test('readings that a change overtakes begin anew, all of them, whoever notices it', async () => {
    await put('old');
    const begun = { readings: 0, held: 0 };
    let changed: Promise<void> | undefined;
    const displays = await Promise.all([1, 2, 3].map(() => withTerminology(house.server.house.database, { tenant: 1 }, async (source) => {
      begun.readings += 1;
      const [head] = await source.codeSystems('urn:letters');
      if (begun.held < 3) {
        begun.held += 1;
        await (changed ??= put('new'));
      }
      return (await source.ask([{ system: head!, code: 'a', where: [] }]))[0]!.concept?.display;
    })));
    expect(displays).toEqual(['new', 'new', 'new']);
    expect(begun.readings).toBe(6);
  });

  test('what is empty because it was replaced meanwhile is read anew', async () => {
    await put('old');
    let changed = false;
    const found = await withTerminology(house.server.house.database, { tenant: 1 }, async (source) => {
      // A statement has told the version, so nothing else would ask for it.
      await source.conceptMaps('urn:none');
      const [head] = await source.codeSystems('urn:letters');
      await source.ask([{ system: head!, code: 'a', where: [] }]);
      if (!changed) {
        changed = true;
        await put('new');
      }
      return source.select(head!, { where: { kind: 'all' }, words: [], offset: 0, limit: 10, designations: false, properties: false });
    });
    expect(found.concepts.map(({ display }) => display)).toEqual(['new', 'new', 'new', 'new']);
  });
});
