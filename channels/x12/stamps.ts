/** The time of writing, as X12 has it: UTC, for its times have no zone. */
import type { Context } from '../../store/context.ts';

export function stampsOf(context: Pick<Context, 'now'>): { date: string; time: string } {
  const now = context.now().toISOString();
  return { date: now.slice(0, 10).replaceAll('-', ''), time: now.slice(11, 16).replace(':', '') };
}
