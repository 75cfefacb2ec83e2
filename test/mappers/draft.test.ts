/** The one way values enter a Bundle: the ledger says what the Bundle says, and nothing empty is left. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Draft } from '../../mappers/draft.ts';
import { mappedShare } from '../../mappers/ledger.ts';

const from = (source: string, segment = 3) => ({ source, segment });

/** The value at a path such as `Bundle.entry[0].resource.name[1].given[0]`. */
function valueAt(bundle: unknown, path: string): unknown {
  return path.split('.').slice(1).reduce<unknown>((node, step) => {
    const [, name, index] = /^(\w+)(?:\[(\d+)\])?$/.exec(step)!;
    const value = (node as Record<string, unknown>)[name!];
    return index === undefined ? value : (value as unknown[])[Number(index)];
  }, bundle);
}

describe('A value that cannot be read', () => {
  test('leaves nothing behind, no object and no list, and is unmapped', () => {
    const draft = new Draft();
    const name = draft.resource('Patient', 'urn:a').another('name');
    expect(name.emit('family', undefined, from('PID-5.1'), 'PID-5')).toBe(false);
    expect(draft.entries()).toEqual([{ fullUrl: 'urn:a', resource: { resourceType: 'Patient' } }]);
    expect(draft.unmapped([from('PID-5.1')], () => 'no map')).toEqual([{ source: 'PID-5.1', segment: 3, reason: 'no map' }]);
  });

  test('may be left with a reason of its own', () => {
    const draft = new Draft();
    draft.leave(from('PID-7'), 'not a date');
    expect(draft.unmapped([from('PID-7')], () => 'no map')[0]?.reason).toBe('not a date');
  });
});

test('the same place in another segment is another value', () => {
  const draft = new Draft();
  draft.resource('Patient', 'urn:a').emit('gender', 'male', from('PID-8', 3), 'PID-8');
  expect(draft.unmapped([from('PID-8', 3), from('PID-8', 9)], () => 'no map')).toEqual([{ source: 'PID-8', segment: 9, reason: 'no map' }]);
});

test('a consulted value is neither in the ledger nor unmapped', () => {
  const draft = new Draft();
  draft.consult(from('NM101'));
  expect(draft.unmapped([from('NM101')], () => 'no map')).toEqual([]);
  draft.entries();
  expect(draft.ledger()).toEqual([]);
});

test('a dropped resource takes its values along: they are unmapped again', () => {
  const draft = new Draft();
  draft.resource('Patient', 'urn:a').emit('gender', 'male', from('PID-8'), 'PID-8');
  draft.drop('urn:a');
  expect(draft.entries()).toEqual([]);
  expect(draft.ledger()).toEqual([]);
  expect(draft.unmapped([from('PID-8')], () => 'no map')).toHaveLength(1);
  expect(mappedShare({ ledger: [], unmapped: [{ ...from('PID-8'), reason: '' }] })).toEqual({ mapped: 0, sent: 1 });
});

test('within comes back to the same object; another is a further one, in the order of first values', () => {
  const draft = new Draft();
  const claim = draft.resource('Claim', 'urn:c');
  claim.within('accident').set('date', '2026-01-01');
  claim.within('accident').within('type').emit('text', 'a', from('UM-5'), 'UM05');
  const first = claim.another('item');
  const second = claim.another('item');
  second.emit('sequence', 2, from('LX-1', 9), 'LX');
  first.emit('sequence', 1, from('LX-1', 7), 'LX');
  expect(draft.entries()[0]?.resource).toEqual({ resourceType: 'Claim', accident: { date: '2026-01-01', type: { text: 'a' } }, item: [{ sequence: 2 }, { sequence: 1 }] });
  expect(draft.ledger().map(({ path }) => path)).toEqual(['Bundle.entry[0].resource.accident.type.text', 'Bundle.entry[0].resource.item[0].sequence', 'Bundle.entry[0].resource.item[1].sequence']);
});

test('every path of the ledger leads to the value that was emitted, whatever was written in whatever order', () => {
  const element = fc.constantFrom('a', 'b', 'c');
  const step = fc.record({ resource: fc.constantFrom('urn:1', 'urn:2', 'urn:3'), way: fc.array(fc.record({ element, isList: fc.boolean() }), { maxLength: 3 }), last: element, isItem: fc.boolean() });
  fc.assert(fc.property(fc.array(step, { maxLength: 30 }), fc.constantFrom('urn:1', 'urn:3', 'urn:none'), (steps, first) => {
    const draft = new Draft();
    for (const [at, { resource, way, last, isItem }] of steps.entries()) {
      // Names differ by kind, as in FHIR, where an element is a list or an object or a value and never two of them.
      let cursor = draft.resource('Basic', resource);
      for (const { element: name, isList } of way) cursor = isList ? cursor.another(`${name}List`) : cursor.within(`${name}Object`);
      if (isItem) cursor.emitItem(`${last}Items`, at, from('X', at), 'rule');
      else cursor.emit(`${last}${at}`, at, from('X', at), 'rule');
    }
    const bundle = { entry: draft.entries(first) };
    const ledger = draft.ledger();
    expect(ledger).toHaveLength(steps.length);
    for (const { path, segment } of ledger) expect(valueAt(bundle, path)).toBe(segment);
    expect(JSON.stringify(bundle.entry.map(({ resource }) => resource))).not.toMatch(/:(?:\{\}|\[\])/u);
  }));
});

test('what the sender erases has an entry that says so, and no value', () => {
  const draft = new Draft();
  draft.resource('Patient', 'urn:a').emit('gender', 'male', from('PID-8'), 'PID-8');
  draft.resource('Patient', 'urn:a').erase('birthDate', from('PID-7'), 'PID-7');
  expect(draft.entries()).toEqual([{ fullUrl: 'urn:a', resource: { resourceType: 'Patient', gender: 'male' } }]);
  expect(draft.ledger()[1]).toEqual({ path: 'Bundle.entry[0].resource.birthDate', rule: 'PID-7', source: 'PID-7', segment: 3, deletes: true });
  expect(draft.unmapped([from('PID-7')], () => 'no map')).toEqual([]);
});
