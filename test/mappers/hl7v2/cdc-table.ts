/** The page that tells how our Bundles agree with those of CDC's pairs. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pairsFolder, type Score, scoreOf } from './cdc-score.ts';

export const page = 'docs/hl7v2-cdc-pairs.md';

export function pageText(): string {
  const folder = join(pairsFolder, 'mappinginventory', 'catchall');
  const rows = readdirSync(folder).toSorted().map((name) => [name, scoreOf(join(folder, name))] as const).filter(([, { pairs }]) => pairs > 0);
  const whole = scoreOf(folder);
  const said = whole.expected - whole.notSent;
  return `# HL7v2 beside CDC's pairs

CDC's ReportStream has a message and the Bundle it makes of it for each rule of its mapping inventory (${whole.pairs} pairs; CC0). It is another mapping, made for laboratory reports, and not ours to imitate; where the two differ one wants to know why. \`node scripts/write-hl7v2-cdc-pairs.mjs\` compares every plain value of its Bundles with ours and writes this page; a test fails where it is out of date.

Of ${said} values that the messages say, ${percent(whole.same, said)} stand at the same element of a resource of the same type, ${percent(whole.same + whole.elsewhereInType + whole.elsewhere, said)} stand in our Bundle somewhere.

| Rules | Pairs | Values | Same element | Same type | Other type | Not sent | Absent |
| --- | --- | --- | --- | --- | --- | --- | --- |
${[...rows, ['all', whole] as const].map(([name, score]) => row(name, score)).join('\n')}

- **Same type**, **Other type**: the value is there at another element. Places are one chain of Locations with us and one Location for each field with CDC; people named twice with other particulars are two of ours.
- **Not sent**: the message does not have it. CDC's Provenance of its own conversion (time, policy, \`CDC PRIME - Atlanta\`), a fixed \`use\` of names, labels of its own systems.
- **Absent**: what we do not map or say otherwise. The most frequent: namespaces of assigning authorities as Organizations of their own (\`Identifier.assigner.display\` with us), \`eventCoding.display\` (R4 fixes the words of those codes), facilities of people and organizations as Locations, check digit schemes as codes, the status of a Location, census tracts of addresses (R4 has them for lines only).
`;
}

function row(name: string, { pairs, expected, same, elsewhereInType, elsewhere, notSent, absent }: Score): string {
  return `| ${name} | ${pairs} | ${expected} | ${same} | ${elsewhereInType} | ${elsewhere} | ${notSent} | ${absent} |`;
}

function percent(part: number, whole: number): string {
  return `${Math.round((part / whole) * 100)} %`;
}
