/**
 * Measurements of several processes as one text: any worker may be asked for them, asks the primary process, and that asks
 * every worker. Counters and durations are added up; what a process has for itself (its memory, its event loop) is
 * treated as prom-client's aggregation says.
 */
import type { Worker } from 'node:cluster';
import { AggregatorRegistry, type MetricObject, type Registry } from 'prom-client';

type Message =
  | { readonly kind: 'measurements-wanted'; readonly number: number }
  | { readonly kind: 'all-measurements'; readonly number: number; readonly text: string }
  | { readonly kind: 'own-measurements-wanted'; readonly number: number }
  | { readonly kind: 'own-measurements'; readonly number: number; readonly metrics: readonly MetricObject[] };

/** A worker that is that busy, or gone, is left out, milliseconds. */
const patience = 2000;

function asMessage(value: unknown): Message | undefined {
  return typeof value === 'object' && value !== null && 'kind' in value && /-measurements|measurements-wanted/.test(String(value.kind)) ? value as Message : undefined;
}

/** In a worker: answers the primary's questions, and gives what `/metrics` says. */
export function measurementsOfAll(registry: () => Registry | undefined): () => Promise<string> {
  let last = 0;
  const waiting = new Map<number, (text: string) => void>();
  process.on('message', (value) => {
    const message = asMessage(value);
    if (message?.kind === 'all-measurements') waiting.get(message.number)?.(message.text);
    if (message?.kind === 'own-measurements-wanted') void answer(message.number, registry());
  });
  return () => new Promise((resolve) => {
    const number = last += 1;
    const settle = (text: string): void => {
      clearTimeout(timer);
      waiting.delete(number);
      resolve(text);
    };
    // The primary process is gone, and this one will be in a moment: what it knows is its own.
    const timer = setTimeout(() => void (registry()?.metrics() ?? Promise.resolve('')).then(settle), 2 * patience);
    waiting.set(number, settle);
    process.send?.({ kind: 'measurements-wanted', number } satisfies Message);
  });
}

async function answer(number: number, registry: Registry | undefined): Promise<void> {
  const metrics = registry === undefined ? [] : await registry.getMetricsAsJSON() as unknown as MetricObject[];
  if (process.connected) process.send?.({ kind: 'own-measurements', number, metrics } satisfies Message);
}

/** In the primary process: answers a worker with the measurements of `workers` and its own. */
export function answerMeasurements(worker: Worker, workers: () => readonly Worker[], own: () => Registry | undefined): void {
  worker.on('message', (value: unknown) => {
    const message = asMessage(value);
    if (message?.kind !== 'measurements-wanted') return;
    void tell(worker, message.number, collect(workers(), own()));
  });
}

async function tell(worker: Worker, number: number, measurements: Promise<string>): Promise<void> {
  const text = await measurements;
  if (worker.isConnected()) worker.send({ kind: 'all-measurements', number, text } satisfies Message);
}

let questions = 0;

async function collect(workers: readonly Worker[], own: Registry | undefined): Promise<string> {
  const found = await Promise.all(workers.map(ask));
  const mine = own === undefined ? [] : [await own.getMetricsAsJSON() as unknown as MetricObject[]];
  return AggregatorRegistry.aggregate([...mine, ...found.filter((metrics) => metrics.length > 0)]).metrics();
}

function ask(worker: Worker): Promise<readonly MetricObject[]> {
  return new Promise((resolve) => {
    const number = questions += 1;
    const settle = (metrics: readonly MetricObject[]): void => {
      clearTimeout(timer);
      worker.off('message', hear);
      worker.off('exit', gone);
      resolve(metrics);
    };
    const hear = (value: unknown): void => {
      const message = asMessage(value);
      if (message?.kind === 'own-measurements' && message.number === number) settle(message.metrics);
    };
    const gone = (): void => settle([]);
    const timer = setTimeout(gone, patience);
    worker.on('message', hear);
    worker.on('exit', gone);
    if (worker.isConnected()) worker.send({ kind: 'own-measurements-wanted', number } satisfies Message);
    else gone();
  });
}
