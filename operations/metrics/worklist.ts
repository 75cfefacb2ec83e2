/** $pa-worklist: what waits for a decision, due first first, with the time that is left and what is to be expected. */
import type { OperationDefinition, Parameters, ParametersParameter } from '@medplum/fhirtypes';
import { stringifyJson } from '../../fhir/json.ts';
import { Problem } from '../../fhir/problems.ts';
import { linesOfBusiness } from '../../review/clock/rules.ts';
import type { Queryable } from '../../store/database.ts';
import { forecasts, worklist, type Forecast, type OpenAuthorization, type WorklistQuery } from '../../store/worklist.ts';
import { readInputs, type Inputs } from '../inputs.ts';
import { fhirAnswer, type Operation } from '../registry.ts';
import { csvOf, csvType } from './csv.ts';

const definition: OperationDefinition & { id: string; url: string } = {
  resourceType: 'OperationDefinition',
  id: 'pa-worklist',
  url: 'https://priora.health/fhir/OperationDefinition/pa-worklist',
  name: 'PriorAuthorizationWorklist',
  title: 'Prior authorizations that wait for a decision',
  status: 'active',
  kind: 'operation',
  description: 'Open authorizations, those first that are due first, with the time that is left and a forecast by the rule of their clock. Names nobody: the Claim says whose it is.',
  affectsState: false,
  code: 'pa-worklist',
  system: true,
  type: false,
  instance: false,
  parameter: [
    { name: 'forecast', use: 'in', min: 0, max: '*', type: 'code', documentation: 'on-time | at-risk | breached; all unless said.' },
    { name: 'plan', use: 'in', min: 0, max: '1', type: 'string', documentation: 'One plan.' },
    { name: 'line-of-business', use: 'in', min: 0, max: '1', type: 'code', documentation: 'One line of business.' },
    { name: 'expedited', use: 'in', min: 0, max: '1', type: 'boolean', documentation: 'Those that are, or those that are not.' },
    { name: '_count', use: 'in', min: 0, max: '1', type: 'integer', documentation: 'How many; 100 unless said, 1000 at most.' },
    { name: 'after', use: 'in', min: 0, max: '1', type: 'string', documentation: 'What `next` said.' },
    {
      name: 'authorization', use: 'out', min: 0, max: '*', documentation: 'One that waits.',
      part: [
        { name: 'reference', use: 'out', min: 1, max: '1', type: 'string', documentation: 'The plan\'s number for it.' },
        { name: 'claim', use: 'out', min: 1, max: '1', type: 'Reference', documentation: 'The request.' },
        { name: 'task', use: 'out', min: 0, max: '1', type: 'Reference', documentation: 'The Task of the reviewers.' },
        { name: 'due', use: 'out', min: 1, max: '1', type: 'instant', documentation: 'When it is to be decided.' },
        { name: 'remaining', use: 'out', min: 1, max: '1', type: 'decimal', documentation: 'Hours that are left; negative where it is late.' },
        { name: 'forecast', use: 'out', min: 1, max: '1', type: 'code', documentation: 'on-time | at-risk | breached' },
        { name: 'expedited', use: 'out', min: 1, max: '1', type: 'boolean', documentation: 'Whether an item that waits is.' },
        { name: 'received', use: 'out', min: 1, max: '1', type: 'instant', documentation: 'When the request came.' },
        { name: 'paused', use: 'out', min: 0, max: '1', type: 'instant', documentation: 'Until when its clock stands still at most.' },
        { name: 'rule', use: 'out', min: 0, max: '1', type: 'string', documentation: 'Of its clock.' },
        { name: 'plan', use: 'out', min: 0, max: '1', type: 'string', documentation: 'Of the coverage.' },
        { name: 'line-of-business', use: 'out', min: 1, max: '1', type: 'code', documentation: 'Of the plan.' },
      ],
    },
    { name: 'next', use: 'out', min: 0, max: '1', type: 'string', documentation: 'Where there are more: to be given as `after`.' },
  ],
};

const usual = 100;
const most = 1000;

