/**
 * Measured values: final Observations and their components, with value and day of measurement.
 * The day is `effective[x]`; when a result was issued says nothing about when the patient was measured.
 */
import { readCodes } from './codes.ts';
import { readDays, type DayRange } from './dates.ts';
import { asNumber, asObject, objectsIn, type Loose } from './loose.ts';
import { exactly, readQuantity } from './measures.ts';
import { isModified, type Entry } from './submission.ts';
import type { Measure, ObservationFact } from './types.ts';

const FINAL = new Set<unknown>(['final', 'amended', 'corrected']);

export function observationFacts({ reference, resource }: Entry): ObservationFact[] {
  if (!FINAL.has(resource['status'])) return [];
  const days = effectiveDays(resource);
  if (days === 'unreadable') return [];
  const read = (element: Loose, expression: string): ObservationFact[] => {
    const value = measureOf(element);
    const codes = readCodes(element['code']);
    if (value === undefined || codes.length === 0 || isModified(element)) return [];
    return [{ codes, value, source: { reference, expression }, ...(days === undefined ? {} : { days }) }];
  };
  const components = objectsIn(resource['component']).flatMap(([index, component]) => read(component, `Observation.component[${index}].value`));
  return [...read(resource, 'Observation.value'), ...components];
}

function measureOf(element: Loose): Measure | undefined {
  const integer = asNumber(element['valueInteger']);
  return integer === undefined ? readQuantity(element['valueQuantity']) : exactly(integer);
}

function effectiveDays(observation: Loose): DayRange | 'unreadable' | undefined {
  const instant = observation['effectiveDateTime'] ?? observation['effectiveInstant'];
  if (instant !== undefined) return readDays(instant) ?? 'unreadable';
  const period = observation['effectivePeriod'];
  if (period === undefined) return undefined;
  const start = readDays(asObject(period)?.['start']);
  const end = readDays(asObject(period)?.['end']);
  return start === undefined || end === undefined || end.to < start.from ? 'unreadable' : { from: start.from, to: end.to };
}
