/**
 * Which version of a plan's rules holds on a day. Effective ranges of one plan never overlap, so there is at most one.
 */
import type { PackProblem, PolicyPack } from './pack.ts';

const OPEN_END = '9999-12-31';

/** The plan's pack in force on the day, or undefined where there is none. `onDate` is `YYYY-MM-DD`. */
export function selectPack(packs: readonly PolicyPack[], plan: string, onDate: string): PolicyPack | undefined {
  return packs.find((pack) => pack.plan === plan && pack.effective.from <= onDate && onDate <= (pack.effective.to ?? OPEN_END));
}

/** What is wrong with a pack beside the packs accepted before it: a second of the same version, or one in force on the same days. */
export function clashes(pack: PolicyPack, accepted: readonly PolicyPack[]): PackProblem[] {
  const problems: PackProblem[] = [];
  for (const other of accepted) {
    if (other.pack === pack.pack && other.version === pack.version) {
      problems.push({ pointer: '/version', message: `pack "${pack.pack}" version ${pack.version} exists already` });
    }
    const apart = (pack.effective.to ?? OPEN_END) < other.effective.from || (other.effective.to ?? OPEN_END) < pack.effective.from;
    if (other.plan === pack.plan && !apart) {
      problems.push({ pointer: '/effective', message: `plan "${pack.plan}" has another pack in force on some of these days: "${other.pack}" version ${other.version}` });
    }
  }
  return problems;
}
