/**
 * The JSON model as FHIR XML: elements in the order of the definition, `_name` siblings back with their primitives,
 * decimals with their digits. Source: FHIR R4, "XML Representation of Resources" (https://hl7.org/fhir/R4/xml.html).
 */
import { Decimal } from '../json.ts';
import { isResourceType } from '../resource-types.ts';
import { escapeAttribute } from './escape.ts';
import { fhirNamespace, type XmlProperty, xmlPropertiesOf } from './structure.ts';
import { xhtmlForXml } from './xhtml.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * The document of a resource whose shape was checked. What its types do not know cannot be said in XML and is left out.
 * @param resource as it comes from `parseJson`
 * @param pretty with each element on a line of its own
 * @throws {RangeError} when it is no resource of R4
 */
export function writeXml(resource: unknown, { pretty = false }: { readonly pretty?: boolean } = {}): string {
  const type = isObject(resource) ? resource['resourceType'] : undefined;
  if (!isResourceType(type)) throw new RangeError('Not a resource of FHIR R4');
  const lines: string[] = ['<?xml version="1.0" encoding="UTF-8"?>'];
  const writer: Writer = pretty ? (depth, markup) => { lines.push('\n', '  '.repeat(depth), markup); } : (_depth, markup) => { lines.push(markup); };
  writeResource(writer, resource as JsonObject, 0, ` xmlns="${fhirNamespace}"`);
  return lines.join('');
}

/** Takes a start tag, an end tag or a whole element, and how deep it stands. */
type Writer = (depth: number, markup: string) => void;

function writeResource(write: Writer, resource: JsonObject, depth: number, namespace = ''): void {
  const type = resource['resourceType'];
  if (isResourceType(type)) writeObject(write, type, `${type}${namespace}`, type, resource, depth);
}

/** An element with the children and attributes of a type. `start` is what follows `<`; its attributes are the caller's. */
function writeObject(write: Writer, name: string, start: string, type: string, object: JsonObject, depth: number): void {
  const present = propertiesPresent(type, object);
  const attributes = present.map((property) => (property.kind === 'attribute' ? attributeText(property.name, object[property.name]) : '')).join('');
  const children = present.filter(({ kind }) => kind !== 'attribute');
  if (children.length === 0) {
    write(depth, `<${start}${attributes}/>`);
    return;
  }
  write(depth, `<${start}${attributes}>`);
  for (const child of children) writeProperty(write, child, object, depth + 1);
  write(depth, `</${name}>`);
}

function propertiesPresent(type: string, object: JsonObject): XmlProperty[] {
  const known = xmlPropertiesOf(type);
  const present = new Set<XmlProperty>();
  for (const key of Object.keys(object)) {
    const property = known.get(key) ?? (key.startsWith('_') ? known.get(key.slice(1)) : undefined);
    if (property !== undefined) present.add(property);
  }
  return [...present].toSorted((a, b) => a.order - b.order);
}

function writeProperty(write: Writer, property: XmlProperty, object: JsonObject, depth: number): void {
  const values = asList(object[property.name]);
  const siblings = property.kind === 'primitive' ? asList(object[`_${property.name}`]) : [];
  for (let index = 0; index < Math.max(values.length, siblings.length); index++) {
    const value = values[index];
    if (property.kind === 'primitive') writePrimitive(write, property.name, value, siblings[index], depth);
    else if (property.kind === 'xhtml') write(depth, xhtmlForXml(String(value)));
    else if (!isObject(value)) continue;
    else if (property.kind === 'complex') writeObject(write, property.name, property.name, property.type, value, depth);
    else {
      write(depth, `<${property.name}>`);
      writeResource(write, value, depth + 1);
      write(depth, `</${property.name}>`);
    }
  }
}

function writePrimitive(write: Writer, name: string, value: unknown, sibling: unknown, depth: number): void {
  const start = `${name}${attributeText('value', value)}`;
  if (isObject(sibling)) writeObject(write, name, start, 'Element', sibling, depth);
  else if (start !== name) write(depth, `<${start}/>`);
}

function attributeText(name: string, value: unknown): string {
  if (typeof value === 'string') return ` ${name}="${escapeAttribute(value)}"`;
  return typeof value === 'number' || typeof value === 'boolean' || value instanceof Decimal ? ` ${name}="${value.toString()}"` : '';
}

function asList(value: unknown): readonly unknown[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value];
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
