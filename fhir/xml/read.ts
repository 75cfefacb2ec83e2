/**
 * FHIR XML to the JSON model, as `parseJson` would give it: decimals keep their digits, elements that repeat are arrays,
 * id and extensions of a primitive are in its `_name` sibling. Elements may stand in any order, for none is lost by it.
 * Source: FHIR R4, "XML Representation of Resources" (https://hl7.org/fhir/R4/xml.html).
 */
import { Decimal, maximumDepth } from '../json.ts';
import { isResourceType } from '../resource-types.ts';
import { parseXmlDocument, type XmlHandlers, type XmlParse, type XmlTag } from './parser.ts';
import { fhirNamespace, xhtmlNamespace, type XmlProperty, xmlPropertiesOf } from './structure.ts';
import { XhtmlCollector } from './xhtml.ts';

type JsonObject = Record<string, unknown>;

/** An element that is open. */
interface Frame {
  /** What it is in the element around it; none for a resource. */
  readonly property: XmlProperty | undefined;
  /** What is known of its children; none where one resource is expected. */
  readonly properties: ReadonlyMap<string, XmlProperty> | undefined;
  readonly type: string;
  /** How deep the object lies in the JSON, arrays counted. */
  readonly level: number;
  /** The object being filled; for a primitive, its sibling; where a resource is expected, that resource. */
  object: JsonObject | undefined;
  /** The value of a primitive. */
  value: unknown;
}

const schemaInstance = 'http://www.w3.org/2001/XMLSchema-instance';
/** What has a name like this may be told; anything else could be a patient's data in the wrong place. */
const tellableName = /^[A-Za-z][A-Za-z0-9]{0,63}$/;
const integerForm = /^-?(?:0|[1-9]\d*)$/;
const decimalForm = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const notSpace = /[^ \t\r\n]/;

/**
 * Reads one resource.
 * @returns the resource; its shape is still to be checked (`shapeIssues`)
 * @throws {Problem} `malformed-xml`
 */
export function parseXml(text: string): unknown {
  let resource: JsonObject | undefined;
  parseXmlDocument(text, (parse) => new ResourceReader(parse, (read) => { resource = read; }).handlers);
  return resource;
}

class ResourceReader {
  readonly #parse: XmlParse;
  readonly #done: (resource: JsonObject) => void;
  readonly #open: Frame[] = [];
  #narrative: XhtmlCollector | undefined;

  constructor(parse: XmlParse, done: (resource: JsonObject) => void) {
    this.#parse = parse;
    this.#done = done;
  }

  get handlers(): XmlHandlers {
    return { open: (tag) => this.#opened(tag), text: (text) => this.#text(text), close: (tag) => this.#closed(tag) };
  }

  #opened(tag: XmlTag): void {
    if (this.#narrative !== undefined) {
      this.#narrative.open(tag);
      return;
    }
    const parent = this.#open.at(-1);
    if (parent === undefined || parent.properties === undefined) this.#openResource(tag, parent);
    else this.#openElement(tag, parent, parent.properties);
  }

