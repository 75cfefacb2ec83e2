/**
 * A Bundle while it is written. A value enters it in one way, `emit`, which puts it in its place and notes where it was
 * read and by which rule, so that the ledger cannot say anything else than the Bundle. Objects and list items come into
 * being with their first value: nothing empty is ever left behind.
 */
import type { BundleEntry, Resource } from '@medplum/fhirtypes';
import type { LedgerEntry, SourceRef, Unmapped } from './ledger.ts';
import { Places } from './places.ts';

/** What JSON holds. */
export type Value = string | number | boolean | null | readonly Value[] | { readonly [name: string]: Value | undefined };
type Node = Record<string, unknown>;

interface Note {
  readonly cursor: Cursor;
  readonly element: string;
  readonly index: number | undefined;
  readonly from: SourceRef;
  readonly rule: string;
  readonly deletes?: true;
}

/** A resource of the Bundle, as all cursors into it share it. */
export interface Root {
  readonly cursor: Cursor;
  readonly url: string;
  /** Not after it was taken back. */
  isKept: boolean;
  /** `Bundle.entry[2].resource`, once the order of the entries is settled. */
  path: string;
}

/** An object of the Bundle that may not be there yet: it comes with its first value. */
export class Cursor {
  readonly #draft: Draft;
  readonly #parent: Cursor | undefined;
  readonly #root: Root;
  readonly #element: string;
  readonly #isList: boolean;
  #node: Node | undefined;
  #index: number | undefined;
  #path: string | undefined;

  /** Made by {@link Draft.resource}, {@link within} and {@link another}. */
  constructor(draft: Draft, parent: Cursor | undefined, element: string, isList: boolean, node?: Node) {
    this.#draft = draft;
    this.#parent = parent;
    this.#root = parent === undefined ? { cursor: this, url: element, isKept: true, path: 'Bundle.entry[0].resource' } : parent.#root;
    this.#element = element;
    this.#isList = isList;
    this.#node = node;
  }

  /** Whether it holds a value yet. */
  get exists(): boolean {
    return this.#node !== undefined;
  }

  /** What stands at an element now. */
  peek(element: string): unknown {
    return this.#node?.[element];
  }

  /**
   * Puts a value that was sent in its place. Undefined puts nothing and tells false: the value could not be read, and
   * stays for the unmapped report.
   */
  emit(element: string, value: Value | undefined, from: SourceRef, rule: string): boolean {
    if (value === undefined) return false;
    this.#materialize()[element] = value;
    this.#draft.note({ cursor: this, element, index: undefined, from, rule });
    return true;
  }

  /** The same into a list of plain values, such as `name.given`: appended. */
  emitItem(element: string, value: Value | undefined, from: SourceRef, rule: string): boolean {
    if (value === undefined) return false;
    const list = this.#listAt(element);
    list.push(value);
    this.#draft.note({ cursor: this, element, index: list.length - 1, from, rule });
    return true;
  }

  /** The sender says that there is no such value any more (HL7v2 `""`): noted, and nothing is put. For elements of the resource itself. */
  erase(element: string, from: SourceRef, rule: string): void {
    this.#draft.note({ cursor: this, element, index: undefined, from, rule, deletes: true });
  }

  /** A value that was not sent but follows from the rule: a status, a system, a reference to another entry. */
  set(element: string, value: Value | undefined): this {
    if (value !== undefined) this.#materialize()[element] = value;
    return this;
  }

  /** The same, appended to a list. */
  setItem(element: string, value: Value | undefined): this {
    if (value !== undefined) this.#listAt(element).push(value);
    return this;
  }

