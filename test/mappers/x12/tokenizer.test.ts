import fc from 'fast-check';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { X12parser } from 'x12-parser';
import { foldSegment } from '../../../mappers/x12/character-set.ts';
import type { Segment } from '../../../mappers/x12/segment.ts';
import { valueAt } from '../../../mappers/x12/segment.ts';
import { DEFAULT_LIMITS, tokenize } from '../../../mappers/x12/tokenizer.ts';
import { writeSegment } from '../../../mappers/x12/writer.ts';
import { bytesOf, EVENT_ONLY, interchange } from '../../fixtures/x12/build.ts';
import { corpusFiles, eachOrSkip } from '../../fixtures/x12/corpus.ts';

const sample = interchange([EVENT_ONLY]);
const shape = (segments: readonly Segment[]): unknown[] => segments.map(({ id, elements }) => [id, elements]);
/** The same with empty elements and components at the end dropped, as a writer drops them. */
const trimmed = (segments: readonly Segment[]): unknown[] =>
  segments.map(({ id, elements }) => {
    const kept = elements.map((element) => element.map((components) => components.slice(0, Math.max(1, components.findLastIndex((each) => each !== '') + 1))));
    return [id, kept.slice(0, kept.findLastIndex((element) => element.length > 1 || element[0]!.some((each) => each !== '')) + 1)];
  });

describe('what is no interchange', () => {
  test.each([
    ['nothing', ''],
    ['blanks', ' \r\n\t'],
    ['another format', '{"resourceType":"Bundle"}'],
    ['a word that starts like one', 'ISABELLA*00*'],
    ['an ISA cut short', sample.slice(0, 60)],
    ['letters for delimiters', sample.replace(/^ISA\*/, 'ISAx')],
    ['one delimiter for two purposes', `${sample.slice(0, 104)}*${sample.slice(105)}`],
  ])('%s is an issue, not an exception', (_, text) => {
    const { interchanges, issues } = tokenize(bytesOf(text));
    expect(interchanges).toEqual([]);
    expect(issues).toMatchObject([{ severity: 'error', code: 'not-an-interchange' }]);
  });

  test('too large a delivery is refused', () => {
    expect(tokenize(bytesOf(sample), { ...DEFAULT_LIMITS, maximumBytes: 100 })).toMatchObject({ interchanges: [], issues: [{ code: 'too-large' }] });
  });

  test('too many segments are refused', () => {
    expect(tokenize(bytesOf(sample), { ...DEFAULT_LIMITS, maximumSegments: 10 })).toMatchObject({ interchanges: [], issues: [{ code: 'too-many-segments' }] });
  });
});

describe('what is tolerated', () => {
  const plain = shape(tokenize(bytesOf(sample)).interchanges[0]!.segments);
  test.each([
    ['a byte order mark', `\ufeff${sample}`],
    ['leading blanks', `\r\n  ${sample}`],
    ['segments on one line', sample.replaceAll('\n', '')],
    ['carriage returns', sample.replaceAll('\n', '\r\n')],
    ['indented segments', sample.replaceAll('~\n', '~\n      ')],
  ])('%s', (_, text) => {
    const { interchanges, issues } = tokenize(bytesOf(text));
    expect(issues).toEqual([]);
    expect(shape(interchanges[0]!.segments)).toEqual(plain);
  });

  test('line ends as terminators, with and without carriage return', () => {
    const lines = sample.replaceAll('~\n', '\n');
    for (const text of [lines, lines.replaceAll('\n', '\r\n')]) {
      expect(shape(tokenize(bytesOf(text)).interchanges[0]!.segments)).toEqual(plain);
    }
  });

  test('several interchanges, each with its own delimiters', () => {
    const other = sample.replaceAll('*', '|').replaceAll('~', '!').replaceAll(':', '>');
    const { interchanges } = tokenize(bytesOf(`${sample}\n${other}${sample}`));
    expect(interchanges.map(({ delimiters }) => delimiters.element)).toEqual(['*', '|', '*']);
    expect(shape(interchanges[1]!.segments).slice(1)).toEqual(plain.slice(1));
  });

  test('an interchange that never ends is followed by the next', () => {
    const { interchanges } = tokenize(bytesOf(sample.replace(/IEA.*~\n/, '') + sample));
    expect(interchanges).toHaveLength(2);
    expect(interchanges[0]!.issues).toMatchObject([{ code: 'no-iea' }]);
  });

  test('text between interchanges is passed over and told', () => {
    const { interchanges, issues } = tokenize(bytesOf(`${sample}NOISE ISA NOISE${sample}`));
    expect(interchanges).toHaveLength(2);
    expect(issues).toMatchObject([{ severity: 'warning', code: 'not-an-interchange' }]);
  });
});

