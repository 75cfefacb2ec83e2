/**
 * Constraints that stand on every element or every resource, written as functions: the same answers as by FHIRPath, in a
 * fraction of the time.
 * Source: https://hl7.org/fhir/R4/element.html#invs, https://hl7.org/fhir/R4/domainresource.html#invs
 */
import { isObject, own, type Holds, type JsonObject } from './check.ts';

const valueOrExtension: Holds = (node) => {
  if (!isObject(node)) return true;
  let values = 0;
  for (const name in node) if (name.startsWith('value') || name.startsWith('_value')) values++;
  return (values > 0) !== Array.isArray(node['extension']);
};

const containedNotNested: Holds = (node) => containedOf(node).every((one) => own(one, 'contained') === undefined);
const containedWithoutVersion: Holds = (node) => containedOf(node).every((one) => {
  const meta = own(one, 'meta');
  return !isObject(meta) || (meta['versionId'] === undefined && meta['lastUpdated'] === undefined);
});
const containedWithoutSecurity: Holds = (node) => containedOf(node).every((one) => {
  const meta = own(one, 'meta');
  return !isObject(meta) || meta['security'] === undefined;
});
const hasNarrative: Holds = (node) => {
  const text = isObject(node) ? own(node, 'text') : undefined;
  return isObject(text) && typeof text['div'] === 'string' && text['div'] !== '';
};

/** A reference to nothing in particular holds, and `#` is the resource around. */
const localReferenceContained: Holds = (node, _, session) => {
  const reference = isObject(node) ? node['reference'] : undefined;
  return typeof reference !== 'string' || !reference.startsWith('#') || reference === '#' || session.resolve(reference) !== undefined;
};

/**
 * Each contained resource is referred to from within the resource, or refers to what contains it. Any text that is such a
 * reference counts, and what a narrative shows or links to.
 */
const containedReferredTo: Holds = (node, _, session) => {
  if (!isObject(node) || session.options.contained === false) return true;
  const contained = containedOf(node);
  if (contained.length === 0) return true;
  const locals = new Set<string>();
  collectLocals(node, locals);
  return contained.every((one) => locals.has(`#${idOf(one)}`) || refersToContainer(one));
};

function collectLocals(value: unknown, locals: Set<string>): void {
  if (typeof value === 'string') {
    if (value.startsWith('#')) locals.add(value);
    else if (value.startsWith('<')) for (const [, target] of value.matchAll(/(?:href|src)\s*=\s*["'](#[^"'\s]{1,64})["']/g)) locals.add(target!);
  } else if (Array.isArray(value)) for (const item of value) collectLocals(item, locals);
  else if (isObject(value)) for (const name of Object.keys(value)) collectLocals(value[name], locals);
}

function idOf(one: JsonObject): string {
  const id = own(one, 'id');
  return typeof id === 'string' ? id : '';
}

function refersToContainer(one: JsonObject): boolean {
  const locals = new Set<string>();
  collectLocals(one, locals);
  return locals.has('#');
}

const nothing: readonly JsonObject[] = [];

function containedOf(node: unknown): readonly JsonObject[] {
  const contained = isObject(node) ? node['contained'] : undefined;
  return Array.isArray(contained) ? contained.filter(isObject) : nothing;
}

export const wellKnown: ReadonlyMap<string, Holds> = new Map([
  ['extension.exists() != value.exists()', valueOrExtension],
  ['contained.contained.empty()', containedNotNested],
  ['contained.meta.versionId.empty() and contained.meta.lastUpdated.empty()', containedWithoutVersion],
  ['contained.meta.security.empty()', containedWithoutSecurity],
  ['text.`div`.exists()', hasNarrative],
  ["contained.where((('#'+id in (%resource.descendants().reference | %resource.descendants().as(canonical) | %resource.descendants().as(uri) | %resource.descendants().as(url))) or descendants().where(reference = '#').exists() or descendants().where(as(canonical) = '#').exists() or descendants().where(as(canonical) = '#').exists()).not()).trace('unmatched', id).empty()", containedReferredTo],
  ["contained.where(((id.exists() and ('#'+id in (%resource.descendants().reference | %resource.descendants().as(canonical) | %resource.descendants().as(uri) | %resource.descendants().as(url)))) or descendants().where(reference = '#').exists() or descendants().where(as(canonical) = '#').exists() or descendants().where(as(uri) = '#').exists()).not()).trace('unmatched', id).empty()", containedReferredTo],
  ["reference.startsWith('#').not() or (reference.substring(1).trace('url') in %rootResource.contained.id.trace('ids'))", localReferenceContained],
]);
