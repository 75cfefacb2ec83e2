/**
 * What a conversion has at hand and fills: the Bundle's draft, the issues, the texts that entries point to, and the
 * one way by which a value of the document gets its place. Rules of sections and headers are functions that take it.
 */
import type { Resource } from '@medplum/fhirtypes';
import { nameBasedUuid } from '../../fhir/ids.ts';
import { Decimal } from '../../fhir/json.ts';
import { type Cursor, Draft, type Value } from '../draft.ts';
import type { MappingIssue } from '../ledger.ts';
import { isOid, isUuid } from './codes/systems.ts';
import { type Element, ownText } from './xml/element.ts';

export type ResourceType = Resource['resourceType'];

/** A resource that a rule made, or found made. */
export interface Placed {
  readonly type: ResourceType;
  readonly url: string;
  /** The rest of it can be filled from here. */
  readonly cursor: Cursor;
}

/** Where a statement stands. */
export interface Scope {
  /** The section, by the LOINC code that it has or that its template stands for. */
  readonly section: string | undefined;
  /** The statement around it, where it stands in another one. */
  readonly within?: Element;
  /** The encounter that what is stated belongs to, where it is not that of the document. */
  readonly encounter?: Placed;
}

/** Reads a statement by its rule and gives its resources, its own first. */
export type PlaceStatement = (c: Conversion, statement: Element, scope: Scope) => readonly Placed[];

export interface ConversionOptions {
  /** The offset of times that are sent without one, where it is known of the sender: `-05:00`. */
  readonly offset?: string;
}

/** Separates the names of this rail from those of others. */
const namespace = 'priora:ccda';

export class Conversion {
  readonly draft = new Draft();
  readonly issues: MappingIssue[] = [];
  readonly options: ConversionOptions;
  /** The document's own key: of what has none itself it is the first part. */
  readonly key: string;
  /** Elements of narratives that entries refer to, by their ID. */
  readonly texts: ReadonlyMap<string, Element>;
  /** The patient, as soon as the header is read. */
  patient: Placed | undefined;
  /** The encounter that the document is of. */
  encounter: Placed | undefined;
  /** Parties that were named, by what was said of them. */
  readonly parties = new Map<string, Placed>();
  readonly #place: PlaceStatement;
  readonly #firsts = new Map<string, Element>();
  readonly #stated = new Map<string, Placed>();
  readonly #afterwards: (() => void)[] = [];
  readonly #urls = new Map<string, string>();
  readonly #told = new Set<string>();

  constructor(key: string, texts: ReadonlyMap<string, Element>, options: ConversionOptions, place: PlaceStatement) {
    this.#place = place;
    this.key = key;
    this.texts = texts;
    this.options = options;
  }

  /** The resources of a statement within another one, by the rule of its own template; its own first. */
  place(statement: Element, scope: Scope): readonly Placed[] {
    return this.#place(this, statement, scope);
  }

  /** Puts a value that an attribute of an element said, or its text, in its place. Undefined: it could not be read. */
  put(at: Cursor, element: string, value: Value | undefined, from: Element, attribute: string, rule: string): boolean {
    if (value === undefined || value === '') return false;
    from.use(attribute);
    return at.emit(element, value, from.place(attribute), rule);
  }

  /** The same, appended to a list of plain values. */
  putItem(at: Cursor, element: string, value: Value | undefined, from: Element, attribute: string, rule: string): boolean {
    if (value === undefined || value === '') return false;
    from.use(attribute);
    return at.emitItem(element, value, from.place(attribute), rule);
  }

  /** Attributes were read that decide what becomes of others. */
  consult(element: Element, ...attributes: readonly string[]): void {
    for (const attribute of attributes) if (Object.hasOwn(element.attributes, attribute) || attribute === ownText) element.use(attribute);
  }

  /** Nothing below an element has a place. */
  leave(element: Element, reason: string): void {
    element.left = reason;
  }

  /** Something is to be told of an element. The text carries nothing of what was sent. */
  tell(severity: MappingIssue['severity'], code: string, text: string, element: Element): void {
    this.issues.push({ severity, code, text, ...element.place(ownText) });
  }

