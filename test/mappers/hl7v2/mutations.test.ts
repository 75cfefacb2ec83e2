/**
 * Messages that are wrong in every way that a few changes make them: segments left out, repeated and moved, values of
 * another type in any place. Whatever they are, they are mapped, the Bundle is valid, and the account holds.
 */
import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { messages } from '../../../bench/hl7v2/messages.ts';
import type { Validate } from '../../../profiles/validation.ts';
import { createValidator } from '../../../profiles/validator.ts';
import { definitionsFor, packagesAreHere } from '../../support/definitions.ts';
import { mapText, valueAtPath } from './corpora.ts';

const VALUES = [
  '""', 'X', '99999999999999999999', '2026', '202613', '20261012', '20261012113000', '20261012113000-0500', '<b>', 'A^B^C', 'A^B^HL70001', '1^Smith^John', '^^', '~A~B', 'A&B&C', 'http://x y', 'M', 'SEL', 'Y', 'N', '-5', '0', '1.5', 'NM', 'CWE', 'SN', 'ED', 'RP', 'TX', 'NA',
  '12^Test^L', '^Only text', 'eng', 'P', 'HOME', 'a@b.c', '8867-4^Heart rate^LN', '29463-7^Weight^LN', 'I10C', '  ', 'A^^^B&1.2.3&ISO^MR', 'D', 'A01', '%', '/min', 'tëxt', '1^^^^^^^^^^^^^', 'VERYLONG'.repeat(200),
];
const SEGMENTS = [
  'OBX|1|NM|8867-4^HR^LN||x', 'NTE|1||note', 'PID|1||1^^^A', 'ORC|RE|1|2', 'OBR|1|1|2|T^T^L', 'IN1|1|A|B|C', 'MRG|9', 'DG1|1||A^B^I10C', 'PV1|1|I', 'TXA|1|HP|TX', 'SPM|1|2^3', 'FT1|1|2||20260101||CG|A', 'RXA|0|1|20260101||998^n^CVX|999', 'RXE|1|A^B^L|3|1', 'AL1|1|DA|P|SV|H', 'GT1|1||N^M',
  'ACC|20260101|A', 'AUT|1|2|3|20260202|20260101|A', 'RF1|A|S|X', 'PRD|RP|N^M', 'SCH|1|2', 'AIP|1||5^D', 'AIL|1||A^B', 'ROL|1|AD|AT|1^D', 'PRT|1|AD||OP|1^D', 'TQ1|1||||||20260202|20260101', 'PR1|1||A', 'IAM|1|DA|P', 'NK1|1||SPO', 'MSA|AA|x', 'ZZZ|1',
];
const EVENTS = ['ADT^A01', 'ADT^A40', 'ORU^R01', 'ORM^O01', 'OMG^O19', 'REF^I12', 'RQA^I08', 'RPA^I08', 'SIU^S12', 'MDM^T02', 'DFT^P03', 'RDE^O11', 'VXU^V04', 'ZZZ^Z99'];

type Change = { readonly kind: 'drop' | 'insert' | 'swap' | 'value'; readonly at: number; readonly field: number; readonly component: number; readonly pick: number };

const change: fc.Arbitrary<Change> = fc.record({ kind: fc.constantFrom('drop', 'insert', 'swap', 'value', 'value', 'value', 'value'), at: fc.nat(30), field: fc.nat(50), component: fc.nat(12), pick: fc.nat(200) });

function changed(lines: readonly string[], event: string, changes: readonly Change[]): string[] {
  const all = lines.map((line, at) => (at === 0 ? line.replace(/ADT\^A01\^ADT_A01|ORU\^R01\^ORU_R01/, event) : line));
  for (const { kind, at, field, component, pick } of changes) {
    const index = 1 + (at % (all.length - 1 || 1));
    if (kind === 'drop' && all.length > 3) all.splice(index, 1);
    else if (kind === 'insert') all.splice(index, 0, SEGMENTS[pick % SEGMENTS.length]!);
    else if (kind === 'swap') [all[index], all[1]] = [all[1]!, all[index]!];
    else {
      const fields = (all[index] ?? 'NTE').split('|');
      while (fields.length <= field + 1) fields.push('');
      const components = fields[field + 1]!.split('^');
      const value = VALUES[pick % VALUES.length]!;
      if (components.length > 1) components[component % components.length] = value;
      fields[field + 1] = components.length > 1 ? components.join('^') : value;
      all[index] = fields.join('|');
    }
  }
  return all;
}

(packagesAreHere ? describe : describe.skip)('A message with anything wrong in it', () => {
  let validate: Validate;
  beforeAll(async () => {
    validate = createValidator(await definitionsFor([]));
  });

  test('is mapped to a valid Bundle without dangling references, and with a ledger that holds', () => {
    fc.assert(fc.property(fc.constantFrom(...Object.values(messages)), fc.constantFrom(...EVENTS), fc.array(change, { minLength: 1, maxLength: 8 }), fc.boolean(), (lines, event, changes, isZoned) => {
      const { bundle, ledger } = mapText(changed(lines, event, changes), isZoned ? { timeZone: 'America/New_York' } : {});
      expect(validate(bundle, { now: new Date('2026-11-01T00:00:00Z') }).issues.filter(({ severity }) => severity === 'error')).toEqual([]);
      const urls = new Set(bundle.entry!.map(({ fullUrl }) => fullUrl));
      for (const [, url] of JSON.stringify(bundle).matchAll(/"reference":"([^"]*)"/g)) expect(urls).toContain(url);
      for (const { path } of ledger) expect(valueAtPath(bundle, path)).toBeDefined();
    }), { numRuns: 250, seed: 5 });
  }, 900_000);
});
