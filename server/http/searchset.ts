/** The answer to a search: a Bundle of type searchset (https://hl7.org/fhir/R4/http.html#search). */
import { outcomeOfIssues } from '../../fhir/outcome.ts';
import type { Context } from '../../store/context.ts';
import type { Queryable } from '../../store/database.ts';
import { countResources, findPage } from '../../store/read.ts';
import type { SearchRequest, SearchSettings } from '../../store/search/language/read-search.ts';
import { storedTerminology } from '../../store/search/stored-terminology.ts';
import type { House } from '../house.ts';
import { bundleText, type BundleEntryText, type BundleLink } from './bundle-text.ts';

export function searchSettings({ database, cursorKey }: Pick<House, 'database' | 'cursorKey'>, context: Context, handling: SearchSettings['handling']): SearchSettings {
  return { context, handling, cursorKey, terminology: storedTerminology(database, context) };
}

/** @param countOnly only the number of matches is wanted, as with `_count=0` */
export async function searchsetText(asked: SearchRequest, database: Queryable, context: Context, countOnly = false): Promise<string> {
  const { query } = asked;
  const counted = countOnly || query.limit === 0;
  const page = counted ? { resources: [], next: undefined } : await findPage(database, query, context);
  const total = await totalOf(asked, page, counted, database, context);

  const entries: BundleEntryText[] = page.resources.map(({ type, id, content }) => ({ fullUrl: `${context.base}/${type}/${id}`, resource: content, search: { mode: 'match' } }));
  if (asked.ignored.length > 0) entries.push({ resource: JSON.stringify(outcomeOfIssues(asked.ignored)), search: { mode: 'outcome' } });
  return bundleText('searchset', linksOf(asked, page.next && asked.cursorOf(page.next), context), entries, total);
}

async function totalOf({ query, total }: SearchRequest, page: { resources: readonly unknown[]; next: unknown }, counted: boolean, database: Queryable, context: Context): Promise<number | undefined> {
  if (!counted && page.next === undefined && query.after === undefined) return page.resources.length;
  if (!counted && total === 'none') return undefined;
  const counts = await Promise.all(query.of.map((one) => countResources(database, one, context)));
  return counts.reduce((sum, count) => sum + count, 0);
}

function linksOf({ path, used }: SearchRequest, cursor: string | undefined, { base }: Context): BundleLink[] {
  const address = path === '' ? base : `${base}/${path}`;
  const parameters = new URLSearchParams([...used] as [string, string][]);
  const links: BundleLink[] = [{ relation: 'self', url: parameters.size > 0 ? `${address}?${parameters.toString()}` : address }];
  if (cursor !== undefined) {
    parameters.append('_cursor', cursor);
    links.push({ relation: 'next', url: `${address}?${parameters.toString()}` });
  }
  return links;
}
