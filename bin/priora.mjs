#!/usr/bin/env node
// The command `priora`. TypeScript sources are bundled by esbuild when they are newer than the bundle, which takes
// about a quarter of a second, and imported; there is no build step and nothing built is committed.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Priora needs Node.js 20.19 or newer; this is ${process.version}.`);
  process.exit(1);
}

const root = fileURLToPath(new URL('..', import.meta.url));
const { run } = await import(pathToFileURL(await bundle('server/command-line/run.ts')).href);
await run(process.argv.slice(2));

/** Path of the current bundle of an entry file. Also used by scripts/test.mjs and bench through an import of its own. */
async function bundle(entry) {
  const folder = join(root, '.cache', 'bundle');
  const sources = ['fhir', 'terminology', 'profiles', 'mappers', 'store', 'review', 'operations', 'channels', 'delivery', 'server', 'bench'].flatMap((room) => sourcesBelow(join(root, room)));
  const state = createHash('sha256').update(process.versions.node).update(readFileSync(join(root, 'package.json')));
  for (const source of sources) state.update(source.path).update(String(source.changed)).update(String(source.size));
  const file = join(folder, `priora-${state.digest('hex').slice(0, 16)}.mjs`);
  if (existsSync(file)) return file;
  const { build } = await import('esbuild');
  const { keepModuleAddresses } = await import('../scripts/keep-module-addresses.mjs');
  mkdirSync(folder, { recursive: true });
  const fresh = `${file}.${process.pid}.tmp.mjs`;
  await build({
    entryPoints: [join(root, entry)], outfile: fresh, bundle: true, platform: 'node', format: 'esm', target: 'node20', packages: 'external',
    sourcemap: 'inline', sourcesContent: false, logLevel: 'warning', plugins: [keepModuleAddresses()], absWorkingDir: root,
  });
  renameSync(fresh, file);
  for (const old of readdirSync(folder)) if (old.endsWith('.mjs') && join(folder, old) !== file && !old.includes('.tmp.')) rmSync(join(folder, old), { force: true });
  return file;
}

function sourcesBelow(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.(ts|json)$/.test(entry.name))
    .map((entry) => {
      const path = join(entry.parentPath ?? entry.path, entry.name);
      const { mtimeMs, size } = statSync(path);
      return { path, changed: mtimeMs, size };
    })
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
}
