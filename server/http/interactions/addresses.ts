/**
 * Addresses: what the entries of a Bundle call each other becomes where they are stored, conditional references become
 * references to what they match, and references to this server become relative.
 * Source: https://hl7.org/fhir/R4/http.html#trules, https://hl7.org/fhir/R4/bundle.html#references
 */
import { linksIn, type Link } from '../../../fhir/links.ts';
import { Problem } from '../../../fhir/problems.ts';
import { readReference } from '../../../fhir/references.ts';
import { isResourceType } from '../../../fhir/resource-types.ts';
import type { Context } from '../../../store/context.ts';
import type { Queryable } from '../../../store/database.ts';
import { readCriteria, type Criteria } from '../../../store/write/conditional.ts';
import type { Meant } from './in-bundle.ts';
import { criteriaOf, placeOf, typeOf, type Intent } from './intent.ts';

/** The links of all resources that are written. They keep what was sent, so that rewriting can be done anew. */
export interface WrittenLinks {
  readonly links: readonly WrittenLink[];
  /** Of conditional references, by what they say. */
  readonly criteria: ReadonlyMap<string, Criteria>;
}

interface WrittenLink {
  readonly link: Link;
  readonly intent: Intent;
  /** Address of the server where the resource was, as far as its fullUrl says. */
  readonly base: string | undefined;
}

/** `Type?criteria` where a reference is expected (https://hl7.org/fhir/R4/http.html#trules, "conditional references"). */
const conditional = /^([A-Z][A-Za-z]+)\?(.*)$/s;

/** @throws {Problem} those of `readCriteria` */
export async function linksOf(intents: readonly Intent[], database: Queryable, context: Context): Promise<WrittenLinks> {
  const addresses = new Set(intents.flatMap((intent) => intent.fullUrl ?? []));
  const links: WrittenLink[] = [];
  const criteria = new Map<string, Criteria>();
  for (const intent of intents) {
    if (intent.kind !== 'create' && intent.kind !== 'update') continue;
    const base = intent.fullUrl === undefined ? undefined : readReference(intent.fullUrl)?.base;
    for (const link of linksIn(intent.resource, (text) => addresses.has(text))) {
      links.push({ link, intent, base });
      const parts = link.kind === 'reference' ? conditional.exec(link.value) : null;
      if (parts && isResourceType(parts[1]) && !criteria.has(link.value)) criteria.set(link.value, await readCriteria(parts[1], parts[2]!, database, context, expressionOf(link, intent)));
    }
  }
  return { links, criteria };
}

/** Rewrites all links. `idOf` says where an intent's resource is or will be; undefined as long as that is not settled. */
export function rewriteLinks({ links, criteria }: WrittenLinks, intents: readonly Intent[], idOf: (intent: Intent) => string | undefined, meant: MeantBy, base: string): void {
  const given = new Map<string, string>();
  const byCriteria = new Map<string, string>();
  for (const intent of intents) {
    const id = intent.kind === 'delete' ? undefined : idOf(intent);
    if (id === undefined) continue;
    const address = `${typeOf(intent)}/${id}`;
    if (intent.fullUrl !== undefined) given.set(intent.fullUrl, address);
    const name = criteriaOf(intent)?.name;
    if (name !== undefined) byCriteria.set(name, address);
  }
  for (const { name, type } of criteria.values()) {
    const { met: [writer], stored: [match] } = meant.get(name) ?? { met: [], stored: [] };
    const id = writer === undefined ? match : idOf(writer);
    if (id !== undefined && !byCriteria.has(name)) byCriteria.set(name, `${type}/${id}`);
  }
  for (const { link, base: sender } of links) {
    link.rewrite((value, kind) => {
      const target = given.get(value) ?? (sender === undefined || kind !== 'reference' ? undefined : given.get(`${sender}/${value}`));
      // A canonical is an address that stands for itself; the others may be relative to this server.
      if (target !== undefined) return kind === 'canonical' ? `${base}/${target}` : target;
      if (kind !== 'reference') return undefined;
      const asked = criteria.get(value);
      if (asked !== undefined) return byCriteria.get(asked.name);
      return relativeToOwn(value, base);
    });
  }
}

/** What conditional references mean, by the name of the criteria (in-bundle.ts). */
type MeantBy = ReadonlyMap<string, Meant>;

/**
 * References to this server's own resources are kept relative, however they were sent: a resource is then in its
 * patient's compartment and found by what it refers to under every address that the server may have.
 */
function relativeToOwn(value: string, base: string): string | undefined {
  return value.startsWith(`${base}/`) && readReference(value)?.base === base ? value.slice(base.length + 1) : undefined;
}

/**
 * Every conditional reference must find one resource, in the store or in the Bundle, and no `urn:` may be left that
 * names nothing.
 * @throws {Problem} `reference-without-match`, `reference-untold`, `several-matches`, `bundle-entry`
 */
export function assertAllFound({ links, criteria }: WrittenLinks, intents: readonly Intent[], idOf: (intent: Intent) => string | undefined, meant: MeantBy): void {
  const known = new Set(intents.flatMap((intent) => intent.kind === 'delete' ? [] : intent.fullUrl ?? []));
  const written = new Set(intents.flatMap((intent) => intent.kind === 'delete' ? [] : criteriaOf(intent)?.name ?? []));
  for (const { link, intent } of links) {
    if (link.kind !== 'reference') continue;
    const asked = criteria.get(link.value);
    if (asked !== undefined && !written.has(asked.name)) {
      const { met, open, stored } = meant.get(asked.name)!;
      // What an entry writes over a stored match is the same resource.
      const count = new Set<string | Intent>([...stored, ...met.map((writer) => idOf(writer) ?? writer)]).size;
      if (count === 0) throw new Problem(open.length === 0 ? 'reference-without-match' : 'reference-untold', { type: asked.type }, expressionOf(link, intent));
      if (count > 1) throw new Problem('several-matches', { type: asked.type, limit: 1 }, expressionOf(link, intent));
    }
    if (intent.entry !== undefined && /^urn:(?:uuid|oid):/.test(link.value) && !known.has(link.value)) {
      throw new Problem('bundle-entry', { index: intent.entry, reason: 'a reference names no entry of this Bundle' }, expressionOf(link, intent));
    }
  }
}

function expressionOf(link: Link, intent: Intent): string {
  const place = placeOf(intent);
  return `${place === undefined ? typeOf(intent) : `${place}.resource`}.${link.expression()}`;
}
