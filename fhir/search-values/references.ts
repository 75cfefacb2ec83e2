/**
 * Reference values from References, canonicals and uris.
 * Source: FHIR R4, "Search", section "reference" (https://hl7.org/fhir/R4/search.html#reference) and "References".
 */
import { isKindOf } from '../element-types.ts';
import { isObject, type Visit } from '../fhirpath/visit.ts';
import { readReference } from '../references.ts';
import { isResourceType } from '../resource-types.ts';
import type { SearchParameter } from '../search-parameters.ts';
import { text } from './tokens.ts';
import type { ReferenceValue, SearchValue, TokenSystemCode } from './values.ts';

type Values = SearchValue[];
type Literal = Pick<ReferenceValue, 'targetType' | 'targetId' | 'version' | 'url'>;

/** The visit that makes reference values of nodes of a type; undefined for types that refer to nothing. */
export function references(parameter: SearchParameter, type: string): Visit<Values> | undefined {
  const add = (out: Values, { targetType, targetId, version, url }: Literal, identifier: TokenSystemCode | undefined): void =>
    void out.push({ type: 'reference', parameter, targetType, targetId, version, url, identifier });

  if (type === 'Reference') {
    return (node, { out }) => {
      if (!isObject(node)) return;
      const identifier = identifierOf(node['identifier']);
      const literal = literalOf(node['reference']);
      if (literal !== undefined) add(out, literal, identifier);
      else if (identifier !== undefined) {
        const declared = node['type'];
        add(out, { targetType: isResourceType(declared) ? declared : undefined, targetId: undefined, version: undefined, url: undefined }, identifier);
      }
    };
  }
  if (isKindOf(type, 'uri')) {
    return (node, { out }) => {
      const address = text(node);
      if (address === undefined || address.startsWith('#')) return;
      const literal = type === 'canonical' ? canonical(address) : addressed(address);
      // A canonical of nothing but a version names nothing.
      if (literal.url !== '') add(out, literal, undefined);
    };
  }
  if (isKindOf(type, 'Resource')) {
    // The first entry of a document or message: held, not referred to, and found by its type and id all the same.
    return (node, { out }) => {
      if (!isObject(node)) return;
      const [targetType, targetId] = [node['resourceType'], text(node['id'])];
      if (isResourceType(targetType) && targetId !== undefined) add(out, { targetType, targetId, version: undefined, url: undefined }, undefined);
    };
  }
  return undefined;
}

/** Nothing for a contained target (`#x`), and for what is no address at all. */
function literalOf(value: unknown): Literal | undefined {
  const reference = text(value);
  if (reference === undefined) return undefined;
  const parts = readReference(reference);
  if (parts === undefined || !isResourceType(parts.type)) return isAbsolute(reference) ? addressed(reference) : undefined;
  const { base, type: targetType, id: targetId, version } = parts;
  if (base === undefined) return { targetType, targetId, version, url: undefined };
  return isAbsolute(reference) ? { targetType, targetId, version, url: `${base}/${targetType}/${targetId}` } : undefined;
}

function isAbsolute(address: string): boolean {
  return /^[a-z][a-z0-9+.-]*:/i.test(address);
}

function addressed(url: string): Literal {
  return { targetType: undefined, targetId: undefined, version: undefined, url };
}

function canonical(address: string): Literal {
  const bar = address.indexOf('|');
  return bar === -1 ? addressed(address) : { ...addressed(address.slice(0, bar)), version: text(address.slice(bar + 1)) };
}

function identifierOf(value: unknown): TokenSystemCode | undefined {
  if (!isObject(value)) return undefined;
  const [system, code] = [text(value['system']), text(value['value'])];
  return code === undefined ? undefined : { system, code };
}