  #openResource(tag: XmlTag, holder: Frame | undefined): void {
    if (tag.uri !== fhirNamespace) throw this.#parse.mistake(`a resource in the namespace ${fhirNamespace} is expected`);
    if (!isResourceType(tag.local)) throw this.#parse.mistake('a resource of FHIR R4 is expected');
    if (holder?.object !== undefined) throw this.#parse.mistake('one resource only may stand here');
    this.#push({ property: undefined, properties: xmlPropertiesOf(tag.local), type: tag.local, level: holder?.level ?? 1, object: { resourceType: tag.local }, value: undefined });
    this.#readAttributes(tag, this.#open.at(-1)!);
  }

  #openElement(tag: XmlTag, parent: Frame, properties: ReadonlyMap<string, XmlProperty>): void {
    const property = properties.get(tag.local);
    if (property === undefined || property.kind === 'attribute') throw this.#parse.mistake(`${told(tag.local)} is no element of ${parent.type}`);
    if (!property.repeats && Object.hasOwn(parent.object!, property.name)) throw this.#parse.mistake(`${property.name} may occur once only`);
    if (tag.uri !== (property.kind === 'xhtml' ? xhtmlNamespace : fhirNamespace)) throw this.#parse.mistake(`${property.name} is not in its namespace`);
    if (property.kind === 'xhtml') {
      this.#narrative = new XhtmlCollector(this.#parse);
      this.#narrative.open(tag);
      return;
    }
    const type = property.kind === 'primitive' ? 'Element' : property.type;
    const children = property.kind === 'resource' ? undefined : xmlPropertiesOf(type);
    this.#push({ property, properties: children, type, level: parent.level + (property.repeats ? 2 : 1), object: children && {}, value: undefined });
    this.#readAttributes(tag, this.#open.at(-1)!);
  }

  #push(frame: Frame): void {
    if (frame.level > maximumDepth) throw this.#parse.mistake(`it is nested deeper than ${maximumDepth} levels of objects and lists`);
    this.#open.push(frame);
  }

  #readAttributes(tag: XmlTag, frame: Frame): void {
    for (const { name, uri, local, value } of Object.values(tag.attributes)) {
      if (name === 'xmlns' || name.startsWith('xmlns:') || uri === schemaInstance) continue;
      const isValue = local === 'value' && frame.property?.kind === 'primitive';
      if (uri !== '' || !(isValue || frame.properties?.get(local)?.kind === 'attribute')) throw this.#parse.mistake(`${told(local)} is no attribute of ${frame.property?.name ?? frame.type}`);
      if (value === '') throw this.#parse.mistake(`the attribute ${local} must not be empty`);
      if (isValue) frame.value = this.#valueOf(frame.property, value);
      else frame.object![local] = value;
    }
  }

  /** What cannot be a number or truth value cannot be said in JSON; other rules of primitives are those of the shape. */
  #valueOf({ name, type }: XmlProperty, written: string): unknown {
    switch (type) {
      case 'boolean':
        if (written !== 'true' && written !== 'false') throw this.#parse.mistake(`${name} must be true or false`);
        return written === 'true';
      case 'integer': case 'positiveInt': case 'unsignedInt':
        if (!integerForm.test(written)) throw this.#parse.mistake(`${name} must be an integer`);
        return numberOf(written);
      case 'decimal':
        if (!decimalForm.test(written)) throw this.#parse.mistake(`${name} must be a decimal`);
        return numberOf(written);
      default: return written;
    }
  }

  #text(text: string): void {
    if (this.#narrative !== undefined) this.#narrative.text(text);
    else if (notSpace.test(text)) throw this.#parse.mistake('text is allowed in attributes and in a narrative only');
  }

  #closed(tag: XmlTag): void {
    if (this.#narrative !== undefined) {
      const div = this.#narrative.close(tag);
      if (div === undefined) return;
      this.#narrative = undefined;
      this.#open.at(-1)!.object!['div'] = div;
      return;
    }
    const frame = this.#open.pop()!;
    finishLists(frame);
    const parent = this.#open.at(-1);
    if (frame.property !== undefined) this.#fill(parent!, frame, frame.property);
    else if (parent === undefined) this.#done(frame.object!);
    else parent.object = frame.object;
  }

  #fill(parent: Frame, frame: Frame, property: XmlProperty): void {
    const object = parent.object!;
    const content = frame.object === undefined || Object.keys(frame.object).length === 0 ? undefined : frame.object;
    if (content === undefined && frame.value === undefined) throw this.#parse.mistake(`${property.name} must not be empty`);
    const sibling = `_${property.name}`;
    if (property.kind !== 'primitive') {
      if (property.repeats) listOf(object, property.name).push(content);
      else object[property.name] = content;
    } else if (!property.repeats) {
      // A sibling alone would let the element come again.
      if (Object.hasOwn(object, sibling)) throw this.#parse.mistake(`${property.name} may occur once only`);
      if (frame.value !== undefined) object[property.name] = frame.value;
      if (content !== undefined) object[sibling] = content;
    } else {
      const values = listOf(object, property.name);
      values.push(frame.value ?? null);
      if (content === undefined) return;
      const siblings = listOf(object, sibling);
      while (siblings.length < values.length - 1) siblings.push(null);
      siblings.push(content);
    }
  }
}

/** Makes lists of primitives as long as those of their siblings, and leaves out a list without any value. */
function finishLists({ object, properties }: Frame): void {
  if (object === undefined || properties === undefined) return;
  for (const sibling of Object.keys(object)) {
    const siblings = object[sibling];
    if (!sibling.startsWith('_') || !Array.isArray(siblings)) continue;
    const name = sibling.slice(1);
    const values = object[name] as unknown[];
    while (siblings.length < values.length) siblings.push(null);
    if (values.every((value) => value === null)) delete object[name];
  }
}

function listOf(object: JsonObject, name: string): unknown[] {
  const list = object[name];
  if (list !== undefined) return list as unknown[];
  const made: unknown[] = [];
  object[name] = made;
  return made;
}

function numberOf(written: string): unknown {
  const number = Number(written);
  return String(number) === written ? number : new Decimal(written);
}

function told(name: string): string {
  return tellableName.test(name) ? name : 'what stands here';
}
