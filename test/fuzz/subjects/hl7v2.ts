/** HL7v2 messages: whatever the bytes, an account of them. */
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { mapMessage } from '../../../mappers/hl7v2/map.ts';
import { parseMessage } from '../../../mappers/hl7v2/syntax/parse.ts';
import { corpora, corporaAreHere, messageFiles } from '../../mappers/hl7v2/corpora.ts';
import { type Marks, mutateSegments } from '../segments.ts';
import type { Outcome, Subject } from '../subject.ts';

/** Ours first: the corpora may not be there. */
const own = [
  'MSH|^~\\&|A|B|C|D|20260101120000+0000||ADT^A01^ADT_A01|1|P|2.5.1', 'EVN|A01|20260101', 'PID|1||M1^^^H^MR||DOE^JANE^A||19850515|F|||1 MAIN^^COLUMBUS^OH^43215||5551234567', 'PV1|1|I|W^1^2', 'IN1|1|P|PLAN|NAME', 'AL1|1|DA|A^B^L|SV', 'DG1|1||E11.9^^I10',
].join('\r');

const samples = [{ name: 'own', bytes: Buffer.from(own) }, ...(corporaAreHere ? messageFiles().map((file) => ({ name: relative(corpora, file), bytes: readFileSync(file) })).filter(({ bytes }) => bytes.length > 0 && bytes.length < 100_000) : [])];

export const hl7v2: Subject = { name: 'hl7v2', samples, mutate: (bytes, other, random) => mutateSegments(bytes, other, marksOf, random), read };

function marksOf(text: string): Marks {
  const separator = /[\r\n]/.exec(text)?.[0] ?? '\r';
  return { segment: separator, element: text[3] ?? '|', inner: [text[4] ?? '^', text[5] ?? '~', text[7] ?? '&'] };
}

function read(bytes: Buffer): Outcome {
  const { message, issues } = parseMessage(bytes);
  if (message === undefined) return { refused: true, issues: issues.map((issue) => ({ segment: 1, ...issue })), bundles: [] };
  const mapping = mapMessage(message);
  return { refused: mapping.issues.some(({ severity }) => severity === 'error'), issues: [...issues, ...mapping.issues], bundles: [mapping] };
}
