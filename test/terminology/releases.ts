/** Releases of code systems in their real formats, with invented codes and words: nothing here is licensed content. */
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';

/** Paths and texts. */
export type Files = Readonly<Record<string, string>>;

/** Folders that are removed in the end. */
export class Workshop {
  readonly #folders: string[] = [];

  /** A folder with the files, under a name of its own. */
  async folder(name: string, files: Files): Promise<string> {
    const folder = join(await this.#make(), name);
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    return folder;
  }

  /** A zip archive of the files. */
  async zip(name: string, files: Files, compress = true): Promise<string> {
    const path = join(await this.#make(), name);
    const archive = new ZipFile();
    for (const [inside, text] of Object.entries(files)) archive.addBuffer(Buffer.from(text), inside, { compress });
    archive.end();
    await pipeline(archive.outputStream, createWriteStream(path));
    return path;
  }

  async file(name: string, text: string): Promise<string> {
    return join(await this.folder('files', { [name]: text }), name);
  }

  async clean(): Promise<void> {
    for (const folder of this.#folders) await rm(folder, { recursive: true, force: true });
  }

  async #make(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'priora-release-'));
    this.#folders.push(folder);
    return folder;
  }
}

export interface SampleConcept {
  readonly id: string;
  readonly name: string;
  readonly synonyms?: readonly string[];
  readonly parents?: readonly string[];
  /** Role group, attribute, and the value: a concept, or what is written behind `#` or in quotes. */
  readonly attributes?: readonly (readonly [group: number, attribute: string, value: string])[];
  readonly inactive?: boolean;
  readonly defined?: boolean;
  readonly time?: string;
  readonly module?: string;
}

export interface SampleMember {
  readonly refset: string;
  readonly concept: string;
  readonly target?: string;
}

const core = '900000000000207008';
const [fsn, synonym] = ['900000000000003001', '900000000000013009'];
const [preferred, acceptable] = ['900000000000548007', '900000000000549004'];
const [american, british] = ['900000000000509007', '900000000000508004'];

/** A snapshot in RF2. The full name, then the first synonym, which is preferred in both dialects, then others, acceptable in British English. */
export function rf2(concepts: readonly SampleConcept[], members: readonly SampleMember[] = [], date = '20260131'): Files {
  const table = (columns: string, rows: readonly (readonly string[])[]): string => [columns.split(' '), ...rows].map((row) => `${row.join('\t')}\r\n`).join('');
  let number = 0;
  const next = (): string => `9${String(number += 1).padStart(8, '0')}01`;
  const moduleOf = ({ module = core }: SampleConcept): string => module;
  const timeOf = ({ time = date }: SampleConcept): string => time;
  const descriptions: string[][] = [];
  const language: string[][] = [];
  const relationships: string[][] = [];
  const values: string[][] = [];
  for (const concept of concepts) {
    const describe = (type: string, term: string, uses: readonly (readonly [string, string])[]): void => {
      const id = next();
      descriptions.push([id, timeOf(concept), '1', moduleOf(concept), concept.id, 'en', type, term, '900000000000448009']);
      for (const [refset, acceptability] of uses) language.push([`l${next()}`, timeOf(concept), '1', moduleOf(concept), refset, id, acceptability]);
    };
    describe(fsn, `${concept.name} (invention)`, [[american, preferred], [british, preferred]]);
    describe(synonym, concept.name, [[american, preferred], [british, preferred]]);
    for (const other of concept.synonyms ?? []) describe(synonym, other, [[british, acceptable]]);
    for (const parent of concept.parents ?? []) relationships.push([next(), timeOf(concept), '1', core, concept.id, parent, '0', '116680003', '900000000000011006', '900000000000451002']);
    for (const [group, attribute, value] of concept.attributes ?? []) {
      (/^\d/.test(value) ? relationships : values).push([next(), timeOf(concept), '1', core, concept.id, value, String(group), attribute, '900000000000011006', '900000000000451002']);
    }
  }
  // What is inactive is not taken.
  descriptions.push([next(), date, '0', core, concepts[0]!.id, 'en', synonym, 'withdrawn name', '900000000000448009']);
  relationships.push([next(), date, '0', core, concepts[0]!.id, concepts.at(-1)!.id, '0', '116680003', '900000000000011006', '900000000000451002']);
  const simple = members.filter(({ target }) => target === undefined).map(({ refset, concept }) => [`m${next()}`, date, '1', core, refset, concept]);
  const associations = members.flatMap(({ refset, concept, target }) => (target === undefined ? [] : [[`a${next()}`, date, '1', core, refset, concept, target]]));
  const component = 'id effectiveTime active moduleId';
  const folder = `SnomedCT_Invention_PRODUCTION_${date}T120000Z/Snapshot`;
  return {
    [`${folder}/Terminology/sct2_Concept_Snapshot_INT_${date}.txt`]: table(`${component} definitionStatusId`, concepts.map((concept) => [
      concept.id, timeOf(concept), concept.inactive ? '0' : '1', moduleOf(concept), concept.defined ? '900000000000073002' : '900000000000074008',
    ])),
    [`${folder}/Terminology/sct2_Description_Snapshot-en_INT_${date}.txt`]: table(`${component} conceptId languageCode typeId term caseSignificanceId`, descriptions),
    [`${folder}/Terminology/sct2_Relationship_Snapshot_INT_${date}.txt`]: table(`${component} sourceId destinationId relationshipGroup typeId characteristicTypeId modifierId`, relationships),
    [`${folder}/Terminology/sct2_RelationshipConcreteValues_Snapshot_INT_${date}.txt`]: table(`${component} sourceId value relationshipGroup typeId characteristicTypeId modifierId`, values),
    [`${folder}/Refset/Language/der2_cRefset_LanguageSnapshot-en_INT_${date}.txt`]: table(`${component} refsetId referencedComponentId acceptabilityId`, language),
    [`${folder}/Refset/Content/der2_Refset_SimpleSnapshot_INT_${date}.txt`]: table(`${component} refsetId referencedComponentId`, simple),
    [`${folder}/Refset/Content/der2_cRefset_AssociationSnapshot_INT_${date}.txt`]: table(`${component} refsetId referencedComponentId targetComponentId`, associations),
  };
}

/** A line of an ICD-10 order file. */
export function orderLine(number: number, code: string, billable: boolean, short: string, long = short): string {
  return `${String(number).padStart(5, '0')} ${code.padEnd(7)} ${billable ? 1 : 0} ${short.padEnd(60)} ${long}\r\n`;
}

/** A record of HCPCS. */
export function hcpcsLine(code: string, record: '3' | '4' | '7' | '8', long: string, more: { readonly short?: string; readonly added?: string; readonly terminated?: string } = {}): string {
  const line = `${code.padStart(5)}00100${record}${long.padEnd(80)}${(more.short ?? '').padEnd(28)}`.padEnd(268) + (more.added ?? '').padEnd(8) + ' '.repeat(8) + (more.terminated ?? '').padEnd(8);
  return `${line.padEnd(320)}\r\n`;
}

export function csv(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map((cell) => (/[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')}\n`).join('');
}

export function rrf(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.join('|')}|\n`).join('');
}
