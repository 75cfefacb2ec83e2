/**
 * The Parameters of $submit-attachment.
 * Source: Da Vinci CDex 2.1.0, OperationDefinition submit-attachment and profile cdex-parameters-submit-attachment.
 */
import type { Bundle, CodeableConcept, Identifier, Parameters, ParametersParameter, Resource } from '@medplum/fhirtypes';
import { stringifyJson } from '../../../fhir/json.ts';
import { Problem, type ProblemIssue } from '../../../fhir/problems.ts';
import { signatureOf } from '../../signatures/find.ts';
import { peopleIn } from './people.ts';
import { isParty, type Attachment, type AttachmentSubmission } from './submission.ts';

const broken = (rule: string, expression: string): ProblemIssue => ({ code: 'attachment-invalid', details: { rule }, expression });

/** More documents than any request for information asks for; larger deliveries are split. */
export const mostAttachments = 100;

/** @throws {Problem} `attachment-invalid`, with an issue for everything that is wrong */
export function readAttachmentParameters(body: unknown): AttachmentSubmission {
  const { resourceType, parameter } = (body ?? {}) as Parameters;
  if (resourceType !== 'Parameters' || !Array.isArray(parameter)) throw Problem.of([broken('The body must be the Parameters of the operation.', 'Parameters')]);
  const issues: ProblemIssue[] = [];
  const named = (name: string): ParametersParameter[] => parameter.filter((each) => each?.name === name);
  const one = <T>(name: string, read: (each: ParametersParameter) => T | undefined, isNeeded: boolean): T | undefined => {
    const [first, ...more] = named(name);
    const value = first && read(first);
    const path = `Parameters.parameter.where(name = '${name}')`;
    if (more.length > 0) issues.push(broken(`${name} may be given once.`, path));
    if ((first && value === undefined) || (!first && isNeeded)) issues.push(broken(`${name} is missing or not of its type.`, path));
    return value;
  };
  const tracking = one('TrackingId', identifierIn, true);
  const reference = one('AdminRefNumber', identifierIn, false);
  const member = one('MemberId', identifierIn, true);
  const attachTo = one('AttachTo', ({ valueCode }) => typeof valueCode === 'string' ? valueCode : undefined, true);
  if (attachTo !== undefined && attachTo !== 'preauthorization') issues.push(broken('This endpoint takes attachments to prior authorizations; AttachTo must be preauthorization.', "Parameters.parameter.where(name = 'AttachTo')"));
  const senders = ['OrganizationId', 'ProviderId'].flatMap((name) => one(name, identifierIn, false) ?? []);
  const isFinal = one('Final', ({ valueBoolean }) => typeof valueBoolean === 'boolean' ? valueBoolean : undefined, false) ?? true;
  const parts = named('Attachment');
  if (parts.length === 0) issues.push(broken('There is no Attachment.', 'Parameters.parameter'));
  if (parts.length > mostAttachments) issues.push(broken(`More than ${mostAttachments} Attachments; please send them in parts.`, 'Parameters.parameter'));
  const contents = parts.slice(0, mostAttachments).flatMap((part, index) => attachmentsIn(part, index, issues));
  const [first, ...more] = issues;
  if (first) throw Problem.of([first, ...more]);
  const people = parts.flatMap(({ part = [] }, index) => part.flatMap(({ name, resource }) => name === 'Content' && resource ? peopleIn(resource, `Parameters.parameter.where(name = 'Attachment')[${index}].part.where(name = 'Content').resource`) : []));
  return { ...(tracking && { tracking }), numbers: [tracking, reference].flatMap((identifier) => identifier?.value ?? []), member: member!.value, isFinal, senders, people, attachments: contents.filter(({ resource }) => !isParty(resource)), others: contents.filter(({ resource }) => isParty(resource)) };
}

function identifierIn({ valueIdentifier, valueString }: ParametersParameter): (Identifier & { value: string }) | undefined {
  if (typeof valueIdentifier?.value === 'string' && valueIdentifier.value !== '') return { ...valueIdentifier, value: valueIdentifier.value };
  return typeof valueString === 'string' && valueString !== '' ? { value: valueString } : undefined;
}

/** Contents that stand for themselves may refer to each other; a Bundle is a world of its own. */
const together = -1;

function attachmentsIn({ part }: ParametersParameter, index: number, issues: ProblemIssue[]): Attachment[] {
  const path = `Parameters.parameter.where(name = 'Attachment')[${index}]`;
  const parts = Array.isArray(part) ? part : [];
  const content = parts.find(({ name }) => name === 'Content')?.resource;
  if (typeof content?.resourceType !== 'string') {
    issues.push(broken('An Attachment has no Content.', path));
    return [];
  }
  const items = parts.flatMap(({ name, valueString, valuePositiveInt }) => name === 'LineItem' ? [Number(valuePositiveInt ?? valueString)] : []);
  if (items.some((item) => !Number.isInteger(item) || item < 1)) issues.push(broken('LineItem must be the number of an item.', path));
  const code = parts.find(({ name }) => name === 'Code')?.valueCodeableConcept;
  const head = { where: `${path}.part.where(name = 'Content').resource`, scope: content.resourceType === 'Bundle' ? index : together, items: items.filter((item) => Number.isInteger(item)), ...(code && { code }) };
  return contentsOf(content, code, head.where).map((each) => ({ ...head, ...each }));
}

/** A document must stay what was signed: it is kept as one. Other Bundles are taken apart. */
function contentsOf(content: Resource, code: CodeableConcept | undefined, where: string): Pick<Attachment, 'resource' | 'fullUrl' | 'bundleSignature'>[] {
  if (content.resourceType !== 'Bundle') return [{ resource: content }];
  const { type, entry, timestamp }: Bundle = content;
  const composition = entry?.[0]?.resource;
  const kind = code ?? (composition?.resourceType === 'Composition' ? composition.type : undefined);
  const bundleSignature = type === 'document' ? undefined : signatureOf({ ...content }, where);
  if (type !== 'document') return (entry ?? []).flatMap(({ fullUrl, resource }) => resource ? [{ resource, ...(fullUrl !== undefined && { fullUrl }), ...(bundleSignature && { bundleSignature }) }] : []);
  return [{
    resource: {
      resourceType: 'DocumentReference', status: 'current', ...(kind && { type: kind }), ...(timestamp !== undefined && { date: timestamp }),
      content: [{ attachment: { contentType: 'application/fhir+json', data: Buffer.from(stringifyJson(content)).toString('base64') } }],
    },
  }];
}
