/**
 * Elements of a resource in XML that stand in another order than their type defines. A reader loses nothing by it, and
 * ours takes them; the schemas of FHIR, and what is made with them, do not.
 * Source: FHIR R4, "XML Representation of Resources" (https://hl7.org/fhir/R4/xml.html)
 */
import type { Position } from '../positions/wanted.ts';
import { isResourceType } from '../resource-types.ts';
import { parseXmlDocument, type XmlTag } from './parser.ts';
import { fhirNamespace, xmlPropertiesOf, type XmlProperty } from './structure.ts';

export interface Disorder {
  /** FHIRPath of the element that stands too late, from the resource on. */
  readonly expression: string;
  readonly element: string;
  /** The one that it should stand before. */
  readonly before: string;
  readonly where: Position;
}

interface Frame {
  readonly expression: string;
  readonly properties: ReadonlyMap<string, XmlProperty> | undefined;
  readonly counts: Map<string, number>;
  last: XmlProperty | undefined;
}

/** More is not told of one text. */
const most = 100;

/** @param text XML that `parseXml` has read without a mistake */
export function xmlDisorder(text: string): readonly Disorder[] {
  const found: Disorder[] = [];
  const open: Frame[] = [];
  parseXmlDocument(text, ({ place }) => ({
    open: (tag) => {
      const parent = open.at(-1);
      if (parent === undefined || isHeldResource(tag, parent)) {
        open.push({ expression: parent?.expression ?? tag.local, properties: xmlPropertiesOf(tag.local), counts: new Map(), last: undefined });
        return;
      }
      const property = parent.properties?.get(tag.local);
      const count = parent.counts.get(tag.local) ?? 0;
      parent.counts.set(tag.local, count + 1);
      const expression = property === undefined ? parent.expression : `${parent.expression}.${stepOf(property)}${property.repeats ? `[${count}]` : ''}`;
      if (property !== undefined) {
        if (parent.last !== undefined && property.order < parent.last.order) {
          if (found.length < most) found.push({ expression, element: property.name, before: parent.last.name, where: place() });
        } else parent.last = property;
      }
      open.push({ expression, properties: childrenOf(property), counts: new Map(), last: undefined });
    },
    text: () => {},
    close: () => { open.pop(); },
  }));
  return found;
}

/** A resource stands in the element that holds it. */
function isHeldResource({ uri, local }: XmlTag, { properties }: Frame): boolean {
  return uri === fhirNamespace && isResourceType(local) && properties?.has(local) !== true;
}

function childrenOf(property: XmlProperty | undefined): ReadonlyMap<string, XmlProperty> | undefined {
  switch (property?.kind) {
    case 'complex': return xmlPropertiesOf(property.type);
    case 'primitive': return xmlPropertiesOf('Element');
    case 'resource': return new Map();
    default: return undefined;
  }
}

/** A choice goes by the name of its element. */
function stepOf({ name, choice }: XmlProperty): string {
  return choice ?? name;
}
