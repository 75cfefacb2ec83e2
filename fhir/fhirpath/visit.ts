/**
 * Closures that walk a resource. A compiled path is a chain of visits: each looks at one node and hands what it
 * finds to the next, so nothing is collected on the way and a path that finds nothing costs a property read.
 * Nodes are parsed JSON of unknown make: a visit ignores whatever is not what its type says.
 */

/** What a walk is about: the resource it began with, and where the last visit of a chain puts its results. */
export interface Walk<Out> {
  readonly resource: unknown;
  readonly out: Out;
}

export type Visit<Out> = (node: unknown, walk: Walk<Out>) => void;

/** A JSON object, not an array. A Decimal (json.ts) passes for one, too, and has no element to read. */
export function isObject(node: unknown): node is Readonly<Record<string, unknown>> {
  return typeof node === 'object' && node !== null && !Array.isArray(node);
}

/** Every visit in turn; undefined where there is none. */
export function all<Out>(visits: readonly Visit<Out>[]): Visit<Out> | undefined {
  const [first, second] = visits;
  if (first === undefined || second === undefined) return first;
  if (visits.length === 2) {
    return (node, walk) => {
      first(node, walk);
      second(node, walk);
    };
  }
  return (node, walk) => {
    for (const visit of visits) visit(node, walk);
  };
}

/**
 * Each value of a property. `name` comes from the table of FHIR elements, none of which is a member of
 * Object.prototype, so reading it cannot reach anything but data.
 */
export function property<Out>(name: string, next: Visit<Out>): Visit<Out> {
  return (node, walk) => {
    if (!isObject(node)) return;
    const value = node[name];
    if (value === undefined || value === null) return;
    if (!Array.isArray(value)) {
      next(value, walk);
      return;
    }
    for (const item of value) if (item !== null) next(item, walk);
  };
}
