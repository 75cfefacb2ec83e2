/** Fragments to statements. */
import type { Sql } from 'sql-template-tag';
import type { Statement } from '../../database.ts';

/** What may take long: no longer than searches may (PRIORA_SEARCH_TIMEOUT). */
export function search(fragment: Sql): Statement {
  return { ...reading(fragment), limited: true };
}

/** What takes a few looks into primary keys. */
export function reading(fragment: Sql): Statement {
  return { text: fragment.text, values: [...fragment.values], recurring: true, replicable: true };
}