  /** The object at an element that does not repeat; the same one each time it is there. */
  within(element: string): Cursor {
    const there = this.#node?.[element];
    return new Cursor(this.#draft, this, element, false, isNode(there) ? there : undefined);
  }

  /** A further object at an element that repeats; its place in the list is taken with its first value. */
  another(element: string): Cursor {
    return new Cursor(this.#draft, this, element, true);
  }

  /** The resource it belongs to. */
  root(): Root {
    return this.#root;
  }

  /** FHIRPath of the object, from the Bundle. */
  path(): string {
    return this.#root.path + this.#steps();
  }

  /** From the resource on: that does not change once the object is there, and is asked for with each of its values. */
  #steps(): string {
    if (this.#parent === undefined) return '';
    if (this.#path !== undefined) return this.#path;
    const step = `${this.#parent.#steps()}.${this.#element}`;
    const path = this.#isList ? `${step}[${this.#index ?? 0}]` : step;
    if (this.#node !== undefined) this.#path = path;
    return path;
  }

  #materialize(): Node {
    if (this.#node !== undefined) return this.#node;
    const parent = this.#parent!.#materialize();
    if (this.#isList) {
      const list = (parent[this.#element] ??= []) as Node[];
      this.#node = {};
      this.#index = list.push(this.#node) - 1;
    } else {
      this.#node = (parent[this.#element] ??= {}) as Node;
    }
    return this.#node;
  }

  #listAt(element: string): unknown[] {
    return (this.#materialize()[element] ??= []) as unknown[];
  }
}

/** The entries of a Bundle while they are written, and the account of their values. */
export class Draft {
  readonly #entries = new Map<string, { resource: Resource; cursor: Cursor }>();
  readonly #notes: Note[] = [];
  readonly #used = new Places<true>();
  readonly #left = new Places<string>();

  /** The resource at a fullUrl: begun with the first call, found again by every other. */
  resource(resourceType: Resource['resourceType'], fullUrl: string): Cursor {
    const known = this.#entries.get(fullUrl);
    if (known) return known.cursor;
    const resource = { resourceType } as Resource;
    const cursor = new Cursor(this, undefined, fullUrl, false, resource as unknown as Node);
    this.#entries.set(fullUrl, { resource, cursor });
    return cursor;
  }

  has(fullUrl: string): boolean {
    return this.#entries.has(fullUrl);
  }

  /** Takes back a resource that turned out to be none; its values are unmapped again. */
  drop(fullUrl: string): void {
    const known = this.#entries.get(fullUrl);
    if (known === undefined) return;
    known.cursor.root().isKept = false;
    this.#entries.delete(fullUrl);
  }

  /** A qualifier was read: it decides what becomes of others and stands nowhere itself. */
  consult(from: SourceRef): void {
    this.#used.set(from, true);
  }

  /** A value has no place, for a reason worth telling. */
  leave(from: SourceRef, reason: string): void {
    this.#left.set(from, reason);
  }

  /** Kept by {@link Cursor.emit}. */
  note(note: Note): void {
    this.#notes.push(note);
  }

  /** The entries, `first` before all others, which stand as they were begun. */
  entries(first?: string): BundleEntry[] {
    const entries: BundleEntry[] = [];
    const ahead = first === undefined ? undefined : this.#entries.get(first);
    const take = (fullUrl: string, { resource, cursor }: { resource: Resource; cursor: Cursor }): void => {
      cursor.root().path = `Bundle.entry[${entries.length}].resource`;
      entries.push({ fullUrl, resource });
    };
    if (ahead !== undefined) take(first!, ahead);
    for (const [fullUrl, entry] of this.#entries) if (entry !== ahead) take(fullUrl, entry);
    return entries;
  }

  /** Where every value came from, by the order that {@link entries} gave. */
  ledger(): LedgerEntry[] {
    const entries: LedgerEntry[] = [];
    for (const { cursor, element, index, from, rule, deletes } of this.#notes) {
      if (!cursor.root().isKept) continue;
      const path = `${cursor.path()}.${element}${index === undefined ? '' : `[${index}]`}`;
      // Of few shapes, as there are hundreds of a message and thousands of a document.
      if (deletes === true || from.line !== undefined) entries.push({ path, rule, source: from.source, ...(deletes && { deletes }), ...(from.segment !== undefined && { segment: from.segment }), ...(from.line !== undefined && { line: from.line, column: from.column }) });
      else entries.push(from.segment === undefined ? { path, rule, source: from.source } : { path, rule, source: from.source, segment: from.segment });
    }
    return entries;
  }

  /** What of everything that was sent has no place. `reasonFor` tells the reason where no rule told one. */
  unmapped(sent: Iterable<SourceRef>, reasonFor: (from: SourceRef) => string): Unmapped[] {
    const placed = new Places<true>();
    for (const { cursor, from } of this.#notes) if (cursor.root().isKept) placed.set(from, true);
    const found: Unmapped[] = [];
    for (const from of sent) {
      if (placed.get(from) === undefined && this.#used.get(from) === undefined) found.push({ ...from, reason: this.#left.get(from) ?? reasonFor(from) });
    }
    return found;
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
