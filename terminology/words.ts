/** The words by which a text filter finds a concept, and those that a filter asks for. */
import { normalizedString } from '../fhir/search-values/strings.ts';

/** Longer words are compared by their beginning. */
const longestWord = 40;
/** A concept with more words than this is found by the first of them. */
const mostWords = 500;

/** Different words of texts, in lower case and without accents. */
export function wordsOf(texts: Iterable<string>): readonly string[] {
  const words = new Set<string>();
  for (const text of texts) {
    for (const [word] of normalizedString(text.slice(0, 10_000)).matchAll(/[\p{L}\p{N}]+/gu)) {
      words.add(word.slice(0, longestWord));
      if (words.size >= mostWords) return [...words];
    }
  }
  return [...words];
}

/** Whether every word of a filter begins one of the words. */
export function matchesWords(words: readonly string[], filter: readonly string[]): boolean {
  return filter.every((wanted) => words.some((word) => word.startsWith(wanted)));
}
