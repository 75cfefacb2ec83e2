/**
 * The rows of a file, some at a time: lines whose fields a character divides (RF2: tab, RRF: vertical bar; neither has
 * quotes), whole lines (fixed columns), or CSV.
 */
import { pipeline, type Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { CsvError, parse } from 'csv-parse';
import { Problem } from '../../fhir/problems.ts';
import type { ReleaseFile } from './files.ts';

/** A line, or a record of CSV. */
export interface Row {
  readonly line: number;
  readonly fields: readonly string[];
}

export type RowForm =
  | { readonly kind: 'divided'; readonly by: '\t' | '|' }
  | { readonly kind: 'line' }
  | { readonly kind: 'csv'; readonly delimiter: string };

export interface Rows {
  readonly rows: readonly Row[];
  /** Read of the file so far. */
  readonly bytes: number;
}

/** Characters of a line; a longer one is none of a terminology. */
const longestLine = 1_000_000;
const rowsAtOnce = 1000;

/** @throws {Problem} `import-line` with file and line; `import-refused` for a file that cannot be read */
export async function* rowsOf(file: ReleaseFile, form: RowForm): AsyncGenerator<Rows> {
  const stream = await file.open();
  try {
    yield* form.kind === 'csv' ? csvRows(file, stream, form.delimiter) : lineRows(file, stream, form.kind === 'divided' ? form.by : undefined);
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Problem('import-refused', { name: file.name, reason: 'it cannot be read to its end' }, undefined, { cause: error });
  } finally {
    stream.destroy();
  }
}

/** What is wrong with a line. */
export function wrongLine(file: ReleaseFile, line: number, reason: string): Problem {
  return new Problem('import-line', { file: file.name, line, reason });
}

async function* lineRows(file: ReleaseFile, stream: Readable, divider: string | undefined): AsyncGenerator<Rows> {
  const decoder = new StringDecoder('utf8');
  let [line, bytes, rest] = [0, 0, ''];
  const rowsIn = (texts: readonly string[]): Row[] => {
    const rows: Row[] = [];
    for (const text of texts) {
      line += 1;
      const whole = text.endsWith('\r') ? text.slice(0, -1) : text;
      const plain = line === 1 && whole.startsWith('\uFEFF') ? whole.slice(1) : whole;
      if (plain.includes('\uFFFD')) throw wrongLine(file, line, 'it is not UTF-8');
      if (plain !== '') rows.push({ line, fields: divider === undefined ? [plain] : plain.split(divider) });
    }
    return rows;
  };
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    const texts = (rest + decoder.write(chunk)).split('\n');
    rest = texts.pop()!;
    if (rest.length > longestLine) throw wrongLine(file, line + texts.length + 1, `it is longer than ${longestLine} characters`);
    yield { rows: rowsIn(texts), bytes };
  }
  yield { rows: rowsIn([rest + decoder.end()]), bytes };
}

async function* csvRows(file: ReleaseFile, stream: Readable, delimiter: string): AsyncGenerator<Rows> {
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => { bytes += chunk.length; });
  const parser = parse({ delimiter, bom: true, info: true, skip_empty_lines: true, relax_column_count: true, max_record_size: longestLine, trim: true });
  // A failure of the file ends the parser with it, which is where it is heard.
  pipeline(stream, parser, () => {});
  let rows: Row[] = [];
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      if (record.some((field) => field.includes('\uFFFD'))) throw wrongLine(file, info.lines, 'it is not UTF-8');
      rows.push({ line: info.lines, fields: record });
      if (rows.length < rowsAtOnce) continue;
      yield { rows, bytes };
      rows = [];
    }
  } catch (error) {
    if (error instanceof CsvError) throw wrongLine(file, Number(error['lines'] ?? 0), reasonOf(error));
    throw error;
  }
  yield { rows, bytes };
}

function reasonOf({ code }: CsvError): string {
  if (code === 'CSV_QUOTE_NOT_CLOSED') return 'a quotation mark is not closed';
  if (code === 'CSV_MAX_RECORD_SIZE') return `it is longer than ${longestLine} characters`;
  return 'a quotation mark is not where one can be';
}

/** The first row. @throws {Problem} `import-refused` for a file without one */
export async function firstRow(file: ReleaseFile, form: RowForm): Promise<Row> {
  for await (const { rows } of rowsOf(file, form)) if (rows.length > 0) return rows[0]!;
  throw new Problem('import-refused', { name: file.name, reason: 'it is empty' });
}

/** Where the named columns are, by the first row. @throws {Problem} `import-refused` naming those that are missing */
export function columnsOf(file: ReleaseFile, { fields }: Row, needed: readonly string[]): ReadonlyMap<string, number> {
  const places = new Map(fields.map((name, place) => [name.trim(), place]));
  const missing = needed.filter((name) => !places.has(name));
  if (missing.length > 0) throw new Problem('import-refused', { name: file.name, reason: `its first line does not name the column${missing.length > 1 ? 's' : ''} ${missing.join(', ')}` });
  return places;
}
