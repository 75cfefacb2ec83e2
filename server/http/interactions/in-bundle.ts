/**
 * Conditional references that an entry of the same Bundle answers: they are resolved when the other entries of a
 * transaction are written (https://hl7.org/fhir/R4/http.html#trules), so what these say is there to be found.
 */
import { indexRow } from '../../../store/index-row.ts';
import type { Context } from '../../../store/context.ts';
import type { Expression } from '../../../store/search/expression.ts';
import type { Criteria } from '../../../store/write/conditional.ts';
import { typeOf, type Intent } from './intent.ts';

/** The intents that write what each of the criteria asks for, by the name of the criteria. */
export function writersOf(criteria: Iterable<Criteria>, intents: readonly Intent[], isWritten: (index: number) => boolean, context: Context): ReadonlyMap<string, readonly Intent[]> {
  const keys = new Map<Intent, ReadonlySet<bigint>>();
  const found = new Map<string, readonly Intent[]>();
  for (const { name, type, where } of criteria) {
    const writers = intents.filter((intent, index) => {
      if ((intent.kind !== 'create' && intent.kind !== 'update') || typeOf(intent) !== type || !isWritten(index)) return false;
      if (!keys.has(intent)) keys.set(intent, new Set(indexRow(context.tenant.id, intent.resource, context.parameters).keys));
      return isMet(where, keys.get(intent)!) === true;
    });
    if (writers.length > 0) found.set(name, writers);
  }
  return found;
}

/** Whether a resource with these keys is what is asked for; undefined where more than keys would have to be looked at. */
function isMet(where: Expression, keys: ReadonlySet<bigint>): boolean | undefined {
  switch (where.kind) {
    case 'key': return where.anyOf.some((key) => keys.has(key));
    case 'all': {
      const parts = new Set(where.of.map((part) => isMet(part, keys)));
      return parts.has(false) ? false : parts.has(undefined) ? undefined : true;
    }
    case 'any': {
      const parts = new Set(where.of.map((part) => isMet(part, keys)));
      return parts.has(true) ? true : parts.has(undefined) ? undefined : false;
    }
    case 'not': {
      const part = isMet(where.of, keys);
      return part === undefined ? undefined : !part;
    }
    default: return undefined;
  }
}
