/**
 * What can be changed. Every part of the house that writes makes a list of these and calls `commit`; nothing else
 * writes (the log of an authorization and the answer to a delivery included, so that they are one with the
 * resources they speak of).
 */
import type { Resource } from '@medplum/fhirtypes';
import type { SearchParameter } from '../../fhir/search-parameters.ts';

export type Change = CreateResource | UpdateResource | DeleteResource | EnsureResource | RecordAuthorization | EnqueueJob | AnswerDelivery | RecordMessage | RecordGuidance | RecordFeedback | CountQuestionnaireErrors | RecordExchange | CountHeld | CountRecorded;

export interface CreateResource extends Defining {
  readonly kind: 'create';
  readonly resource: Resource;
  /** An id handed out beforehand, so that other changes of the same commit can refer to it. */
  readonly id?: string;
  /** The content of a Binary, put into the object store before. */
  readonly object?: ObjectReference;
}

/** Filled by the commit, where the resource is a SearchParameter in force (`definitions.ts`). */
interface Defining {
  readonly defines?: SearchParameter;
}

/** Replaces a resource, or creates it under the id that the client chose. */
export interface UpdateResource extends Defining {
  readonly kind: 'update';
  readonly resource: Resource & { id: string };
  /** The version the caller has seen; another current version refuses the commit. */
  readonly ifMatch?: ExpectedVersion;
  /** The content of a Binary: of this version, none from now on, or (as where nothing is said) what the version before had. */
  readonly object?: ObjectReference | 'none' | 'kept';
  /** Where the values came from, when a message of the inbox brought them. */
  readonly ledger?: LedgerRow;
  /** Of a CodeSystem that tells of an import: the import says so itself (`held.ts`). */
  readonly ofImport?: true;
  /** The authorization that holds it, where the record is told anew and the log has nothing to add (`held.ts`). */
  readonly ofAuthorization?: string;
}

/** A version by its number, any that is there and not deleted (RFC 9110, section 13.1.1), or none. */
export type ExpectedVersion = number | '*' | 'absent';

/** The part of the ledger that is about one version of a resource (`store/ledger.ts`). */
export interface LedgerRow {
  readonly message: LandingKey;
  /** Encoded. */
  readonly entries: string;
}

/** Bytes in the object store (`store/objects/`), by the SHA-256 of what they are. */
export interface ObjectReference {
  /** 64 hexadecimal digits. */
  readonly sha256: string;
  /** In bytes. */
  readonly size: number;
}

export interface DeleteResource {
  readonly kind: 'delete';
  readonly type: string;
  readonly id: string;
  readonly ifMatch?: ExpectedVersion;
  /** As of an update. */
  readonly ofImport?: true;
}

/** Creates a resource under an id that follows from a business key, unless it is there already and not deleted. */
export interface EnsureResource extends Defining {
  readonly kind: 'ensure';
  readonly resource: Resource & { id: string };
}

/**
 * The log entries of a prior authorization, with the columns by which it is found. The resources that are its record
 * come before it in the list of changes; they are held by it from then on (`held.ts`).
 */
export interface RecordAuthorization {
  readonly kind: 'authorization';
  readonly header: AuthorizationHeader;
  /**
   * Of a new authorization, and of one that is given a part of what another was approved for: the count that was read
   * with the records of the member (`recordsOfMember`). If it is another by now the commit fails with `concurrent-change`.
   */
  readonly recordedBefore?: number;
  /** A version of the request that came with these events. */
  readonly request?: RequestVersion;
  readonly items: readonly AuthorizationItemRow[];
  readonly events: readonly AuthorizationEventRow[];
  /** Decisions among these events. */
  readonly outcomes: readonly AuthorizationOutcomeRow[];
}

export interface RequestVersion {
  readonly version: number;
  readonly rail: string;
  readonly landing: LandingKey;
  /** `system|value` of the Claim's identifiers, by which its sender names this version later. */
  readonly trace: readonly string[];
  /** Of what the rail compares when a request is sent again: 64 hexadecimal digits. */
  readonly contentSha256?: string;
  /** The request Bundle as JSON, where it is not the delivery itself. */
  readonly bundle?: string;
}

