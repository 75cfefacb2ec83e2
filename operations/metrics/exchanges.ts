/** $pa-exchanges: what was exchanged with providers about authorizations, one record for each request, for analysts. */
import type { OperationDefinition, Parameters, ParametersParameter } from '@medplum/fhirtypes';
import { parseJson, stringifyJson } from '../../fhir/json.ts';
import { Problem } from '../../fhir/problems.ts';
import type { Queryable } from '../../store/database.ts';
import { exchangesIn, type ExchangeQuery, type StoredExchange } from '../../store/exchanges.ts';
import { readInputs, type Inputs } from '../inputs.ts';
import { fhirAnswer, type Operation } from '../registry.ts';
import { csvOf, csvType } from './csv.ts';

const ndjsonType = 'application/x-ndjson';

const definition: OperationDefinition & { id: string; url: string } = {
  resourceType: 'OperationDefinition',
  id: 'pa-exchanges',
  url: 'https://priora.health/fhir/OperationDefinition/pa-exchanges',
  name: 'PriorAuthorizationExchanges',
  title: 'What was exchanged about prior authorizations',
  status: 'active',
  kind: 'operation',
  description: 'Records of requests and their answers on all rails, by the logical model PASMetricData of PAS 2.2.1: providers, payer, times, codes of services, results. They hold nothing of patients.',
  affectsState: false,
  code: 'pa-exchanges',
  system: true,
  type: false,
  instance: false,
  parameter: [
    { name: 'since', use: 'in', min: 0, max: '1', type: 'instant', documentation: 'Asked then or later.' },
    { name: 'until', use: 'in', min: 0, max: '1', type: 'instant', documentation: 'Asked before then.' },
    { name: 'exchange', use: 'in', min: 0, max: '1', type: 'code', documentation: 'initial | subsequent | update | cancel | query | document' },
    { name: 'rail', use: 'in', min: 0, max: '1', type: 'code', documentation: 'fhir | x12 | hl7v2' },
    { name: 'plan', use: 'in', min: 0, max: '1', type: 'string', documentation: 'One plan.' },
    { name: '_count', use: 'in', min: 0, max: '1', type: 'integer', documentation: 'How many; 1000 unless said, 10000 at most.' },
    { name: 'after', use: 'in', min: 0, max: '1', type: 'string', documentation: 'What `next` said.' },
    {
      name: 'record', use: 'out', min: 0, max: '*', documentation: 'One exchange.',
      part: [
        { name: 'id', use: 'out', min: 1, max: '1', type: 'id', documentation: 'Of the record.' },
        { name: 'authorization', use: 'out', min: 0, max: '1', type: 'id', documentation: 'The same for all exchanges about one authorization.' },
        { name: 'rail', use: 'out', min: 1, max: '1', type: 'code', documentation: 'fhir | x12 | hl7v2' },
        { name: 'plan', use: 'out', min: 0, max: '1', type: 'string', documentation: 'Of the coverage.' },
        { name: 'data', use: 'out', min: 1, max: '1', type: 'string', documentation: 'PASMetricData as JSON.' },
      ],
    },
    { name: 'next', use: 'out', min: 0, max: '1', type: 'string', documentation: 'Where there are more: to be given as `after`; a header (priora-next) beside CSV and NDJSON.' },
  ],
};

const usual = 1000;
const most = 10_000;
const kinds = ['initial', 'subsequent', 'update', 'cancel', 'query', 'document'] as const;
const rails = ['fhir', 'x12', 'hl7v2'] as const;

export function exchangesOperation(database: Queryable): Operation {
  return {
    code: 'pa-exchanges', resource: 'Resource', levels: ['system'], canonical: definition.url, byGet: true, definition, others: [csvType, ndjsonType],
    async handle(call) {
      const asked = readAsked(readInputs(call, 'pa-exchanges', { primitives: ['since', 'until', 'exchange', 'rail', 'plan', '_count', 'after'] }));
      const found = await exchangesIn(database, { ...asked, limit: asked.limit + 1 }, call.context);
      const shown = found.slice(0, asked.limit);
      const last = found.length > shown.length ? shown.at(-1) : undefined;
      const next = last && `${last.requestedAt.toISOString()}_${last.id}`;
      const headers = { vary: 'accept', ...(next !== undefined && { 'priora-next': next }) };
      if (call.other === csvType) return { status: 200, mediaType: `${csvType}; charset=utf-8; header=present`, body: csvOf([columns, ...shown.flatMap(rowsOf)]), headers };
      if (call.other === ndjsonType) return { status: 200, mediaType: ndjsonType, body: shown.map((each) => `${lineOf(each)}\n`).join(''), headers };
      const parameter = [...shown.map(parameterOf), ...(next === undefined ? [] : [{ name: 'next', valueString: next }])];
      const answer: Parameters = { resourceType: 'Parameters', ...(parameter.length > 0 && { parameter }) };
      return { status: 200, mediaType: fhirAnswer, body: stringifyJson(answer) };
    },
  };
}

