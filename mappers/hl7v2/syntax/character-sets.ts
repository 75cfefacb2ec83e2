/**
 * Character sets of HL7 version 2 (table 0211, MSH-18), their decoders and encoders. Decoders are those of the platform
 * (WHATWG Encoding); encoders of single-byte sets are their decoders turned round.
 */

export interface CharacterSet {
  /** As table 0211 names it. */
  readonly name: string;
  /** Undefined where bytes are not of this set. */
  decode(bytes: Uint8Array): string | undefined;
  /** Undefined where a character is not of this set, or nothing writes it here. */
  encode(text: string): Uint8Array | undefined;
}

const ENCODER = new TextEncoder();

/** Read by the platform's decoder of that label. */
function platformSet(name: string, label: string, encode: CharacterSet['encode'] = asciiOnly): CharacterSet {
  return {
    name, encode,
    decode(bytes) {
      try {
        return new TextDecoder(label, { fatal: true, ignoreBOM: true }).decode(bytes);
      } catch {
        return undefined;
      }
    },
  };
}

function singleByteSet(name: string, label: string): CharacterSet {
  let bytesOf: Map<string, number> | undefined;
  return platformSet(name, label, (text) => {
    bytesOf ??= reversed(label);
    const bytes = new Uint8Array(text.length);
    for (let at = 0; at < text.length; at += 1) {
      const byte = bytesOf.get(text[at]!);
      if (byte === undefined) return undefined;
      bytes[at] = byte;
    }
    return bytes;
  });
}

function reversed(label: string): Map<string, number> {
  const decoder = new TextDecoder(label);
  return new Map(Array.from({ length: 256 }, (_, byte) => [decoder.decode(Uint8Array.of(byte)), byte] as const).filter(([character]) => character !== '\ufffd'));
}

/** 0x80 to 0x9F of the Windows code page 1252, where ISO 8859-1 has no characters. Versions of Node disagree on what its decoder makes of them. */
const WINDOWS_1252 = '\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178';

/** ISO 8859-1, which the platform and everybody else read by that code page. */
function latinSet(name: string): CharacterSet {
  return {
    name,
    decode: (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1').replaceAll(/[\u0080-\u009f]/g, (character) => WINDOWS_1252[character.charCodeAt(0) - 0x80]!),
    encode(text) {
      const bytes = new Uint8Array(text.length);
      for (let at = 0; at < text.length; at += 1) {
        const code = text.charCodeAt(at);
        const extended = WINDOWS_1252.indexOf(text[at]!);
        if (extended === -1 && (code > 0xff || (code >= 0x80 && code <= 0x9f))) return undefined;
        bytes[at] = extended === -1 ? code : 0x80 + extended;
      }
      return bytes;
    },
  };
}

function asciiOnly(text: string): Uint8Array | undefined {
  return isAsciiText(text) ? ENCODER.encode(text) : undefined;
}

/** Whether a text is ASCII. */
export function isAsciiText(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) > 0x7f) return false;
  return true;
}

export const ASCII: CharacterSet = {
  name: 'ASCII', encode: asciiOnly,
  decode: (bytes) => (bytes.every((byte) => byte < 0x80) ? new TextDecoder('latin1').decode(bytes) : undefined),
};

export const UTF_8: CharacterSet = platformSet('UNICODE UTF-8', 'utf-8', (text) => ENCODER.encode(text));
export const JIS_X_0208: CharacterSet = platformSet('ISO IR87', 'iso-2022-jp');
export const UTF_16_LE: CharacterSet = platformSet('UNICODE UTF-16', 'utf-16le');
export const UTF_16_BE: CharacterSet = platformSet('UNICODE UTF-16', 'utf-16be');

/**
 * Sets by the name of table 0211. The platform reads parts 1 and 9 of ISO 8859 by the Windows code pages that extend
 * them. Not there: JIS X 0212, CNS 11643 and UTF-32, which the platform does not read.
 */
const SETS: ReadonlyMap<string, CharacterSet> = new Map([
  ASCII, { ...ASCII, name: 'ISO IR6' }, UTF_8, { ...UTF_8, name: 'UNICODE' }, JIS_X_0208,
  latinSet('8859/1'), latinSet('WINDOWS-1252'), ...['2', '3', '4', '5', '6', '7', '8', '15'].map((part) => singleByteSet(`8859/${part}`, `iso-8859-${part}`)),
  platformSet('ISO IR14', 'shift_jis'), platformSet('GB 18030-2000', 'gb18030'), platformSet('KS X 1001', 'euc-kr'), platformSet('BIG-5', 'big5'),
  singleByteSet('8859/9', 'windows-1254'),
].map((set) => [set.name, set]));

/** Other names that senders use, without blanks and punctuation. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['UTF8', 'UNICODE UTF-8'], ['UNICODEUTF8', 'UNICODE UTF-8'], ['USASCII', 'ASCII'], ['ASCII', 'ASCII'], ['ISOIR6', 'ISO IR6'], ['ISOIR100', '8859/1'], ['LATIN1', '8859/1'],
  ['WINDOWS1252', 'WINDOWS-1252'], ['CP1252', 'WINDOWS-1252'], ['GB180302000', 'GB 18030-2000'], ['GB18030', 'GB 18030-2000'], ['BIG5', 'BIG-5'], ['KSX1001', 'KS X 1001'],
  ['ISOIR14', 'ISO IR14'], ['ISOIR87', 'ISO IR87'],
  ...['1', '2', '3', '4', '5', '6', '7', '8', '9', '15'].flatMap((part) => [`8859${part}`, `ISO8859${part}`].map((alias) => [alias, `8859/${part}`] as const)),
]);

/** The set of a name, and whether it is the name that table 0211 has; undefined where nothing here reads it. */
export function characterSetNamed(name: string): { readonly set: CharacterSet; readonly exact: boolean } | undefined {
  const exact = SETS.get(name);
  if (exact) return { set: exact, exact: name !== 'WINDOWS-1252' };
  const known = ALIASES.get(name.toUpperCase().replaceAll(/[^A-Z0-9]/g, ''));
  return known === undefined ? undefined : { set: SETS.get(known)!, exact: false };
}

/** Whether the platform reads a set by the Windows code page that has characters where the set has none. */
export function isExtendedByWindows({ name }: CharacterSet): boolean {
  return name === '8859/1' || name === '8859/9';
}
