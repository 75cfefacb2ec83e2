/**
 * What a mapper's Bundle holds, resource by resource, and what it becomes in the store: fullUrls become ids, references to
 * entries references to what they are stored as. Pure.
 */
import type { Bundle, Resource } from '@medplum/fhirtypes';
import { isResourceType } from '../../fhir/resource-types.ts';
import type { MessageIssue } from './message.ts';

export interface MappedResource {
  /** Of the entry in the Bundle. */
  readonly index: number;
  readonly fullUrl: string;
  /** The id that follows from the fullUrl. */
  readonly id: string;
  readonly resource: Resource;
}

const urnForm = /^urn:uuid:([0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})$/;

/** The entries, or what is wrong with them: then the mapper is at fault, and not the sender. */
export function mappedResources(bundle: Bundle): { readonly resources: readonly MappedResource[]; readonly issues: readonly MessageIssue[] } {
  const resources: MappedResource[] = [];
  const issues: MessageIssue[] = [];
  const urls = new Set<string>();
  for (const [index, { fullUrl = '', resource }] of (bundle.entry ?? []).entries()) {
    const id = urnForm.exec(fullUrl)?.[1];
    if (id === undefined || resource === undefined || !isResourceType(resource.resourceType) || urls.has(fullUrl)) {
      issues.push({ severity: 'error', code: 'mapping-failed', text: 'The mapper made an entry without an address or a type of its own.', expression: `Bundle.entry[${index}]` });
      continue;
    }
    urls.add(fullUrl);
    resources.push({ index, fullUrl, id, resource });
  }
  return { resources, issues };
}

/** What is referred to by `Type/id` once it is stored; undefined: it is not stored, and can be named by its identifier alone. */
export type Destination = { readonly type: string; readonly id: string } | undefined;

/**
 * A copy of the resource under its id, that refers to what is stored.
 * @returns also FHIRPaths, from the resource, of references that lead nowhere
 */
export function asStored({ resource }: MappedResource, id: string, destinations: ReadonlyMap<string, Destination>): { readonly resource: Resource & { id: string }; readonly dangling: readonly string[] } {
  let isDangling = false;
  const copy = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map(copy);
    // Decimals are objects of their own kind, and stay as they are.
    if (Object.getPrototypeOf(value) !== Object.prototype) return value;
    const copied = copyNode(value as Record<string, unknown>);
    const { reference } = copied;
    if (typeof reference !== 'string' || !reference.startsWith('urn:')) return copied;
    const target = destinations.get(reference);
    if (target === undefined) delete copied['reference'];
    else copied['reference'] = `${target.type}/${target.id}`;
    isDangling ||= !destinations.has(reference);
    return copied;
  };
  const copyNode = (node: Record<string, unknown>): Record<string, unknown> => {
    const copied: Record<string, unknown> = {};
    for (const name of Object.keys(node)) copied[name] = copy(node[name]);
    return copied;
  };
  const stored = copyNode(resource as unknown as Record<string, unknown>);
  stored['id'] = id;
  return { resource: stored as unknown as Resource & { id: string }, dangling: isDangling ? danglingIn(resource, '', destinations) : [] };
}

/** Apart from the copy, because a path for every value costs more than all else, and mappers hardly ever make such a reference. */
function danglingIn(value: unknown, path: string, destinations: ReadonlyMap<string, Destination>): string[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => danglingIn(item, `${path}[${index}]`, destinations));
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return [];
  const { reference } = value as { readonly reference?: unknown };
  const own = typeof reference === 'string' && reference.startsWith('urn:') && path !== '' && !destinations.has(reference) ? [`${path}.reference`] : [];
  return [...own, ...Object.entries(value).flatMap(([name, item]) => danglingIn(item, path === '' ? name : `${path}.${name}`, destinations))];
}
