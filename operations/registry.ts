/**
 * What is registered is what runs: routes, CapabilityStatement and documentation are made from these, never from a
 * list kept by hand.
 */
import type { OperationDefinition } from '@medplum/fhirtypes';
import type { Context } from '../store/context.ts';

export interface OperationCall {
  readonly context: Context;
  /** Id of the instance, for operations on an instance. */
  readonly id: string | undefined;
  /** The body as it came. */
  readonly bytes: Buffer;
  readonly mediaType: string;
}

export interface OperationAnswer {
  readonly status: number;
  readonly mediaType: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Operation {
  /** Name after the dollar sign. */
  readonly code: string;
  readonly resource: string;
  readonly level: 'type' | 'instance';
  /** Canonical of the OperationDefinition. */
  readonly canonical: string;
  /** Ours alone have a definition here; those of an implementation guide are defined there. */
  readonly definition?: OperationDefinition & { readonly id: string };
  handle(call: OperationCall): Promise<OperationAnswer>;
}
