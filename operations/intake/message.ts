/**
 * What a rail tells the inbox: how a delivery falls apart into messages, what each message is called, how it is mapped,
 * and how its sender is answered. The inbox (`take-messages.ts`) does the rest, the same for every rail: landing,
 * repetition, validation, matching, merging, commit, quarantine.
 *
 * A message is what its sender counts as one: an HL7v2 message (not the batch around it), a C-CDA document, an X12
 * transaction set. Each is committed or quarantined for itself.
 */
import type { Mapping, MappingIssue } from '../../mappers/ledger.ts';
import type { Context } from '../../store/context.ts';
import type { DeliveryAnswer } from '../../store/landing.ts';
import type { Change, LandingKey } from '../../store/write/changes.ts';
import type { Turn } from './turns.ts';

/** One message of a delivery, found and not yet mapped. */
export interface IncomingMessage {
  /**
   * The sender's own name for it, by which a repetition is known: HL7v2 MSH-3, MSH-4 and MSH-10; ClinicalDocument.id;
   * X12 ISA06, ISA08, ISA13, GS06 and ST02. Undefined where it cannot be read: then its content is its name.
   */
  readonly key: string | undefined;
  /** What it is, in the rail's words and without data: `ADT^A08`, `CCD`, `837 005010X222A1`. */
  readonly kind: string;
  /** Who sent it, as the message says: the agent of its Provenance. An organization or application, never a person. */
  readonly author?: string;
  /** Its own bytes. The same key with other bytes is another message under a name that is taken. */
  readonly content: Uint8Array;
  /**
   * `part` (the default): of people, places, visits, coverages and orders that are stored, what it does not speak of stays.
   * `whole`: its resources replace stored ones, but for those that others share (people, organizations, places). What is
   * neither (a result, a diagnosis, an allergy) is replaced in any case.
   */
  readonly carries?: 'part' | 'whole';
  /** It tells whom the plan covers, as an enrollment does (834): its people and coverages become the plan's own record. */
  readonly speaksForPlan?: true;
  /**
   * Messages that replace each other: ClinicalDocument.setId and versionNumber. One with a lower version than what is
   * stored is taken and changes nothing.
   */
  readonly series?: { readonly id: string; readonly version: number };
  /** It is a document, of this media type: it is listed as a DocumentReference, and supersedes those that it replaces. */
  readonly document?: { readonly mediaType: string };
  /**
   * Pure, and called when the message is new, when it was quarantined before, and on replay. An issue of severity `error`
   * says that the message as a whole cannot be taken (it is quarantined); a value that cannot be read is a `warning` and
   * stands in the unmapped report. What it throws quarantines the message as well.
   *
   * Resources have `fullUrl` `urn:uuid:` with a name-based UUID of their business key: it becomes the id. A ledger entry
   * with `deletes` removes what was stored (HL7v2 `""`).
   */
  map(): Mapping<unknown>;
  /**
   * Of a message that asks for something to be decided (a request for authorization, a document that one waits for):
   * called in place of storing what was mapped, when the mapping told no error. What was decided once is not decided again
   * by a replay. Called anew where somebody else was faster. Undefined: there is nothing to decide, and it is stored.
   * @throws {Problem} of status 500 and above, and `concurrent-change`; whatever else is wrong is told in the outcome
   */
  decide?(mapping: Mapping<unknown>, asking: Asking, context: Context): Promise<Decided | undefined>;
}

/** What is known around a message that asks. */
export interface Asking {
  readonly landing: LandingKey;
  /** When its bytes landed, the last time where they were refused before. */
  readonly receivedAt: Date;
  readonly sender: string;
  readonly turn: Turn;
}

/** What comes of a message that asks: committed in one transaction with its acknowledgement. */
export interface Decided {
  readonly state: Extract<MessageState, 'accepted' | 'quarantined'>;
  /** Beside those of the mapping. */
  readonly issues: readonly MessageIssue[];
  readonly changes: readonly Change[];
  /** In place of what the rail says of messages that are stored. */
  readonly acknowledgement: string;
  /** Id of whom it is about, where that is known. */
  readonly patient?: string;
  /** Told when all of it is durable. */
  committed(): void;
}

/** One thing to be told about a message: by the mapper, the validator, the matching. Never a value from the data. */
export interface MessageIssue extends MappingIssue {
  /** FHIRPath from the Bundle that was mapped, where the issue is of that; `source` is then where the value was read. */
  readonly expression?: string;
}

/**
 * `accepted`: committed. `review`: whose it is must be said by a person; kept, and told to nobody but them: for its
 * sender it is accepted. `quarantined`: nothing is committed; it can be replayed. `duplicate`: its key belongs to another
 * message, nothing is committed.
 */
export type MessageState = 'accepted' | 'review' | 'quarantined' | 'duplicate';

export interface MessageOutcome {
  readonly state: MessageState;
  readonly issues: readonly MessageIssue[];
  /** What the mapper would answer; undefined where it did not come to that. */
  readonly mapping?: Mapping<unknown>;
}

/** A message with what became of it and what its sender is told. */
export interface AcknowledgedMessage<M extends IncomingMessage> {
  readonly message: M;
  readonly outcome: Omit<MessageOutcome, 'mapping'>;
  readonly acknowledgement: string;
  /** It came before, and the acknowledgement is the one that was given then. */
  readonly repeated: boolean;
}

/** A way for messages to come in. One for each format; transports (MLLP, HTTP, a folder) share it. */
export interface Rail<M extends IncomingMessage = IncomingMessage> {
  /** Name of the channel: `hl7v2`, `ccda`, `x12-837`. Keys are unique within it, whatever transport a message came by. */
  readonly channel: string;
  /**
   * The messages of a delivery, lazily where there may be many. A message that cannot be read is one all the same: with
   * an undefined key and a `map` that throws or tells an error.
   * @throws {Problem} where the delivery is nothing of the kind
   */
  read(body: Uint8Array, mediaType: string): Iterable<M>;
  /** What the sender is told of one message; kept, and told again when the message is repeated. */
  acknowledge(message: M, outcome: MessageOutcome, context: Context): string;
  /** The answer to the delivery: of its messages' acknowledgements, in order. */
  answer(messages: readonly AcknowledgedMessage<M>[], context: Context): DeliveryAnswer;
  /** The answer to what is no delivery of this rail. */
  refuse(issues: readonly MessageIssue[], status: number, context: Context): DeliveryAnswer;
}
