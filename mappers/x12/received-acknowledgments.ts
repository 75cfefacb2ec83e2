/** What a partner says of interchanges that he got: TA1 of the interchange, AK9 (X231 999, and the 997 before it) of a functional group. */
import { type InterchangeParty, readEnvelope } from './envelope.ts';
import { valueAt } from './segment.ts';
import { DEFAULT_LIMITS, tokenize } from './tokenizer.ts';

export interface ReceivedAcknowledgment {
  /** Who acknowledges. */
  sender: InterchangeParty;
  /** Of the interchange (ISA13) or of the group (GS06), without leading zeros. */
  controlNumber: string;
  /** A accepted, E with errors, P in part, R rejected; others of element 715 (M, W, X) are rejections for want of security. */
  code: 'A' | 'E' | 'P' | 'R';
}

/** In the order in which they stand. An interchange that is broken itself acknowledges nothing. */
export function readAcknowledgments(bytes: Uint8Array): ReceivedAcknowledgment[] {
  return tokenize(bytes, DEFAULT_LIMITS).interchanges.flatMap((interchange) => {
    const { control: { sender }, rejection, acknowledgments, groups } = readEnvelope(interchange);
    if (rejection !== undefined) return [];
    const said = (controlNumber: string, code: string): ReceivedAcknowledgment[] => (/^\d{1,9}$/.test(controlNumber) ? [{ sender, controlNumber: String(Number(controlNumber)), code: isCode(code) ? code : 'R' }] : []);
    return [
      ...acknowledgments.flatMap((ta1) => said(valueAt(ta1, 1), valueAt(ta1, 4))),
      ...groups.filter(({ header }) => valueAt(header, 1) === 'FA').flatMap(({ transactions }) => transactions.flatMap(({ segments }) => {
        const [ak1, ak9] = ['AK1', 'AK9'].map((id) => segments.find((segment) => segment.id === id));
        return ak1 && ak9 ? said(valueAt(ak1, 2), valueAt(ak9, 1)) : [];
      })),
    ];
  });
}

function isCode(code: string): code is ReceivedAcknowledgment['code'] {
  return /^[AEPR]$/.test(code);
}
