/** The account of a 278: every entry names a rule, and every path leads to a value of the Bundle. */
import { expect, test } from '@jest/globals';
import fhirpath from 'fhirpath';
import r4 from 'fhirpath/fhir-context/r4';
import { mapInterchange, type MappedUnit } from '../../../mappers/x12/index.ts';
import { bytesOf, INQUIRIES, interchange, REQUESTS } from '../../fixtures/x12/build.ts';
import { corpusFiles, eachOrSkip } from '../../fixtures/x12/corpus.ts';

function untrueIn({ bundle, ledger }: MappedUnit): string[] {
  const paths = [...new Set(ledger.map(({ path }) => path))];
  return paths.filter((path) => (fhirpath.evaluate(bundle, path, {}, r4) as unknown[]).length === 0);
}

function check(bytes: Uint8Array): number {
  let entries = 0;
  for (const unit of mapInterchange(bytes)) {
    expect(untrueIn(unit)).toEqual([]);
    expect(unit.ledger.filter(({ rule, source, segment }) => !/^[A-Z0-9]+(-\d+)?\/\w+$/.test(rule) || source === '' || segment === undefined)).toEqual([]);
    entries += unit.ledger.length;
  }
  return entries;
}

test.each(Object.entries(REQUESTS))('request %s', (_, request) => expect(check(bytesOf(interchange([request])))).toBeGreaterThan(20));
test.each(INQUIRIES.map((inquiry, index) => [index, inquiry] as const))('inquiry %i', (_, inquiry) => expect(check(bytesOf(interchange([inquiry], { guide: '005010X215' })))).toBeGreaterThan(15));
eachOrSkip(corpusFiles('x12-278'), 'every path leads to a value', ({ bytes }) => void check(bytes));
