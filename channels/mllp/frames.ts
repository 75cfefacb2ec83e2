/**
 * MLLP framing (HL7 "Transport Specification: MLLP, Release 1"): VT, the content, FS, CR. Bytes come in any pieces and
 * give the same frames. FS ends a frame at once, as no HL7 content holds it: a sender that leaves out the CR and waits
 * for its answer gets it. The rest of the rules is about what should not happen and does.
 */

const VT = 0x0b;
const FS = 0x1c;
const CR = 0x0d;
const LF = 0x0a;

export type Frame =
  | { readonly kind: 'content'; readonly bytes: Buffer; /** Bytes before it of a frame that was never ended. */ readonly abandoned: number }
  /** Larger than allowed: only its beginning is there, to say whom to answer. */
  | { readonly kind: 'oversized'; readonly head: Buffer };

/** As much of a frame as is kept when it is too large. */
const HEAD_BYTES = 8 * 1024;
const FIRST_BYTES = 16 * 1024;

/** One connection's bytes, taken apart. */
export class Framer {
  readonly #limit: number;
  #state: 'outside' | 'inside' | 'skipping' = 'outside';
  #buffer = Buffer.alloc(0);
  #length = 0;
  #noise = 0;

  /** @param limit bytes of a frame's content */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Whether a frame has begun and not ended. */
  get isInside(): boolean {
    return this.#state !== 'outside';
  }

  /** Bytes that are held for a frame that has not ended. */
  get held(): number {
    return this.#buffer.length;
  }

  /** Bytes outside of frames so far, line breaks left aside: a partner that speaks MLLP sends none. */
  get noise(): number {
    return this.#noise;
  }

  /** The frames that end in a piece. Content that lies in one piece is a view of it, not a copy. */
  push(chunk: Buffer): Frame[] {
    const frames: Frame[] = [];
    let at = 0;
    while (at < chunk.length) {
      if (this.#state === 'outside') {
        const begin = chunk.indexOf(VT, at);
        this.#countNoise(chunk, at, begin === -1 ? chunk.length : begin);
        if (begin === -1) break;
        this.#state = 'inside';
        at = begin + 1;
        continue;
      }
      const end = chunk.indexOf(FS, at);
      const piece = chunk.subarray(at, end === -1 ? chunk.length : end);
      at = end === -1 ? chunk.length : end + 1;
      const isWhole = end !== -1;
      if (this.#state === 'skipping' || this.#length + piece.length > this.#limit) this.#skip(piece);
      else if (!isWhole || this.#length > 0) this.#keep(piece);
      if (isWhole) frames.push(this.#finish(piece));
    }
    return frames;
  }

  #finish(piece: Buffer): Frame {
    const kept = this.#length === 0 && this.#state === 'inside' ? piece : this.#buffer.subarray(0, this.#length);
    const frame: Frame = this.#state === 'skipping' ? { kind: 'oversized', head: Buffer.from(kept) } : contentOf(kept);
    this.#state = 'outside';
    this.#buffer = Buffer.alloc(0);
    this.#length = 0;
    return frame;
  }

  /** The beginning is kept, the rest passes by until the frame ends. */
  #skip(piece: Buffer): void {
    this.#state = 'skipping';
    if (this.#buffer.length === HEAD_BYTES && this.#length === HEAD_BYTES) return;
    this.#buffer = Buffer.concat([this.#buffer.subarray(0, Math.min(this.#length, HEAD_BYTES)), piece.subarray(0, Math.max(0, HEAD_BYTES - this.#length))]);
    this.#length = this.#buffer.length;
  }

  /** Twice the room whenever it is short: pieces of one byte cost no more than large ones, and never past the limit. */
  #keep(piece: Buffer): void {
    const needed = this.#length + piece.length;
    if (needed > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.min(this.#limit, Math.max(needed, this.#buffer.length * 2, FIRST_BYTES)));
      this.#buffer.copy(larger, 0, 0, this.#length);
      this.#buffer = larger;
    }
    piece.copy(this.#buffer, this.#length);
    this.#length = needed;
  }

  #countNoise(chunk: Buffer, from: number, to: number): void {
    for (let at = from; at < to; at += 1) if (chunk[at] !== CR && chunk[at] !== LF) this.#noise += 1;
  }
}

/**
 * The content of a frame. A VT before a header inside of it is the beginning of another frame: the sender broke off and
 * began anew. Any other VT is a character of the content, if an odd one.
 */
function contentOf(bytes: Buffer): Frame {
  let begin = bytes.lastIndexOf(VT);
  while (begin !== -1 && !isHeader(bytes, begin + 1)) begin = begin === 0 ? -1 : bytes.lastIndexOf(VT, begin - 1);
  return { kind: 'content', bytes: begin === -1 ? bytes : bytes.subarray(begin + 1), abandoned: begin + 1 };
}

function isHeader(bytes: Buffer, at: number): boolean {
  const id = bytes.toString('latin1', at, at + 3);
  return id === 'MSH' || id === 'FHS' || id === 'BHS';
}

/** Content as a frame. */
export function frameOf(content: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(content.length + 3);
  frame[0] = VT;
  frame.set(content, 1);
  frame[content.length + 1] = FS;
  frame[content.length + 2] = CR;
  return frame;
}
