/**
 * The source and acknowledgment pairs of pyx12, the only public ones, retargeted from 004010 to the guides of today
 * (`retarget.ts` says how). Told for each pair: how many of the faults that pyx12 expects are told at the same place
 * with the same code, how many verdicts agree, and how many faults are told beside them. What differs is 004010
 * against 005010, but for the causes named here; the table only gets better.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { mapInterchange, writeAcknowledgment } from '../../../mappers/x12/index.ts';
import { sharedFolder } from '../../fixtures/x12/corpus.ts';
import { retarget, verdictsOf } from '../../fixtures/x12/retarget.ts';

interface Score {
  /** Of the faults that are expected, those told at their place with their code. */
  found: string;
  /** Of the transaction sets, those with the same verdict (A and E are both accepted). */
  verdicts: string;
  /** Faults told and not expected. */
  more: number;
  why?: string;
}

const SCORES: Readonly<Record<string, Score>> = {
  '834_eol_in_element': { found: '1/1', verdicts: '1/1', more: 0 },
  '834_lui_id': { found: '0/0', verdicts: '1/1', more: 0 },
  '835id': { found: '0/0', verdicts: '1/1', more: 1, why: 'the payment does not balance, which pyx12 does not look at' },
  bad_2010AA_bug: { found: '1/1', verdicts: '1/1', more: 1, why: 'CLM05-2 is required in 005010' },
  blank1: { found: '2/4', verdicts: '1/1', more: 13, why: 'a blank qualifier is read as a code of blanks there; 004010 providers and other payers differ' },
  elements: { found: '6/8', verdicts: '1/1', more: 4, why: 'REF*87 was 004010\'s; places of service are a licensed list' },
  loop_counting: { found: '4/4', verdicts: '1/1', more: 61, why: '004010 amounts of other payers, told every time' },
  mult_isa: { found: '0/18', verdicts: '12/12', more: 44, why: 'what is missing at the end is placed at SE here, at the segment before it there; the guides ask for more' },
  ordinal: { found: '0/0', verdicts: '0/1', more: 13, why: '004010 providers and other payers differ' },
  repeat_init_segment: { found: '0/0', verdicts: '0/1', more: 1, why: 'DTP 472 is 291 in 005010' },
  trailer_errors: { found: '0/0', verdicts: '0/2', more: 0, why: 'IEA02 differs from ISA13: the interchange is refused (TA1 R) and has no 999' },
};

const folder = sharedFolder('corpora', 'x12-other', 'pyx12', 'pairs');

function expectedOf(pair: string): Uint8Array | undefined {
  const file = ['resAck.x12', 'res999.x12', 'res997.x12'].map((name) => join(folder!, pair, name)).find((path) => existsSync(path));
  return file === undefined ? undefined : readFileSync(file);
}

function scoreOf(pair: string, expected: Uint8Array): Score {
  const { bytes, removed } = retarget(readFileSync(join(folder!, pair, 'source.x12')));
  const units = mapInterchange(bytes);
  let step = units.next();
  while (step.done !== true) step = units.next();
  const stamps = { date: '20260302', time: '0920', interchangeControlNumber: 1, groupControlNumbers: [1, 2, 3, 4, 5, 6, 7, 8] };
  const ours = step.value.interchanges.flatMap((interchange) => verdictsOf(writeAcknowledgment(interchange, stamps)?.bytes ?? new Uint8Array()));
  const theirs = verdictsOf(expected);
  let [found, wanted, verdicts, told] = [0, 0, 0, 0];
  for (const [index, { set, faults, code }] of theirs.entries()) {
    const mine = ours[index];
    // Behind a segment that was taken out, positions are one less.
    const moved = faults.map((fault) => fault.replace(/ (\d+)/, (_, position: string) => ` ${Number(position) - (removed.get(set) ?? []).filter((each) => each < Number(position)).length}`));
    wanted += moved.length;
    const left = [...(mine?.faults ?? [])];
    for (const fault of moved) {
      const at = left.indexOf(fault);
      if (at < 0) continue;
      left.splice(at, 1);
      found += 1;
    }
    told += left.length;
    if (mine !== undefined && (mine.code === 'R') === (code === 'R')) verdicts += 1;
  }
  return { found: `${found}/${wanted}`, verdicts: `${verdicts}/${theirs.length}`, more: told };
}

const pairs = folder === undefined ? [] : readdirSync(folder).filter((pair) => expectedOf(pair) !== undefined).toSorted();

(pairs.length > 0 ? describe : describe.skip)('pyx12 pairs (of ../shared)', () => {
  test('are all in the table', () => expect(pairs).toEqual(Object.keys(SCORES).toSorted()));
  test.each(pairs.map((pair) => [pair]))('%s', (pair) => {
    const { why: _, ...score } = SCORES[pair] ?? { found: '', verdicts: '', more: 0 };
    expect(scoreOf(pair, expectedOf(pair)!)).toEqual(score);
  });
});
