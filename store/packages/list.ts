/** Which packages are installed. */
import sql from 'sql-template-tag';
import type { PackageManifest } from '../../profiles/packages/manifest.ts';
import type { Queryable } from '../database.ts';

export interface InstalledPackage extends PackageManifest {
  readonly id: number;
  readonly source: string;
  readonly installedAt: Date;
  readonly definitions: number;
  /** Definitions that a validator cannot use. */
  readonly unusable: number;
}

interface Row {
  readonly id: number;
  readonly name: string;
  readonly version: string;
  readonly fhir_versions: string[];
  readonly dependencies: Record<string, string>;
  readonly source: string;
  readonly installed_at: Date;
  readonly definitions: number;
  readonly unusable: number;
}

/** By name and version. */
export async function installedPackages(database: Queryable): Promise<readonly InstalledPackage[]> {
  const { rows } = await database.query<Row>(sql`
    select p.id, p.name, p.version, p.fhir_versions, p.dependencies, p.source, p.installed_at,
           count(d.package)::integer as definitions, count(d.problem)::integer as unusable
    from package p left join package_definition d on d.package = p.id
    group by p.id order by p.name, p.version`);
  return rows.map(({ fhir_versions: fhirVersions, installed_at: installedAt, ...row }) => ({ ...row, fhirVersions, installedAt }));
}
