/**
 * Links between the pages of an answer (https://hl7.org/fhir/R4/http.html#paging): to this one, and to the next where
 * there is one, found by a cursor that the server made.
 */

export interface BundleLink {
  readonly relation: string;
  readonly url: string;
}

/**
 * @param address without a query
 * @param parameters what was asked, as far as it was used; without the cursor
 * @param next the cursor of the next page
 * @param here the cursor of this page, where its own address is to be told
 */
export function pageLinks(address: string, parameters: readonly (readonly [string, string])[], next: string | undefined, here?: string): BundleLink[] {
  const at = (cursor: string | undefined): string => {
    const query = new URLSearchParams([...parameters, ...(cursor === undefined ? [] : [['_cursor', cursor] as const])] as [string, string][]);
    return query.size > 0 ? `${address}?${query.toString()}` : address;
  };
  return [{ relation: 'self', url: at(here) }, ...(next === undefined ? [] : [{ relation: 'next', url: at(next) }])];
}
