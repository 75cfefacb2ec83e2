/**
 * Makes the rule tables of mappers/hl7v2/rules out of the v2-to-FHIR mappings that HL7 publishes as CSV:
 * segments.json (rules by map), codes.json (code tables), structures.json (the groups of messages). And tables.json: which
 * codes the tables of HL7 version 2 have in R4, out of hl7.fhir.r4.core.
 *
 *   node scripts/generate-hl7v2-rules.mjs [--check] [folder with segments/, messages/, codesystems/]
 *
 * Every path is resolved against R4 and every condition is parsed; what cannot be used is either corrected or left out
 * by hl7v2-corrections.mjs, with a reason, or this script fails. `--check` writes nothing and tells whether the files
 * are what would be written. Source: https://github.com/HL7/v2-to-fhir, Apache License 2.0. Only facts are taken: places,
 * conditions, codes and structure; no descriptions.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import { createReadStream } from 'node:fs';
import { importSource } from './bundle.mjs';
import { codesNotInR4, corrections, leftOutMaps, leftOutStructures } from './hl7v2-corrections.mjs';

const { parseCondition } = await importSource('mappers/hl7v2/rules/condition.ts');
const { resolveTarget } = await importSource('mappers/hl7v2/rules/target.ts');
const { readPackage } = await importSource('profiles/packages/package-reader.ts');
const { compileRules } = await importSource('mappers/hl7v2/engine/compile.ts');

const words = process.argv.slice(2);
const check = words.includes('--check');
const listing = words.includes('--list');
const given = words.find((word) => !word.startsWith('--'));
const root = fileURLToPath(new URL('..', import.meta.url));
const folder = given ?? join(root, '../shared/corpora/hl7v2/hl7-v2-to-fhir/mappings');
const NOTE = 'Facts from HL7/v2-to-fhir (https://github.com/HL7/v2-to-fhir, Apache-2.0), made by scripts/generate-hl7v2-rules.mjs. Not edited by hand.';

/** The rows below the two header rows, each with its number from 1, by the name in brackets of the file. */
function sheets(kind, name) {
  return readdirSync(join(folder, kind)).filter((file) => file.endsWith('.csv')).toSorted().map((file) => {
    const rows = parse(readFileSync(join(folder, kind, file), 'utf8'), { relax_column_count: true, bom: true, relax_quotes: true });
    return { name: name.exec(file)[1].trim(), rows: rows.slice(2).map((cells, at) => ({ number: at + 1, cell: (index) => (cells[index] ?? '').trim() })) };
  });
}

const faults = [];
const dropped = [];
const usedCorrections = new Set();

const tidied = (path) => path.replaceAll(/\s/g, '').replaceAll('.sytem', '.system').replace(/(extension\[\d\])\.uri$/, '$1.url').replaceAll('valuedateTime', 'valueDateTime');

function literal(text) {
  const match = /^"(?<quoted>[^"]*)"?$/.exec(text);
  return match?.groups.quoted.trim();
}

