/**
 * Links: the places of a resource that may name another one by the address it had where it was written, so that they
 * can be rewritten when it gets another. These are Reference.reference, elements of the types uri, url, canonical, oid
 * and uuid, and what narrative points to.
 * Source: FHIR R4, "Transaction Processing Rules" (https://hl7.org/fhir/R4/http.html#trules).
 */
import { elementsOf, isType } from './element-types.ts';

/** The new address of what `value` names; undefined where it stays as it is. */
export type Rewrite = (value: string, kind: 'reference' | 'canonical' | 'uri') => string | undefined;

export interface Link {
  readonly kind: 'reference' | 'uri' | 'narrative';
  /** As it was written: it stays known when the link has been rewritten. */
  readonly value: string;
  /** FHIRPath of the element that holds it, from the resource. */
  expression(): string;
  /** Writes what the link says by `rewrite`, in place; it starts from `value` each time. */
  rewrite(by: Rewrite): void;
}

type JsonObject = Record<string, unknown>;

interface Trail {
  readonly owner: JsonObject;
  readonly name: string;
  readonly index: number | undefined;
  readonly above: Trail | undefined;
}

const pointing = /\b(?:href|src)\s*=/i;

/**
 * The links of a resource and of those inside it, in document order.
 * @param isAddress whether a text is one of the addresses that may be rewritten: other elements than references are
 *   only looked at where they hold one, since most strings are no address
 */
export function linksIn(resource: object, isAddress: (text: string) => boolean): readonly Link[] {
  const links: Link[] = [];
  visit(resource as JsonObject, undefined, isAddress, links);
  return links;
}

function visit(owner: JsonObject, above: Trail | undefined, isAddress: (text: string) => boolean, links: Link[]): void {
  for (const name of Object.keys(owner)) {
    const value = owner[name];
    if (typeof value === 'string') {
      if (name === 'reference') links.push(referenceLink(owner, value, above));
      else if (name === 'div' && pointing.test(value)) links.push(narrativeLink(owner, value, above));
      else if (isAddress(value)) addUri(links, { owner, name, index: undefined, above }, value);
    } else if (Array.isArray(value)) {
      for (let index = 0; index < value.length; index++) {
        const item: unknown = value[index];
        if (typeof item === 'string') {
          if (isAddress(item)) addUri(links, { owner, name, index, above }, item);
        } else if (isObject(item)) visit(item, { owner, name, index, above }, isAddress, links);
      }
    } else if (isObject(value)) visit(value, { owner, name, index: undefined, above }, isAddress, links);
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null;
}

function referenceLink(owner: JsonObject, value: string, above: Trail | undefined): Link {
  return {
    kind: 'reference', value, expression: () => pathOf(above, 'reference'),
    rewrite(by) { owner['reference'] = by(value, 'reference') ?? value; },
  };
}

/** Addresses in the attributes of narrative; its markup is not parsed, since nothing but a known address is replaced. */
function narrativeLink(owner: JsonObject, value: string, above: Trail | undefined): Link {
  return {
    kind: 'narrative', value, expression: () => pathOf(above, 'div'),
    rewrite(by) {
      owner['div'] = value.replace(/(\b(?:href|src)\s*=\s*)(?:"([^"]*)"|'([^']*)')/gi, (whole, start: string, double: string | undefined, single: string | undefined) => {
        const address = by(unescaped(double ?? single ?? ''), 'uri');
        return address === undefined ? whole : `${start}"${address}"`;
      });
    },
  };
}

function unescaped(attribute: string): string {
  return attribute.replaceAll('&amp;', '&');
}

function addUri(links: Link[], trail: Trail, value: string): void {
  const type = typeAt(trail);
  if (type === undefined || !['uri', 'url', 'canonical', 'oid', 'uuid'].includes(type)) return;
  const { owner, name, index } = trail;
  links.push({
    kind: 'uri', value, expression: () => pathOf(trail.above, name, index),
    rewrite(by) {
      const address = by(value, type === 'canonical' ? 'canonical' : 'uri') ?? value;
      if (index !== undefined) (owner[name] as unknown[])[index] = address;
      // What the address of a resource is now is no OID or UUID any more: valueUuid becomes valueUri.
      else if (address !== value && (type === 'oid' || type === 'uuid')) {
        if (!name.endsWith('Oid') && !name.endsWith('Uuid')) return;
        delete owner[name];
        owner[`${name.replace(/(?:Oid|Uuid)$/, '')}Uri`] = address;
      } else owner[name] = address;
    },
  });
}

/** The type of the element at the end of the trail, by the definitions. */
function typeAt(trail: Trail): string | undefined {
  const holder = trail.above === undefined ? 'Resource' : typeAt(trail.above);
  if (holder === undefined) return undefined;
  const own = trail.owner['resourceType'];
  const type = holder === 'Resource' && typeof own === 'string' ? own : holder;
  if (!isType(type)) return undefined;
  for (const element of elementsOf(type)) for (const choice of element.types) if (choice.property === trail.name) return choice.type;
  return undefined;
}

function pathOf(above: Trail | undefined, name: string, index?: number): string {
  const step = index === undefined ? name : `${name}[${index}]`;
  if (above !== undefined) return `${pathOf(above.above, above.name, above.index)}.${step}`;
  return step;
}
