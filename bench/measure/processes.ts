/** Processor time and memory of processes and all their children, from Linux's /proc (man 5 proc); nothing elsewhere. */
import { readdirSync, readFileSync } from 'node:fs';

/** Of processes by name: the process at the head of each tree. */
export type Trees = Readonly<Record<string, number>>;

/** Clock ticks a second (`sysconf(_SC_CLK_TCK)`), 100 on every Linux that Node runs on. */
const ticks = 100;

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    // The process has ended, or this is no Linux.
    return undefined;
  }
}

interface ProcessTime {
  readonly parent: number;
  /** In seconds, with that of children that have ended. */
  readonly processor: number;
}

function everyProcess(): Map<number, ProcessTime> {
  const all = new Map<number, ProcessTime>();
  let names: string[] = [];
  try {
    names = readdirSync('/proc');
  } catch {
    return all;
  }
  for (const name of names) {
    if (!/^\d+$/.test(name)) continue;
    const text = read(`/proc/${name}/stat`);
    // The second field is the command in brackets, and may hold anything.
    const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
    if (fields) all.set(Number(name), { parent: Number(fields[1]), processor: [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0) / ticks });
  }
  return all;
}

function treeOf(head: number, all: ReadonlyMap<number, ProcessTime>): number[] {
  const found = [head];
  for (let at = 0; at < found.length; at += 1) for (const [id, { parent }] of all) if (parent === found[at]) found.push(id);
  return found.filter((id) => all.has(id));
}

/** Processor seconds so far of each tree, of this process (`client`), and of everything else on the machine (`others`). */
export function processorSeconds(trees: Trees): Record<string, number> {
  const all = everyProcess();
  const own = process.cpuUsage();
  const seconds: Record<string, number> = { client: (own.user + own.system) / 1e6 };
  for (const [name, head] of Object.entries(trees)) seconds[name] = treeOf(head, all).reduce((sum, id) => sum + all.get(id)!.processor, 0);
  // user, nice, system, (idle, iowait,) irq, softirq, steal
  const machine = read('/proc/stat')?.split('\n', 1)[0]?.trim().split(/\s+/).slice(1).map(Number);
  if (machine) seconds['others'] = [0, 1, 2, 5, 6, 7].reduce((sum, at) => sum + machine[at]!, 0) / ticks - Object.values(seconds).reduce((sum, one) => sum + one, 0);
  return seconds;
}

/** Memory of a tree now, in MB. What its processes share (PostgreSQL's buffers) counts once. */
export function memoryOf(head: number): number | undefined {
  const all = everyProcess();
  let kilobytes = 0;
  for (const id of treeOf(head, all)) {
    const shared = /^Pss:\s+(\d+) kB/m.exec(read(`/proc/${id}/smaps_rollup`) ?? '')?.[1] ?? /^VmRSS:\s+(\d+) kB/m.exec(read(`/proc/${id}/status`) ?? '')?.[1];
    kilobytes += Number(shared ?? 0);
  }
  return kilobytes === 0 ? undefined : Math.round(kilobytes / 1024);
}
