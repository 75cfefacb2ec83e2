/** Bundles around stored texts: resources go out as they are stored, without being parsed and printed again. */
import type { BundleLink } from '../../fhir/page-links.ts';
import { Problem } from '../../fhir/problems.ts';

export interface BundleEntryText {
  readonly fullUrl?: string;
  /** JSON text of the resource. */
  readonly resource?: string;
  readonly search?: { readonly mode: 'match' | 'include' | 'outcome' };
  readonly request?: { readonly method: string; readonly url: string };
  readonly response?: { readonly status: string; readonly location?: string; readonly etag?: string; readonly lastModified?: string; readonly outcome?: object };
}

/** Characters of a Bundle at most: several of them are under way at once, and each is in memory whole. */
const largestAnswer = 64 * 1024 * 1024;

/** Counts what is gathered for a Bundle, so that one that grows too large is given up before it is made. */
export class AnswerBudget {
  #left = largestAnswer;

  /** Nothing more will be taken: what would only be read need not be. */
  get spent(): boolean {
    return this.#left < 0;
  }

  /** An entry without a resource costs nothing. @throws {Problem} `answer-too-large` */
  take({ resource = '' }: BundleEntryText): void {
    this.#left -= resource.length;
    if (resource !== '' && this.spent) throw answerTooLarge();
  }
}

export function answerTooLarge(): Problem {
  return new Problem('answer-too-large', { limit: largestAnswer });
}

/** @throws {Problem} `answer-too-large` */
export function bundleText(type: string, links: readonly BundleLink[], entries: readonly BundleEntryText[], total?: number): string {
  const head = JSON.stringify({ resourceType: 'Bundle', type, ...(total !== undefined && { total }), ...(links.length > 0 && { link: links }) });
  if (entries.length === 0) return head;
  const budget = new AnswerBudget();
  for (const entry of entries) budget.take(entry);
  return `${head.slice(0, -1)},"entry":[${entries.map(entryText).join(',')}]}`;
}

/** The same around entries that are text already, and `more` behind them. */
export function bundleAround(type: string, links: readonly BundleLink[], entries: string, more: readonly BundleEntryText[], total?: number): string {
  const head = JSON.stringify({ resourceType: 'Bundle', type, ...(total !== undefined && { total }), ...(links.length > 0 && { link: links }) });
  const all = [...(entries === '' ? [] : [entries]), ...more.map(entryText)];
  return all.length === 0 ? head : `${head.slice(0, -1)},"entry":[${all.join(',')}]}`;
}

function entryText({ resource, fullUrl, ...rest }: BundleEntryText): string {
  const members = [];
  if (fullUrl !== undefined) members.push(`"fullUrl":${JSON.stringify(fullUrl)}`);
  if (resource !== undefined) members.push(`"resource":${resource}`);
  for (const [name, value] of Object.entries(rest)) members.push(`${JSON.stringify(name)}:${JSON.stringify(value)}`);
  return `{${members.join(',')}}`;
}
