/** The formats that can be imported, by the names of the command line. */
import { refusedRelease, type ReleaseFiles } from './files.ts';
import { openHcpcs } from './hcpcs.ts';
import { openIcd10 } from './icd10.ts';
import { openLoinc } from './loinc.ts';
import type { Release } from './release.ts';
import { openRxnorm } from './rxnorm.ts';
import { openSnomed } from './snomed.ts';
import { openTable, tableKinds } from './table.ts';

export interface ImportOptions {
  readonly version?: string;
  /** Canonical address of the code system, for tables. */
  readonly system?: string;
  /** Module of the edition, for SNOMED CT. */
  readonly edition?: string;
  /** For tables: meaning to heading or number of the column. */
  readonly columns?: Readonly<Record<string, string>>;
}

type Open = (files: ReleaseFiles, options: ImportOptions) => Promise<Release>;

const table = (kind: keyof typeof tableKinds): Open => (files, { version, system, columns = {} }) => openTable(tableKinds[kind], files, { version, system, columns });

const formats: Readonly<Record<string, { readonly open: Open; readonly what: string }>> = {
  snomed: { open: (files, { version, edition }) => openSnomed(files, version, edition), what: 'SNOMED CT, RF2 snapshot: zip or folder' },
  loinc: { open: (files, { version }) => openLoinc(files, version), what: 'LOINC: zip or folder' },
  rxnorm: { open: (files, { version }) => openRxnorm(files, version), what: 'RxNorm, RRF: zip or folder' },
  'icd-10-cm': { open: (files, { version }) => openIcd10('icd-10-cm', files, version), what: 'ICD-10-CM, order file: zip, folder or file' },
  'icd-10-pcs': { open: (files, { version }) => openIcd10('icd-10-pcs', files, version), what: 'ICD-10-PCS, order file: zip, folder or file' },
  hcpcs: { open: (files, { version }) => openHcpcs(files, version), what: 'HCPCS level II, CMS contractor file: zip, folder, text or CSV' },
  cpt: { open: table('cpt'), what: 'CPT, licensed file: tab or CSV, --version' },
  x12: { open: table('x12'), what: 'X12 code list, licensed file: tab or CSV, --system and --version' },
  csv: { open: table('csv'), what: 'any table with headings code, display, definition, parent, inactive: --system and --version' },
};

/** Names and what they stand for. */
export const importFormats: ReadonlyMap<string, string> = new Map(Object.entries(formats).map(([name, { what }]) => [name, what]));

/**
 * Looks at the files: what is there, its version, whether first lines and columns are those of the format.
 * @throws {Problem} `import-refused` for files that are not those of the format
 */
export async function openRelease(format: string, files: ReleaseFiles, options: ImportOptions): Promise<Release> {
  const known = Object.hasOwn(formats, format) ? formats[format] : undefined;
  if (known === undefined) throw refusedRelease(files.name, `there is no format of that name; there are ${Object.keys(formats).join(', ')}`);
  return known.open(files, options);
}
