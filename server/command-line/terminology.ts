/** `priora terminology import | list | remove`: what an administrator installs of SNOMED CT, LOINC, ICD-10 and the like. */
import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { publishImported } from '../../operations/terminology/publish-imported.ts';
import type { Context, Tenant } from '../../store/context.ts';
import type { Database } from '../../store/database.ts';
import { readDefinitions } from '../../store/definitions.ts';
import { sharedScope } from '../../store/terminology/scope.ts';
import { importRelease, type ImportProgress } from '../../store/terminology/import.ts';
import { installedSystems, removeInstalledSystems } from '../../store/terminology/import-list.ts';
import { ensureTenant, knownTenants } from '../../store/tenants.ts';
import { openFiles } from '../../terminology/import/files.ts';
import { importFormats, openRelease } from '../../terminology/import/formats.ts';
import type { Configuration } from '../configuration.ts';
import { baseOf } from '../tenants.ts';
import { progressBar } from './progress-bar.ts';
import { withStore } from './store.ts';

const formats = [...importFormats].map(([name, what]) => `    ${name.padEnd(11)} ${what}\n`).join('');

const help = `priora terminology import FORMAT PATH [--version V] [--system URL] [--edition MODULE]
                          [--columns code=HEADING,display=HEADING,...] [--tenant NAME]
priora terminology list [--tenant NAME]
priora terminology remove URL [--version V] [--tenant NAME]

FORMAT is one of
${formats}
Without --tenant it is for all tenants. An import that was interrupted goes on when it is asked for again.
`;

const options = { version: { type: 'string' }, system: { type: 'string' }, edition: { type: 'string' }, columns: { type: 'string' }, tenant: { type: 'string' } } as const;
type Values = { readonly [name in keyof typeof options]?: string };

export async function terminology(words: readonly string[]): Promise<number> {
  let parsed: { values: Values; positionals: string[] };
  try {
    parsed = parseArgs({ args: [...words], options, allowPositionals: true });
  } catch (error) {
    return complain(error instanceof Error ? error.message : '');
  }
  const { values, positionals: [command, ...rest] } = parsed;
  if (command === 'import' && rest.length === 2) return withStore((database, configuration) => importFiles(database, configuration, rest[0]!, rest[1]!, values));
  if (command === 'list' && rest.length === 0) return withStore((database, configuration) => list(database, configuration, values));
  if (command === 'remove' && rest.length === 1) return withStore((database, configuration) => remove(database, configuration, rest[0]!, values));
  return complain('terminology takes import, list or remove');
}

function complain(text: string): number {
  process.stderr.write(`priora: ${text}\n\n${help}`);
  return 2;
}

async function importFiles(database: Database, configuration: Configuration, format: string, path: string, values: Values): Promise<number> {
  const columns = columnsOf(values.columns);
  if (columns === undefined) return complain('--columns takes code=HEADING,display=HEADING');
  const scope = await scopeOf(database, configuration, values.tenant);
  if (scope === undefined) return 1;
  const files = await openFiles(path);
  try {
    const { version, system, edition } = values;
    const release = await openRelease(format, files, { columns, ...(version !== undefined && { version }), ...(system !== undefined && { system }), ...(edition !== undefined && { edition }) });
    process.stderr.write(`importing ${release.codeSystem.url}|${release.codeSystem.version}\n`);
    // Next to nothing of what is read lives longer than its batch; V8 would rather let the heap grow than look for it.
    setFlagsFromString('--heap-growing-percent=20');
    const bar = progressBar(process.stderr);
    const done = await importRelease(database, files, release, {
      tenant: scope, format, now: () => new Date(),
      onProgress: (progress) => { bar.show(meaningOf(progress), progress.share); },
      onResume: ({ stage, file, row, concepts }) => { process.stderr.write(stage === 'reading' ? `goes on at row ${row + 1} of ${file ?? 'the files'}\n` : `goes on with ${stage}, ${concepts} concepts are there\n`); },
    });
    bar.end();
    await publish(database, configuration, scope);
    process.stdout.write(`${done.url}|${done.version}: ${done.concepts} concepts${done.alreadyThere ? ' were there already' : ''}\n`);
    return 0;
  } finally {
    files.close();
  }
}

function meaningOf({ stage, file }: ImportProgress): string {
  switch (stage) {
    case 'reading': return `reading ${file?.slice(file.lastIndexOf('/') + 1) ?? ''}`;
    case 'assembling': return 'making concepts';
    case 'linking': return 'linking concepts';
    case 'finishing': return 'making the hierarchy';
  }
}

function columnsOf(text: string | undefined): Record<string, string> | undefined {
  const pairs = text?.split(',').map((pair): [string, string] => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]) ?? [];
  return pairs.every(([name, value]) => name !== '' && value !== '') ? Object.fromEntries(pairs) : undefined;
}

async function list(database: Database, configuration: Configuration, { tenant }: Values): Promise<number> {
  const scope = await scopeOf(database, configuration, tenant);
  if (scope === undefined) return 1;
  for (const { url, version, state, concepts, source } of await installedSystems(database, scope)) {
    process.stdout.write(`${url}|${version}\t${state === 'ready' ? `${concepts} concepts` : 'import not finished'}\t${source}\n`);
  }
  return 0;
}

async function remove(database: Database, configuration: Configuration, url: string, { version, tenant }: Values): Promise<number> {
  const scope = await scopeOf(database, configuration, tenant);
  if (scope === undefined) return 1;
  const removed = await removeInstalledSystems(database, scope, url, version);
  if (removed.length === 0) {
    process.stderr.write('priora: nothing of that address and version is installed\n');
    return 1;
  }
  await publish(database, configuration, scope);
  for (const one of removed) process.stdout.write(`removed ${url}|${one}\n`);
  return 0;
}

/** Tells of it by CodeSystem resources: in all tenants, or in the one whose it is. */
async function publish(database: Database, configuration: Configuration, scope: number): Promise<void> {
  for (const tenant of await knownTenants(database)) if (scope === sharedScope || scope === tenant.id) await publishImported(database, await contextOf(database, configuration, tenant));
}

/** The command acting on the administrator's behalf. */
async function contextOf(database: Database, { baseUrl, host, port }: Configuration, tenant: Tenant): Promise<Context> {
  const known = { parameters: (await readDefinitions(database, tenant.id)).parameters };
  return {
    tenant, base: baseOf(tenant, baseUrl ?? `http://${host}:${port}/fhir`), access: { tenant: tenant.id }, actor: 'administrator', request: 'terminology-command',
    get parameters() { return known.parameters; },
    refreshParameters: async () => { known.parameters = (await readDefinitions(database, tenant.id)).parameters; },
    now: () => new Date(), random: (count) => randomBytes(count),
  };
}

/** The number of the scope: of a tenant, or of what is for all. */
async function scopeOf(database: Database, { tenants }: Configuration, name: string | undefined): Promise<number | undefined> {
  if (name === undefined) return sharedScope;
  if (name !== 'default' && !tenants.includes(name)) {
    process.stderr.write('priora: there is no tenant of that name; PRIORA_TENANTS names them\n');
    return undefined;
  }
  return (await ensureTenant(database, name, new Date())).id;
}
