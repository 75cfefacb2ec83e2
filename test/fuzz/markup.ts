/**
 * Mutations of XML documents, knowing elements and attributes: elements go missing, come twice, lie in each other, are
 * taken from other documents; identifiers of templates, codes and types are exchanged; entities and document types are slipped in.
 */
import type { Random } from './random.ts';
import { awkwardText, mutateBytes } from './texts.ts';

/** A start tag, an end tag or an empty element. */
const tag = /<\/?[A-Za-z][\w:.-]*(?:\s[^<>]*)?>/g;
const attribute = /([\w:.-]+)="([^"<]*)"/g;

export function mutateMarkup(bytes: Buffer, other: Buffer, random: Random): Buffer {
  let text = bytes.toString('latin1');
  for (let changes = 1 + random.below(4); changes > 0; changes -= 1) text = changed(text, other.toString('latin1'), random);
  const made = Buffer.from(text, 'latin1');
  return random.once(6) ? mutateBytes(made, random) : made;
}

function changed(text: string, other: string, random: Random): string {
  switch (random.below(10)) {
    case 0: return withElement(text, random, () => '');
    case 1: return withElement(text, random, (element) => element + element);
    case 2: return withElement(text, random, (element) => elementOf(other, random)?.text ?? element);
    case 3: return withElement(text, random, (element) => element + (elementOf(other, random)?.text ?? ''));
    case 4: return withElement(text, random, (element) => `<entry>${element}</entry>`.repeat(1 + random.below(3)));
    case 5: return withElement(text, random, (element) => `${'<component>'.repeat(400)}${element}${'</component>'.repeat(400)}`);
    case 6: return text.replace(/(<\?xml[^>]*\?>)?/, (declaration) => `${declaration}<!DOCTYPE x [<!ENTITY e "${'e'.repeat(50)}"><!ENTITY f "&e;&e;&e;">]>`);
    case 7: return withElement(text, random, (element) => element.replace(/<[A-Za-z][\w:.-]*/, (start) => `${start} nullFlavor="${random.pick(['UNK', 'NI', 'NA', 'OTH', 'ASKU', 'X'])}"`));
    default: return withAttribute(text, random);
  }
}

/** A whole element that starts at a tag chosen at random. */
function elementOf(text: string, random: Random): { text: string; start: number } | undefined {
  const starts = [...text.matchAll(tag)].filter(([found]) => !found.startsWith('</'));
  if (starts.length === 0) return undefined;
  const { 0: first, index } = random.pick(starts);
  if (first.endsWith('/>')) return { text: first, start: index };
  let depth = 0;
  tag.lastIndex = index;
  for (let found = tag.exec(text); found !== null; found = tag.exec(text)) {
    depth += found[0].startsWith('</') ? -1 : found[0].endsWith('/>') ? 0 : 1;
    if (depth > 0) continue;
    const end = found.index + found[0].length;
    tag.lastIndex = 0;
    return { text: text.slice(index, end), start: index };
  }
  tag.lastIndex = 0;
  return undefined;
}

function withElement(text: string, random: Random, make: (element: string) => string): string {
  const found = elementOf(text, random);
  return found === undefined ? text : text.slice(0, found.start) + make(found.text) + text.slice(found.start + found.text.length);
}

function withAttribute(text: string, random: Random): string {
  const all = [...text.matchAll(attribute)];
  if (all.length === 0) return text;
  const { 0: whole, 1: name, index } = random.pick(all);
  const value = random.once(2) ? random.pick(all)[2]! : Buffer.from(awkwardText(random)).toString('latin1').replaceAll('"', '');
  const made = random.once(5) ? '' : `${name!}="${value}"`;
  return text.slice(0, index) + made + text.slice(index + whole.length);
}
