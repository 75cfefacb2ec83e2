/** Bytes as base64 text, piece by piece: a content that is larger than memory should be can stand inside a resource. */

/** How long the text of `size` bytes is. */
export function base64Length(size: number): number {
  return Math.ceil(size / 3) * 4;
}

/** Three bytes make four characters, so what is left over of a piece goes to the next. */
export async function* base64Of(source: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let left = Buffer.alloc(0);
  for await (const chunk of source) {
    const bytes = left.length === 0 ? Buffer.from(chunk) : Buffer.concat([left, chunk]);
    const whole = bytes.length - bytes.length % 3;
    left = bytes.subarray(whole);
    if (whole > 0) yield bytes.toString('base64', 0, whole);
  }
  if (left.length > 0) yield left.toString('base64');
}
