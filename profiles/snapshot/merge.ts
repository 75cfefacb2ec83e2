/**
 * One element of a differential laid over the element that it constrains.
 * Source: https://hl7.org/fhir/R4/elementdefinition.html#interpretation
 */
import { objectOf, textOf, type JsonObject } from '../distill/json-parts.ts';

/** What a differential adds to and does not replace. */
const accumulating = ['constraint', 'mapping', 'condition', 'alias', 'example'] as const;

export function merge(base: JsonObject, change: JsonObject): JsonObject {
  const { id: _id, path: _path, sliceName: _slice, sliceIsConstraining: _constraining, ...changed } = change;
  const merged: Record<string, unknown> = { ...base, ...changed };
  for (const name of accumulating) if (changed[name] !== undefined && base[name] !== undefined) merged[name] = union(base[name], changed[name]);
  // A binding that names no value set of its own goes on with the one there was.
  if (changed['binding'] !== undefined) merged['binding'] = { ...pick(objectOf(base['binding']), 'valueSet'), ...objectOf(changed['binding']) };
  if (changed['slicing'] !== undefined) merged['slicing'] = { ...objectOf(base['slicing']), ...objectOf(changed['slicing']) };
  if (changed['base'] !== undefined && base['base'] !== undefined) merged['base'] = base['base'];
  if (changed['type'] !== undefined) delete merged['contentReference'];
  for (const kind of ['fixed', 'pattern']) dropOther(merged, changed, kind);
  // What has a fixed value needs no pattern that it was meant to match.
  if (Object.keys(changed).some((name) => name.startsWith('fixed'))) dropAll(merged, 'pattern');
  return merged;
}

function pick(from: JsonObject | undefined, name: string): JsonObject {
  return from?.[name] === undefined ? {} : { [name]: from[name] };
}

/** The lists of both, what is the same once: constraints by key, everything else as a whole. */
function union(base: unknown, change: unknown): readonly unknown[] {
  const items = [...(Array.isArray(base) ? (base as unknown[]) : []), ...(Array.isArray(change) ? (change as unknown[]) : [])];
  const met = new Set<string>();
  return items.filter((item) => {
    const identity = textOf(objectOf(item)?.['key']) ?? JSON.stringify(item);
    if (met.has(identity)) return false;
    met.add(identity);
    return true;
  });
}

/** `patternCode` takes the place of `patternString`. */
function dropOther(merged: Record<string, unknown>, change: JsonObject, kind: string): void {
  const form = new RegExp(`^_?${kind}[A-Z]`);
  const stated = Object.keys(change).filter((name) => form.test(name));
  if (stated.length === 0) return;
  for (const name of Object.keys(merged)) if (form.test(name) && !stated.includes(name)) delete merged[name];
}

function dropAll(merged: Record<string, unknown>, kind: string): void {
  for (const name of Object.keys(merged)) if (new RegExp(`^_?${kind}[A-Z]`).test(name)) delete merged[name];
}
