/** The words of a narrative, for `_text` (https://hl7.org/fhir/R4/search.html#text). */

/** More than a narrative for people has; PostgreSQL refuses a word list of more than a megabyte. */
const longest = 200_000;

/** The text of a resource's narrative without its markup; undefined where there is none. */
export function narrativeWords(resource: { readonly resourceType: string }): string | undefined {
  const { text } = resource as { text?: { div?: unknown } };
  const markup = typeof text === 'object' && text !== null ? text.div : undefined;
  if (typeof markup !== 'string') return undefined;
  // oxlint-disable-next-line no-control-regex -- they are taken out
  const words = markup.slice(0, longest).replace(/<[^<>]*>/g, ' ').replace(/&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,8});/gi, ' ').replace(/[\s\u0000-\u001f]+/g, ' ').trim();
  return words === '' ? undefined : words.toWellFormed();
}
