/**
 * The tables that ship with the repository: FHIR R4, US Core 7.0.0, PAS 2.2.1 and what that stands on. Made by
 * scripts/distill-profiles.mjs; read when they are first asked for.
 */
import { readFileSync } from 'node:fs';
import { brotliDecompressSync } from 'node:zlib';
import type { CodeSystemTable } from '../tables/code-tables.ts';
import { PackedTables } from '../tables/packed-tables.ts';
import type { PinnedPackage } from './closure.ts';
import { once, TableIndex, typeDefined } from './table-index.ts';

export const shippedFolder = new URL('../tables/data/', import.meta.url);

/** Packages that ship whole, by their files in the folder. */
export const wholeShipped = ['hl7.fhir.r4.core-4.0.1', 'hl7.fhir.us.core-7.0.0', 'hl7.fhir.us.davinci-pas-2.2.1'] as const;

/** Packages of which only that ships which the others refer to. */
export const partlyShipped = ['hl7.fhir.us.davinci-crd-2.2.1', 'hl7.fhir.us.davinci-hrex-1.2.0', 'hl7.fhir.uv.subscriptions-backport.r4-1.1.0'] as const;

export interface Shipped {
  readonly index: TableIndex;
  /** What the packages that ship whole define, for packages that depend on them. */
  readonly packages: readonly PinnedPackage[];
}

/** All of it. Whoever calls keeps what it returns: the index is made anew each time. */
export function readShipped(): TableIndex {
  return readShippedPackages().index;
}

export function readShippedPackages(): Shipped {
  const index = new TableIndex();
  const packages: PinnedPackage[] = [];
  for (const name of [...wholeShipped, ...partlyShipped]) {
    const tables = packedTables(name);
    addTo(index, tables);
    if ((wholeShipped as readonly string[]).includes(name)) packages.push(pinnedOf(tables));
  }
  return { index, packages };
}

/** Code systems of all of it. */
export function shippedCodeSystems(): readonly Pick<CodeSystemTable, 'url' | 'version' | 'content'>[] {
  return [...wholeShipped, ...partlyShipped].flatMap((name) => packedTables(name).codeSystems);
}

/** Files of a release, which never change: whatever is made of them, their text is in memory once. */
const packed = new Map<string, PackedTables>();

function packedTables(name: string): PackedTables {
  let tables = packed.get(name);
  if (tables === undefined) packed.set(name, tables = new PackedTables(brotliDecompressSync(readFileSync(new URL(`${name}.json.br`, shippedFolder))).toString('utf8')));
  return tables;
}

function pinnedOf({ from, structures, valueSets, codeSystems }: PackedTables): PinnedPackage {
  const [name, version] = from.split('#') as [string, string];
  return { name, version, dependencies: {}, fhirVersions: ['4.0.1'], versions: new Map([...structures, ...valueSets, ...codeSystems].map((table) => [table.url, table.version ?? ''])) };
}

function addTo(index: TableIndex, tables: PackedTables): void {
  for (const [place, header] of tables.structures.entries()) index.addStructure(header.url, header.version, once(() => tables.structure(place)), typeDefined(header));
  for (const [place, { url, version }] of tables.valueSets.entries()) index.addValueSet(url, version ?? '', once(() => tables.valueSet(place)));
  for (const [place, { url, version }] of tables.codeSystems.entries()) index.addCodeSystem(url, version ?? '', once(() => tables.codeSystem(place)));
}
