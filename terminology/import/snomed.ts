/**
 * SNOMED CT, Release Format 2 (SNOMED CT Release File Specifications): the snapshot of an edition, as it is distributed.
 * Concepts, descriptions, relationships and language reference sets are needed; text definitions, concrete values,
 * simple reference sets and historical associations are taken where they are there.
 */
import type { CodeSystem } from '@medplum/fhirtypes';
import { definitionStatuses, descriptionTypes, isA } from '../ecl/metadata.ts';
import { refusedRelease, type ReleaseFile, type ReleaseFiles } from './files.ts';
import { ImportLineError, type Fragment, type Release, type ReleasePart } from './release.ts';
import { assembleSnomed, snomed } from './snomed-concept.ts';
import { columnsOf, firstRow, rowsOf } from './rows.ts';

const form = { kind: 'divided', by: '\t' } as const;
type Cell = (column: number) => string;

const component = ['id', 'effectiveTime', 'active', 'moduleId'];
const member = [...component, 'refsetId', 'referencedComponentId'];

/** Editions that a name of a file tells; of others the module dependencies tell which module is the edition's. */
const editions: Readonly<Record<string, string>> = { INT: '900000000000207008', US1000124: '731000124108' };

export async function openSnomed(files: ReleaseFiles, version: string | undefined, edition: string | undefined): Promise<Release> {
  const snapshot = files.files.filter(({ name }) => /Snapshot/.test(name) && name.endsWith('.txt'));
  const all = (pattern: RegExp): ReleaseFile[] => snapshot.filter(({ name }) => pattern.test(name.slice(name.lastIndexOf('/') + 1)));
  const needed = (pattern: RegExp, what: string): ReleaseFile[] => {
    const found = all(pattern);
    if (found.length === 0) throw refusedRelease(files.name, `the snapshot of ${what} is missing`);
    return found;
  };
  const concepts = needed(/^x?sct2_Concept_Snapshot/, 'concepts (sct2_Concept_Snapshot_…)');
  const [, namespace = '', date = ''] = /_([A-Z]*\d*)_(\d{8})\.txt$/.exec(concepts[0]!.name) ?? [];
  const released = version ?? date;
  if (!/^\d{8}$/.test(released)) throw refusedRelease(concepts[0]!.name, 'its name tells no date: give --version YYYYMMDD');
  const parts = [
    ...concepts.map((file) => part(file, [...component, 'definitionStatusId'], conceptRow)),
    ...needed(/^x?sct2_Description_Snapshot/, 'descriptions (sct2_Description_Snapshot…)').map((file) => part(file, descriptionColumns, descriptionRow)),
    ...all(/^x?sct2_TextDefinition_Snapshot/).map((file) => part(file, descriptionColumns, descriptionRow)),
    ...needed(/^x?sct2_Relationship_Snapshot/, 'relationships (sct2_Relationship_Snapshot_…)').map((file) => part(file, [...component, 'sourceId', 'destinationId', 'relationshipGroup', 'typeId'], relationshipRow(false))),
    ...all(/^x?sct2_RelationshipConcreteValues_Snapshot/).map((file) => part(file, [...component, 'sourceId', 'value', 'relationshipGroup', 'typeId'], relationshipRow(true))),
    ...needed(/^x?der2_cRefset_LanguageSnapshot/, 'language reference sets (der2_cRefset_LanguageSnapshot…)').map((file) => part(file, [...member, 'acceptabilityId'], acceptabilityRow)),
    ...all(/^x?der2_Refset_\w*SimpleSnapshot/).map((file) => part(file, member, memberRow)),
    ...all(/^x?der2_cRefset_Association(?:Reference)?Snapshot/).map((file) => part(file, [...member, 'targetComponentId'], memberRow)),
  ];
  for (const { file, columns } of parts) columnsOf(file, await firstRow(file, form), columns);
  const module = edition ?? editions[namespace] ?? await editionModule(files.name, all(/^x?der2_ssRefset_ModuleDependencySnapshot/), released);
  return {
    codeSystem: { ...head, version: `${snomed}/${module}/version/${released}` },
    // An edition may come with files of several modules, and a concept that is in two of them is the same.
    unique: concepts.length === 1, parts, assemble: assembleSnomed,
  };
}

const descriptionColumns = [...component, 'conceptId', 'languageCode', 'typeId', 'term', 'caseSignificanceId'];

function part(file: ReleaseFile, columns: readonly string[], read: (cell: Cell) => readonly Fragment[]): ReleasePart & { readonly columns: readonly string[] } {
  return {
    file, form, header: true, columns,
    begin: () => ({ fields }) => {
      if (fields.length < columns.length) throw new ImportLineError(`${columns.length} columns are expected, and there are ${fields.length}`);
      if (fields[2] !== '1' && fields[2] !== '0') throw new ImportLineError('active is neither 0 nor 1');
      return read((column) => fields[column]!);
    },
  };
}

