/** The quick check of a segment: what it lets pass has no fault, and the places it leaves are where the elements are. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { STANDARD_DELIMITERS } from '../../../mappers/x12/delimiters.ts';
import { compileGuide } from '../../../mappers/x12/grammar/compile.ts';
import { loop, segment } from '../../../mappers/x12/grammar/definition.ts';
import { checkElements } from '../../../mappers/x12/grammar/element-check.ts';
import { isFlawless } from '../../../mappers/x12/grammar/flawless.ts';
import { glanceAt, Marks, ReadSegment, valueAt } from '../../../mappers/x12/segment.ts';

const guide = compileGuide({
  versions: ['X'], set: '837', functionalIdentifier: 'HC',
  root: loop('HEADER', 'All', 'R1', [segment('ST', 'Header', 'R1'), ...['NM1', 'N4', 'REF', 'CLM', 'HI', 'DTP', 'DMG', 'SV1', 'CAS', 'PER', 'AMT'].map((id) => segment(id, id, 'S1'))]),
});
const children = guide.root.children.filter(({ slot }) => slot.id !== 'ST');
const { element: separator, component } = STANDARD_DELIMITERS;

const read = (raw: string): ReadSegment => new ReadSegment(raw.slice(0, raw.indexOf(separator)), raw, STANDARD_DELIMITERS, 5, 0);

const GOOD = ['NM1*IL*1*DOE*ALEX*Q**JR*MI*W1234567', 'N4*MADISON*WI*53711', 'REF*EI*841234567', 'CLM*PCN-1*175.50***11:B:7*Y*A*Y*Y**AA:::WI', 'HI*ABK:M545*ABF:E1165', 'HI*BE:80:::4', 'HI*BH:11:D8:20260130', 'DTP*472*RD8*20260201-20260228', 'DMG*D8*19700102*F', 'SV1*HC:99213:25*125.50*UN*1***1:2**Y', 'CAS*CO*45*45.50', 'PER*IC*DESK*TE*6085550111', 'AMT*F5*-25', 'AMT*F5*25*'];
const childOf = ({ id }: ReadSegment): (typeof children)[number] => children.find(({ slot }) => slot.id === id)!;

/** One of the good segments with a few of its values exchanged. */
const changed = fc.tuple(fc.constantFrom(...GOOD), fc.array(fc.tuple(fc.nat(14), fc.constantFrom('', 'X', '0', '12', '1.5', '1.5.5', '-', '20260230', '20260228', 'A:B', ':', 'D8', 'TM', '^', 'A^B', 'L'.repeat(90), '\u0007', 'Ü')), { maxLength: 3 })).map(([good, changes]) => {
  const parts = good.split(separator);
  for (const [at, value] of changes) parts[1 + (at % parts.length)] = value;
  return parts.map((part) => part ?? '').join(separator);
});

describe('a segment', () => {
  test('that lets a fault pass is not flawless', () => {
    fc.assert(fc.property(changed, (raw) => {
      const given = read(raw);
      const { rule, shape } = childOf(given);
      expect(isFlawless(given, shape, new Marks()) ? checkElements(read(raw), rule) : []).toEqual([]);
    }), { numRuns: 5000 });
  });

  test('has the same values whether its places are marked, it is split, or it is glanced at', () => {
    fc.assert(fc.property(fc.array(changed, { minLength: 1, maxLength: 20 }), (raws) => {
      const marks = new Marks();
      const given = raws.map(read);
      for (const each of given) isFlawless(each, childOf(each).shape, marks);
      for (const each of given) {
        const parts = each.raw.split(separator);
        for (let at = 1; at <= parts.length; at += 1) {
          const components = (parts[at] ?? '').split('^')[0]!.split(component);
          for (let inner = 1; inner <= components.length + 1; inner += 1) {
            const expected = components[inner - 1] ?? '';
            expect([at, inner, valueAt(each, at, inner), glanceAt(each, at, inner), glanceAt(read(each.raw), at, inner)]).toEqual([at, inner, expected, expected, expected]);
          }
        }
        expect(each.size).toBe(parts.length - 1);
        expect(each.elements).toEqual(read(each.raw).elements);
      }
    }), { numRuns: 200 });
  });

  test.each(GOOD)('%s is flawless, and its places are marked', (raw) => {
    const marks = new Marks();
    expect(isFlawless(read(raw), childOf(read(raw)).shape, marks)).toBe(true);
    expect(marks.size).toBe(raw.split(separator).length + 1);
  });

  test('that is not flawless leaves no marks', () => {
    const marks = new Marks();
    expect(isFlawless(read('DMG*D8*19700132*F'), childOf(read('DMG*')).shape, marks)).toBe(false);
    expect(marks.size).toBe(0);
  });

  test('with a payload is not split at the delimiters in it, nor when it is glanced at', () => {
    const raw = 'BIN*7*a*b:c^d';
    expect([glanceAt(read(raw), 2), valueAt(read(raw), 2)]).toEqual(['a*b:c^d', 'a*b:c^d']);
  });

  test('longer than marks reach is read all the same', () => {
    const raw = `NM1*IL*1*${'D'.repeat(70_000)}*ALEX`;
    const marks = new Marks();
    const given = read(raw);
    isFlawless(given, childOf(given).shape, marks);
    expect(valueAt(given, 4)).toBe('ALEX');
    expect(marks.add(70_000)).toBe(false);
  });
});
