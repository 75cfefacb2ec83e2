// TypeScript sources become one module that Node can import: esbuild bundles them into .cache when they are newer than
// the last bundle, in about a quarter of a second. There is no build step and nothing built is committed. Where this
// user may not write into the installation, the bundle goes to a private folder of the user's own.
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const rooms = ['fhir', 'terminology', 'profiles', 'mappers', 'store', 'review', 'operations', 'channels', 'delivery', 'server', 'bench', 'test/support', 'test/fuzz', 'test/fixtures'];

/** Imports an entry file of this repository, such as `server/command-line/run.ts`. */
export async function importSource(entry) {
  return import(pathToFileURL(await bundle(entry)).href);
}

async function bundle(entry) {
  const inside = join(root, '.cache', 'bundle');
  const name = entry.replaceAll('/', '-').replace(/\.ts$/, '');
  const made = `${name}-${stateOfSources()}.mjs`;
  if (allows(join(inside, made), constants.R_OK)) return join(inside, made);
  const folder = canBeWritten(inside) ? inside : privateFolder();
  const file = join(folder, made);
  if (existsSync(file)) return file;
  const { build } = await import('esbuild');
  const { keepModuleAddresses } = await import('./keep-module-addresses.mjs');
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

function allows(path, mode) {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}

function canBeWritten(folder) {
  try {
    mkdirSync(folder, { recursive: true });
  } catch {
    return false;
  }
  return allows(folder, constants.R_OK | constants.W_OK | constants.X_OK);
}

/** What is in it is run, so nobody but this user may have made or changed it. */
function privateFolder() {
  const user = process.getuid?.();
  const folder = join(tmpdir(), `priora-bundle-${user ?? 'own'}-${createHash('sha256').update(root).digest('hex').slice(0, 16)}`);
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (error.code !== 'EEXIST') throw new CannotBundleError(`neither ${join(root, '.cache')} nor ${tmpdir()} can be written (${error.code}): let this user write to one of them, or set TMPDIR`);
  }
  const found = lstatSync(folder);
  if (!found.isDirectory() || (user !== undefined && (found.uid !== user || (found.mode & 0o077) !== 0))) {
    throw new CannotBundleError(`${folder} belongs to another user or is open to others: remove it, or set TMPDIR`);
  }
  try {
    // A bundle finds its packages beside itself.
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  return folder;
}

/** One line for a person: there is no place for the bundle. */
export class CannotBundleError extends Error {}

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