export interface AuthorizationItemRow {
  readonly item: number;
  /** Of the request, that last asked for it. */
  readonly askedVersion: number;
  /** `system|code` of the service asked for. */
  readonly service: readonly string[];
  /** Dates, YYYY-MM-DD. */
  readonly servicedFrom?: string;
  readonly servicedTo?: string;
  readonly status: string;
  /** Certification number. */
  readonly number?: string;
  /** Where that is another authorization's: the item of it that covers this one, and how much of it goes here, if that is known. */
  readonly takes?: { readonly item: number; readonly quantity?: number; readonly unit?: string };
}

export interface AuthorizationHeader {
  readonly id: string;
  readonly shard: number;
  readonly administrativeReference: string;
  readonly member: string;
  readonly plan?: string;
  readonly requester: readonly string[];
  readonly claim: string;
  readonly claimResponse: string;
  readonly task?: string;
  readonly receivedAt: Date;
  readonly expedited: boolean;
  readonly dueAt: Date;
  readonly clock: AuthorizationClockColumns;
  readonly open: boolean;
  readonly lastSequence: number;
}

/** Of the clock that is due first. */
export interface AuthorizationClockColumns {
  readonly lineOfBusiness: string;
  /** USPS code. */
  readonly state?: string;
  /** Id of the rule. */
  readonly rule?: string;
  readonly atRiskAt: Date;
  readonly pausedUntil?: Date;
}

/** A decision as a plan reports it (docs/guides/metrics.md). */
export interface AuthorizationOutcomeRow {
  /** Of its event. */
  readonly sequence: number;
  readonly item: number;
  readonly version: number;
  readonly plan?: string;
  readonly lineOfBusiness: string;
  readonly state?: string;
  readonly expedited: boolean;
  readonly extended: boolean;
  readonly appeal: boolean;
  readonly outcome: 'certified' | 'modified' | 'denied';
  readonly submittedAt: Date;
  readonly decidedAt: Date;
  /** YYYY-MM-DD, where the plan is. */
  readonly decidedOn: string;
}

export interface AuthorizationEventRow {
  readonly sequence: number;
  readonly at: Date;
  readonly kind: string;
  readonly item?: number;
  readonly authority: string;
  readonly author?: string;
  readonly rule?: string;
  readonly reason?: { readonly system: string; readonly code: string; readonly text: string };
  /** The whole event as JSON: what the fold reads. */
  readonly detail: string;
}

/** A request about an authorization, on whatever rail, and its answer (PAS 2.2.1, logical model PASMetricData). */
export interface RecordExchange {
  readonly kind: 'exchange';
  readonly exchange: ExchangeRow;
}

export interface ExchangeRow {
  readonly id: string;
  readonly shard: number;
  readonly exchange: 'initial' | 'subsequent' | 'update' | 'cancel' | 'query' | 'document';
  readonly rail: string;
  readonly requestedAt: Date;
  readonly respondedAt: Date;
  /** Of HTTP. */
  readonly status?: number;
  readonly plan?: string;
  readonly lineOfBusiness?: string;
  /** Id of the authorization. */
  readonly authorization?: string;
  /** The whole record as JSON. */
  readonly detail: string;
}

/**
 * Documents of a sender that wait for a request from now on, or (with numbers below zero) wait no more. Of more than
 * `most`, those counted before included, the commit fails with `concurrent-change`.
 */
export interface CountHeld {
  readonly kind: 'held';
  /** Of the sender's key. */
  readonly shard: number;
  /** A key for whoever sends, that says nothing of him. */
  readonly sender: string;
  readonly documents: number;
  readonly bytes: number;
  readonly most?: { readonly documents: number; readonly bytes: number };
}

/**
 * Something that rests on the records of a member as they were read, and is not an authorization: a document that is kept
 * because nobody waits for it, a request that found no document. As `RecordAuthorization.recordedBefore`.
 */
export interface CountRecorded {
  readonly kind: 'recorded';
  readonly member: string;
  readonly shard: number;
  readonly before: number;
}

export interface LandingKey {
  readonly id: string;
  readonly shard: number;
}

/** The answer to a delivery that created something; the same delivery gets it again. */
export interface AnswerDelivery {
  readonly kind: 'answer';
  readonly landing: LandingKey;
  readonly status: number;
  readonly mediaType: string;
  readonly body: string;
  /** The rail's own names for what is answered, such as an interchange's sender and control number. None is used twice: `concurrent-change` otherwise. */
  readonly controlKeys?: readonly string[];
}

