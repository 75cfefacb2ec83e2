/** Importing releases: what is no release is refused before anything is changed; what is one is asked by the tables. */
import { openDatabase, type Database } from '../../store/database.ts';
import { importRelease, type ImportResult } from '../../store/terminology/import.ts';
import { installedSystems, removeInstalledSystems } from '../../store/terminology/import-list.ts';
import { openFiles } from '../../terminology/import/files.ts';
import { openRelease, type ImportOptions } from '../../terminology/import/formats.ts';
import { createDatabase } from '../support/house.ts';
import { csv, hcpcsLine, orderLine, rf2, rrf, Workshop } from './releases.ts';

let database: Database;
let drop: () => Promise<void>;
const workshop = new Workshop();
const now = (): Date => new Date('2026-03-02T09:00:00Z');

beforeAll(async () => {
  const created = await createDatabase();
  drop = created.drop;
  database = openDatabase({ connection: { connectionString: created.url }, size: 4, onIdleError: () => {} });
});
afterAll(async () => {
  await database.close();
  await drop();
  await workshop.clean();
});

async function load(format: string, path: string, options: ImportOptions = {}, tenant = 0): Promise<ImportResult> {
  const files = await openFiles(path);
  try {
    return await importRelease(database, files, await openRelease(format, files, options), { tenant, format, now, onProgress: () => {} });
  } finally {
    files.close();
  }
}

async function rows<R = Record<string, unknown>>(text: string, ...values: unknown[]): Promise<R[]> {
  return (await database.query({ text, values })).rows as R[];
}

/** Codes with displays, and whether they are inactive or a heading. */
async function concepts(system: number): Promise<Record<string, string>> {
  const found = await rows<{ code: string; display: string | null; inactive: boolean; abstract: boolean }>('select code, display, inactive, abstract from code_system_concept where system = $1 order by concept', system);
  return Object.fromEntries(found.map(({ code, display, inactive, abstract }) => [code, `${display ?? ''}${inactive ? ' (inactive)' : ''}${abstract ? ' (heading)' : ''}`]));
}

async function below(system: number, code: string): Promise<string[]> {
  const found = await rows<{ code: string }>(`
    select d.code from code_system_closure x
    join code_system_concept a on a.tenant = x.tenant and a.system = x.system and a.concept = x.ancestor
    join code_system_concept d on d.tenant = x.tenant and d.system = x.system and d.concept = x.descendant
    where x.system = $1 and a.code = $2 order by d.code`, system, code);
  return found.map((row) => row.code);
}

async function properties(system: number, code: string): Promise<string[]> {
  const found = await rows<{ code: string; value: string }>(`
    select p.code, p.value from code_system_property p join code_system_concept c using (tenant, system, concept) where system = $1 and c.code = $2 order by p.position`, system, code);
  return found.map((row) => `${row.code}=${row.value}`);
}

async function nothing(): Promise<void> {
  expect(await rows('select system from code_system')).toEqual([]);
  expect(await rows('select system from terminology_import')).toEqual([]);
}

