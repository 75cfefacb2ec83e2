/**
 * What an order, an appointment or an encounter asks for, in the terms of a request for authorization. Pure: what it
 * refers to is found by the caller.
 */
import type { Appointment, CodeableConcept, Coding, Extension, Period, Quantity, Reference, Resource } from '@medplum/fhirtypes';
import { crdExtension } from '../../profiles/crd/names.ts';

export interface Requested {
  /** Each stands for the service by itself: what the order is of, or one of the billing codes that it may come to. */
  readonly services: readonly CodeableConcept[];
  readonly categories: readonly CodeableConcept[];
  readonly quantity?: Quantity;
  readonly date?: string;
  readonly period?: Period;
  readonly places: readonly CodeableConcept[];
  readonly reasons: readonly CodeableConcept[];
  readonly requester?: Reference;
  /** Who may give the service: of several, any of them. */
  readonly performers?: readonly Reference[];
}

/** The resource that a reference written in this order means. */
export type Find = (reference: Reference | undefined) => Resource | undefined;

/** Undefined for a type that guidance is not given on. */
export function requestedOf(order: Resource, find: Find): Requested | undefined {
  const reasonsOf = (codes: readonly CodeableConcept[] | undefined, references: readonly Reference[] | undefined): CodeableConcept[] =>
    [...(codes ?? []), ...(references ?? []).flatMap((reference) => { const found = find(reference); return found?.resourceType === 'Condition' && found.code ? [found.code] : []; })];
  const common = { categories: [], places: [], reasons: [] };
  switch (order.resourceType) {
    case 'ServiceRequest':
      return {
        ...common, services: withBillingOptions(order.code), categories: order.category ?? [], ...(order.quantityQuantity && { quantity: order.quantityQuantity }),
        ...timing(order.occurrenceDateTime, order.occurrencePeriod), reasons: reasonsOf(order.reasonCode, order.reasonReference), ...by(order.requester, order.performer),
        places: [...(order.locationCode ?? []), ...(order.locationReference ?? []).flatMap((reference) => placesOf(find(reference)))],
      };
    case 'DeviceRequest': {
      const device = find(order.codeReference);
      const code = order.codeCodeableConcept ?? (device?.resourceType === 'Device' ? device.type : undefined);
      return {
        ...common, services: withBillingOptions(code), ...timing(order.occurrenceDateTime, order.occurrencePeriod),
        reasons: reasonsOf(order.reasonCode, order.reasonReference), ...by(order.requester, order.performer ? [order.performer] : []),
      };
    }
    case 'MedicationRequest': {
      const medication = find(order.medicationReference);
      const code = order.medicationCodeableConcept ?? (medication?.resourceType === 'Medication' ? medication.code : undefined);
      return {
        ...common, services: withBillingOptions(code), categories: order.category ?? [], ...(order.dispenseRequest?.quantity && { quantity: order.dispenseRequest.quantity }),
        ...timing(undefined, order.dispenseRequest?.validityPeriod), reasons: reasonsOf(order.reasonCode, order.reasonReference), ...by(order.requester, order.dispenseRequest?.performer ? [order.dispenseRequest.performer] : []),
      };
    }
    case 'NutritionOrder': {
      const { oralDiet, supplement = [], enteralFormula } = order;
      const codes = [...(oralDiet?.type ?? []), ...supplement.flatMap(({ type }) => type ?? []), ...(enteralFormula?.baseFormulaType ? [enteralFormula.baseFormulaType] : []), ...(enteralFormula?.additiveType ? [enteralFormula.additiveType] : [])];
      return { ...common, services: codes.flatMap(withBillingOptions), ...timing(order.dateTime), ...by(order.orderer) };
    }
    case 'CommunicationRequest':
      return { ...common, services: (order.category ?? []).flatMap(withBillingOptions), ...timing(order.occurrenceDateTime, order.occurrencePeriod), reasons: reasonsOf(order.reasonCode, order.reasonReference), ...by(order.requester) };
    case 'SupplyRequest':
      return {
        ...common, services: withBillingOptions(order.itemCodeableConcept), categories: order.category ? [order.category] : [], ...(order.quantity && { quantity: order.quantity }),
        ...timing(order.occurrenceDateTime, order.occurrencePeriod), reasons: reasonsOf(order.reasonCode, order.reasonReference), ...by(order.requester),
      };
    case 'VisionPrescription':
      return { ...common, services: (order.lensSpecification ?? []).flatMap(({ product }) => withBillingOptions(product)), ...timing(order.dateWritten), ...by(order.prescriber) };
    case 'Appointment': {
      // What is to be done at it the orders say that it is based on; its own type is often no more than a kind of visit.
      const orders = basesOf(order).flatMap((reference) => { const found = find(reference); return found?.resourceType === 'Appointment' || !found ? [] : requestedOf(found, find) ?? []; });
      const ordered = orders.flatMap(({ services }) => services);
      const [only, ...others] = orders;
      return {
        ...common, services: ordered.length > 0 ? ordered : (order.serviceType ?? []).flatMap(withBillingOptions), categories: [...order.serviceCategory ?? [], ...orders.flatMap(({ categories }) => categories)],
        ...(only?.quantity && others.length === 0 && { quantity: only.quantity }), ...timing(order.start?.slice(0, 10)), reasons: [...reasonsOf(order.reasonCode, order.reasonReference), ...orders.flatMap(({ reasons }) => reasons)],
        places: (order.participant ?? []).flatMap(({ actor }) => placesOf(find(actor))), ...by(order.participant?.find(({ actor }) => /(^|\/)Practitioner/.test(actor?.reference ?? ''))?.actor),
      };
    }
    case 'Encounter':
      return {
        ...common, services: (order.type ?? []).flatMap(withBillingOptions), categories: order.serviceType ? [order.serviceType] : [], ...timing(undefined, order.period), reasons: reasonsOf(order.reasonCode, order.reasonReference),
        places: (order.location ?? []).flatMap(({ location }) => placesOf(find(location))), ...by(order.participant?.find(({ individual }) => /(^|\/)Practitioner/.test(individual?.reference ?? ''))?.individual),
      };
    default:
      return undefined;
  }
}

