/**
 * The facts a denial may rest on: the contract and the form of the request. Nothing here looks at the patient's need.
 */
import { daysBetween, readDays } from '../facts/dates.ts';
import { PAYER_RECORD, type Fact, type Code } from '../facts/types.ts';
import { ADMINISTRATIVE_FACTS, type AdministrativeFact, type ClinicalFact, type CodeSet } from '../policies/pack.ts';
import { eachOneOf, evidenceOf, oneOf, whollyOneOf } from './coded.ts';
import { daysWithin, within } from './compare.ts';
import { findDuplicate } from './duplicates.ts';
import { SILENCE, type Finding, type Subject } from './subject.ts';
import { all, type Truth } from './truth.ts';
import type { Evidence } from './types.ts';

export function isAdministrative(leaf: AdministrativeFact | ClinicalFact): leaf is AdministrativeFact {
  return ADMINISTRATIVE_FACTS.has(leaf.fact);
}

/** How one administrative fact stands. A fact of any other kind, smuggled past the types, shows nothing. */
export function findAdministrative(leaf: AdministrativeFact, subject: Subject): Finding {
  const { item } = subject;
  switch (leaf.fact) {
    case 'service':
      return item.servicesComplete ? whollyOneOf(item.services, leaf.in) : incompleteService(item.services, leaf.in);
    case 'service-category':
      return oneOf(item.serviceCategories, leaf.in);
    case 'place-of-service':
      return oneOf(item.placesOfService, leaf.in);
    case 'performer':
      return eachOneOf(item.performers, leaf.in);
    case 'request-type':
      return oneOf(item.requestTypes, leaf.in);
    case 'certification-type':
      return oneOf(item.certificationTypes, leaf.in);
    case 'coverage-present':
      return coveragePresent(subject);
    case 'coverage-active-on-service-date':
      return coverageActive(subject);
    case 'service-date':
      return serviceDate(leaf, subject);
    case 'duplicate':
      return findDuplicate(subject);
  }
  return SILENCE;
}

// Codes that tell part of the service only can be shown to a reviewer, but decide nothing.
function incompleteService(services: readonly Fact<Code>[], sets: readonly CodeSet[]): Finding {
  return { ...SILENCE, evidence: oneOf(services, sets).evidence };
}

function coveragePresent({ coverage }: Subject): Finding {
  const display = coverage === undefined ? 'no coverage on record' : `coverage under plan ${coverage.plan}`;
  return { truth: coverage === undefined ? 'not-met' : 'met', evidence: [{ reference: PAYER_RECORD, expression: 'Coverage', display }] };
}

function coverageActive(subject: Subject): Finding {
  const { coverage } = subject;
  if (coverage === undefined) return { truth: 'not-met', evidence: coveragePresent(subject).evidence };
  const display = `coverage ${coverage.status}, ${coverage.periodStart ?? 'start not known'} to ${coverage.periodEnd ?? 'end not known'}`;
  return { truth: coverageTruth(subject, coverage), evidence: [{ reference: PAYER_RECORD, expression: 'Coverage.period', display }, ...serviceDayEvidence(subject)] };
}

function coverageTruth({ item, receivedOn }: Subject, coverage: NonNullable<Subject['coverage']>): Truth {
  const start = readDays(coverage.periodStart);
  const end = readDays(coverage.periodEnd);
  // A bound that is there but cannot be read could lie anywhere.
  const readable = (start !== undefined || coverage.periodStart === undefined) && (end !== undefined || coverage.periodEnd === undefined);
  if (!readable || item.serviceDays.kind === 'unreadable') return 'insufficient';
  const stated = item.serviceDays.kind === 'stated';
  const days = item.serviceDays.kind === 'stated' ? item.serviceDays.value : receivedOn === undefined ? undefined : { from: receivedOn, to: receivedOn };
  if (days === undefined) return 'insufficient';
  // Only the latest start and earliest end a bound may mean show that a day is in; the widest show that it is out.
  const surelyOut = daysWithin(days, start?.from, end?.to) === 'not-met';
  const surelyIn = daysWithin(days, start?.to, end?.from) === 'met';
  if (surelyOut) {
    // Without a stated day the service may well begin once coverage does.
    const yetToStart = start !== undefined && days.to < start.from;
    return !stated && yetToStart ? 'insufficient' : 'not-met';
  }
  if (coverage.status === 'active') return surelyIn ? 'met' : 'insufficient';
  // Cancelled without an end: gone for days to come; for days gone by nobody says.
  const endedByNow = coverage.status === 'cancelled' && end === undefined && receivedOn !== undefined && days.from >= receivedOn;
  return endedByNow ? 'not-met' : 'insufficient';
}

function serviceDate(leaf: Extract<AdministrativeFact, { fact: 'service-date' }>, subject: Subject): Finding {
  const { item, receivedOn } = subject;
  if (item.serviceDays.kind !== 'stated') return SILENCE;
  const days = item.serviceDays.value;
  const parts: Truth[] = [daysWithin(days, leaf.onOrAfter, leaf.onOrBefore)];
  if (leaf.daysFromReceipt !== undefined) {
    const distance = receivedOn === undefined ? undefined : { low: daysBetween(receivedOn, days.from), high: daysBetween(receivedOn, days.to), lowOpen: false, highOpen: false };
    parts.push(distance === undefined ? 'insufficient' : within(distance, leaf.daysFromReceipt));
  }
  return { truth: all(parts), evidence: serviceDayEvidence(subject) };
}

function serviceDayEvidence({ item }: Subject): Evidence[] {
  if (item.serviceDays.kind !== 'stated') return [];
  const { from, to } = item.serviceDays.value;
  return [evidenceOf(item.serviceDays, from === to ? `service on ${from}` : `service from ${from} to ${to}`)];
}