describe('what is no release is refused before anything is changed', () => {
  const refused = (format: string, path: Promise<string>, options: ImportOptions = {}): Promise<string> => path.then((found) => load(format, found, options)).then(() => 'taken', (error: Error) => error.message);

  test('a format that nobody knows', async () => {
    expect(await refused('icd-9', workshop.file('a.txt', 'x'))).toBe('a.txt cannot be imported: there is no format of that name; there are snomed, loinc, rxnorm, icd-10-cm, icd-10-pcs, hcpcs, cpt, x12, csv.');
    expect(await refused('constructor', workshop.file('a.txt', 'x'))).toContain('there is no format of that name');
  });
  test('a file that is not there', async () => { expect(await refused('csv', Promise.resolve('/tmp/nowhere-at-all.csv'))).toBe('nowhere-at-all.csv cannot be imported: there is no such file or folder.'); });
  test('an archive that is none', async () => { expect(await refused('snomed', workshop.file('broken.zip', 'PK no'))).toBe('broken.zip cannot be imported: it is no zip archive, or is damaged.'); });
  test('an empty file', async () => { expect(await refused('csv', workshop.file('empty.csv', ''), { system: 'urn:x', version: '1' })).toBe('empty.csv cannot be imported: it is empty.'); });
  test('SNOMED CT without descriptions', async () => {
    const files = rf2([{ id: '100000101', name: 'Root' }]);
    const without = Object.fromEntries(Object.entries(files).filter(([name]) => !name.includes('Description')));
    expect(await refused('snomed', workshop.folder('rf2', without))).toBe('rf2 cannot be imported: the snapshot of descriptions (sct2_Description_Snapshot…) is missing.');
  });
  test('SNOMED CT with other columns', async () => {
    const files = rf2([{ id: '100000101', name: 'Root' }]);
    const changed = Object.fromEntries(Object.entries(files).map(([name, text]) => [name, text.replace('definitionStatusId', 'status')]));
    expect(await refused('snomed', workshop.folder('rf2', changed))).toMatch(/sct2_Concept_Snapshot_INT_20260131.txt cannot be imported: its first line does not name the column definitionStatusId\.$/);
  });
  test('an edition that the files do not tell', async () => {
    const files = Object.fromEntries(Object.entries(rf2([{ id: '100000101', name: 'Root' }])).map(([name, text]) => [name.replaceAll('_INT_', '_XX1000777_'), text]));
    expect(await refused('snomed', workshop.folder('rf2', files))).toContain('which edition it is cannot be told from its files: give --edition MODULE');
  });
  test('ICD-10 of another kind', async () => {
    expect(await refused('icd-10-cm', workshop.file('icd10pcs_order_2026.txt', orderLine(1, '0ZZ', false, 'x')))).toContain('the order file of ICD-10-CM, such as icd10cm_order_2026.txt, is missing');
    expect(await refused('icd-10-cm', workshop.file('icd10cm_order_2026.txt', 'code,display\n'))).toBe('icd10cm_order_2026.txt cannot be imported: its first line is none of an order file: an order number of five digits is expected in columns 1 to 5.');
  });
  test('LOINC without a version, without its table, with other columns', async () => {
    expect(await refused('loinc', workshop.folder('table', { 'Loinc.csv': 'a,b\n' }))).toContain('its name tells no version');
    expect(await refused('loinc', workshop.folder('Loinc_2.99', { 'x.csv': 'a,b\n' }))).toBe('Loinc_2.99 cannot be imported: the table Loinc.csv is missing.');
    expect(await refused('loinc', workshop.folder('Loinc_2.99', { 'Loinc.csv': 'LOINC_NUM,b\n' }))).toBe('Loinc.csv cannot be imported: its first line does not name the columns LONG_COMMON_NAME, STATUS.');
  });
  test('a table without its system, version, or codes', async () => {
    const file = workshop.file('list.csv', csv([['Number', 'Name'], ['1', 'One']]));
    expect(await refused('csv', file)).toContain('give --system');
    expect(await refused('csv', file, { system: 'urn:x' })).toContain('give --version');
    expect(await refused('csv', file, { system: 'urn:x', version: '1' })).toContain('no column has the codes');
    expect(await refused('csv', file, { system: 'urn:x', version: '1', columns: { code: 'Nr' } })).toBe('list.csv cannot be imported: its first line does not name the column Nr.');
    expect(await refused('csv', file, { system: 'urn:x', version: '1', columns: { kode: 'Number' } })).toContain('--columns takes code, display');
  });
  test('nothing of it is left', nothing);
});

