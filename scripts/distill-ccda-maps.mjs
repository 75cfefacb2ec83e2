/**
 * Makes mappers/ccda/codes/concept-maps.json from the ConceptMaps of HL7's "C-CDA on FHIR" (CC0): which code of a
 * document is which code of FHIR. Displays and texts stay behind.
 *
 *   node scripts/distill-ccda-maps.mjs [--check] [folder of the ConceptMaps]
 *
 * With --check nothing is written, and the exit code tells whether the file is as it would be made.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SaxesParser } from 'saxes';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const file = join(root, 'mappers', 'ccda', 'codes', 'concept-maps.json');
const check = process.argv.includes('--check');
const folder = process.argv.slice(2).find((argument) => !argument.startsWith('--')) ?? join(root, '..', 'shared', 'corpora', 'ccda', 'hl7-ccda-on-fhir', 'conceptmaps');

/** FHIR XML as plain objects; every element is a list, as none of these maps needs to know which repeat. */
function read(text) {
  const parser = new SaxesParser({ xmlns: false });
  const open = [{}];
  parser.on('opentag', ({ name, attributes }) => {
    const node = { value: attributes.value };
    (open.at(-1)[name] ??= []).push(node);
    open.push(node);
  });
  parser.on('closetag', () => { open.pop(); });
  parser.write(text).close();
  return open[0].ConceptMap[0];
}

const fromJson = (map) => ({
  group: map.group.map(({ source, target, element }) => ({
    source: [{ value: source }], target: [{ value: target }],
    element: element.map(({ code, target: targets = [] }) => ({ code: [{ value: code }], target: targets.map((found) => ({ code: [{ value: found.code }], equivalence: [{ value: found.equivalence }] })) })),
  })),
});

const withoutVersion = (canonical) => canonical?.replace(/\|.*$/, '');

const maps = {};
for (const entry of readdirSync(folder).toSorted()) {
  const name = /^ConceptMap-(.+)\.(?:xml|json)$/.exec(entry)?.[1];
  if (name === undefined) continue;
  const text = readFileSync(join(folder, entry), 'utf8');
  const map = entry.endsWith('.json') ? fromJson(JSON.parse(text)) : read(text);
  maps[name] = (map.group ?? []).map((group) => ({
    source: withoutVersion(group.source?.[0]?.value),
    target: withoutVersion(group.target?.[0]?.value),
    codes: Object.fromEntries(group.element.flatMap(({ code, target: targets = [] }) => {
      const found = targets.find((one) => one.code?.[0]?.value !== undefined && one.equivalence?.[0]?.value !== 'unmatched');
      return found === undefined || code === undefined ? [] : [[code[0].value, found.code[0].value]];
    })),
  }));
}

const made = `${JSON.stringify(maps, null, 1)}\n`;
if (check) {
  if (readFileSync(file, 'utf8') !== made) {
    console.error('mappers/ccda/codes/concept-maps.json is not what scripts/distill-ccda-maps.mjs makes');
    process.exitCode = 1;
  }
} else {
  writeFileSync(file, made);
  console.log(`${Object.keys(maps).length} maps`);
}
