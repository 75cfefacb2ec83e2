/**
 * HCPCS level II: the contractor record of CMS, 320 fixed columns (HCPC20XX_recordlayout.txt), or its CSV with a line of
 * headings. A record is the first line of a procedure (3) or modifier (7), or goes on with its description (4, 8).
 */
import type { CodeSystem } from '@medplum/fhirtypes';
import { assembleConcept } from './assemble.ts';
import { refusedRelease, theFile, type ReleaseFiles } from './files.ts';
import { ImportLineError, type Fragment, type Release } from './release.ts';
import { columnsOf, firstRow, type RowForm, type Row } from './rows.ts';

const fileName = /(?:^|\/)HCPC[^/]*(?:ANWEB|CONTR)[^/]*\.(?:txt|csv)$/i;

/** First and last column, from 1 on, and the heading in CSV. */
const columns = {
  code: { from: 1, to: 5, heading: 'HCPC' },
  record: { from: 11, to: 11, heading: 'RECID' },
  long: { from: 12, to: 91, heading: 'LONG DESCRIPTION' },
  short: { from: 92, to: 119, heading: 'SHORT DESCRIPTION' },
  added: { from: 269, to: 276, heading: 'ADD DT' },
  terminated: { from: 285, to: 292, heading: 'TERM DT' },
} as const;
type Column = keyof typeof columns;

export async function openHcpcs(files: ReleaseFiles, version: string | undefined): Promise<Release> {
  const file = files.files.length === 1 ? files.files[0]! : theFile(files, fileName, 'the file of HCPCS, such as HCPC2026_JAN_ANWEB.txt,');
  const year = version ?? /HCPC(20\d\d)(?:[-_]?([A-Z]{3}))?/i.exec(file.name)?.slice(1).filter(Boolean).join('-').toUpperCase();
  if (year === undefined) throw refusedRelease(file.name, 'its name tells no year: give --version');
  const isCsv = /\.csv$/i.test(file.name);
  const form: RowForm = isCsv ? { kind: 'csv', delimiter: ',' } : { kind: 'line' };
  const first = await firstRow(file, form);
  const places = isCsv ? columnsOf(file, first, Object.values(columns).map(({ heading }) => heading)) : undefined;
  const value = ({ fields }: Row, column: Column): string => {
    const { from, to, heading } = columns[column];
    return places === undefined ? fields[0]!.slice(from - 1, to).trim() : (fields[places.get(heading)!] ?? '').trim();
  };
  const read = (row: Row): readonly Fragment[] => {
    const [code, record, long] = [value(row, 'code'), value(row, 'record'), value(row, 'long')];
    if (!/^(?:[A-Z0-9]{5}|[A-Z0-9]{2})$/.test(code)) throw new ImportLineError('a code of five letters and digits, or a modifier of two, is expected in columns 1 to 5');
    if (!/^[3478]$/.test(record)) throw new ImportLineError('3, 4, 7 or 8 is expected as the kind of the record in column 11');
    const text: Fragment[] = long === '' ? [] : [{ kind: 'text', code, value: long }];
    if (record === '4' || record === '8') return text;
    const [short, added, terminated] = [value(row, 'short'), value(row, 'added'), value(row, 'terminated')];
    return [
      {
        kind: 'concept', code, inactive: terminated !== '',
        properties: [
          { code: 'kind', type: 'code', value: record === '3' ? 'procedure' : 'modifier' },
          ...(/^\d{8}$/.test(added) ? [{ code: 'added', type: 'dateTime', value: dateOf(added) } as const] : []),
          ...(/^\d{8}$/.test(terminated) ? [{ code: 'terminated', type: 'dateTime', value: dateOf(terminated) } as const] : []),
        ],
      },
      ...text,
      ...(short === '' ? [] : [{ kind: 'designation', code, language: 'en', use: { display: 'short description' }, value: short } as const]),
    ];
  };
  if (!isCsv) {
    try {
      read(first);
    } catch (error) {
      if (error instanceof ImportLineError) throw refusedRelease(file.name, `its first line is none of HCPCS: ${error.message}`);
      throw error;
    }
  }
  return { codeSystem: { ...head, version: year }, unique: true, parts: [{ file, form, header: isCsv, begin: () => read }], assemble: assembleConcept };
}

/** YYYYMMDD as FHIR writes a date. */
export function dateOf(digits: string): string {
  return `${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6)}`;
}

const head = {
  resourceType: 'CodeSystem', url: 'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets', name: 'HCPCS', title: 'HCPCS level II', status: 'active', content: 'complete', caseSensitive: false, publisher: 'CMS',
  property: [
    { code: 'kind', type: 'code', description: 'procedure or modifier' },
    { code: 'added', type: 'dateTime', description: 'When the code was added' },
    { code: 'terminated', type: 'dateTime', description: 'After this day the code is not used' },
  ],
} as const satisfies CodeSystem;
