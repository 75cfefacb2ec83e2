/**
 * Documents that come after a request: what they say they belong to, and the documents. Made by each rail from what it
 * takes in: CDex Parameters (`read-parameters.ts`) or a 275.
 */
import type { CodeableConcept, Identifier, Resource } from '@medplum/fhirtypes';
import type { FoundSignature } from '../../signatures/find.ts';
import type { Person } from './people.ts';

/** A resource that came, and where it stood. */
export interface Sent {
  readonly resource: Resource;
  /** The address that what came with it refers to it by. */
  readonly fullUrl?: string;
  /** What came together: only resources of the same number refer to each other. */
  readonly scope: number;
}

export interface Attachment extends Sent {
  /** What it is, in the codes by which documents are asked for. */
  readonly code?: CodeableConcept;
  /** Items of the request that it is about; none where it is about the whole. */
  readonly items: readonly number[];
  /** FHIRPath of what it was sent as. */
  readonly where?: string;
  /** Of the Bundle that it was taken out of, which is signed as a whole. */
  readonly bundleSignature?: FoundSignature;
}

export interface AttachmentSubmission {
  /** Numbers that name what was asked for, or the authorization: the tracking number of an information request, REF*NT, REF*BB. */
  readonly numbers: readonly string[];
  /** The number that its sender gave it, where it can be kept for a request that comes later. */
  readonly tracking?: Identifier;
  /** The member's number with the plan. */
  readonly member: string;
  readonly attachments: readonly Attachment[];
  /** Who sends them, as far as he says. */
  readonly senders: readonly Identifier[];
  /** Of whom the documents speak. */
  readonly people: readonly Person[];
  /** People and places that the documents refer to. */
  readonly others: readonly Sent[];
  /** Ids of the requests for information that the Task stands for, where a Task is answered: what says no kind answers these alone. */
  readonly asked?: ReadonlySet<string>;
  /** False where more is to come for the same request for information. */
  readonly isFinal: boolean;
}

/** Types of what a document refers to and is no document itself. */
const parties: ReadonlySet<string> = new Set(['Organization', 'Practitioner', 'PractitionerRole', 'Location', 'HealthcareService', 'RelatedPerson', 'Patient', 'Medication', 'Provenance', 'Endpoint', 'Device']);

export function isParty({ resourceType }: Resource): boolean {
  return parties.has(resourceType);
}
