/**
 * Every message of the shared corpora is read, and read again when it was written; and `node-hl7-client`, which is used
 * for nothing else, finds the same text at the same places.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Message } from 'node-hl7-client';
import { readFile } from '../../../../mappers/hl7v2/syntax/batch.ts';
import { type Hl7Message, sentValues, type Hl7Segment } from '../../../../mappers/hl7v2/syntax/message.ts';
import { parseMessage } from '../../../../mappers/hl7v2/syntax/parse.ts';
import { writeMessage } from '../../../../mappers/hl7v2/syntax/write.ts';

const folder = join(process.cwd(), '..', 'shared', 'corpora', 'hl7v2');
const files = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.hl7')).toSorted() : [];
const withCorpora = files.length > 0 ? describe : describe.skip;
// oxlint-disable-next-line no-console -- a suite that does not run must say so
if (files.length === 0) console.warn('HL7v2 corpora: ../shared/corpora/hl7v2 is absent, nothing is read');

withCorpora('corpora', () => {
  const read = files.map((name) => ({ name, bytes: readFileSync(join(folder, name)) }))
    .flatMap(({ name, bytes }) => readFile(bytes).batches.flatMap(({ messages }) => messages.map((content) => ({ name, parsed: parseMessage(content), bytes }))));

  test('there are some hundred messages, and none is refused', () => {
    expect(read.length).toBeGreaterThan(400);
    expect(read.filter(({ parsed }) => !parsed.message).map(({ name, parsed }) => [name, parsed.issues])).toEqual([]);
  });

  test('what is written again is read as the same values at the same places', () => {
    for (const { name, parsed: { message } } of read) {
      const bytes = writeMessage(message!) ?? writeMessage({ ...message!, segments: [inUtf8(message!.segments[0]!), ...message!.segments.slice(1)] });
      const again = parseMessage(bytes!).message;
      expect([name, ...account(again!)]).toEqual([name, ...account(message!)]);
    }
  });

  test('node-hl7-client finds the same', () => {
    let compared = 0;
    const different: string[] = [];
    for (const { name, parsed: { message, issues }, bytes } of read) {
      // It takes what it is given as it is: only messages that keep to the standard can be compared.
      if (issues.some(({ code }) => code !== 'segment-terminator')) continue;
      const other = new Message({ text: bytes.toString('utf8').trimEnd().replaceAll(/\r?\n/g, '\r') });
      for (const segment of message!.segments) {
        if (segment.id === 'MSH' || message!.segments.filter(({ id }) => id === segment.id).length > 1) continue;
        for (const [field, repetitions] of segment.fields.entries()) {
          if (repetitions.length !== 1 || repetitions[0]!.some((component) => component.length > 1)) continue;
          for (const [index, [value]] of repetitions[0]!.entries()) {
            const place = repetitions[0]!.length === 1 ? `${segment.id}.${field}` : `${segment.id}.${field}.${index + 1}`;
            // It does not know formatting commands, and takes blanks from the end of a segment.
            const found = other.get(place).toString().replaceAll('\\.br\\', '\n');
            compared += 1;
            if (found.trimEnd() !== value!.trimEnd()) different.push(`${name} ${place}`);
          }
        }
      }
    }
    expect(different).toEqual([]);
    expect(compared).toBeGreaterThan(5000);
  });
});

function inUtf8(header: Hl7Segment): Hl7Segment {
  return { ...header, fields: [...header.fields.slice(0, 18), ...Array.from({ length: Math.max(0, 18 - header.fields.length) }, () => []), [[['UNICODE UTF-8']]], ...header.fields.slice(19)] };
}

function account(message: Hl7Message): readonly unknown[] {
  return [[...sentValues(message)].map(({ source, segment }) => `${segment} ${source}`).filter((place) => place !== '1 MSH-18[1].1'), message.segments.slice(1).map(({ fields }) => fields.flat(3).filter((value) => value !== ''))];
}
