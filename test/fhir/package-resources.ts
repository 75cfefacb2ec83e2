/** Resources of the published FHIR packages beside the repository, read in place. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';

const packages = resolve(process.cwd(), '../shared/igs');
const core = join(packages, 'hl7.fhir.r4.core-4.0.1.tgz');
export const corePackageIsHere = existsSync(core);

/** JSON texts of the files in the R4 core package whose names fit, by name. */
export function coreResources(wanted: RegExp): [name: string, text: string][] {
  return resourcesIn(core, wanted);
}

/** Names of all the packages, R4 itself among them. */
export function packageNames(): string[] {
  return readdirSync(packages).filter((name) => name.endsWith('.tgz'));
}

/** JSON texts of the files in one of them. */
export function packageResources(name: string, wanted: RegExp): [name: string, text: string][] {
  return resourcesIn(join(packages, name), wanted);
}

function resourcesIn(file: string, wanted: RegExp): [name: string, text: string][] {
  const tar = gunzipSync(readFileSync(file));
  const found: [string, string][] = [];
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0;) {
    const name = tar.toString('latin1', at, at + 100).replace(/\0.*$/s, '').replace(/^package\//, '');
    const size = Number.parseInt(tar.toString('latin1', at + 124, at + 136), 8);
    if (name.endsWith('.json') && wanted.test(name)) found.push([name, tar.toString('utf8', at + 512, at + 512 + size)]);
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return found;
}
