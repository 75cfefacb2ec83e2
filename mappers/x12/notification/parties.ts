/** Who takes part in a notification: sender and receiver, who of them pays or decides, and about whom it is. */
import { Members } from '../reading/members.ts';
import { numberOf, Urns } from '../reading/frame.ts';
import type { Frame } from '../request/frame.ts';
import type { RequestLevels } from '../request/map.ts';
import { mapMembers } from '../request/members.ts';
import { mapParty } from '../request/parties.ts';
import { valueAt } from '../segment.ts';

/** Entity codes (element 98) of those who pay or decide. */
const PAYERS = new Set(['PR', 'X3', '36']);

/** Who takes part, by fullUrl. */
export interface Parties {
  sender: string;
  recipient: string;
  insurer: string;
  provider: string;
  patient: string;
  coverage: string;
}

/** Of sender and receiver, one pays or decides: of a copy, who decided. Members are the payer's (PR) where one of them is that. */
export function mapParties(frame: Frame, levels: RequestLevels, decided: boolean): Parties {
  const { draft, origin, options } = frame;
  const [from, to] = [levels.umo.names[0]!, levels.requester.names[0]!];
  const [isPayer, toPayer] = [from, to].map((loop) => PAYERS.has(valueAt(loop.segments[0], 1))) as [boolean, boolean];
  const sender = mapParty(draft, from, isPayer ? 'insurer' : 'requestor').reference;
  const recipient = mapParty(draft, to, toPayer ? 'insurer' : 'requestor').reference;
  const insurer = isPayer && (decided || !toPayer) ? sender : recipient;
  const payer = [from, to].find((loop) => valueAt(loop.segments[0], 1) === 'PR') ?? (insurer === sender ? from : to);
  const name = payer.segments[0]!;
  const memberIdentifierSystem = options.memberIdentifierSystem ?? new Members(new Urns(origin), numberOf(name), name).system;
  const members = mapMembers(draft, levels.subscriber, levels.dependent, { insurer: payer === from ? sender : recipient, payerKey: `${valueAt(name, 8)}|${valueAt(name, 9)}`, memberIdentifierSystem });
  const provider = isPayer && toPayer ? mapRequester(frame, levels) ?? recipient : insurer === sender ? recipient : sender;
  return { sender, recipient, insurer, provider, ...members };
}

/** Between two that pay or decide, who asked for the services is not said: the first provider of them stands for it. */
function mapRequester({ draft }: Frame, { event, services }: RequestLevels): string | undefined {
  const provider = [event, ...services].flatMap(({ names }) => names).find(({ id }) => id === '2010EA' || id === '2010F');
  if (provider === undefined) draft.warn('requester-not-told', 'Who asked for the services is not said; the receiver stands for it.', event.id);
  return provider === undefined ? undefined : mapParty(draft, provider, 'organization').reference;
}
