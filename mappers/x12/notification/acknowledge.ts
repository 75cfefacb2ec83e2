/**
 * The acknowledgment of a 278 notification (005010X216): received, with the number by which the receiver knows it
 * (REF*NT), or refused, with AAA on the event. It repeats who sent it to whom and about whom, and the sender's traces.
 * BHT02 53 and 44 are those of X12's examples to the successor of this guide; that they hold in this version is unverified.
 */
import { ACKNOWLEDGED, NOTIFICATION_GUIDE } from '../grammar/notification-278.ts';
import { LEVEL } from '../grammar/levels-278.ts';
import { levelSegments, type OutgoingLevel } from '../levels.ts';
import type { EchoLoop, RequestContext } from '../request/context.ts';
import { echo, traceEcho } from '../response/echo.ts';
import { rejectionSegment } from '../response/rejections.ts';
import { buildSegment, type Segment } from '../segment.ts';
import { transactionSet } from '../writer.ts';

export interface NotificationOutcome {
  /** Refused where nothing of it was kept. */
  state: 'accepted' | 'rejected';
  /** The receiver's own number for it, of at most fifty characters. */
  receipt?: string;
}

/** AAA03 of a notification that could not be taken: input errors. */
const INPUT_ERRORS = '33';

/**
 * The acknowledgment (ST to SE).
 * @param context what was given with the notification
 */
export function notificationAcknowledgment(context: RequestContext, { state, receipt }: NotificationOutcome, stamps: { date: string; time: string; controlNumber: string }): Segment[] {
  const isRefused = state === 'rejected';
  const bht = buildSegment('BHT', '0007', isRefused ? ACKNOWLEDGED.refused : ACKNOWLEDGED.received, context.referenceIdentification, stamps.date, stamps.time);
  const { dependent } = context;
  const number = isRefused || receipt === undefined ? [] : [buildSegment('REF', 'NT', receipt)];
  const levels: OutgoingLevel[] = [
    { code: LEVEL.umo, segments: named(context.umo, ['NM1']) },
    { code: LEVEL.requester, parent: 0, segments: named(context.requester, ['NM1']) },
    { code: LEVEL.subscriber, parent: 1, segments: [...traceEcho(context.subscriber.segments), ...(dependent === undefined ? number : []), ...named(context.subscriber, ['NM1', 'REF', 'DMG'])] },
  ];
  if (dependent !== undefined) levels.push({ code: LEVEL.dependent, parent: 2, segments: [...traceEcho(dependent.segments), ...number, ...named(dependent, ['NM1', 'REF', 'DMG'])] });
  const event = levels.length;
  const rejection = isRefused ? [rejectionSegment({ code: INPUT_ERRORS })] : [];
  levels.push({ code: LEVEL.event, parent: event - 1, segments: [...traceEcho(context.event.segments), ...rejection, ...echo(context.event.segments, ['UM', 'HCR', 'REF', 'DTP'])] });
  // What is refused is refused as a whole: nothing is said of what hangs below.
  for (const service of isRefused ? [] : context.services) levels.push({ code: LEVEL.service, parent: event, segments: [...traceEcho(service.segments), ...echo(service.segments, ['UM', 'HCR', 'REF', 'DTP'])] });
  return transactionSet('278', stamps.controlNumber, NOTIFICATION_GUIDE, [bht, ...levelSegments(levels)]);
}

/** The first name of a level. */
function named(level: EchoLoop, ids: readonly string[]): Segment[] {
  return echo(level.names[0]?.segments ?? [], ids);
}
