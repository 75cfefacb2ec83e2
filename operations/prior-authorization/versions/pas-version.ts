/**
 * The versions of PAS that are served, each under an address of its own over the same authorizations (conf-1 to
 * conf-3). What is decided and recorded is of the current version; an older one is a folder here that says how its
 * answers look. The newest comes first, and has the FHIR base itself.
 */
import type { Resource } from '@medplum/fhirtypes';
import { answerOfOlder } from './2.0.1/answer.ts';
import type { PasOperation } from './pas-operation.ts';

export interface PasVersion {
  /** As the guide's package has it. */
  readonly name: string;
  /** FHIR R4 content of a Subscription to the guide's topic. */
  readonly payloadContents: readonly ('full-resource' | 'id-only' | 'empty')[];
  /**
   * What the current version answers, as this one has it. Pure.
   * @param answer of the current version; an OperationOutcome is the same in all of them
   * @param now when the answer is given
   */
  readonly answer: (operation: PasOperation, answer: Resource, now: Date) => Resource;
}

export const currentPas: PasVersion = { name: '2.2.1', payloadContents: ['full-resource'], answer: (_operation, answer) => answer };

const olderPas: PasVersion = { name: '2.0.1', payloadContents: ['id-only', 'full-resource'], answer: answerOfOlder };

export const pasVersions: readonly PasVersion[] = [currentPas, olderPas];

/** Undefined for a version that is not served. */
export function pasVersionNamed(name: string): PasVersion | undefined {
  return pasVersions.find((version) => version.name === name);
}
