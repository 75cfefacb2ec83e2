/** The instances of each profile of a guide that its constraints are broken in: official examples first, then grown ones. */
import { typesOf, type TreeNode } from '../../../profiles/compile/tree.ts';
import { objectsIn, type JsonObject } from '../ig-mutations-places.ts';
import { isError, judgedAt, type Guide } from '../ig-examples.ts';
import type { StructureTable } from '../../../profiles/tables/structure-table.ts';
import { codesOf } from './codes.ts';
import { byHandIn } from './by-hand.ts';
import { grow, judged, type ErrorsOf, type Grown, type Instance, type Judged } from './grow.ts';
import { heldExtensions, heldValues } from './holders.ts';
import { leastResource, type Maker } from './make.ts';

/** Examples of a profile that are looked at, and that are grown. */
const mostExamples = 6;
const mostGrown = 3;

export interface Instances {
  readonly examples: readonly Judged[];
  readonly grown: Grown;
}

export interface InstanceMaker {
  readonly maker: Maker;
  of(table: StructureTable, root: TreeNode): Instances;
}

export function canonicalOf({ url, version }: Pick<StructureTable, 'url' | 'version'>): string {
  return version === '' ? url : `${url}|${version}`;
}

export function errorsBy({ validate }: Pick<Guide, 'validate'>): ErrorsOf {
  return ({ resource, by }) => {
    const errors = validate(resource, { now: judgedAt, claimed: false, profiles: by === undefined ? [] : [by] }).issues.filter(isError);
    return errors.length === 0 ? undefined : errors.slice(0, 3).map(({ code, constraint, expression }) => `${constraint ?? code} ${expression}`).join('; ');
  };
}

/** @param resources valid ones, of the examples */
export function instancesIn(guide: Guide, resources: readonly JsonObject[]): InstanceMaker {
  const { definitions } = guide;
  const errorsOf = errorsBy(guide);
  const makers = new Map<string, JsonObject | undefined>();
  const claims = (resource: JsonObject, url: string): boolean => ((resource['meta'] as { profile?: readonly string[] } | undefined)?.profile ?? []).some((canonical) => canonical.replace(/\|.*$/, '') === url);
  const examplesOf = (table: StructureTable): readonly JsonObject[] => {
    const ofType = resources.filter((resource) => resource['resourceType'] === table.type);
    const found: JsonObject[] = [];
    for (const resource of [...ofType.filter((one) => claims(one, table.url)), ...ofType.filter((one) => !claims(one, table.url))]) {
      if (found.length < mostExamples && errorsOf(whole(resource, table)) === undefined) found.push(resource);
    }
    return found;
  };
  const resourceOf = (canonical: string): JsonObject | undefined => {
    if (makers.has(canonical)) return makers.get(canonical);
    makers.set(canonical, undefined);
    const table = definitions.structure(canonical);
    if (table === undefined) return undefined;
    const found = examplesOf(table)[0] ?? leastOf(table);
    makers.set(canonical, found);
    return found;
  };
  const maker: Maker = { definitions, codeOf: codesOf(definitions), resourceOf: (canonical) => resourceOf(canonical), byHand: byHandIn(guide.name) };
  const leastOf = (table: StructureTable): JsonObject | undefined => {
    const least = leastResource(maker, table);
    return least === undefined || errorsOf(whole(least, table)) !== undefined ? undefined : least;
  };
  const extensions = extensionsIn(resources);
  const typed = new Map<string, Instance[]>();
  const grownExtensions = new Map<unknown, Instance[]>();
  return {
    maker,
    of: (table, root) => {
      let given: readonly Instance[];
      let fresh: readonly Instance[] = [];
      if (table.type === 'Extension') {
        given = extensions.get(table.url)?.slice(0, mostExamples) ?? [];
        fresh = [...heldExtensions(maker, table), ...grownExtensions.get(table.url)?.slice(0, 1) ?? []];
      } else if (definitions.type(table.type)?.kind === 'resource') {
        given = examplesOf(table).map((resource) => whole(resource, table));
        const least = leastOf(table);
        if (least !== undefined) fresh = [whole(least, table)];
      } else {
        // Beside what is made up, values where a profile asks for this one.
        given = [];
        fresh = [...heldValues(maker, table, canonicalOf(table)), ...typed.get(table.url)?.slice(0, 4) ?? []];
      }
      const valid = fresh.filter((instance) => errorsOf(instance) === undefined);
      const grown = grow(maker, root, [...given.slice(0, mostGrown), ...valid.slice(0, 4)], errorsOf);
      if (definitions.type(table.type)?.kind === 'resource') typedIn(grown.instances, typed, canonicalOf(table));
      if (table.type !== 'Extension') extensionsIn(grown.instances.map(({ resource }) => resource), grownExtensions);
      return { examples: given.map((instance) => judged(maker, root, instance)), grown };
    },
  };
}

/** Values by the profile that the type of their row names. */
function typedIn(instances: readonly Judged[], found: Map<string, Instance[]>, by: string): void {
  for (const { resource, rows } of instances) {
    for (const { node, places } of rows.values()) {
      for (const canonical of typesOf(node.row).flatMap(({ profiles = [] }) => profiles)) {
        const url = canonical.replace(/\|.*$/, '');
        for (const place of places.slice(0, 1)) found.set(url, [...found.get(url) ?? [], { resource, start: { ...place, holder: undefined, within: [] }, by }]);
      }
    }
  }
}

/** By url. */
function extensionsIn(resources: readonly JsonObject[], found = new Map<unknown, Instance[]>()): Map<unknown, Instance[]> {
  for (const resource of resources) {
    for (const start of objectsIn(resource)) {
      const extension = start.value as JsonObject;
      if (typeof extension['url'] !== 'string' || !hasContent(extension)) continue;
      const known = found.get(extension['url']);
      if (known === undefined) found.set(extension['url'], [{ resource, start }]);
      else known.push({ resource, start });
    }
  }
  return found;
}

function hasContent(extension: JsonObject): boolean {
  return Object.keys(extension).some((name) => name === 'extension' || name.startsWith('value'));
}

function whole(resource: JsonObject, table: StructureTable): Instance {
  return { resource, by: canonicalOf(table), start: { path: [], expression: String(resource['resourceType']), value: resource, holder: undefined, within: [] } };
}
