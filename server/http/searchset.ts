/** The answer to a search: a Bundle of type searchset (https://hl7.org/fhir/R4/http.html#search). */
import { outcomeOfIssues } from '../../fhir/outcome.ts';
import { pageLinks, type BundleLink } from '../../fhir/page-links.ts';
import type { ProblemIssue } from '../../fhir/problems.ts';
import type { Context } from '../../store/context.ts';
import type { Queryable } from '../../store/database.ts';
import { countResources, estimateResources, mostCounted } from '../../store/count.ts';
import { findPage, type Page } from '../../store/find.ts';
import { findEntries } from '../../store/find-entries.ts';
import type { StoredVersion } from '../../store/read.ts';
import type { Place } from '../../store/search/expression.ts';
import type { SearchRequest, SearchSettings } from '../../store/search/language/read-search.ts';
import { mostIncluded } from '../../store/search/sql/include.ts';
import { storedTerminology } from '../../store/search/stored-terminology.ts';
import type { ObjectStore } from '../../store/objects/object-store.ts';
import type { House } from '../house.ts';
import { withContents } from './binary/in-bundles.ts';
import { bundleAround, bundleText, type BundleEntryText } from './bundle-text.ts';

export function searchSettings({ database, cursorKey }: Pick<House, 'database' | 'cursorKey'>, context: Context, handling: SearchSettings['handling']): SearchSettings {
  return { context, handling, cursorKey, terminology: storedTerminology(database, context) };
}

const nothing: Page = { resources: [], included: [], includesCut: false, next: undefined };

/** @param countOnly only the number of matches is wanted, as with `_count=0` */
export async function searchsetText(asked: SearchRequest, database: Queryable, objects: ObjectStore, context: Context, countOnly = false): Promise<string> {
  const { query } = asked;
  const counted = countOnly || query.limit === 0;
  const ready = counted ? undefined : await findEntries(database, query, context);
  if (ready !== undefined) {
    const total = await totalOf(asked, ready.count, ready.next, counted, database, context);
    const remarks = remarksOf(asked, ready.includesCut, total).map((issues) => ({ resource: JSON.stringify(outcomeOfIssues(issues)), search: { mode: 'outcome' } as const }));
    return bundleAround('searchset', linksOf(asked, ready.next && asked.cursorOf(ready.next), context), ready.entries, remarks, total?.count);
  }
  const page = counted ? nothing : await findPage(database, query, context);
  const total = await totalOf(asked, page.resources.length, page.next, counted, database, context);

  const entryOf = (mode: 'match' | 'include') => ({ type, id, content }: StoredVersion): BundleEntryText => ({ fullUrl: `${context.base}/${type}/${id}`, resource: content, search: { mode } });
  const found = await withContents([...page.resources, ...page.included], database, objects, context);
  const entries = found.map((version, index) => entryOf(index < page.resources.length ? 'match' : 'include')(version));
  for (const issues of remarksOf(asked, page.includesCut, total)) entries.push({ resource: JSON.stringify(outcomeOfIssues(issues)), search: { mode: 'outcome' } });
  return bundleText('searchset', linksOf(asked, page.next && asked.cursorOf(page.next), context), entries, total?.count);
}

/** What there is to be said beside the matches: one list of issues, or none. */
function remarksOf(asked: SearchRequest, includesCut: boolean, total: Total | undefined): (readonly ProblemIssue[])[] {
  const issues = [...asked.ignored, ...(includesCut ? [tooManyIncluded] : []), ...(total?.exact === false ? [moreThanCounted] : [])];
  return issues.length > 0 ? [issues] : [];
}

const tooManyIncluded: ProblemIssue = { code: 'includes-cut', details: { limit: mostIncluded }, severity: 'warning' };
const moreThanCounted: ProblemIssue = { code: 'total-estimated', details: { limit: mostCounted }, severity: 'information' };

interface Total {
  readonly count: number;
  readonly exact: boolean;
}

async function totalOf({ query, total }: SearchRequest, found: number, next: Place | undefined, counted: boolean, database: Queryable, context: Context): Promise<Total | undefined> {
  if (!counted && next === undefined && query.after === undefined) return { count: found, exact: true };
  if (!counted && total === 'none') return undefined;
  const counts = await Promise.all(query.of.map(async (one): Promise<Total> => (
    total === 'estimate' ? estimateResources(database, one, context) : { count: await countResources(database, one, context), exact: true })));
  return { count: counts.reduce((sum, { count }) => sum + count, 0), exact: counts.every(({ exact }) => exact) };
}

function linksOf({ path, used }: SearchRequest, cursor: string | undefined, { base }: Context): BundleLink[] {
  return pageLinks(path === '' ? base : `${base}/${path}`, used, cursor);
}
