/** A resource in a text that was kept as it came, whose syntax nobody noted: XML begins with `<`, and no JSON does. */
import { parseJson } from './json.ts';
import { parseXml } from './xml/read.ts';

/** @throws {Problem} `malformed-json`, `malformed-xml`, `too-deep` */
export function parseResourceText(kept: string): unknown {
  // A mark of byte order is no part of the text.
  const text = kept.replace(/^\ufeff/, '');
  return /^\s*</.test(text) ? parseXml(text) : parseJson(text);
}
