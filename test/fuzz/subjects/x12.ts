/** X12 deliveries: whatever the bytes, an account of them, and an acknowledgment that can itself be read. */
import { mapInterchange, type MappedUnit, mappingIssueOf, readDelivery, type ReceivedInterchange, writeAcknowledgment } from '../../../mappers/x12/index.ts';
import type { MappingIssue } from '../../../mappers/ledger.ts';
import { bytesOf, INQUIRIES, interchange, NOTIFICATIONS, REQUESTS } from '../../fixtures/x12/build.ts';
import { corpusFiles } from '../../fixtures/x12/corpus.ts';
import { type Marks, mutateSegments } from '../segments.ts';
import type { Outcome, Subject } from '../subject.ts';

const stamps = { date: '20260302', time: '0920', interchangeControlNumber: 1, groupControlNumbers: [1, 2] };

/** Those of this project come first: the corpora may not be there. */
const samples = [
  ...Object.entries(REQUESTS).map(([name, request]) => ({ name, bytes: Buffer.from(bytesOf(interchange([request]))) })),
  ...INQUIRIES.map((inquiry, index) => ({ name: `inquiry ${index + 1}`, bytes: Buffer.from(bytesOf(interchange([inquiry], { guide: '005010X215' }))) })),
  ...Object.entries(NOTIFICATIONS).map(([name, notification]) => ({ name, bytes: Buffer.from(bytesOf(interchange([notification], { guide: '005010X216' }))) })),
  ...['x12-278', 'x12-837', 'x12-other'].flatMap((folder) => corpusFiles(folder)).filter(({ bytes }) => bytes.length < 200_000).map(({ name, bytes }) => ({ name, bytes: Buffer.from(bytes) })),
];

export const x12: Subject = { name: 'x12', samples, mutate: (bytes, other, random) => mutateSegments(bytes, other, marksOf, random), read };

function marksOf(text: string): Marks {
  return { element: text[3] ?? '*', inner: [text[104] ?? ':', '^'], segment: text[105] ?? '~' };
}

function read(bytes: Buffer): Outcome {
  const reading = mapInterchange(bytes);
  const units: MappedUnit[] = [];
  let next = reading.next();
  for (; next.done !== true; next = reading.next()) units.push(next.value);
  const { interchanges, issues } = next.value;
  for (const received of interchanges) assertAnswered(received);
  return {
    refused: interchanges.length === 0 || units.some(({ acknowledgement }) => acknowledgement.code === 'R'),
    issues: [...issues.map(mappingIssueOf), ...interchanges.filter(({ rejection }) => rejection !== undefined).map(refusal), ...units.flatMap((unit) => unit.issues)].map(placed),
    bundles: units,
  };
}

/** What the TA1 tells of a whole interchange. */
function refusal(): MappingIssue {
  return { severity: 'error', code: 'interchange-refused', text: 'The interchange is refused.', segment: 1 };
}

/** What concerns the delivery as a whole stands at its first segment. */
function placed(issue: MappingIssue): MappingIssue {
  return issue.source === undefined && issue.segment === undefined ? { ...issue, segment: 1 } : issue;
}

function assertAnswered(received: ReceivedInterchange): void {
  const answer = writeAcknowledgment(received, stamps);
  if (answer !== undefined && readDelivery(answer.bytes).interchanges[0]?.rejection !== undefined) throw new Error('The acknowledgment cannot be read');
}
