/** The conditions, targets and structures of HL7's mappings are understood. What the tables are made of: ../generated-tables.test.ts. */
import { describe, expect, test } from '@jest/globals';
import { parseCondition } from '../../../mappers/hl7v2/rules/condition.ts';
import { resolveTarget } from '../../../mappers/hl7v2/rules/target.ts';
import { readStructure } from '../../../mappers/hl7v2/structure/grammar.ts';

describe('Conditions', () => {
  test.each(['IF', 'IF PID-3', 'IF PID-3 MAYBE', 'IF (PID-3 VALUED', 'IF PID-3 IN "A"', 'IF PID-3 IN ("A"', 'IF PID-3 COUNT > many', 'IF PID-3 VALUED PID-4 VALUED', 'IF PID-3 = *'])('%s is none', (text) => {
    expect(() => parseCondition(text)).toThrow(expect.objectContaining({ name: 'RuleFault' }));
  });

  test('are of several values at once, or of the one before again', () => {
    const valued = (field: number): unknown => ({ test: 'valued', of: { segment: 'TQ1', field } });
    expect(parseCondition('IF TQ1-7 AND TQ1-8 NOT VALUED')).toEqual({ test: 'and', parts: [7, 8].map((field) => ({ test: 'not', part: valued(field) })) });
    expect(parseCondition('IF TQ1-7 VALUED AND NOT "SEL"')).toEqual({ test: 'and', parts: [valued(7), { test: 'not', part: { test: 'in', of: { segment: 'TQ1', field: 7 }, values: ['SEL'] } }] });
    expect(parseCondition('IF PID-11 LST.COUNT GREATER THAN 1')).toEqual({ test: 'count', of: { segment: 'PID', field: 11 }, is: '>', than: 1 });
    expect(parseCondition('IF CX.5 IS "SN"')).toEqual({ test: 'in', of: { component: 5 }, values: ['SN'] });
  });
});

describe('Targets', () => {
  test.each([['Patient', 'shoes'], ['Patient', 'name('], ['Patient', 'gender(Patient)'], ['Patient', 'name)'], ['Patient', ''], ['Encounter', 'participant.individual(Nobody)'], ['Encounter', 'participant.individual(Practitioner.name']])('%s has no %s', (type, path) => {
    expect(() => resolveTarget(type, path)).toThrow(expect.objectContaining({ name: 'RuleFault' }));
  });

  test('go through references and beside primitives', () => {
    expect(resolveTarget('ServiceRequest', 'requester(PractitionerRole.organization(Organization.address))').map(({ property, through }) => [property, through])).toEqual([['requester', 'PractitionerRole'], ['organization', 'Organization'], ['address', undefined]]);
    expect(resolveTarget('Patient', 'birthDate.extension[1].valueDateTime').map(({ property }) => property)).toEqual(['_birthDate', 'extension', 'valueDateTime']);
  });
});

test('a structure that does not end is refused', () => {
  expect(() => readStructure('X', 'MSH GROUP*(PID')).toThrow(SyntaxError);
  expect(() => readStructure('X', 'MSH PID)')).toThrow(SyntaxError);
});
