/** `priora x12 FILE` (or `-`, standard input): gives an interchange to the server and prints its answer, a segment a line. */
import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { withServer } from './client.ts';

export async function x12(words: readonly string[]): Promise<number> {
  const [file, ...more] = words;
  if (file === undefined || more.length > 0) {
    process.stderr.write('priora: x12 takes one file, or - for standard input\n');
    return 2;
  }
  let body: Buffer;
  try {
    body = file === '-' ? await buffer(process.stdin) : await readFile(file);
  } catch {
    process.stderr.write(`priora: ${file} cannot be read\n`);
    return 1;
  }
  return withServer({}, async (origin) => {
    const response = await fetch(`${origin}/x12`, { method: 'POST', headers: { 'content-type': 'application/edi-x12' }, body });
    process.stdout.write(`${(await response.text()).replaceAll(/~\s*/g, '~\n').trimEnd()}\n`);
    return response.ok ? 0 : 1;
  });
}
