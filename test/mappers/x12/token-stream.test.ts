/** Reading X12 as it arrives: whatever the chunks, the same segments, and no more held than the segment under way. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { TokenStream } from '../../../mappers/x12/token-stream.ts';
import { bytesOf, EVENT_ONLY, interchange } from '../../fixtures/x12/build.ts';
import { corpusFiles, eachOrSkip } from '../../fixtures/x12/corpus.ts';

/** What a reader is told, one line an event. */
function eventsOf(chunks: Iterable<Uint8Array>, maximumPayload?: number): string[] {
  const events: string[] = [];
  const stream = new TokenStream({
    begin: ({ offset, fixedWidth, isa }) => void events.push(`begin ${offset} ${fixedWidth} ${JSON.stringify(isa.elements)}`),
    segment: ({ id, elements, position, offset }) => {
      events.push(`${id} ${position} ${offset} ${JSON.stringify(elements)}`);
      return true;
    },
    issue: ({ code }, isOfInterchange) => void events.push(`issue ${code} ${isOfInterchange}`),
  }, maximumPayload);
  for (const chunk of chunks) stream.push(chunk);
  stream.end();
  return events;
}

function* cut(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const sample = interchange([EVENT_ONLY]);
const payload = 'a~b*c:d^e\nISA*~';
const binary = interchange([[`BDS*B64*${payload.length}*${payload}`, `BIN*${payload.length}*${payload}`, 'MSG*Zoë'], ['MSG*  two  blanks ']]);
const acknowledgment = 'ISA*00*          *00*          *ZZ*CLINIC         *ZZ*PAYER          *260302*0915*^*00501*000000101*0*T*:~TA1*000000101*260302*0915*A*000~IEA*0*000000101~';

const STREAMS: Readonly<Record<string, string>> = {
  'a request': sample,
  'a byte order mark and blanks': `\ufeff \r\n${sample}`,
  'binary payloads': binary,
  'a TA1 alone': acknowledgment,
  'several interchanges with other delimiters': `${sample}\n${binary.replaceAll('*', '|')}\n${sample.replaceAll('~\n', '!')}${acknowledgment}`,
  'noise around': `NOISE ISA NOISE ISABELLA*${sample}ISA*junk${sample}tail`,
  'an interchange without its end': sample.replace(/IEA.*~\n/, '') + sample,
  'an ISA that is not of its width': sample.replace('CLINIC         ', 'CLINIC'),
  'lines for terminators': sample.replaceAll('~\n', '\r\n'),
  'the end missing': sample.slice(0, -40),
};

describe.each(Object.keys(STREAMS))('%s', (name) => {
  const bytes = bytesOf(STREAMS[name]!);
  const whole = eventsOf([bytes]);

  test.each([1, 2, 3, 7, 64, 105, 106, 107])('in chunks of %i', (size) => expect(eventsOf(cut(bytes, size))).toEqual(whole));
  test('in chunks of any sizes', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 200 }), { maxLength: 20 }), (sizes) => {
      const chunks: Uint8Array[] = [];
      let at = 0;
      for (const size of sizes) chunks.push(bytes.subarray(at, (at += size)));
      expect(eventsOf([...chunks, bytes.subarray(at)])).toEqual(whole);
    }), { numRuns: 40 });
  });
});

test('a payload is taken by its length, whatever it holds', () => {
  const events = eventsOf(cut(bytesOf(binary), 5));
  expect(events.filter((event) => /^(BDS|BIN)/.test(event)).map((event) => event.includes(JSON.stringify(payload)))).toEqual([true, true]);
});

test('a segment without end is told and given up, not held', () => {
  const endless = function* (): Generator<Uint8Array> {
    yield bytesOf(sample.slice(0, 200).replace(/~[^~]*$/, '~MSG*'));
    for (let chunk = 0; chunk < 40; chunk += 1) yield bytesOf('A'.repeat(64 * 1024));
  };
  expect(eventsOf(endless()).at(-1)).toBe('issue segment-too-long true');
});

test('a payload that claims more than there may be is read to its terminator', () => {
  expect(eventsOf([bytesOf(interchange([['BIN*99999999*abc']]))], 1000)).toContain('issue payload-length true');
});

eachOrSkip([...corpusFiles('x12-278'), ...corpusFiles('x12-837'), ...corpusFiles('x12-other')].filter(({ bytes }) => bytes.length < 20_000), 'byte by byte as at once', ({ bytes }) => {
  expect(eventsOf(cut(bytes, 1))).toEqual(eventsOf([bytes]));
});
