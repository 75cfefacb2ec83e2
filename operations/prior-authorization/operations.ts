/** The FHIR operations of prior authorization, registered with their definitions. */
import { Problem } from '../../fhir/problems.ts';
import type { Operation, OperationCall } from '../registry.ts';
import { decideDefinition } from './decide-definition.ts';
import type { PriorAuthorizationService } from './service.ts';

const fhirJson = 'application/fhir+json; charset=utf-8';
const pas = 'http://hl7.org/fhir/us/davinci-pas/OperationDefinition';

export function priorAuthorizationOperations(service: PriorAuthorizationService, readJson: (bytes: Uint8Array) => unknown): readonly Operation[] {
  return [
    {
      // http://hl7.org/fhir/us/davinci-pas/STU2.2/OperationDefinition-Claim-submit.html
      code: 'submit', resource: 'Claim', level: 'type', canonical: `${pas}/Claim-submit`,
      async handle({ bytes, mediaType, context }: OperationCall) {
        const { answer, landed, outcome } = await service.submit({ bytes, mediaType }, readJson, context);
        return { ...answer, headers: { 'priora-delivery': landed.id, 'priora-delivery-outcome': outcome } };
      },
    },
    {
      // http://hl7.org/fhir/us/davinci-pas/STU2.2/OperationDefinition-Claim-inquiry.html: its code is `inquire`
      code: 'inquire', resource: 'Claim', level: 'type', canonical: `${pas}/Claim-inquiry`,
      async handle({ bytes, context }: OperationCall) {
        return { status: 200, mediaType: fhirJson, body: await service.inquire(readJson(bytes), context) };
      },
    },
    {
      code: 'decide', resource: 'Claim', level: 'instance', canonical: decideDefinition.url, definition: decideDefinition,
      async handle({ bytes, id, context }: OperationCall) {
        if (id === undefined) throw new Problem('no-such-route');
        return { status: 200, mediaType: fhirJson, body: await service.decide(id, readJson(bytes), context) };
      },
    },
  ];
}
