/** The FHIR operations of prior authorization, registered with their definitions. */
import type { OperationDefinition } from '@medplum/fhirtypes';
import { Problem } from '../../fhir/problems.ts';
import type { Operation, OperationCall } from '../registry.ts';
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
      code: 'decide', resource: 'Claim', level: 'instance', canonical: decideDefinition.url!, definition: decideDefinition,
      async handle({ bytes, id, context }: OperationCall) {
        if (id === undefined) throw new Problem('no-such-route');
        return { status: 200, mediaType: fhirJson, body: await service.decide(id, readJson(bytes), context) };
      },
    },
  ];
}

const decideDefinition: OperationDefinition & { id: string } = {
  resourceType: 'OperationDefinition',
  id: 'Claim-decide',
  url: 'https://priora.health/fhir/OperationDefinition/Claim-decide',
  name: 'ClaimDecide',
  title: 'Decide on a prior authorization',
  status: 'active',
  kind: 'operation',
  description: 'A named person decides on items of a pended prior authorization. A denial or a reduction needs a reason with a code and a text. The decision is visible at once to $inquire and on every rail.',
  affectsState: true,
  code: 'decide',
  resource: ['Claim'],
  system: false,
  type: false,
  instance: true,
  parameter: [
    { name: 'author', use: 'in', min: 1, max: '1', type: 'Reference', documentation: 'The person who decides: display is the name (required), identifier the NPI.' },
    { name: 'specialty', use: 'in', min: 0, max: '1', type: 'CodeableConcept', documentation: 'The specialty of that person.' },
    {
      name: 'item', use: 'in', min: 1, max: '*', documentation: 'A decision on one item.',
      part: [
        { name: 'sequence', use: 'in', min: 1, max: '1', type: 'positiveInt', documentation: 'Claim.item.sequence.' },
        { name: 'action', use: 'in', min: 1, max: '1', type: 'code', documentation: 'certify | modify | deny | pend' },
        { name: 'reason', use: 'in', min: 0, max: '1', type: 'CodeableConcept', documentation: 'Why. Required to deny or to modify; the first coding counts.' },
        { name: 'text', use: 'in', min: 0, max: '1', type: 'string', documentation: 'The reason in words for provider and patient. Required to deny or to modify.' },
        { name: 'period', use: 'in', min: 0, max: '1', type: 'Period', documentation: 'How long a certification is good for.' },
        { name: 'productOrService', use: 'in', min: 0, max: '1', type: 'CodeableConcept', documentation: 'What is approved in place of what was asked for (modify).' },
        { name: 'quantity', use: 'in', min: 0, max: '1', type: 'Quantity', documentation: 'How much is approved (modify).' },
        { name: 'unitPrice', use: 'in', min: 0, max: '1', type: 'Money', documentation: 'At what price (modify).' },
        { name: 'information', use: 'in', min: 0, max: '1', type: 'CodeableConcept', documentation: 'What is still wanted from the provider (pend).' },
      ],
    },
    { name: 'return', use: 'out', min: 1, max: '1', type: 'Bundle', documentation: 'The PAS response Bundle as it stands after the decision.' },
  ],
};
