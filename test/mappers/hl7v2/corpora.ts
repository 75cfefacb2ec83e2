/** The HL7v2 messages of the corpora beside the repository, read in place. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mapMessage, type Hl7Acknowledgement, type Hl7MappingOptions } from '../../../mappers/hl7v2/map.ts';
import { parseMessage } from '../../../mappers/hl7v2/syntax/parse.ts';
import type { Mapping } from '../../../mappers/ledger.ts';

export const corpora = join(process.cwd(), '..', 'shared', 'corpora', 'hl7v2');
export const corporaAreHere = existsSync(corpora);

/** Every file with a message, by its path in the corpora. */
export function messageFiles(folder = corpora): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile() && /\.(?:hl7|txt)$/.test(entry.name)).map((entry) => join(entry.parentPath, entry.name)).toSorted();
}

/** A message mapped as that of a sender in New York. */
export function mapFile(file: string, options: Hl7MappingOptions = { timeZone: 'America/New_York' }): Mapping<Hl7Acknowledgement> {
  const { message } = parseMessage(readFileSync(file));
  if (message === undefined) throw new Error(`not a message: ${file}`);
  return mapMessage(message, options);
}

/** A message of lines. */
export function mapText(lines: readonly string[], options: Hl7MappingOptions = {}): Mapping<Hl7Acknowledgement> {
  const { message } = parseMessage(Buffer.from(`${lines.join('\r')}\r`, 'utf8'));
  if (message === undefined) throw new Error('not a message');
  return mapMessage(message, options);
}

/** The value at a path of the ledger. */
export function valueAtPath(bundle: unknown, path: string): unknown {
  return path.split('.').slice(1).reduce<unknown>((node, step) => {
    const [, name, index] = /^(\w+)(?:\[(\d+)\])?$/.exec(step)!;
    const value = (node as Record<string, unknown> | undefined)?.[name!];
    return index === undefined ? value : (value as readonly unknown[] | undefined)?.[Number(index)];
  }, bundle);
}