/** What became of a message of the inbox (`store/inbox.ts`). */
export interface RecordMessage {
  readonly kind: 'message';
  readonly message: InboxRow;
  /** How often it was decided on before; undefined: never. Another number by now, or a message of this key, fails the commit with `concurrent-change`. */
  readonly attemptsBefore?: number;
}

export interface InboxRow extends LandingKey {
  readonly channel: string;
  readonly key: string;
  /** Of the content: 64 hexadecimal digits. */
  readonly sha256: string;
  readonly kind: string;
  readonly author?: string;
  readonly landing: LandingKey;
  /** Which message of the delivery it is, from 0. */
  readonly position: number;
  readonly receivedAt: Date;
  readonly state: 'accepted' | 'review' | 'quarantined' | 'duplicate';
  readonly series?: { readonly id: string; readonly version: number };
  readonly patient?: string;
  /** Whom a person chose for it: the id of a Patient, or `new`. */
  readonly chosenPatient?: string;
  /** JSON. */
  readonly issues: string;
  readonly unmapped: string;
  readonly share?: { readonly mapped: number; readonly sent: number };
  readonly acknowledgement: string;
}

/** An answered call of a CDS service, and what it said of each order (`store/coverage-assertions.ts`). */
export interface RecordGuidance {
  readonly kind: 'guidance';
  readonly call: CoverageCallRow;
  readonly assertions: readonly CoverageAssertionRow[];
}

export interface CoverageCallRow extends LandingKey {
  readonly hook: string;
  readonly hookInstance: string;
  readonly client: string;
  /** JSON, without credentials. */
  readonly request: string;
  readonly response: string;
}

export interface CoverageAssertionRow extends LandingKey {
  /** Id of the Patient; undefined where no member was found. */
  readonly member?: string;
  readonly plan?: string;
  /** `system|code` of the services that it is about. */
  readonly service: readonly string[];
  readonly pack?: string;
  readonly packVersion?: string;
  readonly rule?: string;
  readonly covered: string;
  /** Undefined where the service is not covered. */
  readonly paNeeded?: string;
  /** The answer as JSON. */
  readonly answer: string;
  /** The last day it is good for, YYYY-MM-DD. */
  readonly expiresOn: string;
}

/** What became of cards, as a client tells it. */
export interface RecordFeedback {
  readonly kind: 'feedback';
  readonly rows: readonly CoverageFeedbackRow[];
}

export interface CoverageFeedbackRow extends LandingKey {
  readonly service: string;
  /** Its uuid. */
  readonly card: string;
  readonly outcome: 'accepted' | 'overridden';
  readonly outcomeAt: Date;
  /** JSON: codes and uuids, nobody's words. */
  readonly detail: string;
}

/** Work to be done after the commit, and because of it (server/jobs/): it is there when the commit is, and not otherwise. */
export interface EnqueueJob {
  readonly kind: 'job';
  /** Of the task. */
  readonly name: string;
  /** Ids and numbers: never what a resource says. */
  readonly payload: Readonly<Record<string, string | number>>;
  /** One job of this key waits at most; a later one takes its place. */
  readonly key?: string;
  /** Not before this many seconds from the commit. */
  readonly afterSeconds?: number;
}

/** A version of a resource as it now stands in the store. */
export interface Committed {
  readonly type: string;
  readonly id: string;
  /** 0 for the deletion of what was never there. */
  readonly version: number;
  readonly lastUpdated: Date;
  readonly deleted: boolean;
  /** False when the resource existed before (or an `ensure` found it). */
  readonly created: boolean;
  /** JSON text; empty for a deletion, and for an `ensure` that found the resource. */
  readonly content: string;
}

/** Errors that clients met with questionnaires (`store/questionnaire-errors.ts`); each questionnaire and kind once. */
export interface CountQuestionnaireErrors {
  readonly kind: 'questionnaire-errors';
  readonly rows: readonly QuestionnaireErrorCount[];
}

export interface QuestionnaireErrorCount {
  /** Canonical with version; empty for one that is not here. */
  readonly questionnaire: string;
  readonly severity: string;
  readonly issue: string;
  readonly count: number;
}
