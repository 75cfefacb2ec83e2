/** Names of places are the same whether they were kept or not, at whatever place and for however many segments. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { placeName } from '../../../../mappers/hl7v2/syntax/place-name.ts';

const written = (id: string, field: number, repetition: number, component: number, subcomponent: number): string => `${id}-${field}[${repetition}].${component}${subcomponent === 0 ? '' : `.${subcomponent}`}`;

describe('the name of a place', () => {
  it('has segment, field, repetition and component, and a subcomponent only where there are several', () => {
    expect(placeName('PID', 5, 1, 1, 0)).toBe('PID-5[1].1');
    expect(placeName('PID', 5, 2, 1, 3)).toBe('PID-5[2].1.3');
  });

  it('is that of the place, asked for the first time or again, inside what is kept and beyond it', () => {
    const place = fc.tuple(fc.oneof(fc.constantFrom('PID', 'OBX'), fc.stringMatching(/^[A-Z][A-Z0-9]{2}$/)), fc.constantFrom(1, 5, 79, 80, 120), fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 12 }));
    fc.assert(fc.property(fc.array(place, { minLength: 1, maxLength: 60 }), (places) => {
      for (const each of [...places, ...places]) expect(placeName(...each)).toBe(written(...each));
    }), { numRuns: 300 });
  });
});
