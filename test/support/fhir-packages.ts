/** FHIR packages of the shared data (`../shared/igs`) as the packages room reads them; each is read once in a test file. */
import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { readPackage, type FhirPackage } from '../../profiles/packages/package-reader.ts';

const folder = join(process.cwd(), '..', 'shared', 'igs');
const read = new Map<string, Promise<FhirPackage>>();

export const sharedPackagesAreHere = existsSync(folder);

/** @param name as `hl7.fhir.r4.core-4.0.1`, `unofficial-sushi/hl7.fhir.us.davinci-hrex-1.2.0.UNOFFICIAL` */
export function sharedPackage(name: string): Promise<FhirPackage> {
  let content = read.get(name);
  if (content === undefined) read.set(name, content = readPackage(createReadStream(join(folder, `${name}.tgz`))));
  return content;
}
