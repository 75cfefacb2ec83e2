/** Archives as a test wants them, hostile ones too. */
import { gzipSync } from 'node:zlib';
import { pack, type Headers } from 'tar-stream';

export interface ArchiveEntry extends Partial<Headers> {
  readonly name: string;
  readonly content?: string | Uint8Array;
  /** Of the header that stands before the entry; tar-stream's types do not have it. */
  readonly pax?: Readonly<Record<string, string>>;
}

export const manifest: ArchiveEntry = { name: 'package/package.json', content: JSON.stringify({ name: 'test.package', version: '1.0.0' }) };

export async function tarOf(entries: readonly ArchiveEntry[]): Promise<Buffer> {
  const archive = pack();
  for (const { content = '', ...header } of entries) archive.entry(header, Buffer.from(content));
  archive.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of archive) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export async function archiveOf(...entries: readonly ArchiveEntry[]): Promise<AsyncIterable<Uint8Array>> {
  return streamOf(gzipSync(await tarOf(entries)));
}

export async function* streamOf(...chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) for (let at = 0; at < chunk.byteLength; at += 65_536) yield chunk.subarray(at, at + 65_536);
}
