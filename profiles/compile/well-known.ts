/**
 * Constraints that stand on every element or every resource, written as functions: the same answers as by FHIRPath, in a
 * fraction of the time.
 * Source: https://hl7.org/fhir/R4/element.html#invs, https://hl7.org/fhir/R4/domainresource.html#invs
 */
import { isObject, own, type Holds, type JsonObject } from './check.ts';

/** What is in an object besides its id shows in the check of its form (`type-check.ts`). */
const always: Holds = () => true;

const valueOrExtension: Holds = (node) => {
  if (!isObject(node)) return true;
  let values = 0;
  for (const name in node) if (name.startsWith('value') || name.startsWith('_value')) values++;
  return (values > 0) !== Array.isArray(node['extension']);
};

const containedNotNested: Holds = (node) => !isObject(node) || containedOf(node).every((one) => own(one, 'contained') === undefined);
const containedWithoutVersion: Holds = (node) => !isObject(node) || containedOf(node).every((one) => {
  const meta = own(one, 'meta');
  return !isObject(meta) || (meta['versionId'] === undefined && meta['lastUpdated'] === undefined);
});
const containedWithoutSecurity: Holds = (node) => !isObject(node) || containedOf(node).every((one) => {
  const meta = own(one, 'meta');
  return !isObject(meta) || meta['security'] === undefined;
});
const hasNarrative: Holds = (node) => {
  const text = isObject(node) ? own(node, 'text') : undefined;
  return isObject(text) && typeof text['div'] === 'string' && text['div'] !== '';
};

function containedOf(node: JsonObject): readonly JsonObject[] {
  const contained = own(node, 'contained');
  return Array.isArray(contained) ? contained.filter(isObject) : [];
}

export const wellKnown: ReadonlyMap<string, Holds> = new Map([
  ['hasValue() or (children().count() > id.count())', always],
  ['extension.exists() != value.exists()', valueOrExtension],
  ['contained.contained.empty()', containedNotNested],
  ['contained.meta.versionId.empty() and contained.meta.lastUpdated.empty()', containedWithoutVersion],
  ['contained.meta.security.empty()', containedWithoutSecurity],
  ['text.`div`.exists()', hasNarrative],
]);
