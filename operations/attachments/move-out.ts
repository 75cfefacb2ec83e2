/**
 * Large contents leave a resource before it is committed: inline data of attachments becomes a Binary of its own, and the
 * data of a Binary an object of the object store. One function for whoever writes: the routes of FHIR REST call it with
 * the changes of a create, an update, a patch, a batch entry or a transaction right before `commit`, the prior
 * authorization service with those of a request.
 *
 * What comes back begins with the changes that were given, in their order, so that the results of the commit keep their
 * places; the Binaries that were made stand behind them. Nothing is committed here: an object whose commit fails is
 * garbage, and is cleaned away later.
 *
 * Patching a Binary, or writing its meta alone, does not touch its data: such a change says `object: 'kept'`. An update
 * of a Binary that says nothing and has no `data` has no content from then on, as the client wrote.
 */
import { createHash } from 'node:crypto';
import type { Attachment, Binary, Extension, Resource } from '@medplum/fhirtypes';
import { isBase64, largeAttachments, withAttachment, type InlineAttachment } from '../../fhir/attachments.ts';
import { Problem } from '../../fhir/problems.ts';
import type { Context } from '../../store/context.ts';
import { newIdFor } from '../../store/index-row.ts';
import type { ObjectStore } from '../../store/objects/object-store.ts';
import type { Change, CreateResource, ObjectReference, UpdateResource } from '../../store/write/changes.ts';

export interface AttachmentSettings {
  readonly objects: ObjectStore;
  /** Data of more bytes than this does not stay inline. */
  readonly inlineLimit: number;
  /** Bytes of one object at most. */
  readonly binaryLimit: number;
}

/** Where an attachment came with data and an address, of which only one can be in `url` from then on. */
export const sentUrlExtension = 'https://priora.health/fhir/StructureDefinition/attachment-sent-url';

type Write = CreateResource | UpdateResource;

/** @throws {Problem} `invalid-element` for data that is not base64, before anything is kept; `too-large`, `store-full`, `store-unavailable` */
export async function moveOutAttachments(changes: readonly Change[], settings: AttachmentSettings, context: Context): Promise<readonly Change[]> {
  const large = changes.map((change) => isWrite(change) ? largeIn(change.resource, settings.inlineLimit) : []);
  if (large.every((found) => found.length === 0) && !changes.some((change) => isWrite(change) && change.resource.resourceType === 'Binary')) return changes;
  const written: Change[] = [];
  const made: Change[] = [];
  // One after another: each holds the decoded bytes while it is kept.
  for (const [index, change] of changes.entries()) {
    if (!isWrite(change)) written.push(change);
    else if (change.resource.resourceType === 'Binary') written.push(await binaryWithoutData(change, change.resource, settings, context));
    else if (large[index]!.length === 0) written.push(change);
    else {
      const { owner, binaries } = await moved(change, large[index]!, settings, context);
      written.push(owner);
      made.push(...binaries);
    }
  }
  return [...written, ...made];
}

function isWrite(change: Change): change is Write {
  return change.kind === 'create' || change.kind === 'update';
}

function largeIn(resource: Resource, limit: number): readonly InlineAttachment[] {
  if (resource.resourceType === 'Binary' && resource.data !== undefined && !isBase64(resource.data)) throw malformed('Binary.data');
  const large = largeAttachments(resource, limit);
  for (const { attachment, expression } of large) if (!isBase64(attachment.data)) throw malformed(`${expression}.data`);
  return large;
}

function malformed(element: string): Problem {
  return new Problem('invalid-element', { element, reason: 'must be Base64 in a string' }, element);
}

async function binaryWithoutData(change: Write, { data, ...resource }: Binary, settings: AttachmentSettings, context: Context): Promise<Change> {
  if (data !== undefined) {
    const object = await keep(Buffer.from(data, 'base64'), settings, context);
    return change.kind === 'create' ? { ...change, resource, object } : { ...change, resource: { ...resource, id: change.resource.id }, object };
  }
  return change.kind === 'create' || change.object !== undefined ? change : { ...change, object: 'none' };
}

async function moved(change: Write, large: readonly InlineAttachment[], settings: AttachmentSettings, context: Context): Promise<{ owner: Write; binaries: readonly CreateResource[] }> {
  const id = change.kind === 'create' ? change.id ?? newIdFor(change.resource, context) : change.resource.id;
  const binaries: CreateResource[] = [];
  let resource = change.resource;
  for (const { attachment, path } of large) {
    const bytes = Buffer.from(attachment.data, 'base64');
    const binary = {
      kind: 'create', id: newIdFor(change.resource, context), object: await keep(bytes, settings, context),
      resource: { resourceType: 'Binary', contentType: attachment.contentType ?? 'application/octet-stream', securityContext: { reference: `${resource.resourceType}/${id}` } },
    } as const satisfies CreateResource;
    binaries.push(binary);
    resource = withAttachment(resource, path, pointing(attachment, `Binary/${binary.id}`, bytes));
  }
  const owner: Write = change.kind === 'create' ? { ...change, id, resource } : { ...change, resource: resource as typeof change.resource };
  return { owner, binaries };
}

/** Size and hash are those of the data that was sent, whatever was said beside it. SHA-1 is what R4 wants in `hash`. */
function pointing({ url: sent, ...sentAttachment }: Attachment, url: string, bytes: Uint8Array): Attachment {
  const { data: _data, ...attachment } = sentAttachment;
  const kept: Extension[] = sent === undefined ? [] : [{ url: sentUrlExtension, valueUrl: sent }];
  const extension = [...(attachment.extension ?? []), ...kept];
  return { ...attachment, ...(extension.length > 0 && { extension }), url, size: bytes.byteLength, hash: createHash('sha1').update(bytes).digest('base64') };
}

async function keep(bytes: Buffer, { objects, binaryLimit }: AttachmentSettings, context: Context): Promise<ObjectReference> {
  return objects.put(context.tenant.id, [bytes], binaryLimit);
}
