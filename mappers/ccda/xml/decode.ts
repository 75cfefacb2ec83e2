/**
 * Bytes to text: by byte order mark, else by what the channel declared, else by the XML declaration, else UTF-8.
 * Source: XML 1.0, appendix F (https://www.w3.org/TR/xml/#sec-guessing).
 */
import { Problem } from '../../../fhir/problems.ts';

/** Labels that are accepted, and what decodes them. ISO-8859-1 is read as windows-1252, which has letters where it has controls. */
const decoders: Readonly<Record<string, string>> = {
  'utf-8': 'utf-8', utf8: 'utf-8', 'us-ascii': 'utf-8', ascii: 'utf-8',
  'utf-16': 'utf-16le', 'utf-16le': 'utf-16le', 'utf-16be': 'utf-16be',
  'iso-8859-1': 'windows-1252', latin1: 'windows-1252', 'windows-1252': 'windows-1252', cp1252: 'windows-1252',
};

const declaration = /^\s*<\?xml[^>]*?\bencoding\s*=\s*["']([A-Za-z][\w.-]*)["']/;

/**
 * @param declared the charset that the channel told, where it told one
 * @throws {Problem} `malformed-xml`: an encoding that is not known, or bytes that are none of it
 */
export function decodeXml(bytes: Uint8Array, declared?: string): string {
  const label = (markedEncoding(bytes) ?? declared ?? declaredEncoding(bytes) ?? 'utf-8').toLowerCase();
  const encoding = decoders[label];
  if (encoding === undefined) throw new Problem('malformed-xml', { line: 1, column: 1, reason: 'the encoding must be UTF-8, UTF-16, ISO-8859-1 or windows-1252' });
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    const before = new TextDecoder(encoding).decode(bytes).split('\ufffd', 1)[0]!.split(/\r\n?|\n/);
    throw new Problem('malformed-xml', { line: before.length, column: before.at(-1)!.length + 1, reason: `bytes that are not ${label.toUpperCase()}` });
  }
}

function markedEncoding(bytes: Uint8Array): string | undefined {
  const [first, second, third, fourth] = bytes;
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8';
  if ((first === 0xff && second === 0xfe) || (first === 0x3c && second === 0 && third === 0x3f && fourth === 0)) return 'utf-16le';
  if ((first === 0xfe && second === 0xff) || (first === 0 && second === 0x3c && third === 0 && fourth === 0x3f)) return 'utf-16be';
  return undefined;
}

function declaredEncoding(bytes: Uint8Array): string | undefined {
  return declaration.exec(new TextDecoder('windows-1252').decode(bytes.subarray(0, 400)))?.[1];
}