describe('a broken line', () => {
  const wrong = (format: string, name: string, text: string, options: ImportOptions = {}): Promise<string> => workshop.file(name, text).then((path) => load(format, path, options)).then(() => 'taken', (error: Error) => error.message);
  const table = { system: 'urn:broken', version: '1' };

  test.each([
    ['too many columns', csv([['code', 'display'], ['a', 'A'], ['b', 'B', 'C']]), 'list.csv, line 3: 2 columns are expected, and there are 3.'],
    ['no code', csv([['code', 'display'], ['', 'A']]), 'list.csv, line 2: the code is none of Code system.'],
    ['a code that was there', csv([['code', 'display'], ['a', 'A\nof two lines'], ['b', 'B'], ['a', 'again']]), 'list.csv, line 5: its code was there before.'],
    ['a parent that is not there', csv([['code', 'display', 'parent'], ['a', 'A\nof two lines', ''], ['b', 'B', 'a'], ['c', 'C', 'nowhere']]), 'list.csv, line 5: its parent is no code of the file.'],
    ['a parent that is itself', csv([['code', 'display', 'parent'], ['a', 'A', 'a']]), 'list.csv, line 2: its parent is itself.'],
    ['parents in a circle', csv([['code', 'display', 'parent'], ['top', 'T', ''], ['a', 'A', 'c'], ['b', 'B', 'a'], ['c', 'C', 'b']]), 'list.csv, line 3: it is among those above it.'],
    ['an open quotation mark', 'code,display\na,"A\nb,B\n', 'list.csv, line 3: a quotation mark is not closed.'],
  ])('of a table: %s', async (_, text, message) => { expect(await wrong('csv', 'list.csv', text, table)).toBe(message); });

  test('that is not UTF-8', async () => {
    const folder = await workshop.folder('latin', {});
    const { mkdir, writeFile } = await import('node:fs/promises');
    await mkdir(folder, { recursive: true });
    await writeFile(`${folder}/list.csv`, Buffer.from('code,display\na,caf\xe9\n', 'latin1'));
    await expect(load('csv', `${folder}/list.csv`, table)).rejects.toThrow('list.csv, line 2: it is not UTF-8.');
  });

  test.each([
    ['icd10cm_order_2026.txt', 'icd-10-cm', orderLine(1, 'Q00', false, 'x') + orderLine(2, 'Q001', true, 'y').replace('Q001', 'q0!1'), 'icd10cm_order_2026.txt, line 2: a code of 3 to 7 letters and digits is expected in columns 7 to 13.'],
    ['HCPC2026_ANWEB.txt', 'hcpcs', hcpcsLine('Z9001', '3', 'x') + hcpcsLine('Z9002', '3', 'y').replace('001003', '001009'), 'HCPC2026_ANWEB.txt, line 2: 3, 4, 7 or 8 is expected as the kind of the record in column 11.'],
  ])('of %s', async (name, format, text, message) => { expect(await wrong(format, name, text)).toBe(message); });

  test('of a release that nobody sees: the version before stays', async () => {
    await load('csv', await workshop.file('list.csv', csv([['code', 'display'], ['a', 'first']])), { system: 'urn:kept', version: '1' });
    await expect(load('csv', await workshop.file('list.csv', csv([['code', 'display'], ['a', 'second'], ['', 'x']])), { system: 'urn:kept', version: '1' })).rejects.toThrow('line 3');
    const ready = await rows<{ system: number }>("select system from code_system where url = 'urn:kept' and state = 'ready'");
    expect(ready).toHaveLength(1);
    expect(await concepts(ready[0]!.system)).toEqual({ a: 'first' });
  });

  test('is mended, and the import begins with the new file', async () => {
    const { system } = await load('csv', await workshop.file('list.csv', csv([['code', 'display'], ['a', 'third']])), { system: 'urn:kept', version: '1' });
    expect(await concepts(system)).toEqual({ a: 'third' });
    expect(await rows("select state from code_system where url = 'urn:kept'")).toEqual([{ state: 'ready' }]);
    expect(await rows('select from terminology_fragment where system = $1', system)).toEqual([]);
  });
});

