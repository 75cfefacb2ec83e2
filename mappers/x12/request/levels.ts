/** The HL levels of a checked 278, each by what it is about. */
import type { LoopOccurrence } from '../grammar/definition.ts';
import type { Segment } from '../segment.ts';

/** A loop that an NM1 opens. */
export interface NameLoop {
  id: string;
  segments: readonly Segment[];
}

/** A loop that an HL opens: its own segments behind the HL, and its names. */
export interface Level {
  id: string;
  segments: Segment[];
  names: NameLoop[];
}

export interface Levels {
  umo: Level;
  requester: Level;
  subscriber: Level;
  dependent?: Level;
  event?: Level;
  services: Level[];
}

/** The levels of a transaction set; undefined when a party that every 278 names is not there. */
export function findLevels(set: LoopOccurrence): Levels | undefined {
  const umo = below(set, '2000A');
  const requester = below(umo, '2000B');
  const subscriber = below(requester, '2000C');
  const dependent = below(subscriber, '2000D');
  const event = below(dependent, '2000E') ?? below(subscriber, '2000E');
  if (umo === undefined || requester === undefined || subscriber === undefined) return undefined;
  const levels: Levels = {
    umo: levelOf(umo), requester: levelOf(requester), subscriber: levelOf(subscriber),
    services: event?.loops.filter(({ id }) => id === '2000F').map(levelOf) ?? [],
    ...(dependent !== undefined && { dependent: levelOf(dependent) }), ...(event !== undefined && { event: levelOf(event) }),
  };
  const { umo: first, requester: second, subscriber: third, dependent: fourth } = levels;
  return [first, second, third, ...(fourth === undefined ? [] : [fourth])].some(({ names }) => names.length === 0) ? undefined : levels;
}

function below(loop: LoopOccurrence | undefined, id: string): LoopOccurrence | undefined {
  return loop?.loops.find((each) => each.id === id);
}

function levelOf({ id, segments, loops }: LoopOccurrence): Level {
  return { id, segments: segments.slice(1), names: loops.filter((each) => each.id.startsWith('2010')) };
}
