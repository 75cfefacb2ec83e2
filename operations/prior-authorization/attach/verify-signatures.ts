/**
 * Signatures of documents that come for a request: all must be what they say before anything is done with any of them,
 * and each document is kept with what was found of its own.
 * Source: CDex 2.1.0, "Sending attachments", CONF-025.
 */
import { signaturesIn, type FoundSignature } from '../../signatures/find.ts';
import { withSignatures } from '../../signatures/mark.ts';
import { verifySignature, type SignaturePolicy, type VerifiedSignature } from '../../signatures/verify.ts';
import type { AttachmentSubmission } from './submission.ts';

/** @throws {Problem} `signature-invalid` */
export async function verifySignatures(sent: AttachmentSubmission, policy: SignaturePolicy, now: Date): Promise<AttachmentSubmission> {
  // What was taken out of one Bundle shares its signature.
  const verified = new Map<FoundSignature, VerifiedSignature>();
  const attachments: AttachmentSubmission['attachments'][number][] = [];
  for (const [index, attachment] of sent.attachments.entries()) {
    const { bundleSignature, resource } = attachment;
    const found = [...bundleSignature ? [bundleSignature] : [], ...signaturesIn(resource, attachment.where ?? `Bundle.entry[${index}].resource`)];
    for (const each of found) if (!verified.has(each)) verified.set(each, await verifySignature(each, policy, now));
    attachments.push({ ...attachment, resource: withSignatures(resource, found.map((each) => verified.get(each)!)) });
  }
  return { ...sent, attachments };
}
