/** The HL levels of a checked 278, each by what it is about. */
import type { LevelOccurrence } from '../grammar/check.ts';

export interface Levels {
  umo: LevelOccurrence;
  requester: LevelOccurrence;
  subscriber: LevelOccurrence;
  dependent?: LevelOccurrence;
  event?: LevelOccurrence;
  services: LevelOccurrence[];
}

/** The levels below the 2000A loop; undefined when a party that every 278 names is not there. */
export function findLevels(umo: LevelOccurrence | undefined): Levels | undefined {
  const requester = below(umo, '2000B');
  const subscriber = below(requester, '2000C');
  const dependent = below(subscriber, '2000D');
  const event = below(dependent, '2000E') ?? below(subscriber, '2000E');
  if (umo === undefined || requester === undefined || subscriber === undefined) return undefined;
  if ([umo, requester, subscriber, ...(dependent === undefined ? [] : [dependent])].some((level) => level.nested.length === 0)) return undefined;
  const services = event?.children.filter((child) => child.id === '2000F') ?? [];
  return { umo, requester, subscriber, services, ...(dependent === undefined ? {} : { dependent }), ...(event === undefined ? {} : { event }) };
}

function below(level: LevelOccurrence | undefined, id: string): LevelOccurrence | undefined {
  return level?.children.find((child) => child.id === id);
}
