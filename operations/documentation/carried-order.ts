/**
 * What an adaptive response carries of an order from the package to its end, since its state is nowhere else: what is asked
 * of the rules about it, the member's number, and how its sender refers to it. Pure.
 */
import type { CodeableConcept, Extension } from '@medplum/fhirtypes';
import { carriedOrder } from './names.ts';
import type { OrderQuestion } from './order-question.ts';

export interface CarriedOrder {
  readonly question: OrderQuestion;
  readonly memberNumber: string | undefined;
  /** `ServiceRequest/1` */
  readonly reference: string | undefined;
}

/** The extension that it travels in. */
export function carrying({ question: { requested, requester, performers, assertions }, memberNumber, reference }: CarriedOrder): Extension {
  const { services, categories, places, reasons, quantity, date, period } = requested;
  const concepts = (url: string, values: readonly CodeableConcept[]): Extension[] => values.map((valueCodeableConcept) => ({ url, valueCodeableConcept }));
  return {
    url: carriedOrder,
    extension: [
      ...concepts('service', services), ...concepts('category', categories), ...concepts('place', places), ...concepts('diagnosis', reasons),
      ...(quantity ? [{ url: 'quantity', valueQuantity: quantity }] : []),
      ...(date === undefined ? [] : [{ url: 'day', valueDate: date }]),
      ...(period ? [{ url: 'period', valuePeriod: period }] : []),
      ...requester.map((valueIdentifier) => ({ url: 'requester', valueIdentifier })),
      ...performers.map((identifiers) => ({ url: 'performer', extension: identifiers.map((valueIdentifier) => ({ url: 'identifier', valueIdentifier })) })),
      ...(memberNumber === undefined ? [] : [{ url: 'member', valueIdentifier: { value: memberNumber } }]),
      ...(reference === undefined ? [] : [{ url: 'order', valueReference: { reference } }]),
      ...assertions.map((valueString) => ({ url: 'assertion', valueString })),
    ],
  };
}

/** Undefined for an extension without a service: there is nothing to ask about. */
export function carriedIn({ extension: parts = [] }: Extension): CarriedOrder | undefined {
  const named = (name: string): Extension[] => parts.filter(({ url }) => url === name);
  const concepts = (name: string): CodeableConcept[] => named(name).flatMap(({ valueCodeableConcept }) => valueCodeableConcept ?? []);
  const [services, [quantity], [day], [period]] = [concepts('service').slice(0, mostServices), named('quantity'), named('day'), named('period')];
  if (services.length === 0) return undefined;
  return {
    question: {
      requested: {
        services, categories: concepts('category'), places: concepts('place'), reasons: concepts('diagnosis'),
        ...(quantity?.valueQuantity && { quantity: quantity.valueQuantity }), ...(day?.valueDate !== undefined && { date: day.valueDate }), ...(period?.valuePeriod && { period: period.valuePeriod }),
      },
      requester: named('requester').flatMap(({ valueIdentifier }) => valueIdentifier ?? []),
      performers: named('performer').slice(0, mostServices).map(({ extension = [] }) => extension.flatMap(({ valueIdentifier }) => valueIdentifier ?? [])),
      assertions: named('assertion').flatMap(({ valueString }) => valueString ?? []).slice(0, mostServices),
    },
    memberNumber: named('member')[0]?.valueIdentifier?.value,
    reference: named('order')[0]?.valueReference?.reference,
  };
}

/** What the client has put there by itself has bounds too. */
const mostServices = 50;
