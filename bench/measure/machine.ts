/** What the figures were measured on. Load tells whether the machine was quiet. */
import { execFileSync } from 'node:child_process';
import { cpus, loadavg } from 'node:os';

export function machine(): { node: string; cores: number; load: number; commit: string } {
  let commit = 'unknown';
  try {
    commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    // Not a checkout: a container image, say.
  }
  return { node: process.versions.node, cores: cpus().length, load: Math.round(loadavg()[0]! * 100) / 100, commit };
}
