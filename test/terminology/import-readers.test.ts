/** Readers of releases: whatever a file holds, it is read or refused with its place, in bounded time. No database. */
import { mkdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { Problem } from '../../fhir/problems.ts';
import { progressBar } from '../../server/command-line/progress-bar.ts';
import { openFiles } from '../../terminology/import/files.ts';
import { openRelease, type ImportOptions } from '../../terminology/import/formats.ts';
import { ImportLineError } from '../../terminology/import/release.ts';
import { rowsOf } from '../../terminology/import/rows.ts';
import { csv, hcpcsLine, orderLine, rf2, rrf, Workshop, type Files } from './releases.ts';

const workshop = new Workshop();
afterAll(async () => { await workshop.clean(); });

/** How many fragments are told; a refusal is one of the catalogue, or of the reader. */
async function read(format: string, path: string, options: ImportOptions): Promise<number | string> {
  let count = 0;
  try {
    const files = await openFiles(path);
    try {
      const release = await openRelease(format, files, options);
      for (const part of release.parts) {
        const tell = part.begin();
        let row = 0;
        for await (const { rows } of rowsOf(part.file, part.form)) {
          for (const one of rows) {
            row += 1;
            if (!part.header || row > 1) count += tell(one).length;
          }
        }
      }
    } finally {
      files.close();
    }
    return count;
  } catch (error) {
    if (error instanceof Problem || error instanceof ImportLineError) return error.message;
    throw error;
  }
}

const releases: Readonly<Record<string, { readonly name: string; readonly files: Files; readonly options?: ImportOptions }>> = {
  snomed: { name: 'SnomedCT_Invention', files: rf2([{ id: '100000101', name: 'Root' }, { id: '100000201', name: 'Below', parents: ['100000101'], attributes: [[1, '100000101', '#5']] }]) },
  loinc: { name: 'Loinc_2.99', files: { 'Loinc.csv': csv([['LOINC_NUM', 'LONG_COMMON_NAME', 'STATUS'], ['99901-1', 'Glorp, "quoted"', 'ACTIVE']]), 'AnswerList.csv': csv([['AnswerListId', 'AnswerListName', 'AnswerStringId', 'DisplayText'], ['LL999-1', 'Glorpness', 'LA9991-1', 'Much']]) } },
  rxnorm: { name: 'RxNorm_full_01052026', files: { 'RXNCONSO.RRF': rrf([['9001', ...Array.from({ length: 10 }, () => ''), 'RXNORM', 'IN', '9001', 'glorp', '', 'N', '']]), 'RXNREL.RRF': rrf([['9001', '', '', '', '9001', '', '', 'isa', '', '', 'RXNORM', '', '', '', '', '']]), 'RXNSAT.RRF': rrf([['9001', '', '', '', '', '', '', '', 'NDC', 'RXNORM', '1', 'N', '']]) } },
  'icd-10-cm': { name: 'icd', files: { 'icd10cm_order_2026.txt': orderLine(1, 'Q99', false, 'Glorp') + orderLine(2, 'Q990', true, 'Glorp of arm') } },
  hcpcs: { name: 'hcpcs', files: { 'HCPC2026_ANWEB.txt': hcpcsLine('Z9001', '3', 'Glorp remover') + hcpcsLine('Z9001', '4', 'with hose') } },
  csv: { name: 'table', files: { 'list.csv': csv([['code', 'display', 'weight'], ['a', 'A', '1'], ['b', 'B, "b"', '2']]) }, options: { system: 'urn:x', version: '1' } },
};

describe.each(Object.entries(releases))('%s', (format, { name, files, options = {} }) => {
  test('is read', async () => { expect(await read(format, await workshop.zip(`${name}.zip`, files), options)).toBeGreaterThan(0); });

  test('with bytes of it changed, added or cut off: read, or refused', async () => {
    const folder = await workshop.folder(name, files);
    const paths = Object.keys(files);
    await fc.assert(fc.asyncProperty(fc.nat(), fc.nat(), fc.oneof(fc.uint8Array({ maxLength: 6 }), fc.constantFrom('\t', '|', ',', '"', '\n', '\u0000', '\uFEFF', '0', '\t\t\t').map((text) => new TextEncoder().encode(text))), fc.nat({ max: 5 }), async (which, at, added, removed) => {
      const path = paths[which % paths.length]!;
      const bytes = Buffer.from(files[path]!);
      const place = at % (bytes.length + 1);
      await writeFile(join(folder, path), Buffer.concat([bytes.subarray(0, place), added, bytes.subarray(place + removed)]));
      expect(['number', 'string']).toContain(typeof await read(format, folder, options));
      await writeFile(join(folder, path), bytes);
    }), { numRuns: 80 });
  });

  test('as an archive that is damaged', async () => {
    const path = await workshop.zip(`${name}.zip`, files);
    const whole = await readFile(path);
    await fc.assert(fc.asyncProperty(fc.nat({ max: whole.length - 1 }), fc.nat({ max: 255 }), async (at, byte) => {
      const damaged = Buffer.from(whole);
      damaged[at] = byte;
      await writeFile(path, damaged);
      expect(['number', 'string']).toContain(typeof await read(format, path, options));
    }), { numRuns: 60 });
    await writeFile(path, whole);
    await truncate(path, Math.floor(whole.length / 2));
    expect(await read(format, path, options)).toContain('it is no zip archive, or is damaged');
  });
});

test('a byte that changed inside of an archive', async () => {
  const text = orderLine(1, 'Q99', true, 'Glorp');
  const path = await workshop.zip('stored.zip', { 'icd10cm_order_2026.txt': text }, false);
  const bytes = await readFile(path);
  bytes[bytes.indexOf('Glorp')] = 'B'.charCodeAt(0);
  await writeFile(path, bytes);
  expect(await read('icd-10-cm', path, {})).toBe('stored.zip cannot be imported: it is no zip archive, or is damaged.');
});

test('a file that is one endless line is given up at once, also when an archive of it is small', async () => {
  const zeros = { 'icd10cm_order_2026.txt': `00001 ${'0'.repeat(60_000_000)}` };
  expect(await read('icd-10-cm', await workshop.zip('bomb.zip', zeros), {})).toBe('icd10cm_order_2026.txt, line 1: it is longer than 1000000 characters.');
  expect(await read('csv', await workshop.file('list.csv', `code,display\na,"${'x'.repeat(2_000_000)}`), { system: 'urn:x', version: '1' })).toMatch(/^list.csv, line \d+: it is longer than 1000000 characters\.$/);
});

test('names in an archive that lead out of it lead nowhere', async () => {
  const path = await workshop.zip('out.zip', { 'aa/icd10cm_order_2026.txt': orderLine(1, 'Q99', true, 'Glorp') });
  const bytes = await readFile(path);
  await writeFile(path, Buffer.from(bytes.toString('latin1').replaceAll('aa/icd', '../icd'), 'latin1'));
  expect(await read('icd-10-cm', path, {})).toContain('it is no zip archive, or is damaged');
});

test('symbolic links in a folder are no part of a release', async () => {
  const folder = await workshop.folder('linked', {});
  await mkdir(folder, { recursive: true });
  const { symlink } = await import('node:fs/promises');
  await symlink(await workshop.file('icd10cm_order_2026.txt', orderLine(1, 'Q99', true, 'Glorp')), join(folder, 'icd10cm_order_2026.txt'));
  expect(await read('icd-10-cm', folder, {})).toContain('is missing');
});

describe('progress', () => {
  const shownOn = (isTTY: boolean): { written: string[]; bar: ReturnType<typeof progressBar> } => {
    const written: string[] = [];
    return { written, bar: progressBar({ isTTY, columns: 60, write: (text: string) => { written.push(text); return true; } } as unknown as NodeJS.WriteStream) };
  };
  test('on a terminal: one line that is drawn anew, not wider than the terminal', () => {
    const { written, bar } = shownOn(true);
    bar.show('reading a_file_with_a_name_that_goes_on_and_on_and_on.txt', 0.5);
    bar.show('reading a_file_with_a_name_that_goes_on_and_on_and_on.txt', 0.5);
    bar.end();
    expect(written).toEqual([`\r\u001B[2K${`${'█'.repeat(15)}${'░'.repeat(15)}  50 %  reading a_file_with_a_name_that_goes`.slice(0, 59)}`, '\n']);
  });
  test('elsewhere: a line for each tenth', () => {
    const { written, bar } = shownOn(false);
    for (const share of [0, 0.05, 0.11, 0.12, 1]) bar.show('reading', share);
    bar.end();
    expect(written).toEqual(['reading: 0 %\n', 'reading: 10 %\n', 'reading: 100 %\n']);
  });
});
