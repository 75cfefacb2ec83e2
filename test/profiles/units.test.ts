/** What is a unit of UCUM; and nothing that was sent gets to the console, whatever it is. */
import { jest } from '@jest/globals';
import * as fc from 'fast-check';
import { isUnit } from '../../profiles/codes/units.ts';

const inherited = Object.getOwnPropertyNames(Object.prototype);
let said: string[];
beforeEach(() => {
  said = [];
  for (const name of ['log', 'info', 'warn', 'error', 'debug'] as const) jest.spyOn(console, name).mockImplementation((...words: unknown[]) => { said.push(words.join(' ')); });
});
afterEach(() => {
  jest.restoreAllMocks();
  expect(said).toEqual([]);
});

test.each(inherited)('what every object has is no unit: %s', (name) => {
  for (const code of [name, `mg/${name}`, `k${name}`, `${name}2`, `(${name})`, `/${name}`, `[${name}]`, `10*${name}`, `${name}.m`, `${name}{x}`, `{x}${name}`, `da${name}-1`]) expect([code, isUnit(code)]).toEqual([code, false]);
});

test.each(['mg', 'mm[Hg]', '10*3/uL', '%', '{score}', '{urine specific gravity}', 'mL/min/{1.73_m2}', 'B[10.nV]', 'mg/{constructor}', '{toString}', 'kg.m/s2', 'Cel', '1', '/min', '(kg.m2)/(s)'])('a unit: %s', (code) => {
  expect(isUnit(code)).toBe(true);
});

test.each(['', 'foot', 'mmHg!', 'mg/', '((', '{', '}', 'm**', '.', '/', 'mg/dL/', 'm(', '[', '-', 'mé', 'a'.repeat(101)])('no unit: %s', (code) => {
  expect(isUnit(code)).toBe(false);
});

test('whatever is sent is answered, and not written anywhere', () => {
  const part = fc.constantFrom('m', 'g', 'k', 'da', '[', ']', '{', '}', '(', ')', '.', '/', '*', '^', '-', '+', '1', '2', '10', 'x', 'Hz', '[lb_av]', 'Cel', '[degF]', 'B[SPL]', 'pH', '[pH]', 'foot', '#', '@', '$&', ...inherited);
  fc.assert(fc.property(fc.array(part, { minLength: 1, maxLength: 8 }), (parts) => { expect(typeof isUnit(parts.join(''))).toBe('boolean'); }), { numRuns: 3000 });
  fc.assert(fc.property(fc.string({ unit: 'grapheme-ascii', maxLength: 20 }), (code) => { expect(typeof isUnit(code)).toBe('boolean'); }), { numRuns: 2000 });
});
