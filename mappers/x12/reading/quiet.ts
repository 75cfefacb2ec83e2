/**
 * A Bundle that is written without an account of its values. A mapping is a function of its input, so the account can be
 * made when somebody asks, by mapping once more: who only wants Bundles does not pay for it.
 */
import type { BundleEntry, Resource } from '@medplum/fhirtypes';
import type { Value } from '../../draft.ts';
import type { Cursor, Draft } from './target.ts';

type Node = Record<string, unknown>;

export class QuietCursor implements Cursor {
  readonly #parent: QuietCursor | undefined;
  readonly #element: string;
  readonly #isList: boolean;
  #node: Node | undefined;

  constructor(parent: QuietCursor | undefined, element: string, isList: boolean, node: Node | undefined) {
    this.#parent = parent;
    this.#element = element;
    this.#isList = isList;
    this.#node = node;
  }

  get exists(): boolean {
    return this.#node !== undefined;
  }

  peek(element: string): unknown {
    return this.#node === undefined ? undefined : this.#node[element];
  }

  emit(element: string, value: Value | undefined): boolean {
    if (value !== undefined) this.#write()[element] = value;
    return value !== undefined;
  }

  emitItem(element: string, value: Value | undefined): boolean {
    if (value !== undefined) this.#append(element, value);
    return value !== undefined;
  }

  set(element: string, value: Value | undefined): this {
    if (value !== undefined) this.#write()[element] = value;
    return this;
  }

  setItem(element: string, value: Value | undefined): this {
    if (value !== undefined) this.#append(element, value);
    return this;
  }

  within(element: string): Cursor {
    return new QuietCursor(this, element, false, this.#node === undefined ? undefined : this.#node[element] as Node | undefined);
  }

  another(element: string): Cursor {
    return new QuietCursor(this, element, true, undefined);
  }

  /** Puts what was made whole in its place, where nothing stands there yet; else its elements. */
  take(whole: Node): void {
    if (this.#node === undefined) this.#begin(whole);
    else Object.assign(this.#node, whole);
  }

  #write(): Node {
    return this.#node ?? this.#begin({});
  }

  #begin(node: Node): Node {
    const above = this.#parent;
    const parent = above === undefined ? {} as Node : above.#write();
    const there = parent[this.#element];
    if (this.#isList || there === undefined) {
      this.#node = node;
      if (!this.#isList) parent[this.#element] = node;
      else if (there === undefined) parent[this.#element] = [node];
      else (there as Node[]).push(node);
      return node;
    }
    this.#node = there as Node;
    return Object.assign(this.#node, node);
  }

  #append(element: string, value: Value): void {
    const node = this.#write();
    const there = node[element] as Value[] | undefined;
    if (there === undefined) node[element] = [value];
    else there.push(value);
  }
}

export class QuietDraft implements Draft {
  readonly #entries: { fullUrl: string; resource: Resource; cursor: Cursor }[] = [];

  resource(resourceType: Resource['resourceType'], fullUrl: string): Cursor {
    // A handful: they are found sooner than a key is hashed.
    for (const entry of this.#entries) if (entry.fullUrl === fullUrl) return entry.cursor;
    const resource = { resourceType } as Resource;
    const cursor = new QuietCursor(undefined, '', false, resource as unknown as Node);
    this.#entries.push({ fullUrl, resource, cursor });
    return cursor;
  }

  has(fullUrl: string): boolean {
    return this.#entries.some((entry) => entry.fullUrl === fullUrl);
  }

  consult(): void {
    // Who reads without an account has nothing to note.
  }

  leave(): void {
    // The same.
  }

  entries(first?: string): BundleEntry[] {
    const entries: BundleEntry[] = [];
    for (const { fullUrl, resource } of this.#entries) if (fullUrl === first) entries.push({ fullUrl, resource });
    for (const { fullUrl, resource } of this.#entries) if (fullUrl !== first) entries.push({ fullUrl, resource });
    return entries;
  }
}
