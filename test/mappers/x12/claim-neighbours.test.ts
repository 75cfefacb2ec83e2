/**
 * A claim beside others: whatever is wrong with one, the others become what they become without it, and in whatever
 * pieces a delivery comes. What the mapper keeps from claim to claim (frames, marks, caches) must not show.
 */
import fc from 'fast-check';
import { claimFile } from '../../../bench/x12/claims.ts';
import { mapInterchange, type MappedUnit } from '../../../mappers/x12/index.ts';

const unitsOf = (input: Uint8Array | Iterable<Uint8Array>): MappedUnit[] => [...mapInterchange(input)];
const told = ({ kind, bundle, issues, ledger, unmapped, ordinal, set }: MappedUnit): unknown => ({ kind, bundle, issues, ledger, unmapped, ordinal, set });

/** Deliveries of several claims in several sets. The public corpora have one claim in a set. */
const deliveries = [{ sets: 1, claimsPerSet: 3 }, { sets: 2, claimsPerSet: 5 }, { sets: 3, claimsPerSet: 2 }].map((volume) => {
  const bytes = Buffer.from([...claimFile(volume)].join(''), 'latin1');
  return { bytes, units: unitsOf(bytes) };
});

/** Values that are wrong in most places. */
const wrong = ['', 'X', '-', '20260230', '1.5.5', '99999999999', 'L'.repeat(81), ':::', 'ZZ', '\u0007', 'Ü'];

test('the deliveries are of claims that are taken', () => {
  expect(deliveries.map(({ units }) => units.map(({ kind }) => kind).filter((kind) => kind !== 'refused').length)).toEqual([3, 10, 6]);
});

test('one value that is damaged changes no other claim, before or after', () => {
  let harmed = 0;
  fc.assert(fc.property(fc.nat(), fc.nat(), fc.nat(), fc.constantFrom(...wrong), (which, where, element, value) => {
    const { bytes, units } = deliveries[which % deliveries.length]!;
    const text = bytes.toString('latin1');
    const [separator, terminator] = [text[3]!, text[105]!];
    const claims = [...text.matchAll(new RegExp(`(?<=\\${terminator}\\s*)CLM\\${separator}`, 'g'))].map(({ index }) => index);
    const hit = where % claims.length;
    const end = Math.min(...[claims[hit + 1], ...['HL', 'SE'].map((id) => text.indexOf(`${id}${separator}`, claims[hit]))].filter((place): place is number => place !== undefined && place > claims[hit]!));
    const segments = text.slice(claims[hit], end).split(terminator);
    const at = element % Math.max(1, segments.length - 1);
    const parts = segments[at]!.split(separator);
    parts[1 + (element % Math.max(1, parts.length - 1))] = value;
    segments[at] = parts.join(separator);
    const damaged = unitsOf(Buffer.from(text.slice(0, claims[hit]) + segments.join(terminator) + text.slice(end), 'latin1'));
    // A set that is refused has no claims; the other sets of the delivery have theirs.
    const refused = new Set(damaged.filter(({ kind }) => kind === 'refused').map(({ set }) => set.controlNumber));
    const others = (all: readonly MappedUnit[], index: number): unknown[] => all.flatMap((unit, place) => (place === index || refused.has(unit.set.controlNumber) ? [] : [told(unit)]));
    if (refused.size === 0 && claims.length === units.length) {
      expect(damaged).toHaveLength(units.length);
      harmed += 1;
      expect(others(damaged, hit)).toEqual(others(units, hit));
    } else if (claims.length === units.length) {
      expect(damaged.filter(({ set }) => !refused.has(set.controlNumber)).map(told)).toEqual(units.filter(({ set }) => !refused.has(set.controlNumber)).map(told));
    }
  }), { numRuns: 150 });
  expect(harmed).toBeGreaterThan(10);
});

test('a delivery that comes in pieces is the same delivery', () => {
  fc.assert(fc.property(fc.nat(), fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 12 }), (which, sizes) => {
    const { bytes, units } = deliveries[which % deliveries.length]!;
    const pieces = function* (): Generator<Uint8Array> {
      for (let from = 0, turn = 0; from < bytes.length; turn += 1) {
        const size = sizes[turn % sizes.length]!;
        yield bytes.subarray(from, from + size);
        from += size;
      }
    };
    expect(unitsOf(pieces()).map(told)).toEqual(units.map(told));
  }), { numRuns: 60 });
});
