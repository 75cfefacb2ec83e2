/** MLLP framing: whatever the pieces, the frames are the same; what should not happen costs no more than its bytes. */
import fc from 'fast-check';
import { type Frame, frameOf, Framer } from '../../../channels/mllp/frames.ts';

const VT = '\u000b';
const FS = '\u001c';
const contents = (frames: readonly Frame[]): string[] => frames.map((frame) => (frame.kind === 'content' ? frame.bytes.toString('latin1') : `oversized ${frame.head.toString('latin1')}`));
const read = (pieces: readonly string[], limit = 1000): string[] => {
  const framer = new Framer(limit);
  return pieces.flatMap((piece) => contents(framer.push(Buffer.from(piece, 'latin1'))));
};

describe('what should not happen', () => {
  test('bytes before and between frames are no content, and are counted', () => {
    const framer = new Framer(100);
    expect(contents(framer.push(Buffer.from(`GET /${VT}a${FS}\r\n${VT}b${FS}x\r${VT}c${FS}`)))).toEqual(['a', 'b', 'c']);
    expect(framer.noise).toBe('GET /'.length + 1);
  });

  test('a frame without its last carriage return ends all the same', () => {
    expect(read([`${VT}a${FS}`, `${VT}b${FS}${VT}c${FS}`])).toEqual(['a', 'b', 'c']);
  });

  test('a sender that breaks off and begins anew is read from there', () => {
    expect(read([`${VT}MSH|first${VT}MSH|second${FS}\r`])).toEqual(['MSH|second']);
    const frame = new Framer(100).push(Buffer.from(`${VT}MSH|first${VT}BHS|second${FS}\r`))[0];
    expect(frame).toMatchObject({ kind: 'content', abandoned: 10 });
  });

  test('a vertical tab in the content is content', () => {
    expect(read([`${VT}MSH|a${VT}b${FS}\r`])).toEqual([`MSH|a${VT}b`]);
  });

  test('what is too large passes by, its beginning is kept, and the next frame is read', () => {
    expect(read([`${VT}MSH|${'x'.repeat(100)}${FS}\r${VT}ok${FS}\r`], 50)).toEqual([`oversized MSH|${'x'.repeat(100)}`, 'ok']);
    const frames = new Framer(50).push(Buffer.concat([Buffer.from(VT), Buffer.alloc(100_000, 0x61), Buffer.from(FS)]));
    expect(frames[0]).toMatchObject({ kind: 'oversized' });
    expect(contents(frames)[0]!.length).toBeLessThan(9000);
  });

  test('a frame of just the limit is not too large', () => {
    expect(read([`${VT}12345${FS}\r`], 5)).toEqual(['12345']);
    expect(read([`${VT}123456${FS}\r`], 5)).toEqual(['oversized 123456']);
  });

  test('what is held never exceeds the limit, however it comes', () => {
    const framer = new Framer(20_000);
    framer.push(Buffer.from(VT));
    let most = 0;
    for (let sent = 0; sent < 100_000; sent += 10) {
      framer.push(Buffer.alloc(10, 0x61));
      most = Math.max(most, framer.held);
    }
    expect(most).toBeLessThanOrEqual(20_000);
    expect(framer.held).toBeLessThanOrEqual(8 * 1024);
    framer.push(Buffer.from(FS));
    expect(framer.held).toBe(0);
  });
});

test('bytes in any pieces give the same frames', () => {
  const content = fc.string({ unit: fc.constantFrom('MSH|', 'a', 'é', '\r', '\n', VT, `${VT}MSH|`), maxLength: 20 });
  const between = fc.constantFrom('', '\r', '\r\n', 'noise');
  const stream = fc.array(fc.tuple(content, between), { maxLength: 8 }).map((frames) => frames.map(([text, after]) => `${VT}${text}${FS}${after}`).join(''));
  fc.assert(fc.property(stream, fc.array(fc.nat(400), { maxLength: 30 }), fc.constantFrom(5, 12, 1000), (text, cuts, limit) => {
    const places = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].toSorted((a, b) => a - b);
    const pieces = [0, ...places].map((from, index) => text.slice(from, places[index] ?? text.length));
    const whole = read([text], limit);
    expect(read(pieces, limit)).toEqual(whole);
    expect(read(Array.from(text), limit)).toEqual(whole);
    expect(whole).toHaveLength(text.split(FS).length - 1);
  }), { numRuns: 500 });
});

test('what is framed is read as it was', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes.filter((byte) => byte !== 0x1c && byte !== 0x0b))), (bytes) => {
    expect(new Framer(1000).push(frameOf(bytes))).toEqual([{ kind: 'content', bytes, abandoned: 0 }]);
  }));
});
