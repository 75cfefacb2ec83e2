/**
 * Installing a package: all of it in one transaction, read as a stream, a few definitions in memory at a time. Its
 * terminology goes to the terminology tables of all tenants in the same transaction.
 */
import sql, { join } from 'sql-template-tag';
import { Problem } from '../../fhir/problems.ts';
import { corePackage } from '../../profiles/packages/closure.ts';
import { labelOf, type PackageManifest } from '../../profiles/packages/manifest.ts';
import type { Database, Queryable } from '../database.ts';
import { sharedScope } from '../terminology/scope.ts';
import { isTerminologyType, type TerminologyResource } from '../terminology/write.ts';
import type { InstalledDefinitions } from './definitions.ts';
import { Distiller, type DefinitionRow } from './definition-rows.ts';
import { manifestOf, type PackageSource } from './package-source.ts';
import { installTerminologyOf } from './package-terminology.ts';
import { installLock, removeDefinitions } from './remove.ts';
import { countProfiles } from './version.ts';

export interface Installed {
  readonly manifest: PackageManifest;
  /** `there`: this very package was there already. `replaced`: another text of the same name and version was. */
  readonly outcome: 'added' | 'replaced' | 'there';
  readonly definitions: number;
  /** Definitions that a validator cannot use, with the reason. */
  readonly unusable: readonly string[];
  /** Canonicals that it defines more than once, with different content: the first counts. */
  readonly twice: readonly string[];
}

/** Rows that go into one statement, and characters of them. */
const batch = { rows: 200, characters: 8_000_000 };

/**
 * @param known reads what there is already: profiles without a snapshot are made on it
 * @throws {Problem} `unusable-package`, `package-too-large`; then nothing has changed
 */
export async function installPackage(database: Database, source: PackageSource, known: (connection: Queryable) => Promise<InstalledDefinitions>, now: Date): Promise<Installed> {
  const manifest = await manifestOf(source);
  refuseOtherVersions(manifest);
  const sha256 = await source.sha256();
  return database.transaction(async (connection) => {
    await connection.query(sql`select pg_advisory_xact_lock(${installLock})`);
    const { rows: [before] } = await connection.query<{ id: number; sha256: Buffer; definitions: number }>(sql`
      select p.id, p.sha256, (select count(*)::integer from package_definition d where d.package = p.id) as definitions
      from package p where p.name = ${manifest.name} and p.version = ${manifest.version}`);
    if (before?.sha256.equals(sha256) === true) return { manifest, outcome: 'there', definitions: before.definitions, unusable: [], twice: [] };
    if (before !== undefined) await removeDefinitions(connection, before.id, now);
    const { rows: [added] } = await connection.query<{ id: number }>(sql`
      insert into package (name, version, fhir_versions, dependencies, source, sha256, installed_at)
      values (${manifest.name}, ${manifest.version}, ${[...manifest.fhirVersions]}, ${JSON.stringify(manifest.dependencies)}::jsonb, ${source.name}, ${sha256}, ${now})
      returning id`);
    const writer = new Writer(connection, added!.id, labelOf(manifest), now);
    const distiller = new Distiller(labelOf(manifest));
    for await (const part of source.parts()) {
      if (part.kind === 'manifest') {
        if (labelOf(part.manifest) !== labelOf(manifest)) throw new Problem('unusable-package', { reason: 'it changed while it was read' });
        continue;
      }
      const row = distiller.take(part.resource, part.text, part.path);
      if (row !== undefined) await writer.add(row, part.resource);
    }
    await writer.end();
    if (distiller.waits) {
      const { index, pins } = await known(connection);
      for (const row of distiller.rest(index, pins.get(labelOf(manifest))!)) await writer.add(row);
      await writer.end();
    }
    await countProfiles(connection, sharedScope);
    return { manifest, outcome: before === undefined ? 'added' : 'replaced', definitions: writer.count, unusable: writer.unusable, twice: distiller.twice };
  });
}

function refuseOtherVersions({ name, version, fhirVersions }: PackageManifest): void {
  const r4 = fhirVersions.length === 0 || fhirVersions.some((one) => one.startsWith('4.0'));
  if (!r4) throw new Problem('unusable-package', { reason: `it is for FHIR ${fhirVersions.join(', ').slice(0, 60)}, and this server speaks FHIR R4 (4.0.1)` });
  if (name === corePackage && version !== '4.0.1') throw new Problem('unusable-package', { reason: 'of FHIR itself 4.0.1 is in use' });
}

/** Rows of one package, some at a time. */
class Writer {
  count = 0;
  readonly unusable: string[] = [];
  readonly #connection: Queryable;
  readonly #package: number;
  readonly #source: string;
  readonly #now: Date;
  #rows: DefinitionRow[] = [];
  #terminology: TerminologyResource[] = [];
  #characters = 0;

  constructor(connection: Queryable, id: number, source: string, now: Date) {
    this.#connection = connection;
    this.#package = id;
    this.#source = source;
    this.#now = now;
  }

  async add(row: DefinitionRow, resource?: unknown): Promise<void> {
    this.#rows.push(row);
    if (row.problem !== null) this.unusable.push(row.problem);
    if (resource !== undefined && row.problem === null && isTerminologyType(row.type)) this.#terminology.push(resource as TerminologyResource);
    this.#characters += row.content.length + (row.distilled?.length ?? 0);
    if (this.#rows.length >= batch.rows || this.#characters >= batch.characters) await this.end();
  }

  async end(): Promise<void> {
    if (this.#rows.length === 0) return;
    const values = this.#rows.map((row, at) => sql`(${this.#package}, ${this.count + at}, ${row.type}, ${row.url}, ${row.version}, ${row.defines}, ${row.content}, ${row.distilled}, ${row.problem})`);
    await this.#connection.query(sql`insert into package_definition (package, place, type, url, version, defines, content, distilled, problem) values ${join(values)}`);
    this.unusable.push(...await installTerminologyOf(this.#connection, this.#terminology, this.#source, this.#now));
    this.count += this.#rows.length;
    [this.#rows, this.#terminology, this.#characters] = [[], [], 0];
  }
}
