/**
 * A client's record of a coverage that is not what the plan has: offered as the plan has it, to whoever keeps such records
 * and not to whoever writes orders (resp-70). Pure but for ids.
 * Source: CRD 2.2.1, "Update Coverage Records Response Type"; resp-66 to resp-71.
 */
import type { Coverage, Period } from '@medplum/fhirtypes';
import { randomUuid } from '../../fhir/ids.ts';
import { hookExtension, type Hook } from '../../profiles/crd/names.ts';
import type { Context } from '../../store/context.ts';
import { sourceOf, type CardFrame } from './cards.ts';
import { nameOf } from './read-call.ts';

type Known = Coverage & { readonly id: string };

/** Hooks at which people of the administration are at work. */
const administrative: ReadonlySet<Hook> = new Set<Hook>(['appointment-book', 'encounter-start', 'encounter-discharge']);

/** The topic of these cards, and the option that switches them off. */
export const coverageRecord = 'insurance';

/**
 * @param shown as the client has it @param held as the plan has it
 * @returns undefined where the two do not contradict each other
 */
export function coverageRecordCard(hook: Hook, shown: Known, held: Known, frame: CardFrame, context: Pick<Context, 'random'>): object | undefined {
  const uuid = (): string => randomUuid(context.random(16));
  if (!administrative.has(hook)) return undefined;
  const isNew = endedBefore(shown, held);
  const resource = isNew ? recordOf(shown, held, uuid()) : corrected(shown, held);
  if (!resource) return undefined;
  const label = isNew ? 'Add the coverage as the plan has it' : 'Update the coverage as the plan has it';
  return {
    uuid: uuid(),
    summary: isNew ? 'The plan has a newer coverage of this patient than the record shows.' : 'The plan has other details of this coverage than the record shows.',
    indicator: 'info',
    source: sourceOf(coverageRecord, frame),
    suggestions: [{ label, uuid: uuid(), actions: [{ type: isNew ? 'create' : 'update', description: label, resource }] }],
    selectionBehavior: 'any',
    extension: { [hookExtension.associatedResource]: [{ reference: nameOf(shown) }] },
  };
}

/** What the client has is an older coverage, which may well have been as it says. */
function endedBefore(shown: Known, held: Known): boolean {
  const [end, start] = [dayOf(shown.period?.end), dayOf(held.period?.start)];
  return end !== undefined && start !== undefined && end < start;
}

/** The client's resource with what the plan knows of it; all else is the client's. */
function corrected(shown: Known, held: Known): Coverage | undefined {
  const isCancelled = held.status === 'cancelled' && shown.status === 'active';
  const hasOtherNumber = held.subscriberId !== undefined && shown.subscriberId !== undefined && held.subscriberId !== shown.subscriberId;
  const hasOtherDays = differ(shown.period, held.period);
  if (!isCancelled && !hasOtherNumber && !hasOtherDays) return undefined;
  return { ...shown, ...(isCancelled && { status: held.status }), ...(hasOtherNumber && { subscriberId: held.subscriberId! }), ...(hasOtherDays && { period: held.period! }) };
}

/** Whether one of them says another day than the other; without a beginning nothing is said of it, without an end there is none. */
function differ(shown: Period | undefined, held: Period | undefined): boolean {
  const [from, to] = [dayOf(held?.start), dayOf(held?.end)];
  // What is no whole day on either side is not compared.
  if (from === undefined || (held?.end !== undefined && to === undefined)) return false;
  const isOtherStart = dayOf(shown?.start) !== undefined && dayOf(shown?.start) !== from;
  const isOtherEnd = shown?.end === undefined ? to !== undefined : dayOf(shown.end) !== undefined && dayOf(shown.end) !== to;
  return isOtherStart || isOtherEnd;
}

function dayOf(text: string | undefined): string | undefined {
  return text !== undefined && /^\d{4}-\d\d-\d\d/.test(text) ? text.slice(0, 10) : undefined;
}

/** A record for the client to make: whose it is and who pays by the client's own references. */
function recordOf({ beneficiary, payor, relationship }: Known, { status, subscriberId, period, identifier, class: classes }: Known, id: string): Coverage {
  return {
    resourceType: 'Coverage', id, status, ...(identifier && { identifier }), ...(subscriberId !== undefined && { subscriberId }), beneficiary,
    ...(relationship && { relationship }), ...(period && { period }), payor, ...(classes && { class: classes }),
  };
}
