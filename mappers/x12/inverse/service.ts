/** Claim.item and what the payer authorized as 2000F segments: SV1 or SV2, HSD, and the dates. */
import type { ClaimItem, CodeableConcept, Money, Period, Quantity, ServiceRequest } from '@medplum/fhirtypes';
import { procedureOf } from '../codes.ts';
import { toX12Date } from '../grammar/dates.ts';
import { EXTENSION, SYSTEM, x12System } from '../pas.ts';
import { BOUND_UNITS, PERIOD_UNITS } from '../request/quantity.ts';
import { buildSegment, type ElementInput, type Segment, withElements } from '../segment.ts';
import { codeIn, findExtension, firstCode, list } from '../shapes.ts';

/** What a service line says, from an item of a Claim or of a response. */
export interface ServiceFacts {
  productOrService?: CodeableConcept;
  productOrServiceEnd?: CodeableConcept;
  modifier?: readonly CodeableConcept[];
  revenue?: CodeableConcept;
  unitPrice?: Money;
  quantity?: Quantity;
  /** The line's own units, where the quantity is an HSD's. */
  lineQuantity?: Quantity;
  timing?: ServiceRequest['occurrenceTiming'];
  diagnosisSequence?: readonly number[];
  epsdt?: boolean;
  levelOfCare?: CodeableConcept;
  residentialStatus?: CodeableConcept;
  rate?: number;
}

/** What an item of a Claim says of its service. */
export function itemFacts(item: ClaimItem, order: ServiceRequest | undefined): ServiceFacts {
  const facts: { [K in keyof ServiceFacts]: ServiceFacts[K] | undefined } = {
    productOrService: item.productOrService,
    productOrServiceEnd: findExtension(item, EXTENSION.productOrServiceCodeEnd)?.valueCodeableConcept,
    modifier: item.modifier,
    revenue: item.revenue,
    unitPrice: item.unitPrice,
    quantity: item.quantity,
    lineQuantity: order?.quantityQuantity,
    timing: order?.occurrenceTiming,
    diagnosisSequence: item.diagnosisSequence,
    epsdt: findExtension(item, EXTENSION.epsdtIndicator)?.valueBoolean,
    levelOfCare: findExtension(item, EXTENSION.nursingHomeLevelOfCare)?.valueCodeableConcept,
    residentialStatus: findExtension(item, EXTENSION.nursingHomeResidentialStatus)?.valueCodeableConcept,
    rate: findExtension(item, EXTENSION.revenueUnitRateLimit)?.valueDecimal,
  };
  // exactOptionalPropertyTypes: members that are undefined are left out.
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}

/** True for a quantity that is an HSD's (element 673) rather than a line's (element 355). */
function isDelivery(quantity: Quantity | undefined): boolean {
  return quantity?.system?.endsWith('/673') === true && quantity.code !== undefined;
}

const number = (value: number | undefined): string | undefined => (value === undefined ? undefined : String(value));

/** SV1 or SV2; empty where the service is a type (UM03) only. `isInstitutional` decides between the two. */
export function serviceLineSegments(facts: ServiceFacts, isInstitutional: boolean): Segment[] {
  const procedure = procedureOf(facts.productOrService);
  const revenue = codeIn(facts.revenue, SYSTEM.revenue) ?? firstCode(facts.revenue);
  if (procedure === undefined && (revenue === undefined || !isInstitutional)) return [];
  const end = procedureOf(facts.productOrServiceEnd)?.code;
  const modifiers = list(facts.modifier).map(firstCode).slice(0, 4);
  const composite: ElementInput = procedure === undefined ? undefined : [procedure.qualifier, procedure.code, ...[0, 1, 2, 3].map((at) => modifiers[at]), facts.productOrService?.text, end];
  const units = isDelivery(facts.quantity) ? facts.lineQuantity : facts.quantity;
  const unit = units?.value === undefined ? [] : [units.system?.endsWith('/355') === true ? units.code : 'UN', number(units.value)];
  const price = number(facts.unitPrice?.value);
  const levelOfCare = codeIn(facts.levelOfCare, x12System('1337'));
  if (isInstitutional) {
    const segment = buildSegment('SV2', revenue, composite, price, ...unit);
    return [withElements(segment, { 6: number(facts.rate), 9: codeIn(facts.residentialStatus, x12System('1345')), 10: levelOfCare })];
  }
  const segment = buildSegment('SV1', composite, price, ...unit);
  const pointers = list(facts.diagnosisSequence).slice(0, 4).map(String);
  return [withElements(segment, { 7: pointers.length === 0 ? undefined : pointers, 11: facts.epsdt === undefined ? undefined : facts.epsdt ? 'Y' : 'N', 20: levelOfCare })];
}

/** HSD; empty without a quantity of that kind or a pattern. */
export function deliverySegments(facts: ServiceFacts): Segment[] {
  const { quantity, timing } = facts;
  const repeat = timing?.repeat;
  const unit = Object.keys(PERIOD_UNITS).find((key) => PERIOD_UNITS[key] === repeat?.periodUnit);
  const bound = repeat?.boundsDuration;
  const boundUnit = Object.keys(BOUND_UNITS).find((key) => BOUND_UNITS[key] === bound?.code);
  const calendar = codeIn(findExtension(timing, EXTENSION.timingCalendarPattern)?.valueCodeableConcept, x12System('678'));
  const delivery = codeIn(findExtension(timing, EXTENSION.timingDeliveryPattern)?.valueCodeableConcept, x12System('679'));
  const counts = isDelivery(quantity);
  if (!counts && unit === undefined && bound === undefined && calendar === undefined && delivery === undefined) return [];
  return [
    buildSegment(
      'HSD',
      counts ? quantity?.code : undefined,
      counts ? number(quantity?.value) : undefined,
      unit,
      unit === undefined ? undefined : number(repeat?.period),
      boundUnit,
      boundUnit === undefined ? undefined : number(bound?.value),
      calendar,
      delivery,
    ),
  ];
}

/** A DTP of a day or a period; empty where a date is not a full day. */
export function dateSegments(code: string, date: string | undefined, period?: Period): Segment[] {
  const start = toX12Date(date ?? period?.start);
  const end = toX12Date(period?.end);
  if (start === undefined) return [];
  return [end === undefined ? buildSegment('DTP', code, 'D8', start) : buildSegment('DTP', code, 'RD8', `${start}-${end}`)];
}
