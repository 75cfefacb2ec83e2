/** $pa-metrics: what a plan decided in a year, as CMS-0057-F has it published; MeasureReport, or CSV for whoever asks for that. */
import type { OperationDefinition } from '@medplum/fhirtypes';
import { stringifyJson } from '../../fhir/json.ts';
import { readInputs } from '../inputs.ts';
import { fhirAnswer, type Operation } from '../registry.ts';
import { csvOf, csvType } from './csv.ts';
import { measureReportOf } from './measure-report.ts';
import { yearlyReport, type ReportSources, type YearlyReport } from './report.ts';

const definition: OperationDefinition & { id: string; url: string } = {
  resourceType: 'OperationDefinition',
  id: 'pa-metrics',
  url: 'https://priora.health/fhir/OperationDefinition/pa-metrics',
  name: 'PriorAuthorizationMetrics',
  title: 'Decisions on prior authorization in a year',
  status: 'active',
  kind: 'operation',
  description: 'Counts, percentages and times of decisions, standard and expedited, as CMS-0057-F has plans publish them. docs/guides/metrics.md defines each.',
  affectsState: false,
  code: 'pa-metrics',
  system: true,
  type: false,
  instance: false,
  parameter: [
    { name: 'year', use: 'in', min: 1, max: '1', type: 'integer', documentation: 'The calendar year in which it was decided, where the plan is.' },
    { name: 'plan', use: 'in', min: 0, max: '1', type: 'string', documentation: 'One plan; all unless said.' },
    { name: 'line-of-business', use: 'in', min: 0, max: '1', type: 'code', documentation: 'One line of business, such as medicare-advantage.' },
    { name: 'state', use: 'in', min: 0, max: '1', type: 'code', documentation: 'One state (USPS).' },
    { name: 'count', use: 'in', min: 0, max: '1', type: 'code', documentation: 'items (unless said: what is published) or requests.' },
    { name: 'return', use: 'out', min: 1, max: '1', type: 'MeasureReport', documentation: 'The table; text/csv where that is asked for.' },
  ],
};

export function metricsOperation(sources: ReportSources): Operation {
  return {
    code: 'pa-metrics', resource: 'Resource', levels: ['system'], canonical: definition.url, byGet: true, definition, others: [csvType],
    async handle(call) {
      const inputs = readInputs(call, 'pa-metrics', { primitives: ['year', 'plan', 'line-of-business', 'state', 'count'] });
      const report = await yearlyReport(sources, (name) => inputs.one(name), call.context);
      if (call.other === csvType) return { status: 200, mediaType: `${csvType}; charset=utf-8; header=present`, body: csvOf(rowsOf(report)), headers: { 'content-disposition': `attachment; filename="prior-authorization-${report.asked.year}.csv"`, vary: 'accept' } };
      return { status: 200, mediaType: fhirAnswer, body: stringifyJson(measureReportOf(report)) };
    },
  };
}

function rowsOf({ asked, table, outcomes, services }: YearlyReport): (string | number | undefined)[][] {
  const of = [asked.year, asked.plan, asked.lineOfBusiness, asked.state, asked.count];
  return [
    ['year', 'plan', 'line_of_business', 'state', 'count', 'urgency', 'measure', 'numerator', 'denominator', 'value', 'unit'],
    ...(['standard', 'expedited', 'all'] as const).map((each) => [...of, each, 'decided', outcomes[each].decided, undefined, outcomes[each].decided, '1']),
    ...table.map((row) => row.kind === 'share'
      ? [...of, row.urgency, row.code.slice(row.urgency.length + 1), row.numerator, row.denominator, row.percent, '%']
      : [...of, row.urgency, row.code.slice(row.urgency.length + 1), undefined, row.denominator, row.value, row.unit]),
    ...services.map(({ plan, title, codes }) => [asked.year, plan, undefined, undefined, undefined, undefined, 'service-needs-authorization', undefined, undefined, `${title}: ${codes.map(({ code, isPrefix }) => isPrefix ? `${code}*` : code).join(' ')}`, undefined]),
  ];
}