/** @throws {Problem} `invalid-operation-parameter` */
function readAsked(inputs: Inputs): ExchangeQuery {
  const refuse = (name: string, reason: string): never => { throw new Problem('invalid-operation-parameter', { name, reason }); };
  const instant = (name: string): Date | undefined => {
    const text = inputs.one(name);
    if (text === undefined) return undefined;
    const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;
    return Number.isNaN(at) ? refuse(name, 'an instant with its time zone is expected') : new Date(at);
  };
  const one = (name: string, of: readonly string[]): string | undefined => {
    const value = inputs.one(name);
    return value === undefined || of.includes(value) ? value : refuse(name, `one of ${of.join(', ')} is expected`);
  };
  const [since, until, exchange, rail, plan, count, after] = [instant('since'), instant('until'), one('exchange', kinds), one('rail', rails), inputs.one('plan'), inputs.one('_count'), inputs.one('after')];
  if (count !== undefined && !(/^[1-9]\d{0,4}$/.test(count) && Number(count) <= most)) refuse('_count', `a number from 1 to ${most} is expected`);
  const place = after === undefined ? undefined : /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)_([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(after);
  if (place === null || (place !== undefined && Number.isNaN(Date.parse(place[1]!)))) return refuse('after', 'what `next` said is expected');
  return {
    limit: count === undefined ? usual : Number(count), ...(since && { since }), ...(until && { until }), ...(exchange !== undefined && { exchange }), ...(rail !== undefined && { rail }), ...(plan !== undefined && { plan }),
    ...(place && { after: { requestedAt: new Date(place[1]!), id: place[2]! } }),
  };
}

function parameterOf({ id, authorization, rail, plan, detail }: StoredExchange): ParametersParameter {
  return {
    name: 'record',
    part: [
      { name: 'id', valueId: id }, ...(authorization === undefined ? [] : [{ name: 'authorization', valueId: authorization }]), { name: 'rail', valueCode: rail },
      ...(plan === undefined ? [] : [{ name: 'plan', valueString: plan }]), { name: 'data', valueString: detail },
    ],
  };
}

function lineOf({ id, authorization, rail, plan, detail }: StoredExchange): string {
  return JSON.stringify({ id, authorization, rail, plan, ...parseJson(detail) as object });
}

/** The parts of a record that a table has room for (metric-data.ts). */
interface Shown {
  readonly providerId?: { readonly value?: string };
  readonly groupId?: { readonly value?: string };
  readonly payerId?: { readonly value?: string };
  readonly issue?: readonly { readonly details?: { readonly coding?: readonly { readonly code?: string }[] } }[];
  readonly aaaCodes?: readonly { readonly aaaCode?: string }[];
  readonly itemDetail?: readonly { readonly item?: { readonly coding?: readonly { readonly code?: string }[] }; readonly result?: string; readonly denialReason?: string; readonly assertionId?: string; readonly initialSubmissionTime?: string; readonly finalResponseTime?: string }[];
}

const columns = ['id', 'authorization', 'exchange', 'rail', 'requested', 'responded', 'status', 'provider', 'group', 'payer', 'plan', 'line_of_business', 'issues', 'aaa_codes', 'service', 'result', 'denial_reason', 'assertion_id', 'submitted', 'decided'];

/** One row for each item; one for an exchange that is about none. */
function rowsOf(each: StoredExchange): (string | number | undefined)[][] {
  const data = parseJson(each.detail) as Shown;
  const head = [
    each.id, each.authorization, each.exchange, each.rail, each.requestedAt.toISOString(), each.respondedAt.toISOString(), each.status, data.providerId?.value, data.groupId?.value, data.payerId?.value, each.plan, each.lineOfBusiness,
    data.issue?.map(({ details }) => details?.coding?.[0]?.code ?? '').join(' '), data.aaaCodes?.map(({ aaaCode }) => aaaCode ?? '').join(' '),
  ];
  const items = data.itemDetail ?? [];
  return items.length === 0 ? [[...head, undefined, undefined, undefined, undefined, undefined, undefined]] : items.map((item) => [...head, item.item?.coding?.map(({ code }) => code ?? '').join(' '), item.result, item.denialReason, item.assertionId, item.initialSubmissionTime, item.finalResponseTime]);
}