function id(cell: Cell, column: number, name: string): string {
  const value = cell(column);
  if (!/^[1-9]\d{5,17}$/.test(value)) throw new ImportLineError(`${name} is no identifier of SNOMED CT`);
  return value;
}

function conceptRow(cell: Cell): readonly Fragment[] {
  const inactive = cell(2) === '0';
  return [{
    kind: 'concept', code: id(cell, 0, 'id'), inactive,
    properties: [
      { code: 'inactive', type: 'boolean', value: String(inactive) },
      { code: 'sufficientlyDefined', type: 'boolean', value: String(cell(4) === definitionStatuses.defined) },
      { code: 'moduleId', type: 'code', value: id(cell, 3, 'moduleId') },
      { code: 'effectiveTime', type: 'string', value: cell(1) },
    ],
  }];
}

function descriptionRow(cell: Cell): readonly Fragment[] {
  if (cell(2) === '0') return [];
  const type = id(cell, 6, 'typeId');
  const value = cell(7);
  if (value === '') throw new ImportLineError('term is empty');
  return [{
    kind: 'designation', code: id(cell, 4, 'conceptId'), language: cell(5), value,
    use: { system: snomed, code: type, display: type === descriptionTypes.fsn ? 'Fully specified name' : type === descriptionTypes.def ? 'Definition' : 'Synonym' },
    description: { id: id(cell, 0, 'id'), module: id(cell, 3, 'moduleId'), time: cell(1) },
  }];
}

function relationshipRow(concrete: boolean): (cell: Cell) => readonly Fragment[] {
  return (cell) => {
    if (cell(2) === '0') return [];
    const [code, attribute, group] = [id(cell, 4, 'sourceId'), id(cell, 7, 'typeId'), cell(6)];
    if (!/^\d{1,6}$/.test(group)) throw new ImportLineError('relationshipGroup is no number');
    if (concrete && !/^(?:#[+-]?\d+(?:\.\d+)?|".*"|true|false)$/s.test(cell(5))) throw new ImportLineError('value is neither a number behind #, nor a string in quotes');
    const target = concrete ? cell(5).replace(/^#\+?/, '') : id(cell, 5, 'destinationId');
    return [attribute === isA ? { kind: 'parent', code, target } : { kind: 'attribute', code, target, attribute, group: Number(group), concrete }];
  };
}

function acceptabilityRow(cell: Cell): readonly Fragment[] {
  if (cell(2) === '0') return [];
  return [{ kind: 'acceptability', code: id(cell, 5, 'referencedComponentId'), target: id(cell, 4, 'refsetId'), preferred: id(cell, 6, 'acceptabilityId') === '900000000000548007' }];
}

/** Of a simple reference set, or one of associations: descriptions may be members, too, and are no concepts here. */
function memberRow(cell: Cell): readonly Fragment[] {
  if (cell(2) === '0') return [];
  const points = cell(6) as string | undefined;
  return [{ kind: 'member', code: id(cell, 5, 'referencedComponentId'), target: id(cell, 4, 'refsetId'), ...(points !== undefined && points !== '' && { points: id(cell, 6, 'targetComponentId') }) }];
}

/** The module of the release's date on which no other depends. */
async function editionModule(name: string, files: readonly ReleaseFile[], date: string): Promise<string> {
  const modules = new Set<string>();
  const needed = new Set<string>();
  for (const file of files) {
    for await (const { rows } of rowsOf(file, form)) {
      for (const { fields: [, , active, module = '', , depended = '', source] } of rows) {
        if (active !== '1') continue;
        if (source === date) modules.add(module);
        needed.add(depended);
      }
    }
  }
  const [edition, ...more] = [...modules].filter((module) => !needed.has(module));
  if (edition === undefined || more.length > 0) throw refusedRelease(name, 'which edition it is cannot be told from its files: give --edition MODULE, such as 900000000000207008');
  return edition;
}

const head: CodeSystem & { url: string } = {
  resourceType: 'CodeSystem', url: snomed, name: 'SNOMED_CT', title: 'SNOMED CT', status: 'active', content: 'complete', caseSensitive: true, hierarchyMeaning: 'is-a', compositional: true,
  valueSet: `${snomed}?fhir_vs`, publisher: 'SNOMED International',
  // https://terminology.hl7.org/SNOMEDCT.html, "SNOMED CT properties" and "SNOMED CT filters"
  property: [
    { code: 'inactive', type: 'boolean' }, { code: 'sufficientlyDefined', type: 'boolean' }, { code: 'moduleId', type: 'code' }, { code: 'effectiveTime', type: 'string' },
    { code: 'parent', type: 'code', uri: 'http://hl7.org/fhir/concept-properties#parent' }, { code: 'child', type: 'code', uri: 'http://hl7.org/fhir/concept-properties#child' },
  ],
  filter: [
    { code: 'constraint', description: 'An expression constraint (ECL)', operator: ['='], value: 'an expression constraint' },
    { code: 'concept', description: 'Hierarchy and reference sets', operator: ['is-a', 'in'], value: 'a concept' },
  ],
};
