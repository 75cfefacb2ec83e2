/** The parts of the documents that are made from the code are current, and the check that says so can fail. */
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

function writeReference(...words: string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['scripts/write-reference.mjs', ...words], (error, output, complaints) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), output: output + complaints });
    });
  });
}

test('a document that says something else is found, named, left alone by the check and mended by the writer', async () => {
  const copy = mkdtempSync(join(tmpdir(), 'priora-docs-'));
  try {
    cpSync('docs', join(copy, 'docs'), { recursive: true });
    const file = join(copy, 'docs/reference/configuration.md');
    const right = readFileSync(file, 'utf8');
    const wrong = right.replace('| `PORT` | `8080` |', '| `PORT` | `80` |');
    expect(wrong).not.toBe(right);
    writeFileSync(file, wrong);
    const found = await writeReference('--check', '--root', copy);
    expect(found).toMatchObject({ code: 1, output: expect.stringContaining('docs/reference/configuration.md') as unknown });
    expect(readFileSync(file, 'utf8')).toBe(wrong);
    expect(await writeReference('--root', copy)).toMatchObject({ code: 0 });
    expect(readFileSync(file, 'utf8')).toBe(right);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
});

test('settings, routes, problems, parameters and states are current (node scripts/write-reference.mjs writes them)', async () => {
  expect(await writeReference('--check')).toEqual({ code: 0, output: '' });
});
