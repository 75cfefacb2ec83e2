/** The page that tells how our Bundles agree with those of CDC's pairs. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { splitOf, type Verdict } from './cdc-differences.ts';
import { pairsFolder, type Score, scoreOf } from './cdc-score.ts';

export const page = 'docs/reference/hl7v2-cdc-pairs.md';

export function pageText(): string {
  const folder = join(pairsFolder, 'mappinginventory', 'catchall');
  const rows = readdirSync(folder).toSorted().map((name) => [name, scoreOf(join(folder, name))] as const).filter(([, { pairs }]) => pairs > 0);
  const whole = scoreOf(folder);
  const said = whole.expected - whole.notSent;
  const split = splitOf(whole.differences);
  const total = (verdict: Verdict): number => split.filter((each) => each.verdict === verdict).reduce((sum, { values }) => sum + values, 0);
  return `# HL7v2 beside CDC's pairs

CDC's ReportStream has a message and the Bundle it makes of it for each rule of its mapping inventory (${whole.pairs} pairs; CC0). It is another mapping, made for laboratory reports, and not ours to imitate; where the two differ one wants to know why. \`node scripts/write-hl7v2-cdc-pairs.mjs\` compares every plain value of its Bundles with ours and writes this page; a test fails where it is out of date.

Of ${said} values that the messages say, ${percent(whole.same, said)} stand at the same element of a resource of the same type, ${percent(whole.same + whole.elsewhereInType + whole.elsewhere, said)} stand in our Bundle somewhere.

## Why they differ

| Whose | Values | Share | Why |
| --- | --- | --- | --- |
${split.map(({ verdict, why, values }) => `| ${WHOSE[verdict]} | ${values} | ${percentOf(values, said)} | ${why} |`).join('\n')}

Together: ${total('theirs')} values (${percentOf(total('theirs'), said)}) that FHIR R4 does not have where they put them, ${total('otherwise')} (${percentOf(total('otherwise'), said)}) that both have and record otherwise, ${total('unmapped')} (${percentOf(total('unmapped'), said)}) that we do not map. Each of the latter is listed in the report of what has no place (\`GET /inbox/ID\`). Of what theirs says rightly and ours otherwise, two were faults of ours and are mended: the number of a telephone as its sender writes it (XTN.12), and the specimen of an OBR in orders, or without OBR-15 (collector, volume, time of receipt, comment). By the verdicts nothing that is left is one; they stand in \`test/mappers/hl7v2/cdc-differences.ts\`, and whoever thinks otherwise changes them there.

## By rule

| Rules | Pairs | Values | Same element | Same type | Other type | Not sent | Absent |
| --- | --- | --- | --- | --- | --- | --- | --- |
${[...rows, ['all', whole] as const].map(([name, score]) => row(name, score)).join('\n')}

- **Same type**, **Other type**: the value is there at another element. Places are one chain of Locations with us and one Location for each field with CDC; people named twice with other particulars are two of ours.
- **Not sent**: the message does not have it. CDC's Provenance of its own conversion (time, policy, \`CDC PRIME - Atlanta\`), a fixed \`use\` of names, labels of its own systems.
- **Absent**: what the message says and our Bundle does not.
`;
}

const WHOSE: Readonly<Record<Verdict, string>> = { theirs: 'theirs is wrong', otherwise: 'recorded otherwise', unmapped: 'not mapped' };

/** With one decimal: many of the parts are small. */
function percentOf(part: number, whole: number): string {
  return `${((part / whole) * 100).toFixed(1)} %`;
}

function row(name: string, { pairs, expected, same, elsewhereInType, elsewhere, notSent, absent }: Score): string {
  return `| ${name} | ${pairs} | ${expected} | ${same} | ${elsewhereInType} | ${elsewhere} | ${notSent} | ${absent} |`;
}

function percent(part: number, whole: number): string {
  return `${Math.round((part / whole) * 100)} %`;
}
