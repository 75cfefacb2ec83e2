/**
 * What the XML of each FHIR type looks like: which properties of the JSON model are attributes, which elements, and
 * in what order. Source: FHIR R4, "XML Representation of Resources" (https://hl7.org/fhir/R4/xml.html).
 */
import { elementsOf, isPrimitive } from '../element-types.ts';
import { isResourceType } from '../resource-types.ts';

export const fhirNamespace = 'http://hl7.org/fhir';
export const xhtmlNamespace = 'http://www.w3.org/1999/xhtml';

/** One property of a JSON object, and the XML element or attribute of the same name. */
export interface XmlProperty {
  readonly name: string;
  readonly type: string;
  readonly kind: 'attribute' | 'primitive' | 'complex' | 'resource' | 'xhtml';
  readonly repeats: boolean;
  /** Its place among the elements of the type. */
  readonly order: number;
  /** Of one type of a choice: the name of the element, as `value`. */
  readonly choice?: string;
}

const known = new Map<string, ReadonlyMap<string, XmlProperty>>();

/** The properties of a type by name, without the `_name` siblings that primitives have in JSON. */
export function xmlPropertiesOf(type: string): ReadonlyMap<string, XmlProperty> {
  let properties = known.get(type);
  if (properties === undefined) known.set(type, properties = build(type));
  return properties;
}

function build(type: string): ReadonlyMap<string, XmlProperty> {
  const properties = new Map<string, XmlProperty>();
  for (const element of elementsOf(type)) {
    for (const { property, type: valueType } of element.types) {
      properties.set(property, { name: property, type: valueType, kind: kindOf(type, element.name, valueType), repeats: element.repeats, order: properties.size, ...(element.choice && { choice: element.name }) });
    }
  }
  return properties;
}

function kindOf(owner: string, name: string, type: string): XmlProperty['kind'] {
  if (type === 'Resource') return 'resource';
  if (type === 'xhtml') return 'xhtml';
  if ((name === 'id' && !isResourceType(owner)) || (owner === 'Extension' && name === 'url')) return 'attribute';
  return isPrimitive(type) ? 'primitive' : 'complex';
}