/** The references of an order that guidance may depend on. */
export function dependenciesOf(order: Resource): Reference[] {
  const requested = requestedOf(order, () => undefined);
  const known = order as { codeReference?: Reference; medicationReference?: Reference; reasonReference?: Reference[]; locationReference?: Reference[]; };
  return [
    ...(requested?.requester ? [requested.requester] : []), ...(requested?.performers ?? []), ...(known.codeReference ? [known.codeReference] : []), ...(known.medicationReference ? [known.medicationReference] : []),
    ...(known.reasonReference ?? []), ...(known.locationReference ?? []),
    ...(order.resourceType === 'Appointment' ? basesOf(order) : []),
  ];
}

/** Orders that an appointment is based on; other than ServiceRequests stand in an extension that later versions replace. */
function basesOf({ basedOn = [] }: Appointment): Reference[] {
  return basedOn.flatMap((reference) => [reference, ...(reference.extension ?? []).flatMap(({ url, valueReference }) => url === alternateReference && valueReference ? [valueReference] : [])]);
}

const alternateReference = 'http://hl7.org/fhir/StructureDefinition/alternate-reference';

/** Ways to bill one order, at most: each is decided for itself while somebody waits. */
const mostOptions = 20;

/**
 * What the order is of; or, where its code tells the billing codes that it may come to, each of these beside it (billopt-3).
 * A code without a coding gives nothing that rules could be read by.
 */
function withBillingOptions(concept: CodeableConcept | undefined): CodeableConcept[] {
  if (!concept) return [];
  const options = (concept.extension ?? []).filter(({ url }) => url === crdExtension.billingOptions).flatMap((extension: Extension): Coding[] => extension.valueCodeableConcept?.coding ?? (extension.valueCoding ? [extension.valueCoding] : []));
  const distinct = new Map(options.map((coding) => [`${coding.system}|${coding.code}`, coding]));
  if (distinct.size > 0) return [...distinct.values()].slice(0, mostOptions).map((coding) => ({ coding: [coding] }));
  return concept.coding?.some(({ code }) => code !== undefined) ? [{ coding: concept.coding }] : [];
}

/** A place by its type; R4 has no other code of it. */
function placesOf(resource: Resource | undefined): CodeableConcept[] {
  return resource?.resourceType === 'Location' ? resource.type ?? [] : [];
}

function timing(date: string | undefined, period?: Period): Pick<Requested, 'date' | 'period'> {
  if (date !== undefined) return { date: date.slice(0, 10) };
  return period?.start === undefined ? {} : { period };
}

function by(requester: Reference | undefined, performers: readonly Reference[] = []): Pick<Requested, 'requester' | 'performers'> {
  return { ...(requester && { requester }), ...(performers.length > 0 && { performers }) };
}