describe('SNOMED CT', () => {
  const [root, illness, plague, mild, site, arm, siteOf, strength, list, gone, sameAs] = ['100000101', '100000201', '100000301', '100000401', '100000501', '100000601', '100000701', '100000801', '100000901', '100001001', '900000000000527005'] as const;
  const sample = [
    { id: root, name: 'Everything invented' },
    { id: illness, name: 'Invented illness', parents: [root] },
    { id: plague, name: 'Glorp plague', synonyms: ['Glorpitis'], parents: [illness], defined: true, attributes: [[1, siteOf, arm], [1, strength, '#5'], [2, siteOf, site]] },
    { id: mild, name: 'Mild glorp plague', parents: [plague, illness], attributes: [[0, siteOf, arm]] },
    { id: site, name: 'Invented place', parents: [root] },
    { id: arm, name: 'Third arm', parents: [site] },
    { id: siteOf, name: 'Place of', parents: [root] },
    { id: strength, name: 'Strength of', parents: [root] },
    { id: list, name: 'Short list', parents: [root] },
    { id: sameAs, name: 'Same as', parents: [root] },
    { id: gone, name: 'Old plague', inactive: true, time: '20200131' },
  ] as const;
  const files = rf2(sample, [{ refset: list, concept: plague }, { refset: sameAs, concept: gone, target: plague }]);
  let system: number;

  test('from the archive as it is distributed', async () => {
    const done = await load('snomed', await workshop.zip('SnomedCT_Invention.zip', files));
    expect(done).toMatchObject({ url: 'http://snomed.info/sct', version: 'http://snomed.info/sct/900000000000207008/version/20260131', concepts: 11, alreadyThere: false });
    ({ system } = done);
    expect(await concepts(system)).toMatchObject({ [plague]: 'Glorp plague', [gone]: 'Old plague (inactive)' });
  });

  test('hierarchy, without what is inactive', async () => {
    expect(await below(system, illness)).toEqual([plague, mild]);
    expect(await below(system, plague)).toEqual([mild]);
    expect((await below(system, root))).toHaveLength(9);
  });

  test('properties as FHIR names them, attributes with them', async () => {
    expect(await properties(system, plague)).toEqual([
      'inactive=false', 'sufficientlyDefined=true', 'moduleId=900000000000207008', 'effectiveTime=20260131', `${siteOf}=${arm}`, `${siteOf}=${site}`, `${strength}=5`,
    ]);
  });

  test('designations by use, the preferred one first; dialects beside them', async () => {
    const found = await rows(`
      select d.value, d.use_code, d.language, x.preferred, x.acceptable from code_system_designation d join code_system_concept c using (tenant, system, concept)
      join snomed_description x using (tenant, system, concept, position) where system = $1 and code = $2 order by position`, system, plague);
    const both = ['900000000000509007', '900000000000508004'];
    expect(found).toEqual([
      { value: 'Glorp plague', use_code: '900000000000013009', language: 'en', preferred: both, acceptable: [] },
      { value: 'Glorpitis', use_code: '900000000000013009', language: 'en', preferred: [], acceptable: ['900000000000508004'] },
      { value: 'Glorp plague (invention)', use_code: '900000000000003001', language: 'en', preferred: both, acceptable: [] },
    ]);
  });

  test('groups of attributes, concrete values, members', async () => {
    const found = await rows(`
      select a.role_group, t.code as target, a.value from snomed_attribute a join code_system_concept c using (tenant, system, concept)
      left join code_system_concept t on t.tenant = a.tenant and t.system = a.system and t.concept = a.target
      where a.system = $1 and c.code = $2 order by a.position`, system, plague);
    expect(found).toEqual([{ role_group: 1, target: arm, value: null }, { role_group: 2, target: site, value: null }, { role_group: 1, target: null, value: '5' }]);
    expect(await rows('select refset.code as refset, c.code from snomed_member m join code_system_concept c using (tenant, system, concept) join code_system_concept refset on refset.system = m.system and refset.concept = m.refset where m.system = $1 and target = 0', system)).toEqual([{ refset: list, code: plague }]);
    expect(await rows('select from snomed_member where system = $1 and target <> 0', system)).toHaveLength(1);
  });

  test('the same files again: nothing is done', async () => {
    expect(await load('snomed', await workshop.zip('SnomedCT_Invention.zip', files))).toMatchObject({ system, alreadyThere: true });
  });

  test('another version stands beside it, from a folder; each is removed by itself', async () => {
    const later = await load('snomed', await workshop.folder('SnomedCT_Later', rf2(sample.filter(({ id }) => id !== mild), [], '20260731')));
    expect(later.version).toBe('http://snomed.info/sct/900000000000207008/version/20260731');
    expect((await installedSystems(database, 0)).filter(({ url }) => url === 'http://snomed.info/sct').map(({ concepts: count }) => count)).toEqual([11, 10]);
    expect(await removeInstalledSystems(database, 0, 'http://snomed.info/sct', later.version)).toEqual([later.version]);
    for (const name of ['code_system_concept', 'code_system_closure', 'snomed_attribute', 'snomed_description', 'snomed_member']) expect(await rows(`select from ${name} where system = $1`, later.system)).toEqual([]);
    expect(await below(system, plague)).toEqual([mild]);
  });

  test('the edition of a national release, from its modules', async () => {
    const national = Object.fromEntries(Object.entries(files).map(([name, text]) => [name.replaceAll('_INT_', '_XX1000777_'), text]));
    const modules = `id\teffectiveTime\tactive\tmoduleId\trefsetId\treferencedComponentId\tsourceEffectiveTime\ttargetEffectiveTime\r\nd1\t20260131\t1\t7770001000\t900000000000534007\t900000000000207008\t20260131\t20250131\r\n`;
    const path = await workshop.folder('SnomedCT_National', { ...national, 'Snapshot/Refset/Metadata/der2_ssRefset_ModuleDependencySnapshot_XX1000777_20260131.txt': modules });
    expect((await load('snomed', path, {}, 1)).version).toBe('http://snomed.info/sct/7770001000/version/20260131');
  });

  test('of a line that is broken: which one', async () => {
    const broken = Object.fromEntries(Object.entries(files).map(([name, text]) => [name, name.includes('sct2_Relationship_Snapshot') ? text.replace(`\t${illness}\t`, '\tnonsense\t') : text]));
    await expect(load('snomed', await workshop.folder('broken', broken), {}, 1)).rejects.toThrow(/Relationship_Snapshot_INT_20260131.txt, line 2: sourceId is no identifier of SNOMED CT\.$/);
  });
});

