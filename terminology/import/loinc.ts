/**
 * LOINC (LOINC Users' Guide, "LOINC Table" and accessory files): Loinc.csv has the terms; parts, the hierarchy and the
 * answer lists are in files beside it, and are taken where they are there. Answer lists become value sets.
 */
import type { CodeSystem } from '@medplum/fhirtypes';
import { assembleConcept } from './assemble.ts';
import { refusedRelease, theFile, type ReleaseFile, type ReleaseFiles } from './files.ts';
import { ImportLineError, type Fragment, type Release, type ReleasePart } from './release.ts';
import { columnsOf, firstRow, type Row } from './rows.ts';

const form = { kind: 'csv', delimiter: ',' } as const;
type Cell = (name: string) => string;

/** Columns that are properties under the names that FHIR gives them (https://terminology.hl7.org/LOINC.html). */
const axes = ['COMPONENT', 'PROPERTY', 'TIME_ASPCT', 'SYSTEM', 'SCALE_TYP', 'METHOD_TYP', 'CLASS', 'STATUS', 'CLASSTYPE', 'ORDER_OBS', 'VersionLastChanged'] as const;

export async function openLoinc(files: ReleaseFiles, version: string | undefined): Promise<Release> {
  const number = version ?? /loinc[-_]?v?(\d\.\d+)/i.exec(files.name)?.[1];
  if (number === undefined) throw refusedRelease(files.name, 'its name tells no version, as Loinc_2.81.zip does: give --version');
  const table = theFile(files, /(?:^|\/)Loinc\.csv$/i, 'the table Loinc.csv');
  const beside = (pattern: RegExp): ReleaseFile | undefined => files.files.find((file) => pattern.test(file.name));
  const parts = [
    await part(table, ['LOINC_NUM', 'LONG_COMMON_NAME', 'STATUS'], term),
    await part(beside(/(?:^|\/)Part\.csv$/i), ['PartNumber', 'PartTypeName', 'PartName', 'Status'], loincPart),
    await part(beside(/(?:^|\/)ComponentHierarchyBySystem\.csv$/i), ['IMMEDIATE_PARENT', 'CODE', 'CODE_TEXT'], place),
    await part(beside(/(?:^|\/)AnswerList\.csv$/i), ['AnswerListId', 'AnswerListName', 'AnswerStringId', 'DisplayText'], answer),
    await part(beside(/(?:^|\/)LoincAnswerListLink\.csv$/i), ['LoincNumber', 'AnswerListId'], answerLink),
  ];
  return {
    codeSystem: { ...head, version: number }, unique: false, parts: parts.flatMap((one) => one ?? []),
    listUrl: (code) => `http://loinc.org/vs/${code}`, assemble: assembleConcept,
  };
}

async function part(file: ReleaseFile | undefined, needed: readonly string[], read: (cell: Cell) => readonly Fragment[]): Promise<ReleasePart | undefined> {
  if (file === undefined) return undefined;
  const first = await firstRow(file, form);
  const places = columnsOf(file, first, needed);
  return {
    file, form, header: true,
    begin: () => ({ fields }: Row) => {
      if (fields.length !== first.fields.length) throw new ImportLineError(`${first.fields.length} columns are expected, and there are ${fields.length}`);
      return read((name) => fields[places.get(name) ?? -1] ?? '');
    },
  };
}

function term(cell: Cell): readonly Fragment[] {
  const code = cell('LOINC_NUM');
  if (!/^\d{1,7}-\d$/.test(code)) throw new ImportLineError('LOINC_NUM is no LOINC number');
  const [display, definition] = [cell('LONG_COMMON_NAME'), cell('DefinitionDescription')];
  const names = [['SHORTNAME', 'SHORTNAME'], ['CONSUMER_NAME', 'ConsumerName'], ['DisplayName', 'DisplayName']] as const;
  return [
    {
      kind: 'concept', code, display, ...(definition !== '' && { definition }), inactive: cell('STATUS') === 'DEPRECATED',
      properties: axes.flatMap((name) => (cell(name) === '' ? [] : [{ code: name, type: 'string', value: cell(name) } as const])),
    },
    ...names.flatMap(([column, use]): Fragment[] => (cell(column) === '' ? [] : [{ kind: 'designation', code, language: 'en', use: { system: 'http://loinc.org', code: use }, value: cell(column) }])),
  ];
}

function loincPart(cell: Cell): readonly Fragment[] {
  const code = cell('PartNumber');
  if (!/^LP\d+-\d$/.test(code)) throw new ImportLineError('PartNumber is no number of a part');
  return [{ kind: 'concept', code, display: cell('PartName'), inactive: cell('Status') === 'DEPRECATED', properties: [{ code: 'PartTypeName', type: 'string', value: cell('PartTypeName') }] }];
}

function place(cell: Cell): readonly Fragment[] {
  const [code, target] = [cell('CODE'), cell('IMMEDIATE_PARENT')];
  if (code === '') throw new ImportLineError('CODE is empty');
  // Nodes of the hierarchy that are no term are parts; not all are in the file of parts.
  const node: Fragment = { kind: 'concept', code, display: cell('CODE_TEXT') };
  return target === '' ? [node] : [node, { kind: 'parent', code, target }];
}

function answer(cell: Cell): readonly Fragment[] {
  const [list, code, display] = [cell('AnswerListId'), cell('AnswerStringId'), cell('DisplayText')];
  if (!/^LL\d+-\d$/.test(list)) throw new ImportLineError('AnswerListId is no number of an answer list');
  // A list that is defined elsewhere has no answers here.
  if (code === '') return [];
  return [{ kind: 'concept', code, display }, { kind: 'list', code: list, target: code, name: cell('AnswerListName'), display }];
}

function answerLink(cell: Cell): readonly Fragment[] {
  return [{ kind: 'property', code: cell('LoincNumber'), property: { code: 'answer-list', type: 'code', value: cell('AnswerListId') } }];
}

const head: CodeSystem & { url: string } = {
  resourceType: 'CodeSystem', url: 'http://loinc.org', name: 'LOINC', title: 'LOINC', status: 'active', content: 'complete', caseSensitive: false, hierarchyMeaning: 'is-a',
  valueSet: 'http://loinc.org/vs', publisher: 'Regenstrief Institute',
  property: [...axes.map((code) => ({ code, type: 'string' as const })), { code: 'PartTypeName', type: 'string' }, { code: 'answer-list', type: 'code', description: 'Number of the list of answers' }],
};
