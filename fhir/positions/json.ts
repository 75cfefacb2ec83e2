/**
 * Where elements stand in JSON text, by line and column: asked for when there is something to tell about them, so that
 * parsing itself need not remember.
 */
import { type Position, Wanted } from './wanted.ts';

/**
 * @param text JSON that has been parsed without a mistake
 * @param expressions FHIRPaths from the resource on
 * @returns for each that the text has, where its property begins, or the item where an index is told; the resource itself at its brace
 */
export function jsonPositions(text: string, expressions: Iterable<string>): ReadonlyMap<string, Position> {
  const wanted = Wanted.of(expressions);
  const offsets = new Map<string, number>();
  if (wanted.any) new Walk(text, offsets).value(0, wanted, undefined);
  return linesOf(text, offsets);
}

const space = /[ \t\r\n]*/y;
const scalar = /[^\s,}\]]+/y;

/** Goes through a text once. Depth is what `parseJson` has bounded. */
class Walk {
  readonly #text: string;
  readonly #offsets: Map<string, number>;

  constructor(text: string, offsets: Map<string, number>) {
    this.#text = text;
    this.#offsets = offsets;
  }

  /** @param named where the property's name begins, which is where its element begins @returns the place behind the value */
  value(from: number, wanted: Wanted | undefined, named: number | undefined): number {
    const at = this.#skip(from);
    this.#note(wanted, named ?? at);
    switch (this.#text.charAt(at)) {
      case '{': return this.#object(at, wanted);
      case '[': return this.#array(at, wanted);
      case '"': return this.#string(at);
      default:
        scalar.lastIndex = at;
        return scalar.test(this.#text) ? scalar.lastIndex : at + 1;
    }
  }

  #object(brace: number, wanted: Wanted | undefined): number {
    let at = this.#skip(brace + 1);
    while (at < this.#text.length && this.#text.charAt(at) !== '}') {
      const end = this.#string(at);
      const next = wanted?.property(this.#nameAt(at, end));
      at = this.#skip(this.value(this.#skip(end) + 1, next, at));
      if (this.#text.charAt(at) === ',') at = this.#skip(at + 1);
    }
    return at + 1;
  }

  #array(bracket: number, wanted: Wanted | undefined): number {
    let at = this.#skip(bracket + 1);
    for (let index = 0; at < this.#text.length && this.#text.charAt(at) !== ']'; index++) {
      at = this.#skip(this.value(at, wanted?.item(index), undefined));
      if (this.#text.charAt(at) === ',') at = this.#skip(at + 1);
    }
    return at + 1;
  }

  /** @returns the place behind the closing quote */
  #string(quote: number): number {
    let at = quote + 1;
    for (;;) {
      const end = this.#text.indexOf('"', at);
      if (end === -1) return this.#text.length;
      let backslashes = 0;
      while (this.#text.charAt(end - 1 - backslashes) === '\\') backslashes++;
      if (backslashes % 2 === 0) return end + 1;
      at = end + 1;
    }
  }

  #nameAt(quote: number, end: number): string {
    const written = this.#text.slice(quote, end);
    if (!written.includes('\\')) return written.slice(1, -1);
    return JSON.parse(written) as string;
  }

  /** The first place is kept: a value, and not its `_` sibling that comes later. */
  #note(wanted: Wanted | undefined, at: number): void {
    for (const path of wanted?.paths ?? []) if (!this.#offsets.has(path)) this.#offsets.set(path, at);
  }

  #skip(from: number): number {
    space.lastIndex = from;
    space.test(this.#text);
    return space.lastIndex;
  }
}

/** Offsets as lines and columns, in one more walk through the line ends. */
function linesOf(text: string, offsets: ReadonlyMap<string, number>): ReadonlyMap<string, Position> {
  const positions = new Map<string, Position>();
  let line = 1;
  let start = 0;
  // Looked for once for all places of a line: a text may be one line, and hold thousands.
  let end = text.indexOf('\n');
  for (const [path, offset] of [...offsets].toSorted(([, a], [, b]) => a - b)) {
    while (end !== -1 && end < offset) {
      line++;
      start = end + 1;
      end = text.indexOf('\n', start);
    }
    positions.set(path, { line, column: offset - start + 1 });
  }
  return positions;
}
