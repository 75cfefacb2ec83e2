/** Who may have one of the slots in which notifications are out: slow receivers must not take them all. */
import type { Candidate, Excluded } from '../../store/subscriptions/due.ts';

/** At the same time: altogether, to one host, of one tenant, and to those of whom it is not known that they answer. */
export const most = { slots: 64, host: 4, tenant: 48, unproven: 24 } as const;

type Held = Pick<Candidate, 'tenant' | 'host' | 'status' | 'attempts'>;

/** Its last attempt failed, or there was none yet. */
function isUnproven({ status, attempts }: Held): boolean {
  return attempts > 0 || status !== 'active';
}

/** What is out at this moment, counted. */
class Counts {
  readonly #hosts = new Map<string, number>();
  readonly #tenants = new Map<number, number>();
  #all = 0;
  #unproven = 0;

  constructor(held: readonly Held[]) {
    for (const one of held) this.add(one);
  }

  add(one: Held): void {
    if (one.host !== '') this.#hosts.set(one.host, (this.#hosts.get(one.host) ?? 0) + 1);
    this.#tenants.set(one.tenant, (this.#tenants.get(one.tenant) ?? 0) + 1);
    this.#all += 1;
    if (isUnproven(one)) this.#unproven += 1;
  }

  get excluded(): Excluded {
    const full = <T>(counts: ReadonlyMap<T, number>, limit: number): T[] => [...counts].filter(([, count]) => count >= limit).map(([value]) => value);
    return { hosts: full(this.#hosts, most.host), tenants: full(this.#tenants, most.tenant), unproven: this.#unproven >= most.unproven };
  }

  hasRoomFor(one: Held): boolean {
    return this.#all < most.slots && (this.#hosts.get(one.host) ?? 0) < most.host && (this.#tenants.get(one.tenant) ?? 0) < most.tenant
      && !(this.#unproven >= most.unproven && isUnproven(one));
  }
}

/** What need not be looked at: there is no room for it. */
export function excluded(held: readonly Held[]): Excluded {
  return new Counts(held).excluded;
}

/** Those of the candidates for whom there is room, in their order. */
export function admitted(candidates: readonly Candidate[], held: readonly Held[]): readonly Candidate[] {
  const counts = new Counts(held);
  return candidates.filter((one) => {
    const hasRoom = counts.hasRoomFor(one);
    if (hasRoom) counts.add(one);
    return hasRoom;
  });
}