describe('fidelity', () => {
  const body = (segment: string): Segment => tokenize(bytesOf(interchange([[segment]]))).interchanges[0]!.segments[3]!;

  test('blanks inside elements are data', () => expect(valueAt(body('MSG*  two  blanks '), 1)).toBe('  two  blanks '));
  test('components and repetitions', () => expect(body('XX1*A:B^C*D').elements).toEqual([[['A', 'B'], ['C']], [['D']]]));
  test('without a repetition separator nothing repeats', () => {
    const { segments } = tokenize(bytesOf(interchange([['XX1*A^B']], { isa: { 11: 'U' } }))).interchanges[0]!;
    expect(segments[3]!.elements).toEqual([[['A^B']]]);
  });
  test.each([
    ['UTF-8', bytesOf(interchange([['MSG*Zoë']]))],
    ['ISO 8859-1', Uint8Array.from(Buffer.from(interchange([['MSG*Zoë']]), 'latin1'))],
  ])('%s letters', (_, bytes) => expect(valueAt(tokenize(bytes).interchanges[0]!.segments[3], 1)).toBe('Zoë'));

  test('a counted payload holds terminators and separators', () => {
    const payload = 'a~b*c:d^e\nISA*';
    const { segments } = tokenize(bytesOf(interchange([[`BDS*B64*${payload.length}*${payload}`, `BIN*${payload.length}*${payload}`]]))).interchanges[0]!;
    expect(segments.map(({ id }) => id)).toEqual(['ISA', 'GS', 'ST', 'BDS', 'BIN', 'SE', 'GE', 'IEA']);
    expect([valueAt(segments[3], 3), valueAt(segments[4], 2)]).toEqual([payload, payload]);
  });
  test('a wrong payload length is told', () => {
    const { interchanges } = tokenize(bytesOf(interchange([['BIN*99999*abc']])));
    expect(interchanges[0]!.issues).toMatchObject([{ code: 'payload-length' }]);
    expect(interchanges[0]!.segments).toHaveLength(7);
  });

  test('positions count from ST, offsets from the first byte', () => {
    const { segments } = tokenize(bytesOf(`\ufeff${sample}`)).interchanges[0]!;
    expect(segments.slice(0, 5).map(({ position }) => position)).toEqual([0, 0, 1, 2, 3]);
    for (const segment of segments) expect(Buffer.from(`\ufeff${sample}`).toString('latin1', segment.offset, segment.offset + segment.id.length)).toBe(segment.id);
  });
});

const corpora = [...corpusFiles('x12-278'), ...corpusFiles('x12-837'), ...corpusFiles('x12-other')];

describe('over the corpora', () => {
  eachOrSkip(corpora, 'tokens survive writing and reading', ({ bytes }) => {
    for (const { segments, delimiters } of tokenize(bytes).interchanges) {
      const written = segments.map((segment) => writeSegment(segment, delimiters)).join('');
      const again = tokenize(bytesOf(written)).interchanges[0]!;
      expect(trimmed(again.segments).slice(1)).toEqual(trimmed(segments).slice(1));
    }
  });

  eachOrSkip(corpusFiles('x12-278'), 'x12-parser reads the same segments', async ({ bytes }) => {
    // The parser needs an ISA first, trims elements and ends with an empty segment; nothing else may differ.
    const text = Buffer.from(bytes).toString('utf8').replace(/^\ufeff/, '');
    const parser = new X12parser();
    const segments: Record<string, string>[] = [];
    parser.on('data', (segment: Record<string, string>) => {
      if (segment['name'] !== '') segments.push(segment);
    });
    Readable.from([text]).pipe(parser);
    await once(parser, 'end');
    const ours = tokenize(bytes).interchanges.flatMap((each) => each.segments);
    expect(ours.map(({ id }) => id)).toEqual(segments.map((segment) => segment['name']));
    for (const [index, segment] of ours.entries()) {
      if (segment.id === 'ISA') continue;
      for (let element = 1; element <= segment.elements.length; element += 1) {
        const theirs = segments[index]![String(element)] ?? '';
        expect(valueAt(segment, element).trim()).toBe(theirs.trim());
      }
    }
  });
});

describe('properties', () => {
  const text = fc.constantFrom(...(corpora.length > 0 ? corpora.filter(({ bytes }) => bytes.length < 20_000).map(({ bytes }) => bytes) : [bytesOf(sample)]));

  test('random bytes never throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(Array.isArray(tokenize(bytes).interchanges)).toBe(true);
      }),
    );
  });

  test('mutated and truncated files never throw', () => {
    fc.assert(
      fc.property(text, fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 8 }), fc.nat(), (bytes, changes, cut) => {
        const copy = Uint8Array.from(bytes);
        for (const [at, value] of changes) copy[at % copy.length] = value;
        expect(Array.isArray(tokenize(copy.subarray(0, cut % (copy.length + 1))).interchanges)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test('what is written is read again, whatever the data', () => {
    const value = fc.string({ unit: fc.constantFrom(...Array.from('ABC xyz019.-/é')), maxLength: 12 });
    const element = fc.array(value, { minLength: 1, maxLength: 3 }).map((components) => [components]);
    fc.assert(
      fc.property(fc.array(element, { maxLength: 8 }), (elements) => {
        const delimiters = { element: '*', component: ':', repetition: '^', segment: '~' };
        const folded = foldSegment({ id: 'XYZ', elements, position: 0, offset: -1 }, delimiters, []);
        const read = tokenize(bytesOf(interchange([[writeSegment(folded, delimiters).slice(0, -1)]]))).interchanges[0]!.segments[3]!;
        expect(trimmed([read])).toEqual(trimmed([folded]));
      }),
    );
  });
});
