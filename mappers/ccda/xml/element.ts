/**
 * A document as a tree that remembers where everything stood, and what of it has been read: a value that nobody
 * reads is told in the unmapped report. Names are without a prefix for HL7 v3 and with `sdtc:` for its extension.
 */
import type { SourceRef } from '../../ledger.ts';
import { form } from './form.ts';

/** The text of an element, where a place of it is asked for; attributes go by their names. */
export const ownText = '#text';

export class Element {
  readonly name: string;
  readonly parent: Element | undefined;
  /** Of the bracket that opens it, from 1. */
  readonly line: number;
  readonly column: number;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Element[] = [];
  /** Elements and texts in their order, where there is a text at all. */
  content: (Element | string)[] | undefined;
  /** Why nothing below has a place, where a rule told it. */
  left: string | undefined;
  /** A rule took it, so that nobody else needs to. */
  taken = false;
  /** It is one value, whatever stands in it: a text with markup. */
  isOne = false;
  /** Something in it has been read, and not its form only. */
  isRead = false;
  #path: string | undefined;
  #index = 0;
  #used: string[] | undefined;

  constructor(name: string, parent: Element | undefined, attributes: Readonly<Record<string, string>>, line: number, column: number) {
    this.name = name;
    this.parent = parent;
    this.attributes = attributes;
    this.line = line;
    this.column = column;
  }

  /** The first child of a name. */
  child(name: string): Element | undefined {
    for (const child of this.children) if (child.name === name) return child;
    return undefined;
  }

  /** The first descendant along names. */
  at(...names: string[]): Element | undefined {
    const [first, ...rest] = names;
    const found = first === undefined ? this : this.child(first);
    return rest.length === 0 ? found : found?.at(...rest);
  }

  /** The children of a name. */
  all(name: string): Element[] {
    return this.children.filter((child) => child.name === name);
  }

  /** An attribute without the white space around it; undefined where it is empty. */
  get(attribute: string): string | undefined {
    const value = this.attributes[attribute]?.trim();
    return value === '' ? undefined : value;
  }

  /** All text in it, white space collapsed; undefined where there is none. */
  get text(): string | undefined {
    const parts: string[] = [];
    collect(this, parts);
    const text = parts.join('').replaceAll(/\s+/g, ' ').trim();
    return text === '' ? undefined : text;
  }

  /** A value of it has been read: an attribute, or its own text. */
  use(attribute: string): void {
    if (this.#used === undefined) this.#used = [attribute];
    else if (!this.#used.includes(attribute)) this.#used.push(attribute);
    if (this.isRead || form.has(attribute)) return;
    this.isRead = true;
    for (let around = this.parent; around !== undefined && !around.isRead; around = around.parent) around.isRead = true;
  }

  used(attribute: string): boolean {
    return this.#used !== undefined && this.#used.includes(attribute);
  }

  /** Everything in it has been read. */
  useAll(): void {
    for (const attribute in this.attributes) this.use(attribute);
    this.use(ownText);
    for (const child of this.children) child.useAll();
  }

  /** Where a value of it stands. */
  place(attribute: string): SourceRef {
    const source = attribute === ownText ? this.path : `${this.path}/@${attribute}`;
    return { source, line: this.line, column: this.column };
  }

  /** XPath from the document, where names without a prefix are of HL7 v3. */
  get path(): string {
    if (this.#path === undefined) {
      if (this.parent !== undefined && this.#index === 0) number(this.parent.children);
      this.#path = `${this.parent?.path ?? ''}/${this.name}${this.#index > 0 ? `[${this.#index}]` : ''}`;
    }
    return this.#path;

    /** Gives elements with the same name their ordinals; those alone get none. */
    function number(siblings: readonly Element[]): void {
      const lasts = new Map<string, Element>();
      for (const sibling of siblings) {
        const last = lasts.get(sibling.name);
        // The first one is told to be alone until there is a second.
        if (last !== undefined && last.#index === -1) last.#index = 1;
        sibling.#index = last === undefined ? -1 : last.#index + 1;
        lasts.set(sibling.name, sibling);
      }
    }
  }
}

/** Elements that end a line for a reader. */
const breaking: ReadonlySet<string> = new Set(['br', 'paragraph', 'item', 'tr', 'td', 'th', 'caption', 'list', 'table', 'streetAddressLine', 'city', 'state', 'postalCode', 'country', 'given', 'family', 'prefix', 'suffix']);

function collect(element: Element, parts: string[]): void {
  for (const piece of element.content ?? element.children) {
    if (typeof piece === 'string') {
      parts.push(piece);
      continue;
    }
    collect(piece, parts);
    if (breaking.has(piece.name)) parts.push(' ');
  }
}
