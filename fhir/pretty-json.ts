/**
 * JSON laid out for people to read, made from the text itself: numbers and strings stay as they are written, and nothing
 * is parsed (`_pretty`, https://hl7.org/fhir/R4/http.html#parameters).
 */

const quote = 0x22;
const backslash = 0x5c;

/** @param text well-formed JSON */
export function prettyJson(text: string): string {
  const parts: string[] = [];
  let depth = 0;
  for (let at = 0; at < text.length;) {
    const character = text.charAt(at);
    let end = at + 1;
    switch (character) {
      case ' ': case '\t': case '\n': case '\r': break;
      case '{': case '[': {
        const close = nextOf(text, end);
        const isEmpty = text.charAt(close) === (character === '{' ? '}' : ']');
        if (isEmpty) end = close + 1;
        else depth++;
        parts.push(isEmpty ? text.charAt(at) + text.charAt(close) : character + lineAt(depth));
        break;
      }
      case '}': case ']':
        depth--;
        parts.push(lineAt(depth), character);
        break;
      case ',': parts.push(character, lineAt(depth)); break;
      case ':': parts.push(': '); break;
      default:
        end = character === '"' ? endOfString(text, at) : endOfWord(text, at);
        parts.push(text.slice(at, end));
    }
    at = end;
  }
  return parts.join('');
}

function lineAt(depth: number): string {
  return `\n${'  '.repeat(depth)}`;
}

/** The place of the next character that is no white space. */
function nextOf(text: string, from: number): number {
  let at = from;
  while (' \t\n\r'.includes(text.charAt(at)) && at < text.length) at++;
  return at;
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === backslash) at++;
    else if (code === quote) return at + 1;
  }
  return text.length;
}

/** A number, true, false or null. */
function endOfWord(text: string, start: number): number {
  let at = start;
  while (at < text.length && !' \t\n\r,:]}'.includes(text.charAt(at))) at++;
  return at;
}
