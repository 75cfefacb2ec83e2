/** Bundles around stored texts: resources go out as they are stored, without being parsed and printed again. */

export interface BundleEntryText {
  readonly fullUrl?: string;
  /** JSON text of the resource. */
  readonly resource?: string;
  readonly search?: { readonly mode: 'match' | 'include' | 'outcome' };
  readonly request?: { readonly method: string; readonly url: string };
  readonly response?: { readonly status: string; readonly location?: string; readonly etag?: string; readonly lastModified?: string; readonly outcome?: object };
}

export interface BundleLink {
  readonly relation: string;
  readonly url: string;
}

export function bundleText(type: string, links: readonly BundleLink[], entries: readonly BundleEntryText[], total?: number): string {
  const head = JSON.stringify({ resourceType: 'Bundle', type, ...(total !== undefined && { total }), ...(links.length > 0 && { link: links }) });
  if (entries.length === 0) return head;
  return `${head.slice(0, -1)},"entry":[${entries.map(entryText).join(',')}]}`;
}

function entryText({ resource, fullUrl, ...rest }: BundleEntryText): string {
  const members = [];
  if (fullUrl !== undefined) members.push(`"fullUrl":${JSON.stringify(fullUrl)}`);
  if (resource !== undefined) members.push(`"resource":${resource}`);
  for (const [name, value] of Object.entries(rest)) members.push(`${JSON.stringify(name)}:${JSON.stringify(value)}`);
  return `{${members.join(',')}}`;
}
