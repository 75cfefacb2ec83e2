/** Which values of a resource a ledger's entries speak of: by their place, and by being the same still. Pure. */
import type { LedgerEntry } from '../../mappers/ledger.ts';
import { stringifyJson } from '../../fhir/json.ts';

/** A value of the resource as it stands, and the entry that says where it came from. */
export interface FoundSource {
  /** Path in the resource as it stands. */
  readonly path: string;
  readonly entry: LedgerEntry;
}

/** A path as the ledger has it: `name[0].family`. In a list the first is meant where no place is told. */
export const pathForm = /^[A-Za-z_]\w*(?:\[\d{1,6}\])?(?:\.[A-Za-z_]\w*(?:\[\d{1,6}\])?)*$/;

/** Paths of all plain values of a resource, but for what the server keeps of it. */
export function valuePaths(resource: object): Map<string, unknown> {
  const paths = new Map<string, unknown>();
  const walk = (value: unknown, path: string): void => {
    if (Array.isArray(value)) for (const [index, item] of value.entries()) walk(item, `${path}[${index}]`);
    else if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype) for (const [name, item] of Object.entries(value)) walk(item, path === '' ? name : `${path}.${name}`);
    else paths.set(path, value);
  };
  const { resourceType: _, id: __, meta: ___, text: ____, ...content } = resource as Record<string, unknown>;
  walk(content, '');
  return paths;
}

/** Whether a path is the one that was asked for, or within it. Where the asked one has no place in a list, any does. */
export function isWithin(path: string, asked: string | undefined): boolean {
  if (asked === undefined) return true;
  const [steps, wanted] = [path.split('.'), asked.split('.')];
  return wanted.every((step, index) => steps[index] === step || (!step.endsWith(']') && placeless(steps[index] ?? '') === step));
}

function placeless(path: string): string {
  return path.replaceAll(/\[\d+\]/g, '');
}

/**
 * Takes out of `open` the values of the resource that an entry of a version speaks of: those that were in that version at
 * the entry's path and are the same now, wherever in their list.
 */
export function takeSources(open: Map<string, unknown>, entries: readonly LedgerEntry[], version: ReadonlyMap<string, unknown>): FoundSource[] {
  const found: FoundSource[] = [];
  for (const entry of entries) {
    if (entry.deletes) continue;
    for (const [path, value] of version) {
      if (path !== entry.path && !path.startsWith(`${entry.path}.`) && !path.startsWith(`${entry.path}[`)) continue;
      const here = open.has(path) && same(open.get(path), value) ? path : [...open].find(([other, now]) => placeless(other) === placeless(path) && same(now, value))?.[0];
      if (here === undefined) continue;
      open.delete(here);
      found.push({ path: here, entry });
    }
  }
  return found;
}

function same(one: unknown, other: unknown): boolean {
  return one === other || stringifyJson(one) === stringifyJson(other);
}