test('LOINC: terms, parts, hierarchy, answer lists as value sets', async () => {
  const path = await workshop.zip('Loinc_2.99.zip', {
    'LoincTable/Loinc.csv': csv([
      ['LOINC_NUM', 'COMPONENT', 'PROPERTY', 'SYSTEM', 'STATUS', 'SHORTNAME', 'CONSUMER_NAME', 'LONG_COMMON_NAME', 'DefinitionDescription'],
      ['99901-1', 'Glorp', 'MCnc', 'Ser', 'ACTIVE', 'Glorp SerPl', 'Glorp, blood', 'Glorp [Mass/volume] in "Serum"', 'How much\nglorp'],
      ['99902-9', 'Glorp', 'Find', '^Patient', 'DEPRECATED', '', '', 'Glorp seen', ''],
    ]),
    'AccessoryFiles/PartFile/Part.csv': csv([['PartNumber', 'PartTypeName', 'PartName', 'PartDisplayName', 'Status'], ['LP9990-1', 'COMPONENT', 'Glorp', 'Glorp', 'ACTIVE']]),
    'AccessoryFiles/ComponentHierarchyBySystem/ComponentHierarchyBySystem.csv': csv([['PATH_TO_ROOT', 'SEQUENCE', 'IMMEDIATE_PARENT', 'CODE', 'CODE_TEXT'], ['', '1', '', 'LP9990-1', 'Glorp'], ['LP9990-1', '1', 'LP9990-1', '99901-1', 'Glorp SerPl'], ['LP9990-1', '2', 'LP9990-1', '99902-9', 'Glorp seen']]),
    'AccessoryFiles/AnswerFile/AnswerList.csv': csv([['AnswerListId', 'AnswerListName', 'AnswerStringId', 'SequenceNumber', 'DisplayText'], ['LL999-1', 'Glorpness', 'LA9991-1', '1', 'Much'], ['LL999-1', 'Glorpness', 'LA9992-9', '2', 'Little'], ['LL998-3', 'Elsewhere', '', '', '']]),
    'AccessoryFiles/AnswerFile/LoincAnswerListLink.csv': csv([['LoincNumber', 'LongCommonName', 'AnswerListId', 'AnswerListName'], ['99902-9', 'Glorp seen', 'LL999-1', 'Glorpness']]),
  });
  const { system, version } = await load('loinc', path);
  expect(version).toBe('2.99');
  expect(await concepts(system)).toEqual({ '99901-1': 'Glorp [Mass/volume] in "Serum"', '99902-9': 'Glorp seen (inactive)', 'LP9990-1': 'Glorp', 'LA9991-1': 'Much', 'LA9992-9': 'Little' });
  expect(await below(system, 'LP9990-1')).toEqual(['99901-1', '99902-9']);
  expect(await properties(system, '99902-9')).toEqual(['COMPONENT=Glorp', 'PROPERTY=Find', 'SYSTEM=^Patient', 'STATUS=DEPRECATED', 'answer-list=LL999-1']);
  expect(await rows('select v.url, v.version, c.code, c.display from value_set v join value_set_concept c using (tenant, value_set) order by c.position')).toEqual([
    { url: 'http://loinc.org/vs/LL999-1', version: '2.99', code: 'LA9991-1', display: 'Much' }, { url: 'http://loinc.org/vs/LL999-1', version: '2.99', code: 'LA9992-9', display: 'Little' },
  ]);
  expect(await removeInstalledSystems(database, 0, 'http://loinc.org', undefined)).toEqual(['2.99']);
  expect(await rows('select from value_set')).toEqual([]);
});

