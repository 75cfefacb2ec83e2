/** `priora package add | list | remove`: FHIR packages that an administrator installs, for all tenants. */
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Problem } from '../../fhir/problems.ts';
import { readShippedPackages } from '../../profiles/packages/shipped.ts';
import type { Database } from '../../store/database.ts';
import { addPackage, type AddOptions } from '../../store/packages/add.ts';
import { installedPackages } from '../../store/packages/list.ts';
import { openPackage } from '../../store/packages/package-source.ts';
import { openRegistry, withDownload } from '../../store/packages/registry.ts';
import { removePackage } from '../../store/packages/remove.ts';
import type { Configuration } from '../configuration.ts';
import { withStore } from './store.ts';

const help = `priora package add FILE | FOLDER [--dependencies]
priora package add NAME[@VERSION] | URL [--no-dependencies]
priora package list
priora package remove NAME@VERSION

FILE is a FHIR package (.tgz), FOLDER one that was unpacked. NAME@VERSION is asked of the
registry PRIORA_PACKAGE_REGISTRY, with what the package depends on; VERSION may be partial
(7.0.x). Packages are for all tenants, and several versions may be installed side by side.
`;

const options = { dependencies: { type: 'boolean' }, 'no-dependencies': { type: 'boolean' } } as const;

export async function packageCommand(words: readonly string[]): Promise<number> {
  let parsed: { values: { dependencies?: boolean; 'no-dependencies'?: boolean }; positionals: string[] };
  try {
    parsed = parseArgs({ args: [...words], options, allowPositionals: true });
  } catch (error) {
    return complain(error instanceof Error ? error.message : '');
  }
  const { values, positionals: [command, what, ...more] } = parsed;
  if (more.length > 0) return complain('too many words');
  if (command === 'add' && what !== undefined) return withStore(refusing((database, configuration) => add(database, configuration, what, values.dependencies === true, values['no-dependencies'] !== true)));
  if (command === 'list' && what === undefined) return withStore(refusing(list));
  if (command === 'remove' && what !== undefined) return withStore(refusing((database) => remove(database, what)));
  return complain('package takes add, list or remove');
}

function complain(text: string): number {
  process.stderr.write(`priora: ${text}\n\n${help}`);
  return 2;
}

type Work = (database: Database, configuration: Configuration) => Promise<number>;

/** What is refused is told in a line. */
function refusing(work: Work): Work {
  return async (database, configuration) => {
    try {
      return await work(database, configuration);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      process.stderr.write(`priora: ${error.message}\n`);
      return 1;
    }
  };
}

async function add(database: Database, { packageRegistry, packageLimits }: Configuration, what: string, ofFiles: boolean, ofNames: boolean): Promise<number> {
  const registry = openRegistry(packageRegistry, packageLimits);
  const withDependencies = (fetches: boolean): AddOptions => ({ database, shipped: readShippedPackages(), ...(fetches && { registry }), now: () => new Date(), ...telling });
  if (/^https?:\/\//.test(what)) {
    if (!URL.canParse(what)) return complain('this is no address');
    await withDownload(new URL(what), 'at this address', packageLimits, (source) => addPackage(source, withDependencies(ofNames)));
  } else if (existsSync(what) || /[/\\]|\.tgz$/.test(what)) {
    await addPackage(await openPackage(what, packageLimits), withDependencies(ofFiles));
  } else {
    const [name, wanted] = named(what);
    const version = await registry.resolve(name, wanted);
    await registry.withArchive(name, version, (source) => addPackage(source, withDependencies(ofNames)));
  }
  return 0;
}

/** `hl7.fhir.us.core@7.0.0`; tables and messages write it with `#`. */
function named(what: string): readonly [string, string | undefined] {
  const [name = '', version] = what.split(/[@#]/);
  return [name, version];
}

const telling: Pick<AddOptions, 'onInstalled' | 'onMissing'> = {
  onInstalled: ({ manifest: { name, version }, outcome, definitions, unusable, twice }) => {
    process.stdout.write(`${name}#${version}: ${outcome === 'there' ? 'was there already' : outcome}, ${definitions} definitions\n`);
    for (const reason of unusable) process.stderr.write(`  ${reason}\n`);
    for (const canonical of twice) process.stderr.write(`  ${canonical} is in it more than once, with different content; the first counts.\n`);
  },
  onMissing: ({ name, version, by, reason }) => { process.stderr.write(`${by} depends on ${name}#${version}, which is left out: ${reason}\n`); },
};

async function list(database: Database): Promise<number> {
  for (const { name, version, definitions, unusable, source } of await installedPackages(database)) {
    process.stdout.write(`${name}#${version}\t${definitions} definitions${unusable > 0 ? `, ${unusable} of no use` : ''}\t${source}\n`);
  }
  return 0;
}

async function remove(database: Database, what: string): Promise<number> {
  const [name, version] = named(what);
  if (version === undefined) return complain('remove takes NAME@VERSION');
  await removePackage(database, name, version, new Date());
  process.stdout.write(`removed ${name}#${version}\n`);
  return 0;
}
