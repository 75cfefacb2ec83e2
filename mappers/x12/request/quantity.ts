/** How much of a service is asked for, and in what pattern: HSD and the units of the line. */
import type { CodeableConcept, Extension, Quantity, ServiceRequest } from '@medplum/fhirtypes';
import { EXTENSION, profile, SYSTEM, x12System } from '../pas.ts';
import { valueAt } from '../segment.ts';
import { compact, concept, conceptExtension } from '../shapes.ts';
import { type Draft, segmentsOf, urnOf } from './draft.ts';
import type { ItemParts } from './item-parts.ts';
import type { SegmentReader } from './recorder.ts';

/** What an SV1 or SV2 says of its service. */
export interface LineQuantity {
  quantity?: Quantity;
  productOrService?: CodeableConcept;
}

interface MappedQuantities {
  quantity?: Quantity;
  extension?: Extension[];
}

/**
 * HSD and the line's own units. HSD has the item's quantity (PASQuantity); its pattern, and the line's units beside it,
 * stand on a ServiceRequest that the item points to.
 */
export function mapQuantities(draft: Draft, parts: ItemParts, { quantity: lineQuantity, productOrService }: LineQuantity, at: string): MappedQuantities {
  const { level, event, claim } = parts;
  const own = segmentsOf(level.segments, 'HSD')[0];
  const shared = parts.takesEventQuantity ? segmentsOf(event.segments, 'HSD')[0] : undefined;
  const segment = own ?? shared;
  if (segment === undefined) return lineQuantity === undefined ? {} : { quantity: lineQuantity };
  const loop = own === undefined ? event.id : level.id;
  const item = draft.recorder.reader(loop, segment, claim);
  const value = item.take(`${at}.quantity.value`, 2);
  const quantity = value === undefined ? undefined : compact<Quantity>({ value: Number(value), system: x12System('673'), code: item.take(`${at}.quantity.code`, 1) });
  const fullUrl = urnOf('service-request', claim, String(parts.sequence));
  const order = draft.recorder.reader(loop, segment, fullUrl);
  const timing = mapTiming(order);
  if (timing === undefined && (quantity === undefined || lineQuantity === undefined)) return compact<MappedQuantities>({ quantity: quantity ?? lineQuantity });
  draft.add(
    fullUrl,
    compact<ServiceRequest>({
      resourceType: 'ServiceRequest',
      meta: { profile: [profile('servicerequest')] },
      status: 'active',
      intent: 'order',
      code: productOrService,
      quantityQuantity: quantity === undefined ? undefined : lineQuantity,
      subject: { reference: parts.patient },
      occurrenceTiming: timing,
    }),
  );
  return compact<MappedQuantities>({ quantity: quantity ?? lineQuantity, extension: [{ url: EXTENSION.requestedService, valueReference: { reference: fullUrl } }] });
}

/** HSD03 units (DA, WK, MO) as FHIR period units. */
export const PERIOD_UNITS: Readonly<Record<string, 'h' | 'd' | 'wk' | 'mo' | 'a'>> = { HR: 'h', DA: 'd', WK: 'wk', MO: 'mo', YR: 'a' };

/** HSD05 periods (element 615) as durations. */
export const BOUND_UNITS: Readonly<Record<string, string>> = { '6': 'h', '7': 'd', '35': 'wk', '34': 'mo', '21': 'a' };

/** HSD02 to HSD08 as PASTiming: so many (HSD02) every so many (HSD04) units (HSD03), for so long (HSD05, HSD06). */
function mapTiming(hsd: SegmentReader): ServiceRequest['occurrenceTiming'] {
  const unit = PERIOD_UNITS[valueAt(hsd.segment, 3)];
  const period = unit === undefined ? undefined : hsd.take('occurrenceTiming.repeat.periodUnit', 3);
  const every = unit === undefined ? undefined : hsd.take('occurrenceTiming.repeat.period', 4);
  const frequency = valueAt(hsd.segment, 2);
  const boundUnit = BOUND_UNITS[valueAt(hsd.segment, 5)];
  const bound = boundUnit === undefined ? undefined : hsd.take('occurrenceTiming.repeat.boundsDuration.value', 6);
  if (bound !== undefined) hsd.take('occurrenceTiming.repeat.boundsDuration.code', 5);
  const calendar = concept(x12System('678'), hsd.take('occurrenceTiming.extension[0].valueCodeableConcept.coding[0].code', 7));
  const delivery = concept(x12System('679'), hsd.take('occurrenceTiming.extension[1].valueCodeableConcept.coding[0].code', 8));
  if (period === undefined && bound === undefined && calendar === undefined && delivery === undefined) return undefined;
  const repeat = compact<NonNullable<NonNullable<ServiceRequest['occurrenceTiming']>['repeat']>>({
    boundsDuration: bound === undefined || boundUnit === undefined ? undefined : { value: Number(bound), system: SYSTEM.units, code: boundUnit },
    frequency: period === undefined || !/^\d+$/.test(frequency) ? undefined : Number(frequency),
    period: period === undefined ? undefined : Number(every ?? '1'),
    periodUnit: period === undefined ? undefined : unit,
  });
  return compact<NonNullable<ServiceRequest['occurrenceTiming']>>({
    extension: [...conceptExtension(EXTENSION.timingCalendarPattern, calendar), ...conceptExtension(EXTENSION.timingDeliveryPattern, delivery)],
    repeat: Object.keys(repeat).length > 0 ? repeat : undefined,
  });
}
