/** The FHIR operations of prior authorization, registered with their definitions. */
import { Problem } from '../../fhir/problems.ts';
import { fhirAnswer, type Operation, type OperationCall } from '../registry.ts';
import { mostAttachments } from './attach/read-parameters.ts';
import { clockOperations, type ClockAction } from './clock-definitions.ts';
import { decideDefinition } from './decide-definition.ts';
import type { PriorAuthorizationService } from './service.ts';
import { atCurrentBase, inVersion } from './versions/at-edge.ts';

const expected = 'a FHIR resource';
const pas = 'http://hl7.org/fhir/us/davinci-pas/OperationDefinition';

export function priorAuthorizationOperations(service: PriorAuthorizationService, readResource: (bytes: Uint8Array, mediaType: string) => unknown, bodyLimit: () => number): readonly Operation[] {
  return [
    {
      // http://hl7.org/fhir/us/davinci-pas/STU2.2/OperationDefinition-Claim-submit.html
      code: 'submit', resource: 'Claim', levels: ['type'], byGet: false, canonical: `${pas}/Claim-submit`,
      async handle({ resourceBytes, mediaType, context }: OperationCall) {
        const { answer, landed, outcome } = await service.submit({ bytes: resourceBytes(expected), mediaType }, (bytes) => readResource(bytes, mediaType), atCurrentBase(context));
        return { ...answer, body: inVersion('submit', answer.body, context), headers: { 'priora-delivery': landed.id, 'priora-delivery-outcome': outcome } };
      },
    },
    {
      // http://hl7.org/fhir/us/davinci-pas/STU2.2/OperationDefinition-Claim-inquiry.html: its code is `inquire`
      code: 'inquire', resource: 'Claim', levels: ['type'], byGet: false, canonical: `${pas}/Claim-inquiry`,
      async handle({ resource, context }: OperationCall) {
        return { status: 200, mediaType: fhirAnswer, body: inVersion('inquire', await service.inquire(resource(expected), atCurrentBase(context)), context) };
      },
    },
    {
      // http://hl7.org/fhir/us/davinci-cdex/STU2.1/OperationDefinition-submit-attachment.html
      code: 'submit-attachment', resource: 'Resource', levels: ['system'], byGet: false, canonical: 'http://hl7.org/fhir/us/davinci-cdex/OperationDefinition/submit-attachment', documentation: () => submitAttachmentNotes(bodyLimit()),
      async handle({ resourceBytes, mediaType, context }: OperationCall) {
        const { answer, landed, outcome } = await service.submitAttachment({ bytes: resourceBytes(expected), mediaType }, (bytes) => readResource(bytes, mediaType), atCurrentBase(context));
        return { ...answer, headers: { 'priora-delivery': landed.id, 'priora-delivery-outcome': outcome } };
      },
    },
    {
      code: 'decide', resource: 'Claim', levels: ['instance'], byGet: false, canonical: decideDefinition.url, definition: decideDefinition,
      async handle({ resource, id, ifMatch, context }: OperationCall) {
        if (id === undefined) throw new Problem('no-such-route');
        return { status: 200, mediaType: fhirAnswer, body: inVersion('submit', await service.decide(id, resource(expected), versionIn(ifMatch), atCurrentBase(context)), context) };
      },
    },
    clockOperation(service, 'extend'),
    clockOperation(service, 'downgrade'),
  ];
}

/** What a payer has to document: which payloads are taken, and what to do where one is too large. Source: CDex 2.1.0, "Large payloads", CONF-022 and CONF-024. */
function submitAttachmentNotes(bodyLimit: number): string {
  return [
    'AttachTo is preauthorization. A Content is a DocumentReference, a QuestionnaireResponse, a Bundle (a document is kept whole, others are taken apart) or another clinical resource; an attachment in it may have any content type, and FHIR and C-CDA are read.',
    `A delivery has at most ${bodyLimit} bytes, base64 included, and ${mostAttachments} Attachments; one that is larger is answered with 413.`,
    'What is too large is sent in several deliveries under the same TrackingId, Final false in all but the last; a single document that is larger is split into parts, each an Attachment of its own.',
    'URLs in place of data are kept and not fetched. Signatures are verified; one that does not hold is answered with 400.',
  ].join(' ');
}

function clockOperation(service: PriorAuthorizationService, code: ClockAction): Operation {
  const { definition } = clockOperations[code];
  return {
    code, resource: 'Claim', levels: ['instance'], byGet: false, canonical: definition.url, definition,
    async handle({ resource, id, ifMatch, context }: OperationCall) {
      if (id === undefined) throw new Problem('no-such-route');
      return { status: 200, mediaType: fhirAnswer, body: inVersion('submit', await service.changeClock(code, id, resource(expected), versionIn(ifMatch), atCurrentBase(context)), context) };
    },
  };
}

/** The version of the Claim that the reviewer has read: `W/"2"`. @throws {Problem} `bad-if-match` */
function versionIn(header: string | undefined): number | undefined {
  if (header === undefined || header.trim() === '*') return undefined;
  const version = /^(?:W\/)?"(\d{1,9})"$/.exec(header.trim())?.[1];
  if (version === undefined) throw new Problem('bad-if-match');
  return Number(version);
}
