/**
 * A resource without lists and objects that hold nothing: JSON of FHIR has none, and a patch leaves them behind where it
 * removes the last of something. Source: https://hl7.org/fhir/R4/json.html ("Objects are never empty").
 */
import { Decimal } from '../json.ts';

/** The same value where there is nothing to leave out; undefined for what is empty itself. */
export function withoutEmpty(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Decimal) return value;
  return Array.isArray(value) ? listWithoutEmpty(value, false) : objectWithoutEmpty(value as Readonly<Record<string, unknown>>);
}

function objectWithoutEmpty(object: Readonly<Record<string, unknown>>): unknown {
  const members: [string, unknown][] = [];
  let changed = false;
  for (const [name, item] of Object.entries(object)) {
    const kept = Array.isArray(item) ? listWithoutEmpty(item, name.startsWith('_')) : withoutEmpty(item);
    if (kept !== item) changed = true;
    if (kept !== undefined) members.push([name, kept]);
  }
  if (members.length === 0) return undefined;
  return changed ? Object.fromEntries(members) : object;
}

/** @param placed the items go with those of another list: a place is kept for one that is empty */
function listWithoutEmpty(list: readonly unknown[], placed: boolean): unknown {
  const items = list.map((item) => withoutEmpty(item) ?? (placed ? null : undefined)).filter((item) => item !== undefined);
  if (items.length === 0 || (placed && items.every((item) => item === null))) return undefined;
  return items.length === list.length && items.every((item, index) => item === list[index]) ? list : items;
}
