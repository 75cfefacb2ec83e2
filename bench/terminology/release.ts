/**
 * A release in SNOMED CT's format with invented concepts: a hierarchy of several parents and some ten levels, three
 * descriptions each, attributes in groups. Everything follows from the seed.
 */
import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { once } from 'node:events';
import { randomOf, type Random } from '../engine/random.ts';

/** The concept of that number; 0 is the root. */
export function conceptId(number: number): string {
  return `${100_000_000 + number}10`;
}

/** Attribute types are the first children of the root. */
export const attributes = [1, 2, 3, 4] as const;
export const refset = 5;

/** Children of each concept, on average: ten levels of half a million. */
const breadth = 4;

/** Numbers of the parents: one, sometimes two or three, of the level above. */
export function parentsOf(number: number, random: Random): readonly number[] {
  if (number === 0) return [];
  const nearest = Math.floor((number - 1) / breadth);
  const parents = new Set([nearest]);
  const around = Math.max(1, Math.min(nearest, 50));
  if (number > 100 && random.chance(0.35)) parents.add(Math.max(0, nearest - random.between(1, around)));
  if (number > 100 && random.chance(0.1)) parents.add(Math.max(0, nearest - random.between(1, around)));
  return [...parents];
}

const syllables = ['bar', 'cel', 'dor', 'fen', 'gal', 'hin', 'jov', 'kel', 'lum', 'mar', 'nor', 'pel', 'quo', 'ras', 'sil', 'tam', 'ulv', 'ven', 'wex', 'yor', 'zan'];

/** Words that are spread unevenly, as in any language. */
function word(random: Random): string {
  const rank = Math.floor(5000 * random.share() ** 3);
  return syllables[rank % 21]! + syllables[Math.floor(rank / 21) % 21]! + (rank > 441 ? syllables[Math.floor(rank / 441) % 21]! : '');
}

/** Names of a concept: preferred, and a synonym. */
export function namesOf(number: number, seed: number): readonly [string, string] {
  const random = randomOf(seed, 7, number);
  const words = (count: number): string => Array.from({ length: count }, () => word(random)).join(' ');
  return [`${words(random.between(2, 4))} ${number}`, words(3)];
}

const date = '20260131';
const core = '900000000000207008';

/** Writes it into the folder. @returns its bytes */
export async function writeRelease(folder: string, count: number, seed: number): Promise<number> {
  const root = join(folder, 'Snapshot');
  await mkdir(join(root, 'Terminology'), { recursive: true });
  await mkdir(join(root, 'Refset'), { recursive: true });
  const component = 'id effectiveTime active moduleId';
  const concepts = new Table(join(root, 'Terminology', `sct2_Concept_Snapshot_INT_${date}.txt`), `${component} definitionStatusId`);
  const descriptions = new Table(join(root, 'Terminology', `sct2_Description_Snapshot-en_INT_${date}.txt`), `${component} conceptId languageCode typeId term caseSignificanceId`);
  const relationships = new Table(join(root, 'Terminology', `sct2_Relationship_Snapshot_INT_${date}.txt`), `${component} sourceId destinationId relationshipGroup typeId characteristicTypeId modifierId`);
  const language = new Table(join(root, 'Refset', `der2_cRefset_LanguageSnapshot-en_INT_${date}.txt`), `${component} refsetId referencedComponentId acceptabilityId`);
  const members = new Table(join(root, 'Refset', `der2_Refset_SimpleSnapshot_INT_${date}.txt`), `${component} refsetId referencedComponentId`);
  const tables = [concepts, descriptions, relationships, language, members];
  let components = 0;
  const next = (kind: string): string => `${300_000_000 + (components += 1)}${kind}`;
  for (let number = 0; number < count; number += 1) {
    const random = randomOf(seed, number);
    const id = conceptId(number);
    const [preferred, synonym] = namesOf(number, seed);
    await concepts.row(id, date, '1', core, random.chance(0.3) ? '900000000000073002' : '900000000000074008');
    for (const [type, term, acceptability] of [['900000000000003001', `${preferred} (invention)`, '900000000000548007'], ['900000000000013009', preferred, '900000000000548007'], ['900000000000013009', synonym, '900000000000549004']] as const) {
      const description = next('11');
      await descriptions.row(description, date, '1', core, id, 'en', type, term, '900000000000448009');
      await language.row(`l${description}`, date, '1', core, '900000000000509007', description, acceptability);
    }
    for (const parent of parentsOf(number, random)) await relationships.row(next('21'), date, '1', core, id, conceptId(parent), '0', '116680003', '900000000000011006', '900000000000451002');
    if (number > 200 && random.chance(0.5)) {
      for (let group = 1; group <= random.between(1, 2); group += 1) {
        for (const attribute of [random.pick(attributes), random.pick(attributes)]) await relationships.row(next('21'), date, '1', core, id, conceptId(random.between(10, Math.min(number, 20_000))), String(group), conceptId(attribute), '900000000000011006', '900000000000451002');
      }
    }
    if (random.chance(0.01)) await members.row(next('m'), date, '1', core, conceptId(refset), id);
  }
  return (await Promise.all(tables.map((table) => table.end()))).reduce((sum, bytes) => sum + bytes, 0);
}

/** A file of rows, written some thousand at a time. */
class Table {
  readonly #stream: WriteStream;
  #lines: string[];

  constructor(path: string, columns: string) {
    this.#stream = createWriteStream(path);
    this.#lines = [columns.replaceAll(' ', '\t')];
  }

  row(...fields: readonly string[]): Promise<unknown> | undefined {
    this.#lines.push(fields.join('\t'));
    return this.#lines.length < 2000 ? undefined : this.#flush();
  }

  async end(): Promise<number> {
    await this.#flush();
    this.#stream.end();
    await once(this.#stream, 'close');
    return this.#stream.bytesWritten;
  }

  async #flush(): Promise<void> {
    const text = this.#lines.map((line) => `${line}\r\n`).join('');
    this.#lines = [];
    if (!this.#stream.write(text)) await once(this.#stream, 'drain');
  }
}