test('RxNorm: names by their types, relations, attributes of its own alone', async () => {
  const name = (id: string, source: string, type: string, text: string, suppressed = 'N'): string[] => [id, 'ENG', '', '', '', '', '', `a${id}${type}`, '', '', '', source, type, id, text, '', suppressed, ''];
  const relation = (first: string, second: string, rela: string, source = 'RXNORM'): string[] => [first, '', 'CUI', 'RO', second, '', 'CUI', rela, '', '', source, '', '', '', '', ''];
  const attribute = (id: string, code: string, value: string, source = 'RXNORM'): string[] => [id, '', '', '', 'CUI', id, '', '', code, source, value, 'N', ''];
  const path = await workshop.zip('RxNorm_full_01052026.zip', {
    'rrf/RXNCONSO.RRF': rrf([name('9001', 'RXNORM', 'SY', 'glorp tab'), name('9001', 'RXNORM', 'SCD', 'glorp 5 MG Oral Tablet'), name('9001', 'OTHER', 'PT', 'not ours'), name('9002', 'RXNORM', 'IN', 'glorp'), name('9003', 'RXNORM', 'SCD', 'old glorp', 'O')]),
    'rrf/RXNREL.RRF': rrf([relation('9002', '9001', 'has_ingredient'), relation('9002', '9003', 'isa'), relation('9001', '9003', 'isa', 'OTHER')]),
    'rrf/RXNSAT.RRF': rrf([attribute('9001', 'NDC', '99999000111'), attribute('9001', 'CODE', 'x', 'OTHER')]),
    'prescribe/rrf/RXNCONSO.RRF': rrf([name('9009', 'RXNORM', 'IN', 'subset')]),
  });
  const { system, version } = await load('rxnorm', path);
  expect(version).toBe('01052026');
  expect(await concepts(system)).toEqual({ 9001: 'glorp 5 MG Oral Tablet', 9002: 'glorp', 9003: 'old glorp (inactive)' });
  expect(await properties(system, '9001')).toEqual(['TTY=SY', 'TTY=SCD', 'has_ingredient=9002', 'NDC=99999000111']);
  expect(await below(system, '9002')).toEqual(['9003']);
});

