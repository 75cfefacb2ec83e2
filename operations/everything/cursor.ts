/** Where a page of a record begins, as it goes out in a link: sealed like the cursors of search. */
import { openCursor, sealCursor, type CursorBinding } from '../../store/search/language/cursor.ts';
import type { OperationCall } from '../registry.ts';
import type { Position } from './pages.ts';
import type { Wanted } from './wanted.ts';

/** The same record, and the same of it; how much at a time may change. */
export function bindingOf({ context, type, id }: OperationCall, { used }: Wanted): CursorBinding {
  return ['everything', context.tenant.id, type!, id ?? '*', ...used.filter(([name]) => name !== '_count').map(([name, value]) => `${name}=${value}`)];
}

export function sealPosition(key: Uint8Array, binding: CursorBinding, { of, after }: Position): string {
  return sealCursor(key, binding, after === undefined ? [of] : [of, after.type, after.id, ...after.values]);
}

/** @throws {Problem} `invalid-search-value` */
export function openPosition(key: Uint8Array, binding: CursorBinding, cursor: string): Position {
  const [of, type, id, ...values] = openCursor(key, binding, cursor) as [string, string?, string?, ...(string | number | null)[]];
  return { of, after: type === undefined || id === undefined ? undefined : { type, id, values } };
}
