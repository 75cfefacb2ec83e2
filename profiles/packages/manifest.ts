/**
 * What a FHIR package says of itself: `package/package.json`.
 * Source: https://hl7.org/fhir/packages.html
 */
import { Problem } from '../../fhir/problems.ts';
import { objectOf, textOf, textsOf } from '../distill/json-parts.ts';

export interface PackageManifest {
  readonly name: string;
  readonly version: string;
  /** By name; a version may be partial. */
  readonly dependencies: Readonly<Record<string, string>>;
  readonly fhirVersions: readonly string[];
}

const nameForm = /^[a-z0-9][a-z0-9._-]{0,127}$/i;
const versionForm = /^[0-9a-z][0-9a-z.+_-]{0,63}$/i;

export function isPackageName(text: string): boolean {
  return nameForm.test(text);
}

export function isPackageVersion(text: string): boolean {
  return versionForm.test(text);
}

/** @throws {Problem} `unusable-package` */
export function readManifest(content: unknown): PackageManifest {
  const manifest = objectOf(content);
  const [name, version] = [textOf(manifest?.['name']), textOf(manifest?.['version'])];
  if (name === undefined || !isPackageName(name)) throw new Problem('unusable-package', { reason: 'its package.json has no name of letters, digits, dots and dashes' });
  if (version === undefined || !isPackageVersion(version)) throw new Problem('unusable-package', { reason: 'its package.json has no version of letters, digits, dots and dashes' });
  // No text of PostgreSQL has a zero in it.
  const fhirVersions = [...textsOf(manifest!['fhirVersions']), ...textsOf(manifest!['fhir-version-list'])].map((one) => one.replaceAll('\0', ''));
  return { name, version, dependencies: dependenciesOf(manifest!['dependencies']), fhirVersions };
}

/** A dependency may stand under another name than its own: `v610@npm:hl7.fhir.us.core`. */
function dependenciesOf(stated: unknown): Record<string, string> {
  const dependencies = Object.create(null) as Record<string, string>;
  for (const [key, wanted] of Object.entries(objectOf(stated) ?? {})) {
    const name = key.slice(key.indexOf('@npm:') === -1 ? 0 : key.indexOf('@npm:') + '@npm:'.length);
    if (isPackageName(name) && typeof wanted === 'string' && isPackageVersion(wanted)) dependencies[name] = wanted;
  }
  return dependencies;
}

/** As it stands in tables and messages: `hl7.fhir.us.core#7.0.0`. */
export function labelOf({ name, version }: Pick<PackageManifest, 'name' | 'version'>): string {
  return `${name}#${version}`;
}
