/**
 * Makes mappers/ccda/codes/hl7-systems.json from the package of R4: the codes and displays of the code systems of HL7
 * versions 2 and 3 that documents use. They are part of FHIR (CC0); no licensed system is among them.
 *
 *   node scripts/distill-ccda-systems.mjs [--check] [hl7.fhir.r4.core-4.0.1.tgz]
 *
 * With --check nothing is written, and the exit code tells whether the file is as it would be made.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const folder = join(root, 'mappers', 'ccda', 'codes');
const check = process.argv.includes('--check');
const file = process.argv.slice(2).find((argument) => !argument.startsWith('--')) ?? join(root, '..', 'shared', 'igs', 'hl7.fhir.r4.core-4.0.1.tgz');

/** The systems that the registry of OIDs leads to, by their short names. */
const names = new Set([...readFileSync(join(folder, 'systems.ts'), 'utf8').matchAll(/\d+: '([A-Z]\w+)'|`\$\{v([23])\}(\w+)`/g)].map(([, short, version, name]) => (short === undefined ? `v${version}-${name}` : `v3-${short}`)));

const tar = gunzipSync(readFileSync(file));
const systems = {};
for (let at = 0; at + 512 <= tar.length && tar[at] !== 0;) {
  const name = tar.toString('latin1', at, at + 100).replace(/\0.*$/s, '');
  const size = Number.parseInt(tar.toString('latin1', at + 124, at + 136), 8);
  const [, short] = /^package\/CodeSystem-(v[23]-[^/]*)\.json$/.exec(name) ?? [];
  if (short !== undefined && names.has(short)) {
    const { url, concept = [] } = JSON.parse(tar.toString('utf8', at + 512, at + 512 + size));
    systems[url] = Object.fromEntries(codesOf(concept).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }
  at += 512 + Math.ceil(size / 512) * 512;
}

function codesOf(concepts) {
  return concepts.flatMap(({ code, display = '', concept = [] }) => [[code, display], ...codesOf(concept)]);
}

const target = join(folder, 'hl7-systems.json');
const made = `{\n${Object.keys(systems).toSorted().map((url) => `${JSON.stringify(url)}: ${JSON.stringify(systems[url])}`).join(',\n')}\n}\n`;
if (check) {
  if (readFileSync(target, 'utf8') !== made) {
    console.error('mappers/ccda/codes/hl7-systems.json is not what scripts/distill-ccda-systems.mjs makes');
    process.exitCode = 1;
  }
} else {
  writeFileSync(target, made);
  console.log(`${Object.keys(systems).length} code systems, ${made.length} characters`);
}