function ruleOf(map, row) {
  const key = `${map}#${row.number}`;
  const correction = corrections[key];
  if (correction !== undefined) usedCorrections.add(key);
  if (correction?.drop !== undefined) return undefined;
  const raw = { source: row.cell(1), condition: row.cell(6), narrative: row.cell(8), target: row.cell(9), map: row.cell(14), codes: row.cell(15), value: row.cell(16) };
  const segment = map.slice(0, 3);
  const told = { ...raw, ...correction };
  if (told.target === '' || /^local implementation/i.test(row.cell(11))) return undefined;
  const source = told.source === '' ? segment : told.source;
  const field = [key, source, told.target];
  // What is said in words only is no rule that a machine can follow, unless a correction takes it up.
  if (told.narrative !== '' && told.condition === '' && correction === undefined) return void dropped.push([...field, 'condition in words']);
  if (/^[/#]/.test(told.value)) return void dropped.push([...field, 'value in words']);
  let target = tidied(told.target);
  if (target === '$this' && told.map === '') return void dropped.push([...field, 'no map']);
  const value = told.value === '' ? undefined : literal(told.value);
  if (told.value !== '' && value === undefined) return void faults.push([...field, `value ${told.value}`]);
  try {
    const last = target === '$this' ? undefined : resolveTarget(/\[([A-Za-z]+)/.exec(map)[1], target).at(-1);
    // A system or an address that nothing says is left to the map of the data type.
    if (value === undefined && told.map === '' && (last?.type === 'uri' && /\.(?:url|uri|system)$/.test(target))) return void dropped.push([...field, 'no value']);
    if (value !== undefined && last !== undefined && !/^[a-z]/.test(last.type) && last.type !== 'CodeableConcept') return void faults.push([...field, `a constant as ${last.type}`]);
    if (last?.type === 'Reference' && last.through === undefined && /\[[A-Za-z]+/.test(told.map)) target = target.replace(/(\)*)$/, `(${/\[([A-Za-z]+)/.exec(told.map.replace('[location]', '[Location]'))[1]})$1`);
    if (told.condition !== '') parseCondition(told.condition);
  } catch (error) {
    return void faults.push([...field, error.message]);
  }
  const rule = [row.number, source, target, told.map.replaceAll(' ', ''), told.condition.replaceAll(/\s+/g, ' '), codesName(told.codes), value ?? ''];
  if (rule[5] !== '') usedCodes.add(rule[5]);
  while (rule.at(-1) === '') rule.pop();
  try {
    compileRules({ [map]: [rule] });
  } catch (error) {
    return void faults.push([...field, error.message]);
  }
  return rule;
}

/** The tables are named a little differently where they are used: `Yes/NoIndicator` is in a file YesNoIndicator. */
function codesName(text) {
  const name = text.replaceAll(/[\s/]/g, '');
  return /^https?:/.test(name) ? '' : name;
}

const usedCodes = new Set(['Event[EncounterStatus]', 'NameType', 'AddressType[Type]', 'AddressType[Use]', 'TelecommunicationUseCode', 'TelecommunicationEquipmentType', 'IdentifierType', 'NameAssemblyOrder', 'UniversalIDType', 'DegreeLicenseCertificate', 'EventReason', 'PatientClass[EncounterStatus]']);

const segments = { $note: NOTE };
for (const { name, rows } of sheets('segments', /R4_ ([A-Z0-9]{3}\[[^\]]*\])/)) {
  if (leftOutMaps[name] !== undefined) continue;
  const rules = rows.map((row) => ruleOf(name, row)).filter((rule) => rule !== undefined);
  if (rules.length > 0) segments[name] = rules;
}

// An extension says what it is, or it is none.
for (const [name, rules] of Object.entries(segments)) {
  if (name === '$note') continue;
  const named = new Set(rules.filter((rule) => /extension(?:\[\d\])?\.url\)?$/.test(rule[2])).map((rule) => rule[2].replace(/\.url(\)?)$/, '')));
  for (const rule of rules) {
    for (const match of rule[2].matchAll(/extension(?:\[\d\])?(?=\.)/g)) {
      const prefix = rule[2].slice(0, match.index + match[0].length);
      if (!named.has(prefix)) faults.push([`${name}#${rule[0]}`, rule[1], rule[2], 'an extension without url']);
    }
  }
}

const SYSTEMS_WITH_OPEN_LICENCE = /^https?:\/\/(?:terminology\.)?hl7\.org\/|^http:\/\/unitsofmeasure\.org|^urn:/;

const codes = { $note: NOTE };
for (const { name, rows } of sheets('codesystems', /Concept Map_ (.*?) - /)) {
  if (!usedCodes.has(codesName(name))) continue;
  const entries = rows.filter((row) => row.cell(0) !== '' && row.cell(6) !== '' && row.cell(3) === '' && !codesNotInR4.has(`${name}#${row.cell(0)}`) && !/[^\u0020-\u007e]/.test(row.cell(0)) && SYSTEMS_WITH_OPEN_LICENCE.test(row.cell(9) || 'urn:'));
  if (entries.length === 0) continue;
  const systems = entries.map((row) => row.cell(9).replace('http://unitsofmeasure.org/', 'http://unitsofmeasure.org').replace('/ValueSet/', '/CodeSystem/'));
  const most = [...new Set(systems)].toSorted((a, b) => systems.filter((each) => each === b).length - systems.filter((each) => each === a).length)[0];
  const from = entries.map((row) => /^HL7(\d{4})$/.exec(row.cell(2))?.[1]).find((number) => number !== undefined);
  const table = {};
  for (const [at, row] of entries.entries()) table[row.cell(0)] ??= systems[at] === most ? row.cell(6) : [row.cell(6), systems[at]];
  codes[codesName(name)] = { ...(from !== undefined && { from: `http://terminology.hl7.org/CodeSystem/v2-${from}` }), ...(most !== '' && { to: most }), codes: table };
}

