/**
 * Makes the tables that ship with the repository (profiles/tables/data) from FHIR packages.
 *
 *   node scripts/distill-profiles.mjs FOLDER           FOLDER has the packages as NAME-VERSION.tgz
 *   node scripts/distill-profiles.mjs FOLDER --check   writes nothing; fails and names the files that are not current
 *
 * The same packages give the same tables. The bytes of a file may differ with another release of Node, because its
 * compressor may; what is in it does not.
 */
import { createReadStream, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import { importSource } from './bundle.mjs';

const words = process.argv.slice(2);
const check = words.includes('--check');
const folder = words.find((word) => !word.startsWith('--'));
if (folder === undefined) {
  console.error('usage: node scripts/distill-profiles.mjs FOLDER [--check]');
  process.exit(2);
}

const { packShipment, shippedFolder } = await importSource('profiles/packages/pack-shipment.ts');
const stale = [];
mkdirSync(shippedFolder, { recursive: true });
for (const { name, text } of await packShipment((file) => createReadStream(fileOf(file)))) {
  const target = new URL(`${name}.json.br`, shippedFolder);
  const current = existsSync(target) ? brotliDecompressSync(readFileSync(target)).toString('utf8') : undefined;
  if (current === text) continue;
  stale.push(name);
  if (check) continue;
  const packed = brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY, [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_SIZE_HINT]: Buffer.byteLength(text) } });
  writeFileSync(target, packed);
  console.log(`${name}: ${Buffer.byteLength(text)} bytes, ${packed.byteLength} compressed`);
}
if (check && stale.length > 0) {
  console.error(`not current: ${stale.join(', ')}`);
  process.exit(1);
}

/** Guides that are not published as packages where this was made were compiled from their sources; their files say so. */
function fileOf(name) {
  const candidates = [join(folder, `${name}.tgz`), join(folder, 'unofficial-sushi', `${name}.UNOFFICIAL.tgz`)];
  const found = candidates.find((path) => existsSync(path));
  if (found === undefined) throw new Error(`${candidates[0]} is not there`);
  return found;
}
