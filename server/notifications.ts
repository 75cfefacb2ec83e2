/** Notifications to subscribers: what sends them, as part of this server. */
import type { OutboxReader } from '../delivery/outbox-reader.ts';
import { runSubscriptions } from '../delivery/subscriptions/runner.ts';
import { pasVersionNamed } from '../operations/prior-authorization/versions/pas-version.ts';
import type { House } from './house.ts';
import { pasBaseOf } from './http/pas-address.ts';
import { faultOf } from './log.ts';
import { serverContext } from './publish-definitions.ts';

/** Sends until it is stopped. */
export function startNotifications(house: House): OutboxReader {
  const { database, outbound, metrics, log, clock } = house;
  return runSubscriptions({
    database, outbound, topics: house.subscriptions.topics, headers: house.subscriptions.headers, now: clock.now, random: clock.random,
    contextOf(tenant, pasVersion) {
      const own = serverContext(house, 'subscriptions', house.tenants.find(({ id }) => id === tenant));
      const version = pasVersion === undefined ? undefined : pasVersionNamed(pasVersion);
      return version === undefined ? own : { ...own, get parameters() { return own.parameters; }, base: pasBaseOf(version, own.base), pas: { version: version.name, currentBase: own.base } };
    },
    observer: {
      recorded: (events) => metrics.subscriptionEvents.inc(events),
      sent: (type, outcome) => metrics.notifications.inc({ type, outcome }),
      stopped: () => log.warn('a subscription is in error: its address does not take notifications'),
      fault: (what, error) => log.error({ what, ...faultOf(error) }, 'subscriptions'),
      lag: (seconds) => metrics.outboxLag.set(seconds),
    },
  });
}
