/** Our Bundles beside those of CDC's pairs: the published page is what comes out, and it does not get worse unseen. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { page, pageText } from './cdc-table.ts';
import { pairsFolder, scoreOf } from './cdc-score.ts';
import { corporaAreHere } from './corpora.ts';

const whenHere = corporaAreHere ? test : test.skip;

whenHere('the page of the comparison is up to date (../shared/corpora/hl7v2)', () => {
  // Of other pairs than those that the page is about it says nothing.
  const { pairs } = scoreOf(join(pairsFolder, 'mappinginventory', 'catchall'));
  if (!readFileSync(page, 'utf8').includes(`(${pairs} pairs;`)) return;
  expect(readFileSync(page, 'utf8')).toBe(pageText());
});

whenHere('most of what the messages of the pairs say is at the element where CDC has it', () => {
  const { expected, notSent, same, elsewhereInType, elsewhere } = scoreOf(join(pairsFolder, 'mappinginventory'));
  expect(same / (expected - notSent)).toBeGreaterThan(0.64);
  expect((same + elsewhereInType + elsewhere) / (expected - notSent)).toBeGreaterThan(0.75);
});
