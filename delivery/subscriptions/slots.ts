/** Who may have one of the slots in which notifications are out: slow receivers must not take them all. */
import type { Candidate, Excluded } from '../../store/subscriptions/due.ts';

/** At the same time: altogether, to one host, of one tenant, and to those of whom it is not known that they answer. */
export const most = { slots: 64, host: 4, tenant: 48, unproven: 24 } as const;

type Held = Pick<Candidate, 'tenant' | 'host' | 'status' | 'attempts'>;

/** Its last attempt failed, or there was none yet. */
function isUnproven({ status, attempts }: Held): boolean {
  return attempts > 0 || status !== 'active';
}

function full<T>(held: readonly Held[], of: (one: Held) => T, limit: number): T[] {
  const counts = new Map<T, number>();
  for (const one of held) counts.set(of(one), (counts.get(of(one)) ?? 0) + 1);
  return [...counts].filter(([, count]) => count >= limit).map(([value]) => value);
}

/** What need not be looked at: there is no room for it. */
export function excluded(held: readonly Held[]): Excluded {
  return {
    hosts: full(held, ({ host }) => host, most.host).filter((host) => host !== ''),
    tenants: full(held, ({ tenant }) => tenant, most.tenant),
    unproven: held.filter(isUnproven).length >= most.unproven,
  };
}

/** Those of the candidates for whom there is room, in their order. */
export function admitted(candidates: readonly Candidate[], held: readonly Held[]): readonly Candidate[] {
  const taken: Candidate[] = [];
  for (const one of candidates) {
    const all = [...held, ...taken];
    const { hosts, tenants, unproven } = excluded(all);
    if (all.length < most.slots && !hosts.includes(one.host) && !tenants.includes(one.tenant) && !(unproven && isUnproven(one))) taken.push(one);
  }
  return taken;
}
