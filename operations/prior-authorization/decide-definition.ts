/** What $decide takes: the OperationDefinition that is published, and by which the body is read (read-decision.ts). */
import type { OperationDefinition, OperationDefinitionParameter } from '@medplum/fhirtypes';

export const decideDefinition: OperationDefinition & { id: string; url: string; parameter: OperationDefinitionParameter[] } = {
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
    { name: 'author', use: 'in', min: 1, max: '1', type: 'Reference', documentation: 'The person who decides: display is the name (required, with a letter in it), identifier the NPI.' },
    { name: 'specialty', use: 'in', min: 0, max: '1', type: 'CodeableConcept', documentation: 'The specialty of that person.' },
    {
      name: 'item', use: 'in', min: 1, max: '*', documentation: 'A decision on one item.',
      part: [
        { name: 'sequence', use: 'in', min: 1, max: '1', type: 'positiveInt', documentation: 'Claim.item.sequence.' },
        { name: 'action', use: 'in', min: 1, max: '1', type: 'code', documentation: 'certify | modify | deny | pend' },
        { name: 'reason', use: 'in', min: 0, max: '1', type: 'CodeableConcept', documentation: 'Why (deny, modify). Required; the first coding counts.' },
        { name: 'text', use: 'in', min: 0, max: '1', type: 'string', documentation: 'The reason in words for provider and patient. Required to deny or to modify, with a letter or digit in it.' },
        { name: 'period', use: 'in', min: 0, max: '1', type: 'Period', documentation: 'How long a certification is good for (certify, modify).' },
        { name: 'productOrService', use: 'in', min: 0, max: '1', type: 'CodeableConcept', documentation: 'What is approved in place of what was asked for (modify).' },
        { name: 'quantity', use: 'in', min: 0, max: '1', type: 'Quantity', documentation: 'How much is approved (modify): a value, not more than was asked for in the same unit.' },
        { name: 'unitPrice', use: 'in', min: 0, max: '1', type: 'Money', documentation: 'At what price (modify): a value, not more than was asked for in the same currency.' },
        { name: 'information', use: 'in', min: 0, max: '1', type: 'CodeableConcept', documentation: 'What is still wanted from the provider (pend).' },
      ],
    },
    { name: 'return', use: 'out', min: 1, max: '1', type: 'Bundle', documentation: 'The PAS response Bundle as it stands after the decision.' },
  ],
};
