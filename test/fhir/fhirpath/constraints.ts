/** The constraints in the shared packages, with the FHIR types they are about, and the elements of examples they can be tried on. */
import { elementTypes, elementsOf, isType } from '../../../fhir/element-types.ts';
import { parseJson } from '../../../fhir/json.ts';
import { isResourceType } from '../../../fhir/resource-types.ts';
import { packageFiles, sharedPackages } from '../../support/packages.ts';

export interface Constraint {
  readonly expression: string;
  readonly keys: ReadonlySet<string>;
  /** FHIR types of the elements that it is declared for. */
  readonly types: ReadonlySet<string>;
}

interface Declared {
  readonly path: string;
  readonly type?: readonly { readonly code: string }[];
  readonly constraint?: readonly { readonly key: string; readonly expression?: string }[];
}

interface Definition {
  readonly resourceType: string;
  readonly snapshot?: { readonly element: readonly Declared[] };
  readonly differential?: { readonly element: readonly Declared[] };
}

export const packagesAreHere = sharedPackages().length > 0;

/** Every distinct expression of all packages. */
export function constraints(): Constraint[] {
  const found = new Map<string, { expression: string; keys: Set<string>; types: Set<string> }>();
  for (const name of sharedPackages()) {
    for (const { path, text } of packageFiles(name)) {
      if (!path.startsWith('package/StructureDefinition-')) continue;
      const definition = JSON.parse(text) as Definition;
      for (const element of [...(definition.snapshot?.element ?? []), ...(definition.differential?.element ?? [])]) {
        for (const { key, expression } of element.constraint ?? []) {
          if (expression === undefined) continue;
          const one = found.get(expression) ?? { expression, keys: new Set(), types: new Set() };
          found.set(expression, one);
          one.keys.add(key);
          for (const type of typesAt(element)) one.types.add(type);
        }
      }
    }
  }
  return [...found.values()];
}

/** The types of an element by its path, sliced or not; those the definition gives, where the path says nothing. */
function typesAt({ path, type }: Declared): string[] {
  let types = [path.split('.')[0]!];
  for (const step of path.split('.').slice(1)) {
    const name = step.replace('[x]', '');
    types = types.flatMap((of) => elementTypes(of, name).map((one) => one.type));
  }
  const given = (type ?? []).map(({ code }) => code).filter(isType);
  // A choice that is narrowed; a structure goes by its path.
  const narrowed = given.length > 0 && !given.includes('BackboneElement') && !given.includes('Element') ? types.filter((one) => given.includes(one)) : types;
  return [...new Set(narrowed.length > 0 ? narrowed : types)].filter(isType);
}

/** An element of an example. */
export interface Node {
  readonly type: string;
  readonly value: unknown;
  readonly sibling: unknown;
  readonly resource: unknown;
  readonly root: unknown;
}

/** All elements of a resource, itself first. */
export function nodesOf(root: unknown): Node[] {
  const found: Node[] = [];
  const walk = (type: string, value: unknown, sibling: unknown, resource: unknown, container: unknown): void => {
    found.push({ type, value, sibling, resource, root: container });
    const holder = /^[a-z]/.test(type) ? sibling : value;
    if (typeof holder !== 'object' || holder === null) return;
    const members = holder as Readonly<Record<string, unknown>>;
    for (const { types } of elementsOf(/^[a-z]/.test(type) ? 'Element' : type)) {
      for (const { property, type: of } of types) {
        const [values, siblings] = [listOf(members[property]), listOf(members[`_${property}`])];
        for (let at = 0; at < Math.max(values.length, siblings.length); at++) {
          const child = values[at] ?? undefined;
          const claimed: unknown = typeof child === 'object' && 'resourceType' in child ? child.resourceType : undefined;
          const actual = of === 'Resource' && isResourceType(claimed) ? claimed : of;
          const inner = actual === of ? resource : child;
          walk(actual, child, siblings[at] ?? undefined, inner, actual !== of && property !== 'contained' ? child : container);
        }
      }
    }
  };
  walk((root as { resourceType: string }).resourceType, root, undefined, root, root);
  return found;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
}

/** Examples of the packages and definitions, which are resources too: the smaller ones, and not all of a type. */
export function examples(largest = 60_000, mostOfType = 40): { resourceType: string }[] {
  const found: { resourceType: string }[] = [];
  for (const name of sharedPackages()) {
    const counts = new Map<string, number>();
    for (const { path, text } of packageFiles(name)) {
      const type = /^package\/(?:example\/)?([A-Z][A-Za-z]+)-[^/]+\.json$/.exec(path)?.[1];
      const count = type === undefined ? mostOfType : (counts.get(type) ?? 0);
      if (text.length > largest || count >= mostOfType) continue;
      counts.set(type!, count + 1);
      const resource = parseJson(text) as { resourceType: string };
      if (isResourceType(resource.resourceType)) found.push(resource);
    }
  }
  return found;
}