test.each(['as they come', 'backwards'])('RxNorm: a concept is inactive where all of its own names are suppressed, and shown by the foremost type: rows %s', async (order) => {
  const name = (id: string, type: string, text: string, suppressed: string, source = 'RXNORM'): string[] => [id, 'ENG', '', '', '', '', '', `a${id}${type}${text}`, '', '', '', source, type, id, text, '', suppressed, ''];
  const names = [
    name('9001', 'SY', 'glorp tab', 'O'), name('9001', 'SCD', 'glorp 5 MG Oral Tablet', 'N'),
    name('9002', 'SCD', 'glorp, as it was', 'O'), name('9002', 'SY', 'glorp, still', 'N'), name('9002', 'SCD', 'glorp, as it is', 'N'),
    name('9003', 'SCD', 'old glorp', 'O'), name('9003', 'TMSY', 'old glorp tall', 'Y'), name('9003', 'PT', 'old glorp of others', 'N', 'OTHER'),
    name('9004', 'SCD', 'kept glorp', 'E'), name('9004', 'PSN', 'kept glorp for people', 'N'),
  ];
  const path = await workshop.zip(`RxNorm_full_0${order === 'backwards' ? 1 : 2}022026.zip`, {
    'rrf/RXNCONSO.RRF': rrf(order === 'backwards' ? names.toReversed() : names),
    'rrf/RXNREL.RRF': rrf([['9001', '', 'CUI', 'RO', '9002', '', 'CUI', 'has_form', '', '', 'RXNORM', '', '', '', '', '']]),
    'rrf/RXNSAT.RRF': rrf([['9001', '', '', '', 'CUI', '9001', '', '', 'NDC', 'RXNORM', '99999000111', 'N', '']]),
  });
  const { system } = await load('rxnorm', path);
  expect(await concepts(system)).toEqual({ 9001: 'glorp 5 MG Oral Tablet', 9002: 'glorp, as it is', 9003: 'old glorp (inactive)', 9004: 'kept glorp' });
});

test('ICD-10-CM: headers are above what begins with them; codes have their dot', async () => {
  const text = [orderLine(1, 'Q99', false, 'Glorp disease'), orderLine(2, 'Q990', true, 'Glorp of arm', 'Glorp disease of the arm'), orderLine(3, 'Q991', false, 'Glorp of leg'), orderLine(4, 'Q991XXA', true, 'Glorp of leg, initial'), orderLine(5, 'R01', true, 'Murmur of glorp')].join('');
  const { system, version } = await load('icd-10-cm', await workshop.file('icd10cm_order_2026.txt', text));
  expect(version).toBe('2026');
  expect(await concepts(system)).toEqual({ Q99: 'Glorp disease', 'Q99.0': 'Glorp disease of the arm', 'Q99.1': 'Glorp of leg', 'Q99.1XXA': 'Glorp of leg, initial', R01: 'Murmur of glorp' });
  expect([await below(system, 'Q99'), await below(system, 'Q99.1')]).toEqual([['Q99.0', 'Q99.1', 'Q99.1XXA'], ['Q99.1XXA']]);
  expect(await properties(system, 'Q99.1')).toEqual(['billable=false']);
});

test('ICD-10-PCS: headers are headings', async () => {
  const text = orderLine(1, '9ZZ', false, 'Glorp, Removal') + orderLine(2, '9ZZ0XYZ', true, 'Removal of Glorp');
  const { system } = await load('icd-10-pcs', await workshop.zip('pcs.zip', { 'icd10pcs_order_2026.txt': text }));
  expect(await concepts(system)).toEqual({ '9ZZ': 'Glorp, Removal (heading)', '9ZZ0XYZ': 'Removal of Glorp' });
  expect(await below(system, '9ZZ')).toEqual(['9ZZ0XYZ']);
});

