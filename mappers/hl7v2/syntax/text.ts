/** The bytes of a message as text: by its byte order mark, by MSH-18, by what its sender is known to use, or refused. */
import { isAscii } from 'node:buffer';
import type { MappingIssue } from '../../ledger.ts';
import { ASCII, type CharacterSet, characterSetNamed, isExtendedByWindows, UTF_16_BE, UTF_16_LE, UTF_8 } from './character-sets.ts';
import { readDelimiters } from './delimiters.ts';
import { issueFor, type SyntaxCode } from './issue.ts';
import { decodeSwitching, switches } from './switching.ts';

export interface DecodedText {
  /** Undefined where the message is refused; then the last issue says why. */
  readonly text?: string;
  readonly characterSet: CharacterSet;
  readonly issues: readonly MappingIssue[];
}

/** What the header says, as far as it can be read before the character set is known: it is ASCII in all of them. */
interface Header {
  readonly escape: string;
  /** Repetitions of MSH-18. */
  readonly names: readonly string[];
}

const AT_CHARSET = { source: 'MSH-18', segment: 1 };

/**
 * @param assumed the set of a sender that declares none, as it was agreed with the sender
 */
export function decodeText(bytes: Buffer, assumed?: string): DecodedText {
  const wide = wideSet(bytes);
  if (wide) return decodeMarked(bytes, wide);
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return decodeMarked(bytes, { set: UTF_8, mark: 3 });
  const { escape, names } = readHeader(bytes);
  const issues: MappingIssue[] = [];
  const first = names[0] ?? '';
  const declared = first === '' ? undefined : characterSetNamed(first);
  if (first !== '' && !declared) return { characterSet: ASCII, issues: [issueFor('charset-unknown', AT_CHARSET)] };
  if (declared?.exact === false) issues.push(issueFor('charset-name', AT_CHARSET));
  const base = declared?.set ?? (assumed === undefined ? undefined : characterSetNamed(assumed)?.set);
  if (switches(bytes, escape)) return decodeSwitched(bytes, base ?? ASCII, escape, issues);
  if (names.slice(1).some((name) => name !== '' && !characterSetNamed(name))) issues.push(issueFor('charset-alternate-unknown', AT_CHARSET));
  if (isAscii(bytes)) return { text: bytes.toString('latin1'), characterSet: base ?? ASCII, issues };
  return decodeBeyondAscii(bytes, base, issues);
}

function decodeBeyondAscii(bytes: Buffer, base: CharacterSet | undefined, issues: MappingIssue[]): DecodedText {
  if (base === undefined || base.name === ASCII.name || base.name === 'ISO IR6') {
    const text = UTF_8.decode(bytes);
    return text === undefined ? { characterSet: ASCII, issues: [...issues, issueFor('charset-undeclared', AT_CHARSET)] } : { text, characterSet: UTF_8, issues: [...issues, issueFor('charset-assumed', AT_CHARSET)] };
  }
  const text = base.decode(bytes);
  if (text === undefined) return { characterSet: base, issues: [...issues, issueFor('charset-invalid', AT_CHARSET)] };
  if (isExtendedByWindows(base) && bytes.some((byte) => byte >= 0x80 && byte <= 0x9f)) issues.push(issueFor('charset-windows', AT_CHARSET));
  return { text, characterSet: base, issues };
}

function decodeSwitched(bytes: Buffer, base: CharacterSet, escape: string, issues: readonly MappingIssue[]): DecodedText {
  const switched = decodeSwitching(bytes, base, escape);
  if ('text' in switched) return { text: switched.text, characterSet: base, issues };
  const code: SyntaxCode = switched.refused;
  return { characterSet: base, issues: [...issues, issueFor(code, AT_CHARSET)] };
}

function decodeMarked(bytes: Buffer, { set, mark }: { readonly set: CharacterSet; readonly mark: number }): DecodedText {
  const text = set.decode(bytes.subarray(mark));
  const issues = mark > 0 ? [issueFor('byte-order-mark')] : [];
  return text === undefined ? { characterSet: set, issues: [...issues, issueFor('charset-invalid', AT_CHARSET)] } : { text, characterSet: set, issues };
}

/** UTF-16, by its mark or by the blanks between the first letters. */
function wideSet(bytes: Buffer): { set: CharacterSet; mark: number } | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return { set: UTF_16_LE, mark: 2 };
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return { set: UTF_16_BE, mark: 2 };
  if (bytes[0] === 0 && bytes[1] !== 0 && bytes[2] === 0) return { set: UTF_16_BE, mark: 0 };
  return bytes[0] !== 0 && bytes[1] === 0 && bytes[3] === 0 ? { set: UTF_16_LE, mark: 0 } : undefined;
}

function readHeader(bytes: Buffer): Header {
  let end = 0;
  while (end < bytes.length && bytes[end] !== 0x0d && bytes[end] !== 0x0a) end += 1;
  const line = bytes.toString('latin1', 0, end);
  const { delimiters } = readDelimiters(line);
  if (!delimiters || !line.startsWith('MSH')) return { escape: delimiters?.escape ?? '', names: [] };
  const field = line.split(delimiters.field, 18)[17] ?? '';
  const repetitions: readonly string[] = delimiters.repetition === '' ? [field] : field.split(delimiters.repetition);
  return { escape: delimiters.escape, names: repetitions.map((one) => one.trim()) };
}