export function worklistOperation(database: Queryable): Operation {
  return {
    code: 'pa-worklist', resource: 'Resource', levels: ['system'], canonical: definition.url, byGet: true, definition, others: [csvType],
    async handle(call) {
      const asked = readAsked(readInputs(call, 'pa-worklist', { primitives: ['forecast', 'plan', 'line-of-business', 'expedited', '_count', 'after'] }));
      const found = await worklist(database, { ...asked, limit: asked.limit + 1 }, call.context);
      const shown = found.slice(0, asked.limit);
      const now = call.context.now();
      const last = found.length > shown.length ? shown.at(-1) : undefined;
      const next = last && `${last.dueAt.toISOString()}_${last.id}`;
      if (call.other === csvType) {
        return { status: 200, mediaType: `${csvType}; charset=utf-8; header=present`, body: csvOf([columns, ...shown.map((each) => rowOf(each, now))]), headers: { vary: 'accept', ...(next !== undefined && { 'priora-next': next }) } };
      }
      const parameter = [...shown.map((each) => parameterOf(each, now)), ...(next === undefined ? [] : [{ name: 'next', valueString: next }])];
      const answer: Parameters = { resourceType: 'Parameters', ...(parameter.length > 0 && { parameter }) };
      return { status: 200, mediaType: fhirAnswer, body: stringifyJson(answer) };
    },
  };
}

/** @throws {Problem} `invalid-operation-parameter` */
function readAsked(inputs: Inputs): WorklistQuery {
  const refuse = (name: string, reason: string): never => { throw new Problem('invalid-operation-parameter', { name, reason }); };
  const named = inputs.all('forecast').flatMap((value) => value.split(','));
  const wanted = named.map((value): Forecast => forecasts.find((each) => each === value) ?? refuse('forecast', `one of ${forecasts.join(', ')} is expected`));
  const [plan, lineOfBusiness, expedited, count, after] = [inputs.one('plan'), inputs.one('line-of-business'), inputs.one('expedited'), inputs.one('_count'), inputs.one('after')];
  if (lineOfBusiness !== undefined && !linesOfBusiness.some((each) => each === lineOfBusiness)) refuse('line-of-business', `one of ${linesOfBusiness.join(', ')} is expected`);
  if (expedited !== undefined && expedited !== 'true' && expedited !== 'false') refuse('expedited', 'true or false is expected');
  if (count !== undefined && !(/^[1-9]\d{0,3}$/.test(count) && Number(count) <= most)) refuse('_count', `a number from 1 to ${most} is expected`);
  const place = after === undefined ? undefined : /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)_([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(after);
  if (place === null || (place !== undefined && Number.isNaN(Date.parse(place[1]!)))) return refuse('after', 'what `next` said is expected');
  return {
    limit: count === undefined ? usual : Number(count), ...(wanted.length > 0 && { forecasts: wanted }), ...(plan !== undefined && { plan }), ...(lineOfBusiness !== undefined && { lineOfBusiness }),
    ...(expedited !== undefined && { expedited: expedited === 'true' }), ...(place && { after: { dueAt: new Date(place[1]!), id: place[2]! } }),
  };
}

/** Hours, to one decimal. */
const remaining = ({ dueAt }: OpenAuthorization, now: Date): number => Math.round((dueAt.getTime() - now.getTime()) / 360_000) / 10;

function parameterOf(each: OpenAuthorization, now: Date): ParametersParameter {
  return {
    name: 'authorization',
    part: [
      { name: 'reference', valueString: each.administrativeReference },
      { name: 'claim', valueReference: { reference: `Claim/${each.claim}` } },
      ...(each.task === undefined ? [] : [{ name: 'task', valueReference: { reference: `Task/${each.task}` } }]),
      { name: 'due', valueInstant: each.dueAt.toISOString() },
      { name: 'remaining', valueDecimal: remaining(each, now) },
      { name: 'forecast', valueCode: each.forecast },
      { name: 'expedited', valueBoolean: each.expedited },
      { name: 'received', valueInstant: each.receivedAt.toISOString() },
      ...(each.pausedUntil === undefined ? [] : [{ name: 'paused', valueInstant: each.pausedUntil.toISOString() }]),
      ...(each.rule === undefined ? [] : [{ name: 'rule', valueString: each.rule }]),
      ...(each.plan === undefined ? [] : [{ name: 'plan', valueString: each.plan }]),
      { name: 'line-of-business', valueCode: each.lineOfBusiness },
    ],
  };
}

const columns = ['reference', 'claim', 'task', 'due', 'remaining_hours', 'forecast', 'expedited', 'received', 'paused_until', 'rule', 'plan', 'line_of_business', 'state'];

function rowOf(each: OpenAuthorization, now: Date): (string | number | boolean | undefined)[] {
  return [each.administrativeReference, each.claim, each.task, each.dueAt.toISOString(), remaining(each, now), each.forecast, each.expedited, each.receivedAt.toISOString(), each.pausedUntil?.toISOString(), each.rule, each.plan, each.lineOfBusiness, each.state];
}
