/**
 * Measured values against a threshold. The latest measurement counts, taken within the days the rule allows and not
 * after the service or the receipt. Where several may be the latest (same day, day not stated) they have to agree.
 * A stale value, or one in another unit, shows nothing; units are never converted.
 */
import { inCodeSets } from '../facts/codes.ts';
import { addDays } from '../facts/dates.ts';
import { showMeasure } from '../facts/measures.ts';
import type { Measure, ObservationFact } from '../facts/types.ts';
import type { Bounds, ClinicalFact } from '../policies/pack.ts';
import { evidenceOf } from './coded.ts';
import { daysWithin, measured } from './compare.ts';
import { firstServiceDay, SILENCE, type Finding, type Subject } from './subject.ts';
import { agreed, type Truth } from './truth.ts';

const UCUM = 'http://unitsofmeasure.org';

export function findObservation(leaf: Extract<ClinicalFact, { fact: 'observation' }>, subject: Subject): Finding {
  const serviceDay = firstServiceDay(subject);
  const { receivedOn } = subject;
  if (serviceDay === undefined || receivedOn === undefined) return SILENCE;
  const last = serviceDay < receivedOn ? serviceDay : receivedOn;
  const first = leaf.withinDays === undefined ? undefined : addDays(serviceDay, -leaf.withinDays);
  const candidates = subject.patient.observations.flatMap((fact): { fact: ObservationFact; timely: Truth }[] => {
    if (!fact.codes.some((code) => inCodeSets(code, leaf.code) === 'in')) return [];
    const timely = fact.days === undefined ? 'insufficient' : daysWithin(fact.days, first, last);
    return timely === 'not-met' ? [] : [{ fact, timely }];
  });
  const latestStart = candidates.reduce((latest, { fact }) => (fact.days !== undefined && fact.days.from > latest ? fact.days.from : latest), '');
  const latest = candidates.filter(({ fact }) => fact.days === undefined || fact.days.to >= latestStart);
  const evidence = latest.map(({ fact }) => evidenceOf(fact, show(fact)));
  // A measurement that may have come at the wrong time can contradict one that did not, but shows nothing alone. Without
  // a limit in days, one whose day is not stated still was taken before the request came.
  const timely = latest.some((candidate) => candidate.timely === 'met' || (leaf.withinDays === undefined && candidate.fact.days === undefined));
  if (!timely) return { truth: 'insufficient', evidence };
  return { truth: agreed(latest.map(({ fact }) => valueTruth(fact.value, leaf.value, leaf.units))), evidence };
}

function valueTruth(measure: Measure, bounds: Bounds, units: readonly string[]): Truth {
  const ucum = measure.unitSystem === undefined || measure.unitSystem === UCUM;
  return ucum ? measured(measure, bounds, units) : 'insufficient';
}

function show({ codes, value, days }: ObservationFact): string {
  const when = days === undefined ? 'day not stated' : days.from === days.to ? days.from : `${days.from} to ${days.to}`;
  return `${codes.map(({ code }) => code).join(', ')}: ${showMeasure(value)}, ${when}`;
}
