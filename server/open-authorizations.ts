/** How many authorizations wait and how they stand to their clocks, for Prometheus: counted when it asks. */
import { Gauge, type Registry } from 'prom-client';
import type { Tenant } from '../store/context.ts';
import type { Database } from '../store/database.ts';
import { countOpen, forecasts } from '../store/worklist.ts';
import type { Clock } from './house.ts';

export interface Counted {
  readonly database: Database;
  readonly tenants: readonly Tenant[];
  readonly clock: Clock;
}

export function measureOpenAuthorizations(registry: Registry, { database, tenants, clock }: Counted): void {
  const gauge = new Gauge({
    name: 'priora_open_authorizations', help: 'Prior authorizations that wait for a decision, by urgency and by how they stand to their clocks: on-time, at-risk, breached',
    labelNames: ['forecast', 'urgency'], registers: [registry],
    // Every process counts the same ones.
    aggregator: 'max',
    async collect() {
      try {
        const counts = (await Promise.all(tenants.map(({ id }) => countOpen(database, id, clock.now())))).flat();
        for (const forecast of forecasts) {
          for (const expedited of [true, false]) {
            gauge.set({ forecast, urgency: expedited ? 'expedited' : 'standard' }, counts.filter((each) => each.forecast === forecast && each.expedited === expedited).reduce((sum, { count }) => sum + count, 0));
          }
        }
      } catch {
        // A store that cannot be asked is told by /readyz; a number from before would be a wrong one.
        gauge.reset();
      }
    },
  });
}