describe('HCPCS', () => {
  test('fixed columns: descriptions over several records, modifiers, what has ended', async () => {
    const text = hcpcsLine('Z9001', '3', 'Glorp remover, portable,', { short: 'Glorp remover', added: '20250101' }) + hcpcsLine('Z9001', '4', 'with hose') + hcpcsLine('Z9002', '3', 'Glorp brush', { terminated: '20251231' }) + hcpcsLine('ZQ', '7', 'Left glorp');
    const { system, version } = await load('hcpcs', await workshop.file('HCPC2026_JAN_ANWEB.txt', text));
    expect(version).toBe('2026-JAN');
    expect(await concepts(system)).toEqual({ Z9001: 'Glorp remover, portable, with hose', Z9002: 'Glorp brush (inactive)', ZQ: 'Left glorp' });
    expect(await properties(system, 'Z9001')).toEqual(['kind=procedure', 'added=2025-01-01']);
  });
  test('CSV', async () => {
    const text = csv([['HCPC', 'SEQNUM', 'RECID', 'LONG DESCRIPTION', 'SHORT DESCRIPTION', 'ADD DT', 'TERM DT'], ['Z9001', '00100', '3', 'Glorp remover,', 'Remover', '', ''], ['Z9001', '00200', '4', 'portable', '', '', '']]);
    expect(await concepts((await load('hcpcs', await workshop.file('HCPC2027_JAN_ANWEB.csv', text))).system)).toEqual({ Z9001: 'Glorp remover, portable' });
  });
});

test('two imports of the same files at once: one of them does it, and the other says so', async () => {
  const path = await workshop.file('list.csv', csv([['code', 'display'], ...Array.from({ length: 25_000 }, (_, number) => [`c${number}`, `Code ${number}`])]));
  const outcomes = await Promise.allSettled([1, 2].map(() => load('csv', path, { system: 'urn:twice', version: '1' })));
  const done = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value.concepts] : []));
  const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [(outcome.reason as Error).message] : []));
  expect([done, refused]).toEqual([[25_000], ['Another process is importing the same version: wait until it is done.']]);
  expect(await rows("select state, concept_count from code_system where url = 'urn:twice'")).toEqual([{ state: 'ready', concept_count: 25_000 }]);
});

describe('tables', () => {
  test('headings tell what is what; others are properties', async () => {
    const text = csv([['code', 'display', 'parent', 'inactive', 'Weight class'], ['top', 'Top', '', '', ''], ['a', 'A, "quoted"', 'top', 'true', 'heavy'], ['b', 'B', '', '', '']]);
    const { system } = await load('csv', await workshop.file('list.csv', text), { system: 'urn:table', version: '7' });
    expect(await concepts(system)).toEqual({ top: 'Top', a: 'A, "quoted" (inactive)', b: 'B' });
    expect(await below(system, 'top')).toEqual(['a']);
    expect(await properties(system, 'a')).toEqual(['Weight-class=heavy']);
  });
  test('CPT as it is delivered: a tab, no headings', async () => {
    const { system, url } = await load('cpt', await workshop.file('LONGULT.txt', '9990Z\tInvented procedure, "deep"\n9991Z\tAnother, with comma\n'.replaceAll('"', '')), { version: '2026' });
    expect(url).toBe('http://www.ama-assn.org/go/cpt');
    expect(await concepts(system)).toEqual({ '9990Z': 'Invented procedure, deep', '9991Z': 'Another, with comma' });
  });
  test('X12: columns by other headings', async () => {
    const text = 'Qualifier;Meaning\nZ1;Invented status\nZ2;Other status\n';
    const { system } = await load('x12', await workshop.file('306.csv', text), { system: 'https://codesystem.x12.org/005010/306', version: '005010', columns: { code: 'Qualifier', display: 'Meaning' } });
    expect(await concepts(system)).toEqual({ Z1: 'Invented status', Z2: 'Other status' });
  });
  test('of a tenant: others see nothing of it, and it hides nothing of theirs', async () => {
    await load('csv', await workshop.file('list.csv', csv([['code'], ['mine']])), { system: 'urn:table', version: '7' }, 3);
    expect((await installedSystems(database, 3)).map(({ url }) => url)).toEqual(['urn:table']);
    expect(await rows("select tenant from code_system where url = 'urn:table' order by tenant")).toEqual([{ tenant: 0 }, { tenant: 3 }]);
  });
});