/** `MSH {[SFT]} PATIENT{ PID [PD1] }`: the syntax column, with groups by name. */
const structures = { $note: NOTE };
for (const { name, rows } of sheets('messages', /R4_ ([A-Z]{3}_[A-Z0-9]{3})/)) {
  if (leftOutStructures[name] !== undefined) continue;
  const parts = [];
  let last = '';
  for (const row of rows) {
    const [place, syntax, title] = [row.cell(1), row.cell(2), row.cell(3)];
    const key = `${place}|${syntax}`;
    if (key === last || place === '') continue;
    last = key;
    const group = /^-+\s*(\w+) (begin|end)/i.exec(title);
    const repeats = /\{/.test(syntax) ? '*' : '';
    if (group?.[2].toLowerCase() === 'begin') parts.push(`${group[1]}${repeats}(`);
    else if (group !== null) parts.push(')');
    else if (/[A-Z][A-Z0-9]{2}/.test(syntax)) parts.push(`${/[A-Z][A-Z0-9]{2}/.exec(syntax)[0]}${repeats}`);
  }
  structures[name] = parts.join(' ').replaceAll('( ', '(').replaceAll(' )', ')');
}

for (const key of Object.keys(corrections)) if (!usedCorrections.has(key)) faults.push([key, '', '', 'a correction of no row']);
if (listing) for (const row of dropped) process.stdout.write(`${row.join(' | ')}\n`);
for (const fault of faults) process.stderr.write(`${fault.join(' | ')}\n`);
if (faults.length > 0) process.exit(1);

const tables = { $note: 'Codes of the tables of HL7 version 2 (http://terminology.hl7.org/CodeSystem/v2-NNNN) as they are in hl7.fhir.r4.core 4.0.1 (CC0), made by scripts/generate-hl7v2-rules.mjs. Not edited by hand.' };
const core = await readPackage(createReadStream(join(root, '../shared/igs/hl7.fhir.r4.core-4.0.1.tgz')));
const codesIn = (concepts) => (concepts ?? []).flatMap(({ code, concept }) => [code, ...codesIn(concept)]);
for (const { url, concept } of core.resources.filter(({ resourceType }) => resourceType === 'CodeSystem').toSorted((a, b) => (a.url < b.url ? -1 : 1))) {
  const number = /CodeSystem\/v2-(\d{4})$/.exec(url)?.[1];
  if (number !== undefined && concept !== undefined) tables[number] = { codes: codesIn(concept) };
}

/** One rule, one code table or one structure a line. */
function written(tables_) {
  const lines = Object.entries(tables_).map(([name, value]) => {
    if (!Array.isArray(value)) return ` ${JSON.stringify(name)}: ${JSON.stringify(value)}`;
    return ` ${JSON.stringify(name)}: [\n${value.map((rule) => `  ${JSON.stringify(rule)}`).join(',\n')}\n ]`;
  });
  return `{\n${lines.join(',\n')}\n}\n`;
}

let same = true;
for (const [file, content] of Object.entries({ 'segments.json': segments, 'codes.json': codes, 'structures.json': structures, 'tables.json': tables })) {
  const at = join(root, 'mappers/hl7v2/rules', file);
  if (!check) writeFileSync(at, written(content));
  else if (readFileSync(at, 'utf8') !== written(content)) {
    process.stderr.write(`${file} is not what the mappings give\n`);
    same = false;
  }
}
process.exitCode = same ? 0 : 1;
