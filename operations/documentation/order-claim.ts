/**
 * An order as the item of a Claim, so that the rules of a plan can be asked about it before it is asked for: the same
 * rules, and the same reading of what it says, as of a request for prior authorization.
 */
import type { Bundle, CodeableConcept, Coverage, Quantity, QuestionnaireResponse, Reference } from '@medplum/fhirtypes';
import { isObject } from '../inputs.ts';

/** What rules read of an order. */
export interface OrderFacts {
  readonly service: CodeableConcept;
  readonly quantity?: Quantity;
  readonly diagnoses: readonly CodeableConcept[];
  /** YYYY-MM-DD. */
  readonly day?: string;
}

type JsonObject = Readonly<Record<string, unknown>>;

/** Elements of the types of orders that say what is ordered. */
const services = ['code', 'codeCodeableConcept', 'medicationCodeableConcept', 'itemCodeableConcept', 'vaccineCode', 'serviceType', 'type'] as const;

/** Undefined where an order does not say in codes what it orders. */
export function orderFacts(order: JsonObject): OrderFacts | undefined {
  const service = services.flatMap((name) => concepts(order[name])).find((concept) => concept.coding?.some(({ code }) => code !== undefined));
  if (service === undefined) return undefined;
  const quantity = [order['quantityQuantity'], order['quantity'], dispensed(order)].find(isObject) as Quantity | undefined;
  const day = dayOf(order);
  return { service, diagnoses: concepts(order['reasonCode']), ...(quantity?.value !== undefined && { quantity }), ...(day !== undefined && { day }) };
}

/** The Bundle that the engine reads. `patient` is who the evidence is about. */
export function claimBundleOf({ service, quantity, diagnoses, day }: OrderFacts, patient: Reference, coverage: Coverage | undefined, evidence: readonly QuestionnaireResponse[], receivedOn: string): Bundle {
  return {
    resourceType: 'Bundle', type: 'collection',
    entry: [
      {
        fullUrl: 'urn:priora:claim',
        resource: {
          resourceType: 'Claim', status: 'draft', use: 'preauthorization', type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/claim-type', code: 'professional' }] },
          patient: patient as Reference<never>, created: receivedOn, provider: {}, priority: {}, insurance: [{ sequence: 1, focal: true, coverage: coverage === undefined ? {} : { display: 'on record' } }],
          ...(diagnoses.length > 0 && { diagnosis: diagnoses.map((diagnosisCodeableConcept, index) => ({ sequence: index + 1, diagnosisCodeableConcept })) }),
          item: [{ sequence: 1, productOrService: service, ...(quantity && { quantity }), servicedDate: day ?? receivedOn }],
        },
      },
      ...evidence.map((resource, index) => ({ fullUrl: `urn:priora:response:${index}`, resource })),
    ],
  };
}

function concepts(value: unknown): readonly CodeableConcept[] {
  return (Array.isArray(value) ? value : [value]).filter(isObject).filter((each) => Array.isArray(each['coding']));
}

function dispensed(order: JsonObject): unknown {
  const request = order['dispenseRequest'];
  return isObject(request) ? request['quantity'] : undefined;
}

function dayOf(order: JsonObject): string | undefined {
  const period = [order['occurrencePeriod'], order['period']].find(isObject);
  const said = [order['occurrenceDateTime'], period?.['start'], order['start']].find((each) => typeof each === 'string' && /^\d{4}-\d{2}-\d{2}/.test(each));
  return typeof said === 'string' ? said.slice(0, 10) : undefined;
}
