/** The address of a request, taken apart and checked: type, id, version, criteria. */
import type { FastifyRequest } from 'fastify';
import { Problem } from '../../fhir/problems.ts';
import { assertAcceptable, assertPlainAddress, queryOf } from './media-types.ts';
import { assertId, assertResourceType } from './resource-body.ts';

export type TypeAddress = { Params: { type: string } };
export type InstanceAddress = { Params: { type: string; id: string } };
export type VersionAddress = { Params: { type: string; id: string; version: string } };

/** Parameters that say how an answer is written, and are no part of criteria. */
const ofRepresentation = new Set(['_format', '_pretty']);

/** @throws {Problem} `unknown-resource-type`, `unknown-search-parameter`, `not-acceptable` */
export function readType(request: FastifyRequest<TypeAddress>, interaction: string): string {
  const { type } = request.params;
  assertResourceType(type);
  assertPlainAddress(request, interaction);
  return type;
}

/** @throws {Problem} `unknown-resource-type`, `invalid-id`, `unknown-search-parameter`, `not-acceptable` */
export function readInstance(request: FastifyRequest<InstanceAddress>, interaction: string, more: readonly string[] = []): { type: string; id: string } {
  const { type, id } = request.params;
  assertResourceType(type);
  assertId(id);
  assertPlainAddress(request, interaction, more);
  return { type, id };
}

/** Type and criteria of a conditional interaction. @throws {Problem} `unknown-resource-type`, `not-acceptable` */
export function readConditional(request: FastifyRequest<TypeAddress>): { type: string; query: string } {
  const { type } = request.params;
  assertResourceType(type);
  assertAcceptable(request);
  return { type, query: new URLSearchParams(queryOf(request).filter(([name]) => !ofRepresentation.has(name))).toString() };
}

/** @throws {Problem} `version-not-found` for what cannot be the number of a version */
export function readVersionNumber(type: string, id: string, version: string): number {
  if (!/^[1-9]\d{0,8}$/.test(version)) throw new Problem('version-not-found', { type, id, version: 'of that name' });
  return Number(version);
}
