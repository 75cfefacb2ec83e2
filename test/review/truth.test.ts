/**
 * The laws of three-valued logic.
 */
import * as fc from 'fast-check';
import { agreed, all, any, not, type Truth } from '../../review/engine/truth.ts';

const truth = fc.constantFrom<Truth>('met', 'not-met', 'insufficient');
const truths = fc.array(truth, { maxLength: 6 });

test.each<[Truth, Truth, Truth, Truth]>([
  // a, b, a and b, a or b
  ['met', 'met', 'met', 'met'],
  ['met', 'not-met', 'not-met', 'met'],
  ['met', 'insufficient', 'insufficient', 'met'],
  ['not-met', 'not-met', 'not-met', 'not-met'],
  ['not-met', 'insufficient', 'not-met', 'insufficient'],
  ['insufficient', 'insufficient', 'insufficient', 'insufficient'],
])('%s and %s: %s; or: %s', (a, b, both, either) => {
  expect([all([a, b]), all([b, a])]).toEqual([both, both]);
  expect([any([a, b]), any([b, a])]).toEqual([either, either]);
});

test('not turns the two that are shown and leaves what is not shown', () => {
  expect((['met', 'not-met', 'insufficient'] as const).map(not)).toEqual(['not-met', 'met', 'insufficient']);
});

test('De Morgan, double negation, order and grouping', () => {
  fc.assert(
    fc.property(truths, truths, (one, other) => {
      expect(not(all(one))).toBe(any(one.map(not)));
      expect(not(any(one))).toBe(all(one.map(not)));
      expect(one.map((value) => not(not(value)))).toEqual(one);
      expect(all([...one, ...other])).toBe(all([...other, ...one]));
      expect(all([...one, ...other])).toBe(all([all(one), all(other)]));
      expect(any([...one, ...other])).toBe(any([any(one), any(other)]));
    }),
  );
});

test('learning more never turns what was shown into its opposite', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(truth, fc.constantFrom<Truth>('met', 'not-met')), { maxLength: 6 }), (parts) => {
      const before = parts.map(([known]) => known);
      const after = parts.map(([known, learned]) => (known === 'insufficient' ? learned : known));
      for (const combine of [all, any]) {
        if (combine(before) !== 'insufficient') expect(combine(after)).toBe(combine(before));
        expect(combine(after)).not.toBe('insufficient');
      }
    }),
  );
});

test('witnesses who differ show nothing, and neither do none', () => {
  expect(agreed([])).toBe('insufficient');
  expect(agreed(['met', 'met'])).toBe('met');
  expect(agreed(['met', 'not-met'])).toBe('insufficient');
  expect(agreed(['met', 'insufficient'])).toBe('insufficient');
});
