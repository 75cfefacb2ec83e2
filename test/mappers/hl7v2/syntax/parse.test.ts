/** Bytes to segments: what is refused, what is read with an issue, and where every value stands. */
import { parseMessage, type ParseOptions, type Parsed } from '../../../../mappers/hl7v2/syntax/parse.ts';
import { type Hl7Segment, sentValues, sourceOf, valueAt } from '../../../../mappers/hl7v2/syntax/message.ts';

const header = 'MSH|^~\\&|A|B|C|D|20260302||ADT^A01|1|P|2.5.1';
const parse = (text: string, options?: ParseOptions): Parsed => parseMessage(Buffer.from(text, 'latin1'), options);
const codes = ({ issues }: Parsed): string[] => issues.map(({ code }) => code);
const segmentOf = (parsed: Parsed, id: string): Hl7Segment => parsed.message!.segments.find((one) => one.id === id)!;
const pid = (fields: string, head = header): Hl7Segment => segmentOf(parse(`${head}\rPID|${fields}\r`), 'PID');

describe('refused, with the header where there is one', () => {
  test.each([
    ['nothing', '', 'no-header'],
    ['no MSH', 'PID|1\r', 'no-header'],
    ['text before MSH', 'hello MSH|^~\\&|\r', 'no-header'],
    ['MSH alone', 'MSH', 'delimiters'],
    ['no encoding characters', 'MSH||A|B\r', 'delimiters'],
    ['a letter that divides', 'MSH|a~\\&|A\r', 'delimiters'],
    ['one character for two things', 'MSH|^^\\&|A\r', 'delimiters'],
    ['the field separator twice', 'MSH^^~\\&^A\r', 'delimiters'],
    ['a blank that divides', 'MSH| ~\\&|A\r', 'delimiters'],
    ['too many encoding characters', 'MSH|^~\\&#$|A\r', 'delimiters'],
  ])('%s', (_, text, code) => {
    const parsed = parse(text);
    expect(parsed.message).toBeUndefined();
    expect(codes(parsed)).toEqual([code]);
    expect(parsed.issues[0]!.severity).toBe('error');
  });

  test.each([
    ['bytes', { bytes: 60 }, 'too-large'],
    ['segments', { segments: 2 }, 'too-many-segments'],
    ['values', { values: 15 }, 'too-many-values'],
  ])('more %s than allowed', (_, limits, code) => {
    const text = `${header}\rEVN|A01\rPID|1||2^3^4\r`;
    const parsed = parse(text, { limits });
    expect(parsed.message).toBeUndefined();
    expect(codes(parsed)).toEqual([code]);
    expect(valueAt(parsed.header?.segments[0], 10)).toBe('1');
    expect(parse(text).message?.segments).toHaveLength(3);
  });

  test('blank components are values too: they take memory', () => {
    expect(codes(parse(`${header}\rPID|${'^'.repeat(1000)}\r`, { limits: { values: 500 } }))).toEqual(['too-many-values']);
    expect(codes(parse(`${header}\rPID|${'~'.repeat(1000)}\r`, { limits: { values: 500 } }))).toEqual(['too-many-values']);
    expect(codes(parse(`${header}\rPID${'|'.repeat(1000)}\r`, { limits: { values: 500 } }))).toEqual(['too-many-values']);
  });

  test('the texts of issues hold nothing of what was sent', () => {
    for (const text of ['SECRET', 'MSH|SECRET|', `${header}\rSECRET\r`, `${header}\rPID|SEC\\RET\\Q\r`]) {
      expect(JSON.stringify(parse(text).issues)).not.toContain('SEC');
    }
  });
});

describe('where values stand', () => {
  test('fields are numbered as the standard numbers them, those of MSH too', () => {
    const { segments, delimiters } = parse(`${header}\rPID|1||4711^^^B^MR\r`).message!;
    expect([1, 2, 3, 9, 12].map((field) => valueAt(segments[0], field))).toEqual(['|', '^~\\&', 'A', 'ADT', '2.5.1']);
    expect(valueAt(segments[0], 9, 1, 2)).toBe('A01');
    expect(segments.map(({ id, position }) => [id, position])).toEqual([['MSH', 1], ['PID', 2]]);
    expect(valueAt(segments[1], 3, 1, 5)).toBe('MR');
    expect(delimiters).toEqual({ field: '|', component: '^', repetition: '~', escape: '\\', subcomponent: '&' });
  });

  test('repetitions, components and subcomponents', () => {
    const segment = pid('1||A~B^C&D^E~~F');
    expect(segment.fields[3]).toEqual([[['A']], [['B'], ['C', 'D'], ['E']], [['']], [['F']]]);
    expect(valueAt(segment, 3, 2, 2, 2)).toBe('D');
    expect(valueAt(segment, 3, 3)).toBeUndefined();
    expect(valueAt(segment, 99)).toBeUndefined();
    expect(valueAt(undefined, 1)).toBeUndefined();
  });

  test('what is to be deleted stays two quotation marks', () => {
    expect(valueAt(pid('1||""'), 3)).toBe('""');
  });

  test('blanks at the end mean nothing, and alone they are no value', () => {
    const { message } = parse(`${header}\rPID|1||A  |   |  B\r`);
    expect([3, 4, 5].map((field) => valueAt(message!.segments[1], field))).toEqual(['A', undefined, '  B']);
    expect([...sentValues(message!)].filter(({ segment }) => segment === 2).map(({ source }) => source)).toEqual(['PID-1[1].1', 'PID-3[1].1', 'PID-5[1].1']);
  });

  test('a value has one name, and every name leads to its value', () => {
    const { message } = parse(`${header}\rPID|1||A~B^C&D\rNTE|1\rNTE|2||x\r`);
    const sent = [...sentValues(message!)];
    expect(sent.filter(({ segment }) => segment! > 1)).toEqual([
      { source: 'PID-1[1].1', segment: 2 }, { source: 'PID-3[1].1', segment: 2 }, { source: 'PID-3[2].1', segment: 2 }, { source: 'PID-3[2].2.1', segment: 2 }, { source: 'PID-3[2].2.2', segment: 2 },
      { source: 'NTE-1[1].1', segment: 3 }, { source: 'NTE-1[1].1', segment: 4 }, { source: 'NTE-3[1].1', segment: 4 },
    ]);
    expect(sent.some(({ source }) => source === 'MSH-1[1].1' || source === 'MSH-2[1].1')).toBe(false);
    const segment = message!.segments[1]!;
    expect(sourceOf(segment, 3)).toEqual({ source: 'PID-3[1].1', segment: 2 });
    expect(sourceOf(segment, 3, 2, 2)).toEqual({ source: 'PID-3[2].2.1', segment: 2 });
    expect(sourceOf(segment, 3, 2, 2, 2)).toEqual({ source: 'PID-3[2].2.2', segment: 2 });
  });
});

