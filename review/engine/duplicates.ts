/**
 * Was this item authorized before: a certified authorization for the same service, for the same requester, that covers
 * the days asked for, and all that is asked for: what asks for more, or for what cannot be compared, is for a person.
 * What is approved once is there once: what other requests were certified under its number is no longer there.
 */
import { isBilled, sameCode } from '../facts/codes.ts';
import { readDays } from '../facts/dates.ts';
import type { Amount, Extent } from '../facts/types.ts';
import { PAYER_RECORD } from '../facts/types.ts';
import { daysWithin } from './compare.ts';
import type { Finding, Subject } from './subject.ts';
import { all, any, type Truth } from './truth.ts';
import type { ExistingAuthorization, ItemRecommendation, Taken } from './types.ts';

export function findDuplicate(subject: Subject): Finding & { readonly authorizationNumber?: string; readonly itemSequence?: number; readonly quantity?: Amount } {
  const tried = subject.existing.map((existing) => ({ existing, truth: covers(existing, subject) }));
  const found = tried.find(({ truth }) => truth === 'met');
  if (found === undefined) return { truth: any(tried.map(({ truth }) => truth)), evidence: [] };
  const { authorizationNumber, itemSequence } = found.existing;
  return {
    truth: 'met',
    authorizationNumber,
    itemSequence,
    ...partOf(subject, found.existing),
    evidence: [{ reference: PAYER_RECORD, expression: `ClaimResponse.item.where(itemSequence=${itemSequence})`, display: `authorization ${authorizationNumber}, item ${itemSequence}` }],
  };
}

/** How much of it this one takes, where either of them says how much. */
function partOf({ item }: Subject, { extent }: ExistingAuthorization): { readonly quantity?: Amount } {
  const asked = item.extent?.quantity ?? (extent?.quantity === undefined ? undefined : once);
  return asked === undefined ? {} : { quantity: asked };
}

/** What there is for the next item, after what was recommended for one. */
export function afterTaking(existing: readonly ExistingAuthorization[], recommendation: ItemRecommendation): readonly ExistingAuthorization[] {
  const { existingNumber, takes } = recommendation.kind === 'administrative' ? recommendation : {};
  if (takes === undefined) return existing;
  const { itemSequence: item } = recommendation;
  const now: Taken = { item, ...(takes.quantity !== undefined && { quantity: takes.quantity }) };
  return existing.map((each) => each.authorizationNumber === existingNumber && each.itemSequence === takes.existingItem
    ? { ...each, taken: [...(each.taken ?? []).filter((taken) => taken.item !== item), now] }
    : each);
}

function covers(existing: ExistingAuthorization, subject: Subject): Truth {
  if (existing.status !== 'certified' && existing.status !== 'modified') return 'not-met';
  return all([sameService(existing, subject), sameRequester(existing, subject), sameDays(existing, subject), noMore(existing, subject)]);
}

function sameService({ services }: ExistingAuthorization, { item }: Subject): Truth {
  if (item.services.length === 0 || !item.servicesComplete || services.length === 0) return 'insufficient';
  const billed = item.services.filter(({ value }) => isBilled(value));
  // What is billed is what was authorized; a service that has no such code is what it is called.
  const asked = billed.length > 0 ? billed : item.services;
  const known = asked.filter(({ value }) => services.some((service) => sameCode(service, value))).length;
  if (known === 0) return 'not-met';
  return known === asked.length ? 'met' : 'insufficient';
}

function sameRequester({ requester }: ExistingAuthorization, { patient }: Subject): Truth {
  if (requester === undefined || patient.requester.length === 0) return 'insufficient';
  return patient.requester.some(({ value }) => value === requester) ? 'met' : 'not-met';
}

function sameDays({ servicedFrom, servicedTo }: ExistingAuthorization, { item, receivedOn }: Subject): Truth {
  const from = readDays(servicedFrom)?.from;
  const to = readDays(servicedTo)?.to;
  if (from === undefined && to === undefined) return 'insufficient';
  if (item.serviceDays.kind === 'stated') return daysWithin(item.serviceDays.value, from, to);
  if (item.serviceDays.kind === 'unreadable' || receivedOn === undefined) return 'insufficient';
  return daysWithin({ from: receivedOn, to: receivedOn }, from, to);
}

const nothingStated: Extent = { modifiers: [], revenue: [], places: [] };

function noMore({ extent: approved = nothingStated, taken = [] }: ExistingAuthorization, { sequence, item: { extent: asked } }: Subject): Truth {
  if (asked === undefined) return 'insufficient';
  return all([
    isSome(asked.quantity), isNoMoreUnits(asked.quantity, left(approved.quantity, taken.filter(({ item }) => item !== sequence))), isNoMore(asked.unitPrice, approved.unitPrice),
    isSame(asked.modifiers, approved.modifiers), isSame(asked.revenue, approved.revenue),
    approved.places.length === 0 ? 'met' : isSame(asked.places, approved.places),
  ]);
}

/** Less than something would give back what others have taken. */
function isSome(asked: Amount | undefined): Truth {
  return asked === undefined || (asked !== 'unreadable' && asked.value > 0) ? 'met' : 'insufficient';
}

/** What is asked for without a quantity is asked for once: an order for a device cannot say one in R4, and its claim says 1. */
export const once: Amount = { value: 1, unit: '' };

function isNoMoreUnits(asked: Amount | undefined, approved: Amount | undefined): Truth {
  return asked === undefined && approved === undefined ? 'met' : isNoMore(asked ?? once, approved ?? once);
}

function isNoMore(asked: Amount | undefined, approved: Amount | undefined): Truth {
  if (asked === undefined && approved === undefined) return 'met';
  if (asked === undefined || approved === undefined || asked === 'unreadable' || approved === 'unreadable' || asked.unit !== approved.unit) return 'insufficient';
  return asked.value <= approved.value ? 'met' : 'not-met';
}

/** Where it cannot be told how much was taken, it cannot be told what is left. What was approved without a quantity is one thing, however often it is asked for, until it was paid for. */
function left(approved: Amount | undefined, taken: readonly Taken[]): Amount | undefined {
  if (approved === undefined) return taken.some(({ quantity }) => quantity === 'unreadable') ? 'unreadable' : undefined;
  if (approved === 'unreadable') return approved;
  let { value } = approved;
  for (const { quantity } of taken) {
    if (quantity === undefined || quantity === 'unreadable' || quantity.unit !== approved.unit) return 'unreadable';
    value -= quantity.value;
  }
  return { value, unit: approved.unit };
}

function isSame(asked: readonly string[], approved: readonly string[]): Truth {
  return asked.length === approved.length && asked.every((one, index) => one === approved[index]) ? 'met' : 'insufficient';
}
