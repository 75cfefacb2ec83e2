/** A document of XML while it is written: elements as values, made into text in one place, where everything is escaped. */
import { escapeAttribute, escapeText } from '../../../fhir/xml/escape.ts';

export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string | undefined>>;
  readonly content: readonly (XmlElement | string)[];
}

/** What may stand in an element: nothing, where there is nothing to say. */
export type Content = XmlElement | string | undefined | readonly Content[];

/** An element; attributes that are undefined are not written. */
export function el(name: string, attributes: XmlElement['attributes'] = {}, ...content: readonly Content[]): XmlElement {
  return { name, attributes, content: content.flatMap(flat) };
}

function flat(content: Content): (XmlElement | string)[] {
  if (content === undefined || content === '') return [];
  return typeof content === 'object' && 'length' in content ? content.flatMap(flat) : [content];
}

/** The text of an element. The depth is that of what was built, which the FHIR side bounds. */
export function textOf({ name, attributes, content }: XmlElement): string {
  let written = `<${name}`;
  for (const attribute in attributes) {
    const value = attributes[attribute];
    if (value !== undefined) written += ` ${attribute}="${escapeAttribute(value)}"`;
  }
  if (content.length === 0) return `${written}/>`;
  return `${written}>${content.map((part) => (typeof part === 'string' ? escapeText(part) : textOf(part))).join('')}</${name}>`;
}
