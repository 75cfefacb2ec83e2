/**
 * What installed packages define, over what ships with the server. Read as a whole, so that validating never waits; tables
 * are made of their texts when they are first asked for. What tenants have of their own is in posted.ts.
 */
import sql from 'sql-template-tag';
import { Problem } from '../../fhir/problems.ts';
import { corePackage, pinIn, type PinnedPackage } from '../../profiles/packages/closure.ts';
import { pinStructure, pinValueSet } from '../../profiles/packages/pin-table.ts';
import { labelOf } from '../../profiles/packages/manifest.ts';
import type { Shipped } from '../../profiles/packages/shipped.ts';
import { once, TableIndex } from '../../profiles/packages/table-index.ts';
import type { CodeSystemTable, ValueSetTable } from '../../profiles/tables/code-tables.ts';
import type { StructureTable } from '../../profiles/tables/structure-table.ts';
import type { Queryable } from '../database.ts';
import { installedPackages } from './list.ts';

/** Characters of distilled definitions of installed packages that are held in memory, at most. */
const mostCharacters = 512 * 1024 * 1024;
/** Of one value set or code system: a larger one is asked of the terminology tables, which have it too. */
const largestList = 4 * 1024 * 1024;

interface DistilledRow {
  readonly package: number;
  readonly type: string;
  readonly url: string;
  readonly version: string;
  readonly defines: string | null;
  readonly distilled: string;
}

export interface InstalledDefinitions {
  /** What installed packages define, over what ships. */
  readonly index: TableIndex;
  /** What canonicals without a version mean in an installed package, by its name and version. */
  readonly pins: ReadonlyMap<string, (canonical: string) => string>;
}

export async function readInstalled(database: Queryable, shipped: Shipped): Promise<InstalledDefinitions> {
  const installed = await installedPackages(database);
  const index = new TableIndex();
  const pins = new Map<string, (canonical: string) => string>();
  if (installed.length > 0) {
    await refuseTooMuch(database);
    const { rows } = await database.query<DistilledRow>(sql`
      select d.package, d.type, d.url, d.version, d.defines, d.distilled
      from package_definition d
      where d.distilled is not null and (d.type = 'StructureDefinition' or length(d.distilled) <= ${largestList})
      order by d.package, d.place`);
    const ofPackage = new Map(installed.map(({ id }) => [id, [] as DistilledRow[]]));
    for (const row of rows) ofPackage.get(row.package)?.push(row);
    const packages: PinnedPackage[] = installed.map((one) => ({ ...one, versions: new Map((ofPackage.get(one.id) ?? []).map(({ url, version }) => [url, version])) }));
    const known = [...packages, ...shipped.packages];
    for (const [place, { id }] of installed.entries()) {
      let pin: ((canonical: string) => string) | undefined;
      const pinned = (canonical: string): string => (pin ??= pinIn(packages[place]!, known))(canonical);
      pins.set(labelOf(packages[place]!), pinned);
      for (const row of ofPackage.get(id) ?? []) addRow(index, row, packages[place]!.name === corePackage, pinned);
    }
  }
  index.addAll(shipped.index);
  return { index, pins };
}

async function refuseTooMuch(database: Queryable): Promise<void> {
  const { rows: [row] } = await database.query<{ characters: string }>(sql`
    select coalesce(sum(length(distilled)), 0) as characters from package_definition
    where type = 'StructureDefinition' or length(distilled) <= ${largestList}`);
  if (Number(row!.characters) > mostCharacters) throw new Problem('package-too-large', { what: 'what is installed of profiles and value sets', limit: mostCharacters });
}

function addRow(index: TableIndex, { type, url, version, defines, distilled }: DistilledRow, isCore: boolean, pin: (canonical: string) => string): void {
  if (type === 'StructureDefinition') index.addStructure(url, version, once(() => pinStructure(JSON.parse(distilled) as StructureTable, pin)), isCore ? defines ?? undefined : undefined);
  else if (type === 'ValueSet') index.addValueSet(url, version, once(() => pinValueSet(JSON.parse(distilled) as ValueSetTable, pin)));
  else index.addCodeSystem(url, version, once(() => JSON.parse(distilled) as CodeSystemTable));
}
