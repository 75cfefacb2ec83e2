/**
 * RxNorm in Rich Release Format (RxNorm technical documentation, section 12): RXNCONSO has the names, RXNREL what
 * concepts have to do with each other, RXNSAT their attributes. Only rows of the source RXNORM are RxNorm.
 */
import type { CodeSystem } from '@medplum/fhirtypes';
import { assembleConcept } from './assemble.ts';
import { refusedRelease, theFile, type ReleaseFile, type ReleaseFiles } from './files.ts';
import { ImportLineError, type Assembled, type Fragment, type Release, type ReleasePart } from './release.ts';
import { firstRow, type Row } from './rows.ts';

const form = { kind: 'divided', by: '|' } as const;

/** Types of names, the one that a concept is shown by first. */
const termTypes = ['SCD', 'SBD', 'GPCK', 'BPCK', 'IN', 'MIN', 'PIN', 'BN', 'SCDC', 'SBDC', 'SCDF', 'SBDF', 'SCDFP', 'SBDFP', 'SCDG', 'SBDG', 'SCDGP', 'DF', 'DFG', 'ET', 'PSN', 'SY', 'TMSY'];

export async function openRxnorm(files: ReleaseFiles, version: string | undefined): Promise<Release> {
  const named = (name: string): ReleaseFile => {
    const full = files.files.filter((file) => !/(?:^|\/)prescribe\//i.test(file.name));
    return theFile({ ...files, files: full }, new RegExp(`(?:^|/)${name}\\.RRF$`, 'i'), `${name}.RRF`);
  };
  const released = version ?? /rxnorm_\w+?_(\d{8})/i.exec(files.name)?.[1];
  if (released === undefined) throw refusedRelease(files.name, 'its name tells no date, as RxNorm_full_01052026.zip does: give --version');
  const parts = [part(named('RXNCONSO'), 18, names), part(named('RXNREL'), 16, relations), part(named('RXNSAT'), 13, attributes)];
  for (const { file, columns } of parts) {
    const { fields } = await firstRow(file, form);
    if (fields.length < columns) throw refusedRelease(file.name, `its first line has ${fields.length - 1} columns, and ${columns} are expected`);
  }
  return { codeSystem: { ...head, version: released }, unique: false, parts, assemble: assembleRxnorm };
}

function part(file: ReleaseFile, columns: number, read: (fields: readonly string[]) => readonly Fragment[]): ReleasePart & { readonly columns: number } {
  return {
    file, form, header: false, columns,
    begin: () => ({ fields }: Row) => {
      // Each row ends with a bar.
      if (fields.length !== columns + 1) throw new ImportLineError(`${columns} columns are expected, and there are ${fields.length - 1}`);
      return read(fields);
    },
  };
}

// RXCUI|LAT|TS|LUI|STT|SUI|ISPREF|RXAUI|SAUI|SCUI|SDUI|SAB|TTY|CODE|STR|SRL|SUPPRESS|CVF
function names(fields: readonly string[]): readonly Fragment[] {
  const [code = '', , , , , , , , , , , source, type = '', , text = '', , suppressed] = fields;
  if (source !== 'RXNORM') return [];
  if (!/^\d{1,8}$/.test(code)) throw new ImportLineError('RXCUI is no number');
  if (text === '') throw new ImportLineError('STR is empty');
  const place = termTypes.indexOf(type);
  // Obsolete (O), or suppressed by NLM's editors (Y, E).
  const isSuppressed = /^[OYE]$/.test(suppressed ?? '');
  // Of two names of one type the one that is in use counts.
  const rank = 2 * (place < 0 ? termTypes.length : place) + Number(isSuppressed);
  return [
    { kind: 'concept', code },
    { kind: 'designation', code, language: 'en', use: { system: termTypeSystem, code: type }, value: text, rank, ...(isSuppressed && { suppressed: true }) },
    { kind: 'property', code, property: { code: 'TTY', type: 'code', value: type } },
  ];
}

// RXCUI1|RXAUI1|STYPE1|REL|RXCUI2|RXAUI2|STYPE2|RELA|RUI|SRUI|SAB|SL|DIR|RG|SUPPRESS|CVF: the second is RELA of the first
function relations(fields: readonly string[]): readonly Fragment[] {
  const [target = '', , , , code = '', , , relation = '', , , source] = fields;
  if (source !== 'RXNORM' || target === '' || code === '' || relation === '') return [];
  const property: Fragment = { kind: 'property', code, property: { code: relation, type: 'code', value: target } };
  return relation === 'isa' ? [property, { kind: 'parent', code, target }] : [property];
}

// RXCUI|LUI|SUI|RXAUI|STYPE|CODE|ATUI|SATUI|ATN|SAB|ATV|SUPPRESS|CVF
function attributes(fields: readonly string[]): readonly Fragment[] {
  const [code = '', , , , , , , , name = '', source, value = ''] = fields;
  return source !== 'RXNORM' || code === '' || name === '' || value === '' ? [] : [{ kind: 'property', code, property: { code: name, type: 'string', value } }];
}

/** Of the rows that name a concept, in whatever order, one that is in use keeps the concept active. */
function assembleRxnorm(fragments: readonly Fragment[]): Assembled {
  const { concept } = assembleConcept(fragments);
  return { concept: { ...concept, inactive: fragments.every((fragment) => fragment.kind !== 'designation' || fragment.suppressed === true) } };
}

const termTypeSystem = 'http://www.nlm.nih.gov/research/umls/rxnorm/tty';

const head = {
  resourceType: 'CodeSystem', url: 'http://www.nlm.nih.gov/research/umls/rxnorm', name: 'RxNorm', title: 'RxNorm', status: 'active', content: 'complete', caseSensitive: false,
  hierarchyMeaning: 'is-a', publisher: 'National Library of Medicine',
  property: [{ code: 'TTY', type: 'code', description: 'Types of the names of the concept' }],
} as const satisfies CodeSystem;
