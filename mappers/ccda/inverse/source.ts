/**
 * The Bundle while it is read for writing a document. A value is read in one way, which notes that it was, so that what
 * has no place in the document can be told by what nobody read.
 */
import type { Bundle, Resource } from '@medplum/fhirtypes';
import type { Unmapped } from '../../ledger.ts';

type Json = Readonly<Record<string, unknown>>;

/** What was read, and why other things were not, by the object that holds them. */
class Account {
  readonly used = new Map<object, Set<string>>();
  readonly left = new Map<object, Map<string, string>>();
}

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Number);

/** An object of the Bundle and where it stands. */
export class Source {
  readonly json: Json;
  readonly path: string;
  readonly #account: Account;

  constructor(json: Json, path: string, account: Account) {
    this.json = json;
    this.path = path;
    this.#account = account;
  }

  /** A value without reading it: for what decides what becomes of others. */
  peek(name: string): unknown {
    return this.json[name];
  }

  /** The same as text, for what a person reads; empty where there is none. */
  word(name: string): string {
    const value = this.json[name];
    return typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' || value instanceof Number ? value.toString() : '';
  }

  has(...names: readonly string[]): boolean {
    return names.some((name) => this.json[name] !== undefined);
  }

  /** A value that is text, a number or a truth, as it is written. */
  text(name: string): string | undefined {
    const value = this.word(name);
    if (value === '') return undefined;
    this.use(name);
    return value;
  }

  /** The texts of a list. */
  texts(name: string): readonly string[] {
    const value = this.json[name];
    if (!Array.isArray(value)) return [];
    this.use(name);
    return value.filter((item) => typeof item === 'string');
  }

  /** The object at an element; the first one of a list. */
  one(name: string): Source | undefined {
    return this.all(name)[0];
  }

  /** The objects at an element. */
  all(name: string): readonly Source[] {
    const value = this.json[name];
    if (Array.isArray(value)) return value.flatMap((item, at) => (isObject(item) ? new Source(item, `${this.path}.${name}[${at}]`, this.#account) : []));
    return isObject(value) ? [new Source(value, `${this.path}.${name}`, this.#account)] : [];
  }

  /** What stands at elements has been read as a whole, or follows from the kind of statement. */
  use(...names: readonly string[]): void {
    const used = this.#account.used.get(this.json) ?? new Set();
    for (const name of names) used.add(name);
    this.#account.used.set(this.json, used);
  }

  /** What stands at an element, or by `*` at all that nobody reads, has no place. */
  leave(name: string, reason: string): void {
    const left = this.#account.left.get(this.json) ?? new Map<string, string>();
    left.set(name, reason);
    this.#account.left.set(this.json, left);
  }
}

/** A resource of the Bundle with the addresses that refer to it. */
export interface SourceResource {
  readonly type: Resource['resourceType'];
  /** What is the same for the same resource: its fullUrl, else type and id, else its place. */
  readonly key: string;
  readonly source: Source;
}

export class SourceBundle {
  readonly resources: readonly SourceResource[];
  readonly #account = new Account();
  readonly #byAddress = new Map<string, SourceResource>();

  constructor(bundle: Bundle) {
    this.resources = (bundle.entry ?? []).flatMap(({ fullUrl, resource }, at) => {
      if (resource === undefined) return [];
      const local = resource.id === undefined ? undefined : `${resource.resourceType}/${resource.id}`;
      const found = { type: resource.resourceType, key: fullUrl ?? local ?? `entry ${at}`, source: new Source(resource as unknown as Json, `Bundle.entry[${at}].resource`, this.#account) };
      for (const address of [fullUrl, local]) if (address !== undefined && !this.#byAddress.has(address)) this.#byAddress.set(address, found);
      return [found];
    });
  }

  ofType(type: Resource['resourceType']): readonly SourceResource[] {
    return this.resources.filter((resource) => resource.type === type);
  }

  /** The resource of a Reference, which is read with that. Also one in another version of the same address. */
  resolve(reference: Source | undefined): SourceResource | undefined {
    const address = reference?.peek('reference');
    if (typeof address !== 'string') return undefined;
    const plain = address.replace(/\/_history\/[^/]*$/, '');
    const found = this.#byAddress.get(plain) ?? this.#byAddress.get(/[A-Z][A-Za-z]+\/[A-Za-z0-9.-]{1,64}$/.exec(plain)?.[0] ?? plain);
    if (found !== undefined) reference!.use('reference', 'display', 'type');
    return found;
  }

  /** Every value that has no place. */
  unmapped(): Unmapped[] {
    const found: Unmapped[] = [];
    for (const { source } of this.resources) this.#visit(source.json, source.path, undefined, found, true);
    return found;
  }

  #visit(json: Json, path: string, reason: string | undefined, found: Unmapped[], isResource: boolean): void {
    const used = this.#account.used.get(json);
    const left = this.#account.left.get(json);
    const ofAll = left?.get('*') ?? reason;
    for (const [name, value] of Object.entries(json)) {
      if (used?.has(name) === true || (isResource && (name === 'resourceType' || name === 'id'))) continue;
      const why = left?.get(name) ?? ofAll ?? reasonOf(name, isResource);
      const items = Array.isArray(value) ? value : [value];
      items.forEach((item, at) => {
        const place = `${path}.${name}${Array.isArray(value) ? `[${at}]` : ''}`;
        if (isObject(item)) this.#visit(item, place, why ?? ofAll, found, false);
        else if (item !== null && item !== undefined) found.push({ source: place, reason: why ?? 'the document has no element for it' });
      });
    }
  }
}

function reasonOf(name: string, isResource: boolean): string | undefined {
  if (name === 'extension' || name === 'modifierExtension') return 'the extension is none that has a place';
  if (!isResource) return undefined;
  if (name === 'text') return 'the narrative is written from the values';
  return name === 'meta' ? 'a document has nothing about its resources as records' : undefined;
}
