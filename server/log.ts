/**
 * The log: one JSON line an event, on standard output. Lines are written a few at a time, ten times a second at least:
 * a line by itself costs a request more than its answer does. An error is written at once, and so is what is left when
 * the process ends.
 */
import { destination as openDestination, pino, type Logger } from 'pino';

const flushEvery = 100;

export function createLog(level: string): Logger {
  const destination = openDestination({ dest: 1, sync: false, minLength: 8192 });
  const log = pino({ level, base: null, hooks: { logMethod(values, method, severity) {
    method.apply(this, values);
    if (severity >= 40) destination.flush();
  } } }, destination);
  setInterval(() => { destination.flush(); }, flushEvery).unref();
  process.on('exit', () => {
    try {
      destination.flushSync();
    } catch {
      // Standard output is closed, or was never opened: there is nobody to tell.
    }
  });
  return log;
}

/** Resolves when what was logged so far is written, or cannot be. */
export function written(log: Logger): Promise<void> {
  return new Promise((resolve) => { log.flush(() => { resolve(); }); });
}

/** What may be told of an unexpected error: its text may quote what it failed on, the frames of its stack may not. */
export function faultOf(error: unknown): { readonly fault: string | undefined; readonly stack: readonly string[] } {
  const stack = error instanceof Error ? error.stack ?? '' : '';
  return { fault: faultName(error), stack: stack.split('\n').filter((line) => /^\s+at /.test(line)).map((line) => line.trim()).slice(0, 12) };
}

/** The kind of an error. */
export function faultName(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  return 'code' in error ? `${error.name} ${String(error.code)}` : error.name;
}
