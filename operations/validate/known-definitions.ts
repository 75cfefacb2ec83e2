/**
 * The definitions that a tenant's resources are validated by. Who asks for a validation waits for what stands in the
 * store now; a write goes by what this process was last told of (LISTEN), and asks the store only where a profile is
 * claimed that is not known yet.
 */
import type { Definitions } from '../../profiles/definitions.ts';
import type { Context } from '../../store/context.ts';
import type { DefinitionsCache } from '../../store/packages/cache.ts';
import { sharedScope } from '../../store/terminology/scope.ts';
import type { Listener } from '../definitions/registry.ts';

export interface KnownDefinitions {
  /** As they stand now. */
  current(context: Context): Promise<Definitions>;
  /** As they stood a moment ago; with these profiles, where anybody has them. */
  atHand(context: Context, profiles: Iterable<string>): Promise<Definitions>;
  /** Of changes to profiles and to terminology. */
  readonly listener: Listener;
}

export function knownDefinitions(cache: DefinitionsCache): KnownDefinitions {
  const kept = new Map<number, Promise<Definitions>>();
  let listening = false;
  const read = (tenant: number): Promise<Definitions> => cache.of(tenant).then(({ definitions }) => definitions);
  const keep = (tenant: number): Promise<Definitions> => {
    const definitions = read(tenant);
    kept.set(tenant, definitions);
    definitions.catch(() => { if (kept.get(tenant) === definitions) kept.delete(tenant); });
    return definitions;
  };
  return {
    current: ({ tenant }) => read(tenant.id),
    async atHand({ tenant }, profiles) {
      if (!listening) return read(tenant.id);
      const definitions = await (kept.get(tenant.id) ?? keep(tenant.id));
      for (const canonical of profiles) if (definitions.structure(canonical) === undefined) return read(tenant.id);
      return definitions;
    },
    listener: {
      hear(payload) {
        if (payload === undefined || Number(payload) === sharedScope) kept.clear();
        else kept.delete(Number(payload));
      },
      listening(yes) { listening = yes; },
    },
  };
}
