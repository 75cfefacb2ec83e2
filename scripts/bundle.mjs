// TypeScript sources become one module that Node can import: esbuild bundles them into .cache when they are newer than
// the last bundle, in about a quarter of a second. There is no build step and nothing built is committed.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const rooms = ['fhir', 'terminology', 'profiles', 'mappers', 'store', 'review', 'operations', 'channels', 'delivery', 'server', 'bench', 'test/support'];

/** Imports an entry file of this repository, such as `server/command-line/run.ts`. */
export async function importSource(entry) {
  return import(pathToFileURL(await bundle(entry)).href);
}

async function bundle(entry) {
  const folder = join(root, '.cache', 'bundle');
  const name = entry.replaceAll('/', '-').replace(/\.ts$/, '');
  const file = join(folder, `${name}-${stateOfSources()}.mjs`);
  if (existsSync(file)) return file;
  const { build } = await import('esbuild');
  const { keepModuleAddresses } = await import('./keep-module-addresses.mjs');
  mkdirSync(folder, { recursive: true });
  // Two processes may do this at once: each writes a file of its own and moves it into place whole.
  const fresh = join(folder, `${name}-${process.pid}.tmp.mjs`);
  await build({
    entryPoints: [join(root, entry)], outfile: fresh, bundle: true, platform: 'node', format: 'esm', target: 'node20', packages: 'external',
    sourcemap: 'inline', sourcesContent: false, logLevel: 'warning', plugins: [keepModuleAddresses()], absWorkingDir: root,
  });
  renameSync(fresh, file);
  for (const old of readdirSync(folder)) {
    if (old.startsWith(`${name}-`) && !old.includes('.tmp.') && join(folder, old) !== file) rmSync(join(folder, old), { force: true });
  }
  return file;
}

/** A hash over names, sizes and times of all sources. */
function stateOfSources() {
  const state = createHash('sha256').update(process.versions.node).update(readFileSync(join(root, 'package.json')));
  for (const { path, changed, size } of rooms.flatMap((room) => sourcesBelow(join(root, room)))) state.update(path).update(String(changed)).update(String(size));
  return state.digest('hex').slice(0, 16);
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
