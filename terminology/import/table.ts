/**
 * Tables of codes with a line of headings: code, display, definition, parent, inactive, and whatever else as properties.
 * CPT and the lists of X12 come as such files, from those who license them; which column is what can be told.
 */
import type { CodeSystem } from '@medplum/fhirtypes';
import { assembleConcept } from './assemble.ts';
import { refusedRelease, type ReleaseFile, type ReleaseFiles } from './files.ts';
import { ImportLineError, type Fragment, type Release } from './release.ts';
import { columnsOf, firstRow, type RowForm } from './rows.ts';

export interface TableOptions {
  readonly version: string | undefined;
  /** Canonical address of the code system. */
  readonly system: string | undefined;
  /** Meaning to heading, or to the number of the column from 1 on where there are no headings. */
  readonly columns: Readonly<Record<string, string>>;
}

const meanings = ['code', 'display', 'definition', 'parent', 'inactive', 'designation'] as const;
type Meaning = (typeof meanings)[number];

export interface TableKind {
  readonly name: string;
  readonly title: string;
  readonly url?: string;
  /** What a code looks like. */
  readonly code: RegExp;
  /** Columns as its publisher writes them, where nothing else is told: by number, of a file without headings. */
  readonly columns?: Readonly<Record<string, string>>;
}

export const tableKinds = {
  csv: { name: 'Table', title: 'Code system', code: /^\S(?:.*\S)?$/ },
  // AMA's files LONGULT.txt and the like have no headings: a code, a tab, the descriptor.
  cpt: { name: 'CPT', title: 'CPT', url: 'http://www.ama-assn.org/go/cpt', code: /^(?:\d{4}[0-9A-Z]|[0-9A-Z]{2})$/, columns: { code: '1', display: '2' } },
  x12: { name: 'X12', title: 'X12 code list', code: /^\S{1,30}$/ },
} as const satisfies Record<string, TableKind>;

export async function openTable(kind: TableKind, files: ReleaseFiles, options: TableOptions): Promise<Release> {
  const [file, ...more] = files.files;
  if (file === undefined || more.length > 0) throw refusedRelease(files.name, 'one file is expected');
  const [url, version] = [options.system ?? kind.url, options.version];
  if (url === undefined) throw refusedRelease(file.name, 'it does not tell the address of the code system: give --system');
  if (version === undefined) throw refusedRelease(file.name, 'it does not tell its version: give --version');
  const form: RowForm = { kind: 'csv', delimiter: await delimiterOf(file) };
  const { fields: headings } = await firstRow(file, form);
  const told = Object.keys(options.columns).length > 0 ? options.columns : headings.some((one) => one.trim().toLowerCase() === 'code') ? {} : kind.columns ?? {};
  const unknown = Object.keys(told).find((meaning) => !(meanings as readonly string[]).includes(meaning));
  if (unknown !== undefined) throw refusedRelease(file.name, `--columns takes ${meanings.join(', ')}`);
  const numbered = Object.values(told).length > 0 && Object.values(told).every((place) => /^\d{1,4}$/.test(place));
  const places = numbered ? new Map(Object.entries(told).map(([meaning, place]) => [meaning, Number(place) - 1])) : byHeading(file, headings, told);
  if (!places.has('code')) throw refusedRelease(file.name, 'no column has the codes: name it code, or give --columns code=HEADING');
  const properties = numbered ? [] : headings.flatMap((heading, place) => ([...places.values()].includes(place) || heading.trim() === '' ? [] : [{ name: propertyName(heading), place }]));
  return {
    codeSystem: {
      resourceType: 'CodeSystem', url, version, name: kind.name, title: kind.title, status: 'active', content: 'complete', caseSensitive: true, hierarchyMeaning: 'is-a',
      property: properties.map(({ name }) => ({ code: name, type: 'string' as const })),
    } satisfies CodeSystem,
    unique: true, ownParents: true,
    parts: [{
      file, form, header: !numbered,
      begin: () => ({ fields }) => {
        const cell = (meaning: Meaning): string => (fields[places.get(meaning) ?? -1] ?? '').trim();
        if (fields.length > headings.length || fields.length <= places.get('code')!) throw new ImportLineError(`${headings.length} columns are expected, and there are ${fields.length}`);
        const code = cell('code');
        if (!kind.code.test(code)) throw new ImportLineError(`the code is none of ${kind.title}`);
        const [display, definition, parent, other] = [cell('display'), cell('definition'), cell('parent'), cell('designation')];
        if (parent === code) throw new ImportLineError('its parent is itself');
        const fragments: Fragment[] = [{
          kind: 'concept', code, ...(display !== '' && { display }), ...(definition !== '' && { definition }), inactive: /^(?:true|1|y|yes|inactive|retired|deprecated)$/i.test(cell('inactive')),
          properties: properties.flatMap(({ name, place }) => ((fields[place] ?? '') === '' ? [] : [{ code: name, type: 'string', value: fields[place]! } as const])),
        }];
        if (other !== '') fragments.push({ kind: 'designation', code, value: other });
        if (parent !== '') fragments.push({ kind: 'parent', code, target: parent });
        return fragments;
      },
    }],
    assemble: assembleConcept,
  };
}

/** The one that divides the first line into the most. */
async function delimiterOf(file: ReleaseFile): Promise<string> {
  const { fields: [line = ''] } = await firstRow(file, { kind: 'line' });
  return ['\t', ';', '|', ','].map((character) => ({ character, count: line.split(character).length })).toSorted((a, b) => b.count - a.count)[0]!.character;
}

function byHeading(file: ReleaseFile, headings: readonly string[], told: Readonly<Record<string, string>>): ReadonlyMap<string, number> {
  if (Object.keys(told).length === 0) {
    const known = headings.map((heading) => heading.trim().toLowerCase());
    return new Map(meanings.flatMap((meaning): [string, number][] => (known.includes(meaning) ? [[meaning, known.indexOf(meaning)]] : [])));
  }
  const places = columnsOf(file, { line: 1, fields: headings }, Object.values(told));
  return new Map(Object.entries(told).map(([meaning, heading]) => [meaning, places.get(heading)!]));
}

/** A code for a property: a heading may be any text. */
function propertyName(heading: string): string {
  return heading.trim().replace(/\s+/g, '-');
}
