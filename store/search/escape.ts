/** Escapes in search values: `\,` `\|` `\$` `\\` (https://hl7.org/fhir/R4/search.html#escaping). */

/** Splits at each `separator` that is not escaped; the parts keep their escapes. */
export function splitEscaped(value: string, separator: ',' | '|' | '$'): string[] {
  const parts: string[] = [];
  let start = 0;
  for (let index = 0; index < value.length; index += 1) {
    if (value[index] === '\\') {
      index += 1;
    } else if (value[index] === separator) {
      parts.push(value.slice(start, index));
      start = index + 1;
    }
  }
  parts.push(value.slice(start));
  return parts;
}

export function unescape(value: string): string {
  return value.replace(/\\([,|$\\])/g, '$1');
}
