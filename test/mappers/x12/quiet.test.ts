/** A Bundle written without an account is the one that is written with it, whatever is put where. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Draft } from '../../../mappers/draft.ts';
import { QuietDraft } from '../../../mappers/x12/reading/quiet.ts';
import type { Cursor, Draft as Target } from '../../../mappers/x12/reading/target.ts';

const from = { source: 'HEADER.BHT01', segment: 2 };
const place = fc.constantFrom('identifier', 'name', 'code', 'address');
const step = fc.record({
  /** Of the cursors there are, which one is written to. */
  at: fc.nat(20),
  element: place,
  value: fc.constantFrom('A', 1, true, undefined),
  what: fc.constantFrom('resource', 'within', 'another', 'set', 'setItem', 'emit', 'emitItem'),
});

/** Does the steps; gives what every cursor says of itself, and the entries. Objects and plain values do not share an element. */
function write(draft: Target, steps: readonly { at: number; element: string; value: string | number | boolean | undefined; what: string }[]): unknown {
  const cursors: Cursor[] = [draft.resource('Patient', 'urn:1')];
  const told: unknown[] = [];
  for (const { at, element, value, what } of steps) {
    const cursor = cursors[at % cursors.length]!;
    if (what === 'resource') cursors.push(draft.resource('Organization', `urn:${at}`));
    else if (what === 'within') cursors.push(cursor.within(`${element}One`));
    else if (what === 'another') cursors.push(cursor.another(`${element}Many`));
    else if (what === 'set') cursor.set(element, value);
    else if (what === 'setItem') cursor.setItem(`${element}List`, value);
    else if (what === 'emit') told.push(cursor.emit(element, value, from, 'BHT01/x'));
    else told.push(cursor.emitItem(`${element}List`, value, from, 'BHT01/x'));
    told.push(cursor.exists, JSON.stringify(cursor.peek(element)), draft.has(`urn:${at}`));
  }
  return [told, JSON.stringify(draft.entries('urn:3')), JSON.stringify(draft.entries())];
}

test('the same steps give the same entries', () => {
  fc.assert(fc.property(fc.array(step, { maxLength: 40 }), (steps) => expect(write(new QuietDraft(), steps)).toEqual(write(new Draft(), steps))), { numRuns: 2000 });
});
