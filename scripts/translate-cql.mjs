// Translates the CQL of the demo's libraries to ELM beside it, once, when it is written: servers and clients need no
// translator. A test proves that the ELM which is committed is what the CQL gives.
//   node scripts/translate-cql.mjs [FOLDER]
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { translateCql } from './cql/translate.mjs';

const folder = process.argv[2] ?? fileURLToPath(new URL('../server/demo/documentation/', import.meta.url));
const included = (name) => (existsSync(join(folder, `${name}.cql`)) ? readFileSync(join(folder, `${name}.cql`), 'utf8') : undefined);
for (const file of readdirSync(folder).filter((name) => name.endsWith('.cql'))) {
  try {
    const elm = translateCql(readFileSync(join(folder, file), 'utf8'), included);
    writeFileSync(join(folder, file.replace(/\.cql$/, '.elm.json')), `${JSON.stringify(elm, null, 1)}\n`);
    console.log(`translated: ${file}`);
  } catch (error) {
    console.error(`${file}: ${error.message}`);
    process.exitCode = 1;
  }
}
