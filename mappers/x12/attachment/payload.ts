/**
 * The document in a BIN or BDS: its bytes by the encoding that BDS01 names (element 1570: ASC as it stands, B64 in
 * base 64; others are refused), and its media type by what it begins with, since a 275 does not say it.
 */
import type { Piece } from '../reading/piece.ts';

export interface Payload {
  mediaType: string;
  base64: string;
}

/** Undefined where it is empty or not in its encoding. */
export function payloadOf(data: Piece): Payload | undefined {
  const isStructured = data.segment.id === 'BDS';
  // What is counted is not trimmed: a blank is part of the document.
  const text = data.segment.elements[isStructured ? 2 : 1]?.[0]?.[0] ?? '';
  const encoding = isStructured ? data.text(1) : 'ASC';
  const bytes = encoding === 'B64' ? fromBase64(text) : encoding === 'ASC' ? Buffer.from(text, 'latin1') : undefined;
  return bytes === undefined || bytes.length === 0 ? undefined : { mediaType: mediaTypeOf(bytes), base64: bytes.toString('base64') };
}

/** Line ends may stand in it; nothing else that is not base 64 may. */
function fromBase64(text: string): Buffer | undefined {
  const packed = text.replaceAll(/[\r\n]/g, '');
  return packed.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(packed) ? Buffer.from(packed, 'base64') : undefined;
}

const SIGNATURES: readonly (readonly [RegExp, string])[] = [
  [/^%PDF-/, 'application/pdf'],
  [/^\u0089PNG/, 'image/png'],
  [/^\u00ff\u00d8\u00ff/, 'image/jpeg'],
  [/^(II\*\0|MM\0\*)/, 'image/tiff'],
  [/^PK(?=[^\w\s])/, 'application/zip'],
  [/^\{\\rtf/, 'application/rtf'],
  [/^\s*\{[^]{0,400}"resourceType"/, 'application/fhir+json'],
  [/^(\u00ef\u00bb\u00bf)?\s*(<\?xml[^>]*>\s*)?(<!--[^]*?-->\s*)*<(\w+:)?ClinicalDocument\b/, 'application/cda+xml'],
  [/^(\u00ef\u00bb\u00bf)?\s*(<\?xml|<[A-Za-z])/, 'application/xml'],
  [/^MSH[^A-Za-z0-9\s]/, 'x-application/hl7-v2+er7'],
];

function mediaTypeOf(bytes: Buffer): string {
  const start = bytes.toString('latin1', 0, 4096);
  const known = SIGNATURES.find(([signature]) => signature.test(start))?.[1];
  if (known !== undefined) return known;
  return bytes.subarray(0, 4096).some((byte) => byte < 9 || (byte > 13 && byte < 32)) ? 'application/octet-stream' : 'text/plain';
}
