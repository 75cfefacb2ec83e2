/**
 * What is registered is what runs: routes, CapabilityStatement and documentation are made from these, never from a
 * list kept by hand. An operation says where it can be asked for and by what OperationDefinition it is known; reading
 * HTTP and writing the answer are the edge's.
 * Source: https://hl7.org/fhir/R4/operations.html
 */
import type { OperationDefinition } from '@medplum/fhirtypes';
import type { Context } from '../store/context.ts';

/** Where an operation is asked for: on the server, on a type, on a resource, on one version of it. */
export type OperationLevel = 'system' | 'type' | 'instance' | 'version';

export interface OperationCall {
  readonly context: Context;
  readonly level: OperationLevel;
  /** Of the address; undefined at the level of the system. */
  readonly type: string | undefined;
  /** Of the instance; undefined above it. */
  readonly id: string | undefined;
  /** Of the version, at that level. */
  readonly version: number | undefined;
  readonly method: 'GET' | 'POST';
  /** Parameters of the address, but for those that only say how the answer is written. */
  readonly query: readonly (readonly [string, string])[];
  /** Those that only say how the answer is written; they belong in its links. */
  readonly presentation: readonly (readonly [string, string])[];
  /** The header Accept-Language as it came; undefined where it says nothing. */
  readonly language?: string;
  /** The header If-Match as it came: for an operation that changes a record which its caller has read. */
  readonly ifMatch?: string;
  /** For an operation with a `native` type: the answer goes out in that, and not as a resource. */
  readonly isNative?: boolean;
  /** For an operation with `others`: the one of them that is asked for by name. */
  readonly other?: string;
  /** Media type of the body, in lower case without parameters; empty where there is none. */
  readonly mediaType: string;
  /** The body as it came; empty where there is none. */
  readonly body: Buffer;
  /** The bytes of a body that is a resource, for those who keep it as it came. @throws {Problem} `empty-body`, `unsupported-media-type` */
  readonly resourceBytes: (expected: string) => Buffer;
  /** The body as a resource, in any syntax that resources are taken in. @throws {Problem} `empty-body`, `unsupported-media-type`, and those of parsing */
  readonly resource: (expected: string) => unknown;
}

export interface OperationAnswer {
  readonly status: number;
  /** FHIR JSON is written as the client asks for it; anything else goes out as it is. */
  readonly mediaType: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Operation {
  /** Name after the dollar sign. */
  readonly code: string;
  /** The type it is for; `Resource`: all of them. */
  readonly resource: string;
  readonly levels: readonly OperationLevel[];
  /** Canonical of the OperationDefinition. */
  readonly canonical: string;
  /** Can be asked for by GET: it changes nothing, and its input may be small enough for an address. */
  readonly byGet: boolean;
  /** Takes and gives something that is no resource, so that a client need not accept FHIR. */
  readonly plain?: boolean;
  /** A media type other than FHIR in which it answers whoever does not ask for FHIR. */
  readonly native?: string;
  /** Media types other than FHIR in which it answers whoever asks for one of them by name. */
  readonly others?: readonly string[];
  /** Ours alone have a definition here; those of FHIR or of an implementation guide are defined there. */
  readonly definition?: OperationDefinition & { readonly id: string };
  /** What a client has to know beside the definition, such as limits of this server; told in the CapabilityStatement. */
  readonly documentation?: () => string;
  handle(call: OperationCall): Promise<OperationAnswer>;
}

/** The media type of answers that are resources. */
export const fhirAnswer = 'application/fhir+json; charset=utf-8';
