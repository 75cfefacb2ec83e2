/**
 * A closed loop: so many clients, each sends its next request when the last is answered. What completes within the
 * window counts; latencies are the client's own, without correction for requests that were not sent while it waited.
 */
import { distribution, type Distribution } from './distribution.ts';
import { memoryOf, processorSeconds, type Trees } from './processes.ts';
import { calibrate } from './yardstick.ts';

/** What one operation moved. */
export interface Done {
  readonly bytes?: number;
  readonly resources?: number;
  /** A kind of operation of its own, in a mix. */
  readonly kind?: string;
}

export interface Loop {
  readonly clients: number;
  /** Not counted: compilation, caches, connections. */
  readonly warmUpSeconds: number;
  readonly seconds: number;
  /** One operation of a client; throws when the answer is not the right one. */
  readonly operate: (client: number, turn: number) => Promise<Done>;
  /** Whose processor time and memory is measured. */
  readonly trees: Trees;
  /** Fewer operations than the time would allow. */
  readonly most?: number;
}

export interface LoopFigures {
  readonly clients: number;
  readonly ops: number;
  readonly seconds: number;
  readonly ops_s: number;
  readonly p50_ms: number;
  readonly p95_ms: number;
  readonly p99_ms: number;
  readonly max_ms: number;
  readonly errors: number;
  /** What was wrong, most frequent first. */
  readonly wrong?: readonly string[];
  readonly resources_s?: number;
  readonly mb_s?: number;
  /** Milliseconds of processor time for one operation. */
  readonly cpu_ms_op: Readonly<Record<string, number>>;
  /** Processors at work, `client` and `others` among them. */
  readonly cpu_cores: Readonly<Record<string, number>>;
  readonly peak_mb: Readonly<Record<string, number>>;
  readonly calib: number;
  readonly by?: Readonly<Record<string, Pick<Distribution, 'count' | 'p50' | 'p95'>>>;
}

/** More errors than this, and more than successes, end a loop. */
const hopeless = 200;

export async function closedLoop({ clients, warmUpSeconds, seconds, operate, trees, most = Infinity }: Loop): Promise<LoopFigures> {
  const calib = calibrate();
  const times: number[] = [];
  const kinds = new Map<string, number[]>();
  const wrong = new Map<string, number>();
  let [turn, errors, bytes, resources, stopped] = [0, 0, 0, 0, false];
  const peaks: Record<string, number> = {};
  const lookAtMemory = (): void => { for (const [name, head] of Object.entries(trees)) peaks[name] = Math.max(peaks[name] ?? 0, memoryOf(head) ?? 0); };

  let measuring = false;
  let begun = performance.now();
  let before = processorSeconds(trees);
  let after: Record<string, number> | undefined;
  const open = (): void => {
    measuring = true;
    before = processorSeconds(trees);
    begun = performance.now();
    closing = setTimeout(() => { after = processorSeconds(trees); measuring = false; }, seconds * 1000);
  };
  let closing: NodeJS.Timeout | undefined;
  const opening = setTimeout(open, warmUpSeconds * 1000);
  const watching = setInterval(lookAtMemory, 2000);
  const deadline = performance.now() + (warmUpSeconds + seconds) * 1000;

  await Promise.all(Array.from({ length: clients }, async (_, client) => {
    while (!stopped && turn < most && performance.now() < deadline) {
      const sent = performance.now();
      try {
        const done = await operate(client, turn++);
        if (!measuring) continue;
        const time = performance.now() - sent;
        times.push(time);
        bytes += done.bytes ?? 0;
        resources += done.resources ?? 0;
        if (done.kind !== undefined) {
          const list = kinds.get(done.kind);
          if (list) list.push(time);
          else kinds.set(done.kind, [time]);
        }
      } catch (error) {
        errors += 1;
        const message = error instanceof Error ? error.message.slice(0, 200) : 'unknown';
        wrong.set(message, (wrong.get(message) ?? 0) + 1);
        stopped ||= errors > hopeless && errors > times.length;
      }
    }
  }));
  const lasted = Math.min(seconds, (performance.now() - begun) / 1000);
  for (const timer of [opening, closing]) clearTimeout(timer);
  clearInterval(watching);
  lookAtMemory();
  after ??= processorSeconds(trees);
  const used = Object.fromEntries(Object.entries(after).map(([name, value]) => [name, value - (before[name] ?? 0)]));
  const { p50, p95, p99, max } = distribution(times);
  return {
    clients, ops: times.length, seconds: rounded(lasted), ops_s: rounded(times.length / lasted, 1), p50_ms: p50, p95_ms: p95, p99_ms: p99, max_ms: max, errors,
    ...(wrong.size > 0 && { wrong: [...wrong].toSorted((a, b) => b[1] - a[1]).slice(0, 5).map(([message, count]) => `${count} x ${message}`) }),
    ...(resources > 0 && { resources_s: rounded(resources / lasted, 1) }), ...(bytes > 0 && { mb_s: rounded(bytes / lasted / 1e6) }),
    cpu_ms_op: Object.fromEntries(Object.keys(trees).map((name) => [name, rounded((used[name] ?? 0) * 1000 / Math.max(1, times.length), 3)])),
    cpu_cores: Object.fromEntries(Object.entries(used).map(([name, value]) => [name, rounded(value / lasted)])),
    peak_mb: peaks, calib,
    ...(kinds.size > 1 && { by: Object.fromEntries([...kinds].map(([kind, list]) => { const { count, p50: middle, p95: slow } = distribution(list); return [kind, { count, p50: middle, p95: slow }]; })) }),
  };
}

const rounded = (value: number, digits = 2): number => Number(value.toFixed(digits));
