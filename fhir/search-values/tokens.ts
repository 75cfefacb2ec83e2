/**
 * Token values from codes, codings, identifiers and contact points.
 * Source: FHIR R4, "Search", section "token" (https://hl7.org/fhir/R4/search.html#token).
 */
import { isObject, type Visit } from '../fhirpath/visit.ts';
import { isKindOf } from '../element-types.ts';
import type { SearchParameter } from '../search-parameters.ts';
import type { SearchValue, TokenSystemCode } from './values.ts';

type Values = SearchValue[];

/** The visit that makes tokens of nodes of a type; undefined for types no token search looks at. */
export function tokens(parameter: SearchParameter, type: string): Visit<Values> | undefined {
  const add = (out: Values, system: string | undefined, code: string | undefined, display: string | undefined, identifierTypes?: readonly TokenSystemCode[]): void => {
    // Nothing could ever find a token without any part.
    if (system === undefined && code === undefined && display === undefined) return;
    out.push({ type: 'token', parameter, system, code, text: display, identifierTypes });
  };

  switch (type) {
    case 'Coding':
      return (node, { out }) => {
        if (isObject(node)) add(out, text(node['system']), text(node['code']), text(node['display']));
      };
    case 'CodeableConcept':
      return (node, { out }) => {
        if (!isObject(node)) return;
        const own = text(node['text']);
        let told = own === undefined;
        for (const coding of list(node['coding'])) {
          if (!isObject(coding)) continue;
          const shown = text(coding['display']);
          told ||= shown === own;
          add(out, text(coding['system']), text(coding['code']), shown);
        }
        if (!told) add(out, undefined, undefined, own);
      };
    case 'Identifier':
      return (node, { out }) => {
        if (!isObject(node)) return;
        const kind = isObject(node['type']) ? node['type'] : undefined;
        add(out, text(node['system']), text(node['value']), text(kind?.['text']), codings(kind?.['coding']));
      };
    case 'ContactPoint':
      // The specification gives contact points no system; clients also ask for `phone|555-0100`. Both find it.
      return (node, { out }) => {
        if (!isObject(node)) return;
        const value = text(node['value']);
        if (value === undefined) return;
        add(out, undefined, value, undefined);
        const system = text(node['system']);
        if (system !== undefined) add(out, system, value, undefined);
      };
    case 'boolean':
      return (node, { out }) => {
        if (typeof node === 'boolean') add(out, undefined, String(node), undefined);
      };
    default:
      // The system of a bare code is fixed by its element and in no resource.
      if (!isKindOf(type, 'string') && !isKindOf(type, 'uri')) return undefined;
      return (node, { out }) => add(out, undefined, text(node), undefined);
  }
}

function codings(value: unknown): readonly TokenSystemCode[] | undefined {
  const found: TokenSystemCode[] = [];
  for (const coding of list(value)) {
    if (!isObject(coding)) continue;
    const [system, code] = [text(coding['system']), text(coding['code'])];
    if (code !== undefined) found.push({ system, code });
  }
  return found.length > 0 ? found : undefined;
}

/** A string with something in it. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The items of an array, or of the one value that stands where an array should. */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : value === undefined ? [] : [value];
}
