/** create, read, vread, update, delete (https://hl7.org/fhir/R4/http.html). */
import type { Resource } from '@medplum/fhirtypes';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../../../fhir/problems.ts';
import { readResource, readVersion, type StoredVersion } from '../../../store/read.ts';
import { commit } from '../../../store/write/commit.ts';
import type { House } from '../../house.ts';
import { assertPlainAddress, fhirJson, jsonBytes, readJson } from '../media-types.ts';
import { makeOwnReferencesRelative } from '../own-references.ts';
import { preferencesOf } from '../preferences.ts';
import { contextOf } from '../request-context.ts';
import { asResource, assertId, assertNoDecision, assertResourceType, assertShape } from '../resource-body.ts';

type TypeAddress = { Params: { type: string } };
type InstanceAddress = { Params: { type: string; id: string } };
type VersionAddress = { Params: { type: string; id: string; version: string } };

export function resourceRoutes(server: FastifyInstance, house: House): void {
  server.post<TypeAddress>('/:type', { config: { interaction: 'create' } }, async (request, reply) => {
    const { type } = request.params;
    assertResourceType(type);
    assertPlainAddress(request, 'create');
    refuseUnsupportedHeaders(request, ['if-none-exist']);
    const resource = readResourceBody(request, type, house);
    const [created] = await commit(house.database, [{ kind: 'create', resource }], contextOf(request, house));
    return sendWritten(request, reply, house, created!, 201);
  });

  server.get<InstanceAddress>('/:type/:id', { config: { interaction: 'read' } }, async (request, reply) => {
    const { type, id } = readAddress(request, 'read');
    const stored = await readResource(house.database, type, id, contextOf(request, house));
    if (isKnown(request, stored.version)) return reply.status(304).header('etag', entityTag(stored.version)).send();
    return sendVersion(reply, stored);
  });

  server.get<VersionAddress>('/:type/:id/_history/:version', { config: { interaction: 'vread' } }, async (request, reply) => {
    const { type, id } = readAddress(request, 'vread');
    const { version } = request.params;
    if (!/^[1-9]\d{0,8}$/.test(version)) throw new Problem('version-not-found', { type, id, version: 'of that name' });
    return sendVersion(reply, await readVersion(house.database, type, id, Number(version), contextOf(request, house)));
  });

  server.put<InstanceAddress>('/:type/:id', { config: { interaction: 'update' } }, async (request, reply) => {
    const { type, id } = readAddress(request, 'update');
    refuseUnsupportedHeaders(request, ['if-none-match']);
    const resource = readResourceBody(request, type, house);
    if (resource.id === undefined) throw new Problem('id-required', {}, `${type}.id`);
    if (resource.id !== id) throw new Problem('id-mismatch', {}, `${type}.id`);
    const ifMatch = readIfMatch(request);
    const [written] = await commit(house.database, [{ kind: 'update', resource: { ...resource, id }, ...(ifMatch !== undefined && { ifMatch }) }], contextOf(request, house));
    return sendWritten(request, reply, house, written!, written!.created ? 201 : 200);
  });

  server.delete<InstanceAddress>('/:type/:id', { config: { interaction: 'delete' } }, async (request, reply) => {
    const { type, id } = readAddress(request, 'delete');
    const ifMatch = readIfMatch(request);
    const [deleted] = await commit(house.database, [{ kind: 'delete', type, id, ...(ifMatch !== undefined && { ifMatch }) }], contextOf(request, house));
    if (deleted!.version > 0) reply.header('etag', entityTag(deleted!.version));
    return reply.status(204).send();
  });
}

function readAddress(request: FastifyRequest<InstanceAddress> | FastifyRequest<VersionAddress>, interaction: string): { type: string; id: string } {
  const { type, id } = request.params;
  assertResourceType(type);
  assertId(id);
  assertPlainAddress(request, interaction);
  return { type, id };
}

function readResourceBody(request: FastifyRequest, type: string, house: House): Resource {
  const resource = asResource(readJson(jsonBytes(request, `a ${type}`)), type);
  assertShape(resource);
  assertNoDecision(resource);
  makeOwnReferencesRelative(resource, house.baseUrl());
  return resource;
}

/** If-None-Match, with one tag, several, or `*` (RFC 9110, section 13.1.2). */
function isKnown(request: FastifyRequest, version: number): boolean {
  const header = request.headers['if-none-match'];
  return header !== undefined && header.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === `"${version}"`);
}

/** A precondition that is not understood must not be passed over: the client believes that it holds. */
function refuseUnsupportedHeaders(request: FastifyRequest, names: readonly string[]): void {
  for (const name of names) {
    if (request.headers[name] !== undefined) throw new Problem('not-supported', { what: `The header ${name} on this interaction` });
  }
}

function readIfMatch(request: FastifyRequest): number | undefined {
  const header = request.headers['if-match'];
  if (header === undefined) return undefined;
  const version = /^(?:W\/)?"([1-9]\d{0,8})"$/.exec(header)?.[1];
  if (version === undefined) throw new Problem('bad-if-match');
  return Number(version);
}

export function entityTag(version: number): string {
  return `W/"${version}"`;
}

function sendVersion(reply: FastifyReply, stored: StoredVersion): FastifyReply {
  return reply.status(200).type(fhirJson)
    .header('etag', entityTag(stored.version))
    .header('last-modified', stored.lastUpdated.toUTCString())
    .send(stored.content);
}

function sendWritten(request: FastifyRequest, reply: FastifyReply, house: House, written: StoredVersion, status: number): FastifyReply {
  reply.status(status)
    .header('etag', entityTag(written.version))
    .header('last-modified', written.lastUpdated.toUTCString())
    .header('location', `${house.baseUrl()}/${written.type}/${written.id}/_history/${written.version}`);
  switch (preferencesOf(request).return) {
    case 'minimal': return reply.send();
    case 'OperationOutcome':
      return reply.type(fhirJson).send(JSON.stringify({ resourceType: 'OperationOutcome', issue: [{ severity: 'information', code: 'informational', diagnostics: `${written.type}/${written.id} is at version ${written.version}.` }] }));
    case 'representation': return reply.type(fhirJson).send(written.content);
  }
}
