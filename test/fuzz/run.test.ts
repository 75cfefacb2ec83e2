/** The command for longer runs (CONTRIBUTING.md): what it says of seeds without findings, and of what it is not to do. */
import { execFile } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import { subjects } from './subjects/index.ts';

const run = (...parameters: string[]): Promise<{ code: number; lines: string[]; errors: string }> => new Promise((resolve) => {
  execFile(process.execPath, ['--expose-gc', 'scripts/fuzz.mjs', ...parameters], { env: { ...process.env, NODE_OPTIONS: '' } }, (error, stdout, stderr) => {
    resolve({ code: error ? Number(error.code) : 0, lines: stdout.split('\n').filter((line) => line !== ''), errors: stderr });
  });
});

describe('npm run fuzz', () => {
  test('names the formats to who asks for another', async () => {
    const { code, lines, errors } = await run('--format', 'fax', '--once');
    expect([code, lines, errors.trim()]).toEqual([2, [], 'There is no such format: ' + subjects.map(({ name }) => name).join(', ')]);
  });

  test.each(subjects.map(({ name }) => name))('%s: one seed, counted, without a finding', async (name) => {
    const { code, lines } = await run('--format', name, '--seed', '1', '--once');
    expect([code, lines.map((line) => JSON.parse(line) as unknown)]).toEqual([0, [expect.objectContaining({ fuzz: name, inputs: 1, findings: 0 })]]);
  }, 60_000);
});
