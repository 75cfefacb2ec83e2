/** `priora x12 FILE`: sends an interchange to a running server and prints its answer, a segment a line. */
import { readFile } from 'node:fs/promises';
import { readConfiguration } from '../configuration.ts';
import { originOfServer, unreachable } from './client.ts';

export async function x12(words: readonly string[]): Promise<number> {
  const [file, ...more] = words;
  if (file === undefined || more.length > 0) {
    process.stderr.write('priora: x12 takes one file\n');
    return 2;
  }
  let body: Buffer;
  try {
    body = await readFile(file);
  } catch {
    process.stderr.write(`priora: ${file} cannot be read\n`);
    return 1;
  }
  const origin = originOfServer(readConfiguration(process.env));
  let response: Response;
  try {
    response = await fetch(`${origin}/x12`, { method: 'POST', headers: { 'content-type': 'application/edi-x12' }, body });
  } catch {
    return unreachable(origin);
  }
  process.stdout.write(`${(await response.text()).replaceAll('~', '~\n').trimEnd()}\n`);
  return response.ok ? 0 : 1;
}