describe('delimiters', () => {
  test('are those that the message declares', () => {
    const segment = segmentOf(parse('MSH$%*!@$A$B\rPID$1$$X%Y@Z*W$!F!!S!!R!!E!!T!\r'), 'PID');
    expect(segment.fields[3]).toEqual([[['X'], ['Y', 'Z']], [['W']]]);
    expect(valueAt(segment, 4)).toBe('$%*!@');
  });

  test('fewer than four are told, and those that are missing divide nothing', () => {
    const parsed = parse('MSH|^|A\rPID|1||X^Y~Z&\\F\\\r');
    expect(codes(parsed)).toEqual(['delimiters-few']);
    expect(segmentOf(parsed, 'PID').fields[3]).toEqual([[['X'], ['Y~Z&\\F\\']]]);
  });

  test('an escape character that was escaped is read as one, and told', () => {
    const parsed = parse('MSH|^~\\\\&|A\rPID|1||X&Y\\T\\\r');
    expect(codes(parsed)).toEqual(['delimiters-doubled']);
    expect(segmentOf(parsed, 'PID').fields[3]).toEqual([[['X', 'Y&']]]);
  });

  test('a truncation character tells that a value was shortened', () => {
    const parsed = parse('MSH|^~\\&#|A\rPID|1||Long na#|A#B|\\P\\\r');
    expect(parsed.issues).toMatchObject([{ code: 'value-truncated', source: 'PID-3[1].1', segment: 2 }]);
    expect([3, 4, 5].map((field) => valueAt(segmentOf(parsed, 'PID'), field))).toEqual(['Long na#', 'A#B', '#']);
  });
});

describe('segments', () => {
  test.each([['line feeds', '\n'], ['both', '\r\n']])('%s between segments are read and told once', (_, terminator) => {
    const parsed = parse([header, 'EVN|A01', 'PID|1', ''].join(terminator));
    expect(codes(parsed)).toEqual(['segment-terminator']);
    expect(parsed.message!.segments.map(({ id }) => id)).toEqual(['MSH', 'EVN', 'PID']);
    expect(valueAt(segmentOf(parsed, 'PID'), 1)).toBe('1');
  });

  test('the last needs no terminator, and a message of one segment none at all', () => {
    expect(parse(`${header}\rPID|1`).message?.segments).toHaveLength(2);
    expect(parse(header).message?.segments).toHaveLength(1);
  });

  test('a line break in a value is kept in it, and told with the segment', () => {
    const parsed = parse(`${header}\rOBX|1|TX|||first\nsecond line\rthird\rOBX|2|TX\r`);
    expect(parsed.message!.segments.map(({ id }) => id)).toEqual(['MSH', 'OBX', 'OBX']);
    expect(valueAt(parsed.message!.segments[1], 5)).toBe('first\nsecond line\rthird');
    expect(parsed.issues.filter(({ code }) => code === 'line-break-in-value')).toMatchObject([{ source: 'OBX', segment: 2 }]);
  });

  test('blank lines are passed over and told', () => {
    const parsed = parse(`\r\n${header}\r\rPID|1\r`);
    expect(codes(parsed)).toEqual(['leading-bytes', 'blank-segment']);
    expect(parsed.message!.segments).toHaveLength(2);
  });

  test('control characters are left out, each with its place; tabs stay', () => {
    const parsed = parse(`${header}\rPID|1||a\u0000b^c\td|\\X00\\e\r`);
    expect(parsed.issues).toMatchObject([{ code: 'control-character', source: 'PID-3[1].1', segment: 2 }, { code: 'control-character', source: 'PID-4[1].1', segment: 2 }]);
    expect(segmentOf(parsed, 'PID').fields.slice(3)).toEqual([[[['ab'], ['c\td']]], [[['e']]]]);
  });

  test('issues of one kind do not grow with the message', () => {
    const parsed = parse(`${header}\r${'NTE|\\q\n continued\r'.repeat(5000)}`);
    expect(parsed.issues.length).toBeLessThan(300);
  });
});
