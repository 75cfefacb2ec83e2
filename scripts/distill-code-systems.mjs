/**
 * Distills which code system the codes of an element are from, where its definition fixes that: elements of type code
 * with a required binding to a value set of one code system. `{ Type: { element: system } }`; nested structures by path.
 *
 *   node scripts/distill-code-systems.mjs hl7.fhir.r4.core-4.0.1.tgz
 *
 * Writes fhir/r4/code-systems.json.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** The JSON resources of a package, by a reader of the two tar header fields that matter here (POSIX ustar: name, size). */
function resourcesOf(packageFile) {
  const tar = gunzipSync(readFileSync(packageFile));
  const found = [];
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0; ) {
    const name = tar.toString('latin1', at, at + 100).replace(/\0.*$/s, '');
    const size = Number.parseInt(tar.toString('latin1', at + 124, at + 136), 8);
    if (/^package\/(?:StructureDefinition|ValueSet)-[^/]*\.json$/.test(name)) found.push(JSON.parse(tar.toString('utf8', at + 512, at + 512 + size)));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return found;
}

const [file] = process.argv.slice(2);
const resources = resourcesOf(file);
const valueSets = new Map(resources.filter((one) => one.resourceType === 'ValueSet').map((one) => [one.url, one]));

/** The one system of all codes in a value set; undefined where there are several, or none is known. */
function systemOf(url) {
  const systems = new Set();
  for (const { system, valueSet } of valueSets.get(url?.split('|')[0])?.compose?.include ?? []) {
    if (valueSet !== undefined && system === undefined) for (const other of valueSet) systems.add(systemOf(other));
    else systems.add(system);
  }
  const [only] = systems;
  return systems.size === 1 ? only : undefined;
}

const table = {};
const definitions = resources.filter((one) => one.resourceType === 'StructureDefinition' && one.derivation !== 'constraint' && one.kind !== 'primitive-type');
for (const definition of definitions.toSorted((a, b) => (a.type < b.type ? -1 : 1))) {
  for (const { path, base, type, binding } of definition.snapshot.element) {
    if (type?.length !== 1 || type[0].code !== 'code' || binding?.strength !== 'required') continue;
    const [owner, element] = [path.slice(0, path.lastIndexOf('.')), path.slice(path.lastIndexOf('.') + 1)];
    const system = base.path === path ? systemOf(binding.valueSet) : undefined;
    if (system !== undefined) (table[owner] ??= {})[element] = system;
  }
}
writeFileSync(new URL('../fhir/r4/code-systems.json', import.meta.url), `${JSON.stringify(table, null, 1)}\n`);
