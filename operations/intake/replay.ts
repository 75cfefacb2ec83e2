/**
 * Replay: messages are taken in again from the bytes that landed, by the rules of today. Oldest first; and where a message
 * was accepted before, all later ones about the same patient after it, so that what an old message says does not win over
 * what newer ones say.
 */
import { Problem } from '../../fhir/problems.ts';
import type { Context } from '../../store/context.ts';
import { listMessages, readMessage, unansweredLandings, type InboxQuery, type StoredMessage } from '../../store/inbox.ts';
import { readLanded } from '../../store/landing.ts';
import type { LandingKey } from '../../store/write/changes.ts';
import type { MessageState, Rail } from './message.ts';
import { retakeMessages, takeLanded, type Asked, type Intake } from './take-messages.ts';

export interface Replaying {
  readonly intake: Intake;
  readonly rails: ReadonlyMap<string, Rail>;
}

export interface ReplayedMessage {
  readonly id: string;
  readonly channel: string;
  readonly kind: string;
  readonly before: MessageState;
  readonly after: MessageState;
}

/** Messages at a time; who asks for more is told that there are. */
export const mostReplayed = 1000;

/**
 * One message, with whom a person has chosen for it.
 * @throws {Problem} `message-not-found`, `channel-closed`
 */
export async function replayMessage(replaying: Replaying, key: LandingKey, chosenPatient: string | undefined, context: Context): Promise<readonly ReplayedMessage[]> {
  const message = await readMessage(replaying.intake.database, key, context);
  if (!message) throw new Problem('message-not-found');
  return replayAll(replaying, [message, ...await laterOnes(replaying.intake, message, context)], (one) => ({ again: true, ...(one.id === message.id && chosenPatient !== undefined && { chosenPatient }) }), context);
}

/** All that a query finds, and deliveries that landed and were never answered. */
export async function replaySome(replaying: Replaying, query: Omit<InboxQuery, 'limit'>, context: Context): Promise<{ readonly messages: readonly ReplayedMessage[]; readonly deliveries: number; readonly more: boolean }> {
  const found = await listMessages(replaying.intake.database, { ...query, limit: mostReplayed + 1 }, context);
  const messages = await replayAll(replaying, found.slice(0, mostReplayed).toReversed(), () => ({ again: true }), context);
  const deliveries = query.states?.includes('received') ? await takeUnanswered(replaying, query.channel, context) : 0;
  return { messages, deliveries, more: found.length > mostReplayed };
}

async function laterOnes({ database }: Intake, message: StoredMessage, context: Context): Promise<readonly StoredMessage[]> {
  if (message.state !== 'accepted' || message.patient === undefined) return [];
  const since = await listMessages(database, { states: ['accepted'], patient: message.patient, since: message.receivedAt, limit: mostReplayed }, context);
  return since.filter(({ id, receivedAt, position }) => id !== message.id && (receivedAt > message.receivedAt || position > message.position)).toReversed();
}

async function replayAll(replaying: Replaying, messages: readonly StoredMessage[], ask: (message: StoredMessage) => Asked, context: Context): Promise<readonly ReplayedMessage[]> {
  const replayed: ReplayedMessage[] = [];
  // Neighbours of one delivery are read out of it once.
  for (let start = 0; start < messages.length;) {
    const { landing, channel } = messages[start]!;
    let end = start + 1;
    while (end < messages.length && messages[end]!.landing.id === landing.id && messages[end]!.position > messages[end - 1]!.position) end += 1;
    const group = messages.slice(start, end);
    const { rail, landed } = await openLanding(replaying, landing, channel, context);
    const taken = await retakeMessages(replaying.intake, rail, landed.body, { landing, sender: landed.sender, mediaType: landed.mediaType, receivedAt: landed.receivedAt }, new Map(group.map((message) => [message.position, ask(message)])), context);
    for (const [index, { outcome }] of taken.entries()) {
      const { id, kind, state } = group[index]!;
      replayed.push({ id, channel, kind, before: state, after: outcome.state });
    }
    start = end;
  }
  return replayed;
}

async function takeUnanswered(replaying: Replaying, channel: string | undefined, context: Context): Promise<number> {
  const channels = channel === undefined ? [...replaying.rails.keys()] : [channel];
  const waiting = await unansweredLandings(replaying.intake.database, channels, context.now(), mostReplayed, context);
  for (const landing of waiting) {
    const { rail, landed } = await openLanding(replaying, landing, landing.channel, context);
    await takeLanded(replaying.intake, rail, landed.body, { landing, sender: landed.sender, mediaType: landed.mediaType, receivedAt: landed.receivedAt }, () => ({}), context);
  }
  return waiting.length;
}

async function openLanding({ intake, rails }: Replaying, landing: LandingKey, channel: string, context: Context): Promise<{ rail: Rail; landed: NonNullable<Awaited<ReturnType<typeof readLanded>>> }> {
  const rail = rails.get(channel);
  const landed = await readLanded(intake.database, landing, context);
  if (!rail || !landed) throw new Problem('channel-closed');
  return { rail, landed };
}
