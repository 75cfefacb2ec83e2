/**
 * docs/reference/ccda-consensus.md tells how much of the recommended outputs ours say: this test makes the tables anew
 * and compares. With WRITE_REFERENCE=1 it writes the file instead.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Compared, compareConsensus, comparePairs } from './consensus.ts';

const file = join(process.cwd(), 'docs', 'reference', 'ccda-consensus.md');
const compared = compareConsensus();

(compared.length > 0 ? test : test.skip)('the score against HL7\'s recommended outputs is the published one', () => {
  const made = page();
  if (process.env['WRITE_REFERENCE'] === '1') writeFileSync(file, made);
  expect(readFileSync(file, 'utf8')).toBe(made);
});

function page(): string {
  const pairs = comparePairs();
  return `# C-CDA: beside HL7's recommended outputs

Made by \`test/mappers/ccda/consensus.test.ts\` (\`WRITE_REFERENCE=1\` writes it). \`Rec_…\` are what six vendors agreed on for one CCD, drafts by their own names; \`CF-…\` are the examples of the mapping pages of C-CDA on FHIR. A field is a value at a path; ids, narratives and what a server adds do not count, and of a reference only that it is there. The [guide](../guides/ccda.md) tells why some differ.

${score(compared)}

${table(compared)}

## Beside another converter

No authority, but a second reading: what the resources say that Medplum's converter is tested with, for its own documents.

${score(pairs)}

${table(pairs)}
`;
}

function score(parts: readonly Compared[]): string {
  const fields = parts.reduce((sum, one) => sum + one.fields, 0);
  const same = parts.reduce((sum, one) => sum + one.same, 0);
  return `${same} of ${fields} fields are the same (${((same / fields) * 100).toFixed(1)} %).`;
}

function table(parts: readonly Compared[]): string {
  const rows = parts.map((one) => `| ${one.name} | ${one.fields} | ${one.same} | ${one.others.map((other) => `\`${other}\``).join(', ')} |`);
  return `| Output | Fields | Same | What is said there and not here |\n| --- | --- | --- | --- |\n${rows.join('\n')}`;
}
