/** Units of the inbox: each taken for itself, and what became of those of one transaction set told together. */
import type { Bundle, Resource } from '@medplum/fhirtypes';
import { applicationAdvice, claimAcknowledgment, type MappedUnit, notificationAcknowledgment, type ReceivedGroup, type ReceivedInterchange, type RequestContext, type Segment, type UnitOutcome } from '../../mappers/x12/index.ts';
import { type Arrival, type Intake, takeMessage } from '../../operations/intake/take-messages.ts';
import type { Context } from '../../store/context.ts';
import { codesOf, type X12Rail } from './rail.ts';

/**
 * @param position ordinal among the inbox's units of the delivery, by which it is replayed
 * @returns `accepted` also where a person is to say whose it is: its sender has done his part
 */
export async function takeUnit({ intake, x12 }: { readonly intake: Intake; readonly x12: X12Rail }, unit: MappedUnit, position: number, units: SetOfUnits, body: Uint8Array, arrival: Arrival, context: Context): Promise<UnitOutcome['state']> {
  const { outcome } = await takeMessage(intake, x12, x12.messageOf(unit, body), position, arrival, {}, context);
  const state = outcome.state === 'accepted' || outcome.state === 'review' ? 'accepted' : 'rejected';
  units.landed(arrival.landing.id);
  units.note(unit, { state, codes: outcome.state === 'duplicate' ? ['duplicate-key'] : codesOf(outcome.issues) });
  return state;
}

/** What became of the units of one transaction set. Of a claim no more is kept than its acknowledgement says. */
export class SetOfUnits {
  readonly #set: MappedUnit['set'];
  readonly #outcomes: (UnitOutcome & { readonly ordinal: number; readonly bundle: Bundle })[] = [];
  readonly #batch: string;
  /** With a notification: what its acknowledgment needs. */
  readonly #notification: RequestContext | undefined;
  #landing = '';

  constructor(first: MappedUnit) {
    this.#set = first.set;
    this.#notification = first.request?.context;
    this.#batch = first.bundle.identifier?.value ?? '';
  }

  /** By which the bytes are found again: the receipt number of a notification. */
  landed(id: string): void {
    this.#landing = id;
  }

  note({ ordinal, bundle }: MappedUnit, outcome: UnitOutcome): void {
    this.#outcomes.push({ ...outcome, ordinal, bundle: this.#set.identifier === '837' ? told(bundle) : empty });
  }

  problems(): string[] {
    return [...new Set(this.#outcomes.flatMap(({ state, codes }) => (state === 'rejected' ? codes : [])))];
  }

  answer({ control }: ReceivedInterchange, group: ReceivedGroup, stamps: { date: string; time: string; controlNumber: string }): Segment[] {
    if (this.#notification) return notificationAcknowledgment(this.#notification, { state: this.#outcomes.some(({ state }) => state === 'rejected') ? 'rejected' : 'accepted', receipt: this.#landing }, stamps);
    const [receiver, sender] = [{ name: group.receiverCode, number: control.receiver.id }, { name: group.senderCode, number: control.sender.id }];
    return this.#set.identifier === '837'
      ? claimAcknowledgment({ payer: receiver, submitter: sender, batch: this.#batch, claims: this.#outcomes }, stamps)
      : applicationAdvice({ submitter: receiver, receiver: sender, group: group.controlNumber, set: this.#set, units: this.#outcomes }, stamps);
  }
}

const empty: Bundle = { resourceType: 'Bundle', type: 'collection' };

/** The Claim, its patient and its provider: what a 277CA names. */
function told(bundle: Bundle): Bundle {
  const kept = new Set<Resource['resourceType']>(['Claim', 'Patient', 'Organization', 'Practitioner']);
  const claim = bundle.entry?.[0]?.resource;
  const named = claim?.resourceType === 'Claim' ? new Set([claim.patient?.reference, claim.provider?.reference]) : new Set<string | undefined>();
  return { ...empty, entry: (bundle.entry ?? []).filter(({ fullUrl, resource }, index) => index === 0 || (resource !== undefined && kept.has(resource.resourceType) && named.has(fullUrl))) };
}