  /** The same, once for the document: of what would be repeated without end. */
  tellOnce(severity: MappingIssue['severity'], code: string, text: string, element: Element): void {
    if (this.#told.has(code)) return;
    this.#told.add(code);
    this.tell(severity, code, text, element);
  }

  /** The fullUrl of keys: the same for the same keys. */
  urlOf(...keys: readonly string[]): string {
    const name = JSON.stringify(keys);
    let url = this.#urls.get(name);
    if (url === undefined) this.#urls.set(name, url = `urn:uuid:${nameBasedUuid(namespace, name)}`);
    return url;
  }

  /** The resource of keys that are its own, begun or found. */
  keyed(type: ResourceType, ...keys: readonly string[]): Placed {
    const url = this.urlOf(type, ...keys);
    return { type, url, cursor: this.draft.resource(type, url) };
  }

  /** A resource of this document that has no key but its place. */
  placed(type: ResourceType, from: Element, part = ''): Placed {
    return this.keyed(type, this.key, from.path, part);
  }

  /**
   * The resource of a statement by its own id, which is what it has been called elsewhere too. An id that another
   * statement of the document has with another content names nothing, so the place is its key; one with the same
   * content is the same statement again.
   * @returns `again` where nothing is left to be done
   */
  stated(type: ResourceType, from: Element): Placed & { readonly again: boolean } {
    const business = businessKey(from);
    if (business === undefined) return { ...this.placed(type, from), again: false };
    const url = this.urlOf(type, ...business);
    const first = this.#firsts.get(url);
    if (first === undefined) {
      this.#firsts.set(url, from);
      const made = this.keyed(type, ...business);
      this.#stated.set(business.join(' '), made);
      return { ...made, again: false };
    }
    if (first === from || isSameContent(first, from)) {
      if (first !== from) this.leave(from, 'the same as an earlier statement of the document');
      return { ...this.keyed(type, ...business), again: true };
    }
    this.tellOnce('information', 'id-reused', 'An id is given to several statements with different content; where it stands decides which resource is meant.', from);
    return { ...this.placed(type, from), again: false };
  }

  /** The resource of the statement that has an id. */
  statedBy(root: string, extension: string): Placed | undefined {
    return this.#stated.get(`${root} ${extension}`);
  }

  /** Does something once all of the body is read: what is referred to may come later. */
  afterwards(work: () => void): void {
    this.#afterwards.push(work);
  }

  /** What was put off. */
  finish(): void {
    for (const work of this.#afterwards) work();
  }

  /** Refers to the encounter that a nested statement names by its id, if the document tells of it anywhere. */
  referToEncounter(nested: Element, refer: (url: string) => void): void {
    nested.taken = true;
    this.afterwards(() => {
      const key = businessKey(nested);
      const url = key === undefined ? undefined : this.urlOf('Encounter', ...key);
      if (url === undefined || !this.draft.has(url)) {
        this.leave(nested, 'the encounter is none that the document tells of');
        return;
      }
      nested.useAll();
      refer(url);
    });
  }

  /** A reference to a resource of the document. */
  refer(at: Cursor, element: string, placed: Placed | undefined): void {
    if (placed !== undefined) at.set(element, { reference: placed.url });
  }

  referItem(at: Cursor, element: string, placed: Placed | undefined): void {
    if (placed === undefined) return;
    const there = (at.peek(element) ?? []) as readonly { reference?: string }[];
    if (!there.some(({ reference }) => reference === placed.url)) at.setItem(element, { reference: placed.url });
  }

  /** What an element says, as a key: the same for elements that say the same. */
  contentOf(element: Element): string {
    return `${contentOf(element)}${element.text ?? ''}`;
  }

  /** Says of a primitive that must be there why it is not. */
  absent(at: Cursor, element: string, reason: string): void {
    at.set(`_${element}`, { extension: [dataAbsent(reason)] });
  }
}

/** https://hl7.org/fhir/R4/extension-data-absent-reason.html */
export function dataAbsent(reason: string): { readonly url: string; readonly valueCode: string } {
  return { url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: reason };
}

/** A number as it was written; undefined where it is none. */
export function decimal(text: string | undefined): number | undefined {
  if (text === undefined || !/^[+-]?(?:\d+\.?\d*|\.\d+)$/.test(text)) return undefined;
  const [, sign, whole, fraction] = /^([+-]?)0*(\d*)\.?(\d*)$/.exec(text)!;
  const written = `${sign === '-' ? '-' : ''}${whole === '' ? '0' : whole}${fraction === '' ? '' : `.${fraction}`}`;
  // A Decimal is a Number that keeps its digits.
  return String(Number(written)) === written ? Number(written) : (new Decimal(written) as unknown as number);
}

/** Root and extension of the first id that names something. */
export function businessKey(from: Element): readonly [string, string] | undefined {
  for (const id of from.children) {
    if (id.name !== 'id') continue;
    const root = id.get('root');
    const extension = id.get('extension');
    if (root === undefined || id.get('nullFlavor') !== undefined) continue;
    // An OID alone is what gives numbers, and no number.
    if (extension === undefined && (!isUuid(root) || /^[0-]+$/.test(root))) continue;
    if (!isUuid(root) && !isOid(root)) continue;
    return [root.toLowerCase(), extension ?? ''];
  }
  return undefined;
}

/** Whether two statements say the same; where their texts stand in the narrative, and who wrote them down, aside. */
function isSameContent(one: Element, other: Element): boolean {
  if (one.name !== other.name || one.text !== other.text) return false;
  return isSameTree(one, other);
}

function isSameTree(one: Element, other: Element): boolean {
  if (one.name !== other.name) return false;
  let count = 0;
  for (const name in one.attributes) {
    if (one.attributes[name] !== other.attributes[name]) return false;
    count++;
  }
  for (const _ in other.attributes) count--;
  if (count !== 0) return false;
  let at = 0;
  for (const child of one.children) {
    if (isAside(child)) continue;
    while (at < other.children.length && isAside(other.children[at]!)) at++;
    if (at === other.children.length || !isSameTree(child, other.children[at++]!)) return false;
  }
  while (at < other.children.length && isAside(other.children[at]!)) at++;
  return at === other.children.length;
}

/** Tells where the words are, or the form of a statement, and nothing that it says. */
function isAside({ name }: Element): boolean {
  return name === 'reference' || name === 'templateId';
}

function contentOf(element: Element): string {
  if (isAside(element)) return '';
  const attributes = Object.keys(element.attributes).toSorted().map((name) => `${name}=${element.attributes[name]}`);
  return `${element.name}(${attributes.join(';')})[${element.children.map(contentOf).join('')}]`;
}
