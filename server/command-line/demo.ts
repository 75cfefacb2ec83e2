/** `priora demo`: real requests over HTTP to the demo server, one line each. */
import { randomBytes } from 'node:crypto';
import { demoScenes } from '../demo/scenes.ts';
import { withServer } from './client.ts';

export async function demo(): Promise<number> {
  return withServer({ PRIORA_DEMO: '1' }, playScenes);
}

async function playScenes(origin: string): Promise<number> {
  // Trace numbers of this run's own: the same bytes again would get the same answer again, and no new case.
  const run = `D${randomBytes(4).toString('hex').toUpperCase()}`;
  const width = { rail: 5, request: 44, answer: 46, code: 5 };
  const line = (rail: string, request: string, answer: string, code: string, ms: string, link: string): void => {
    process.stdout.write(`${rail.padEnd(width.rail)} ${request.padEnd(width.request)} ${answer.padEnd(width.answer)} ${code.padEnd(width.code)} ${ms.padStart(7)}  ${link}\n`);
  };
  line('rail', 'request', 'answer', 'code', 'ms', 'link');
  let failed = 0;
  for await (const scene of demoScenes(origin, run, new Date().toISOString())) {
    line(scene.rail, scene.request, scene.answer, scene.code, scene.milliseconds.toFixed(1), scene.link);
    if (!scene.asExpected) failed += 1;
  }
  if (failed > 0) process.stderr.write(`priora: ${failed} answers are not what the demo expects\n`);
  return failed > 0 ? 1 : 0;
}
