/** Answers to reads and writes: status, the headers that name a version, and as much of it as the client prefers. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { outcomeOfIssues } from '../../fhir/outcome.ts';
import type { Context } from '../../store/context.ts';
import type { StoredVersion } from '../../store/read.ts';
import type { Outcome } from './interactions/write.ts';
import { entityTag, isUnchanged, preconditionsOf } from './preconditions.ts';
import { preferencesOf, type Preferences } from './preferences.ts';
import type { Representation } from './representation.ts';

/** 304 where the client has it already. */
export function sendVersion(request: FastifyRequest, reply: FastifyReply, stored: StoredVersion, representation: Representation): FastifyReply {
  reply.header('etag', entityTag(stored.version)).header('last-modified', stored.lastUpdated.toUTCString());
  if (isUnchanged(preconditionsOf(request), stored)) return reply.status(304).send();
  return representation.send(reply.status(200), stored.content);
}

/** The answer to a write (https://hl7.org/fhir/R4/http.html#return). */
export function sendWritten(request: FastifyRequest, reply: FastifyReply, outcome: Outcome, representation: Representation, context: Context): FastifyReply {
  const { status, version } = outcome;
  const preference = preferencesOf(request).return;
  if (version !== undefined && version.version > 0) reply.header('etag', entityTag(version.version)).header('last-modified', version.lastUpdated.toUTCString());
  if (status === 204) return preference === 'OperationOutcome' ? representation.send(reply.status(200), JSON.stringify(successOf(outcome))) : reply.status(204).send();
  reply.status(status).header('location', locationOf(version!, context));
  const text = resourceText(outcome, preference);
  return text === undefined ? reply.send() : representation.send(reply, text);
}

/** What goes into the body of the answer, as JSON text; nothing where the client wants nothing. */
function resourceText(outcome: Outcome, preference: Preferences['return']): string | undefined {
  switch (preference) {
    case 'minimal': return undefined;
    case 'OperationOutcome': return JSON.stringify(successOf(outcome));
    case 'representation': return outcome.version!.content;
  }
}

export function locationOf({ type, id, version }: Pick<StoredVersion, 'type' | 'id' | 'version'>, { base }: Pick<Context, 'base'>): string {
  return `${base}/${type}/${id}/_history/${version}`;
}

/** An OperationOutcome for what went well. */
export function successOf({ version, remarks = [] }: Outcome): object {
  const diagnostics = version === undefined || version.version === 0 ? 'There was nothing to delete, or all of it is deleted.'
    : `${version.type}/${version.id} is ${version.deleted ? 'deleted' : `at version ${version.version}`}.`;
  return { resourceType: 'OperationOutcome', issue: [{ severity: 'information', code: 'informational', diagnostics }, ...outcomeOfIssues(remarks).issue] };
}
