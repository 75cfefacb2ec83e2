/** The yearly table as a FHIR MeasureReport: a group for each row, with numerator, denominator and score. */
import type { CodeableConcept, List, MeasureReport, MeasureReportGroup } from '@medplum/fhirtypes';
import type { YearlyReport } from './report.ts';
import type { TableRow } from './table.ts';

export const metricsMeasure = 'https://priora.health/fhir/Measure/prior-authorization-metrics';
const metricSystem = 'https://priora.health/fhir/CodeSystem/prior-authorization-metric';
const populationSystem = 'http://terminology.hl7.org/CodeSystem/measure-population';
const ucum = 'http://unitsofmeasure.org';

export function measureReportOf({ asked, table, services, outcomes, madeAt }: YearlyReport): MeasureReport {
  const list: List = {
    resourceType: 'List', id: 'services', status: 'current', mode: 'snapshot', title: 'Items and services that need prior authorization',
    entry: services.map(({ plan, title, codes }) => ({ item: { display: `${plan}: ${title}${codes.length > 0 ? ` (${codes.map(({ code, isPrefix }) => isPrefix ? `${code}*` : code).join(', ')})` : ''}` } })),
  };
  const hasServices = services.length > 0;
  return {
    resourceType: 'MeasureReport',
    ...(hasServices && { contained: [list] }),
    status: 'complete',
    type: 'summary',
    measure: metricsMeasure,
    date: madeAt.toISOString(),
    period: { start: asked.from, end: `${asked.year}-12-31` },
    ...(asked.plan !== undefined && { reporter: { display: asked.plan } }),
    group: [
      ...(['standard', 'expedited', 'all'] as const).map((each): MeasureReportGroup => ({ code: concept(`${each}-decided`, `Decided, ${each}, counted by ${asked.count}`), population: [population('initial-population', outcomes[each].decided)] })),
      ...table.map(groupOf),
    ],
    ...(hasServices && { evaluatedResource: [{ reference: '#services' }] }),
  };
}

function groupOf(row: TableRow): MeasureReportGroup {
  const code = concept(row.code, `${row.title}, ${row.urgency}`);
  if (row.kind === 'share') {
    return {
      code, population: [population('denominator', row.denominator), population('numerator', row.numerator)],
      ...(row.percent !== undefined && { measureScore: { value: row.percent, unit: '%', system: ucum, code: '%' } }),
    };
  }
  return { code, population: [population('measure-population', row.denominator)], ...(row.value !== undefined && { measureScore: { value: row.value, unit: row.unit === 'd' ? 'days' : 'hours', system: ucum, code: row.unit } }) };
}

const concept = (code: string, text: string): CodeableConcept => ({ coding: [{ system: metricSystem, code }], text });

function population(code: string, count: number): NonNullable<MeasureReportGroup['population']>[number] {
  return { code: { coding: [{ system: populationSystem, code }] }, count };
}
