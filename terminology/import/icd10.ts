/**
 * ICD-10-CM and ICD-10-PCS: the order files of CMS, fixed columns (icd10OrderFiles.pdf): 1-5 order number, 7-13 code,
 * 15 flag (0 a header, 1 valid for submission), 17-76 short title, from 78 on the long one. What stands below a header
 * is what follows it and begins with its code.
 */
import type { CodeSystem } from '@medplum/fhirtypes';
import { assembleConcept } from './assemble.ts';
import { refusedRelease, theFile, type ReleaseFiles } from './files.ts';
import { ImportLineError, type Fragment, type Release } from './release.ts';
import { firstRow, type Row } from './rows.ts';

interface Edition {
  readonly url: string;
  readonly name: string;
  readonly title: string;
  readonly file: RegExp;
  /** A code as it is written in FHIR. */
  readonly written: (code: string) => string;
  /** A header is a code itself, though none to bill by, or merely a heading. */
  readonly headersAreCodes: boolean;
}

const editions = {
  'icd-10-cm': {
    url: 'http://hl7.org/fhir/sid/icd-10-cm', name: 'ICD10CM', title: 'ICD-10-CM', file: /(?:^|\/)icd-?10cm[-_]order[-_](?:\w+[-_])?(\d{4})[^/]*\.txt$/i,
    written: (code) => (code.length > 3 ? `${code.slice(0, 3)}.${code.slice(3)}` : code), headersAreCodes: true,
  },
  'icd-10-pcs': {
    url: 'http://www.cms.gov/Medicare/Coding/ICD10', name: 'ICD10PCS', title: 'ICD-10-PCS', file: /(?:^|\/)icd-?10pcs[-_]order[-_](?:\w+[-_])?(\d{4})[^/]*\.txt$/i,
    written: (code) => code, headersAreCodes: false,
  },
} as const satisfies Record<string, Edition>;

export async function openIcd10(kind: keyof typeof editions, files: ReleaseFiles, version: string | undefined): Promise<Release> {
  const edition: Edition = editions[kind];
  const file = theFile(files, edition.file, `the order file of ${edition.title}, such as ${kind.replaceAll('-', '')}_order_2026.txt,`);
  const year = version ?? edition.file.exec(file.name)![1]!;
  const read = (row: Row): OrderLine => orderLine(row);
  try {
    read(await firstRow(file, { kind: 'line' }));
  } catch (error) {
    if (error instanceof ImportLineError) throw refusedRelease(file.name, `its first line is none of an order file: ${error.message}`);
    throw error;
  }
  return {
    codeSystem: { ...head, url: edition.url, version: year, name: edition.name, title: edition.title },
    unique: true,
    parts: [{
      file, form: { kind: 'line' }, header: false,
      begin: () => {
        let above: string[] = [];
        return (row) => {
          const { code, billable, short, long } = read(row);
          above = above.filter((header) => code.startsWith(header));
          const parent = above.at(-1);
          if (!billable) above.push(code);
          const written = edition.written(code);
          const fragments: Fragment[] = [
            { kind: 'concept', code: written, display: long, abstract: !billable && !edition.headersAreCodes, properties: [{ code: 'billable', type: 'boolean', value: String(billable) }] },
          ];
          if (short !== long) fragments.push({ kind: 'designation', code: written, language: 'en', use: { display: 'short title' }, value: short });
          if (parent !== undefined) fragments.push({ kind: 'parent', code: written, target: edition.written(parent) });
          return fragments;
        };
      },
    }],
    assemble: assembleConcept,
  };
}

const head = {
  resourceType: 'CodeSystem', status: 'active', content: 'complete', caseSensitive: false, hierarchyMeaning: 'is-a', publisher: 'CMS',
  property: [{ code: 'billable', type: 'boolean', description: 'Valid for submission; a header is not' }],
} as const satisfies CodeSystem;

interface OrderLine {
  readonly code: string;
  readonly billable: boolean;
  readonly short: string;
  readonly long: string;
}

function orderLine({ fields: [line = ''] }: Row): OrderLine {
  if (!/^\d{5} /.test(line)) throw new ImportLineError('an order number of five digits is expected in columns 1 to 5');
  const code = line.slice(6, 13).trimEnd();
  if (!/^[A-Z0-9]{3,7}$/.test(code)) throw new ImportLineError('a code of 3 to 7 letters and digits is expected in columns 7 to 13');
  const flag = line[14];
  if (flag !== '0' && flag !== '1') throw new ImportLineError('0 or 1 is expected in column 15');
  const short = line.slice(16, 76).trim();
  const long = line.slice(77).trim();
  if (long === '') throw new ImportLineError('a title is expected from column 78 on');
  return { code, billable: flag === '1', short: short === '' ? long : short, long };
}
