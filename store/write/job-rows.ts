/** Jobs, put into the queue of graphile-worker by the statement that makes them necessary. */
import sql, { join } from 'sql-template-tag';
import type { EnqueueJob } from './changes.ts';
import type { Part } from './part.ts';

export function jobsPart(jobs: readonly EnqueueJob[]): readonly Part[] {
  if (jobs.length === 0) return [];
  const added = jobs.map(({ name, payload, key, afterSeconds = 0 }) => sql`graphile_worker.add_job(${name}::text, ${JSON.stringify(payload)}::json, run_at => now() + make_interval(secs => ${afterSeconds}), job_key => ${key ?? null}::text)`);
  return [{ name: `jobs-${jobs.length}`, expressions: [], demand: join(added, ', ') }];
}
