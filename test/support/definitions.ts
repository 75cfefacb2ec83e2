/** Definitions of the packages beside the repository, each package read once in a process. */
import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { definitionsOf } from '../../profiles/packages/in-memory.ts';
import { readExamples, readPackage, type FhirPackage } from '../../profiles/packages/package-reader.ts';
import type { Definitions } from '../../profiles/definitions.ts';

type JsonObject = Readonly<Record<string, unknown>>;

const folder = join(process.cwd(), '..', 'shared', 'igs');
const read = new Map<string, Promise<FhirPackage>>();

export const corePackage = 'hl7.fhir.r4.core-4.0.1';
export const packagesAreHere = existsSync(join(folder, `${corePackage}.tgz`));

/** @param name of a file, without `.tgz` */
export function packageOf(name: string): Promise<FhirPackage> {
  let known = read.get(name);
  if (known === undefined) read.set(name, known = readPackage(createReadStream(join(folder, `${name}.tgz`))));
  return known;
}

/** R4 and what else is named, with definitions of the test's own. */
export async function definitionsFor(names: readonly string[], own: readonly JsonObject[] = []): Promise<Definitions> {
  const packages = await Promise.all([corePackage, ...names].map(packageOf));
  return definitionsOf([...packages, { name: 'test', version: '1.0.0', dependencies: {}, fhirVersions: [], resources: own }]);
}

export function examplesOf(name: string): Promise<ReadonlyMap<string, JsonObject>> {
  return readExamples(createReadStream(join(folder, `${name}.tgz`)));
}
