/**
 * Questionnaire/$log-questionnaire-errors: what goes wrong with the plan's questionnaires at its clients, counted by
 * questionnaire and kind; and $questionnaire-errors, by which the plan looks at it. What is said in words is not kept, for it
 * may speak of a patient.
 * Source: http://hl7.org/fhir/us/davinci-dtr/OperationDefinition/log-questionnaire-errors (2.0.1, 2.2.0)
 */
import type { OperationDefinition, Parameters } from '@medplum/fhirtypes';
import { stringifyJson } from '../../fhir/json.ts';
import { outcomeOfIssues } from '../../fhir/outcome.ts';
import { Problem } from '../../fhir/problems.ts';
import { commit } from '../../store/write/commit.ts';
import type { QuestionnaireErrorCount } from '../../store/write/changes.ts';
import type { Context } from '../../store/context.ts';
import type { Database } from '../../store/database.ts';
import { readQuestionnaireErrors, type QuestionnaireErrors } from '../../store/questionnaire-errors.ts';
import { isObject, readInputs } from '../inputs.ts';
import { fhirAnswer, type Operation, type OperationCall } from '../registry.ts';
import { storedDefinition } from './definitional.ts';

/** More than one session of filling in meets. */
const mostParameters = 200;
const mostQuestionnaires = 20;
const mostListed = 1000;

const severities: ReadonlySet<unknown> = new Set(['fatal', 'error', 'warning', 'information']);
/** Codes of FHIR's issue-type are words of this form; another is told as `unknown`. */
const issueForm = /^[a-z][a-z-]{1,29}$/;

/** @param onLogged told how many were counted, by severity */
export function logErrorsOperation(database: Database, onLogged: (severity: string, count: number) => void): Operation {
  return {
    code: 'log-questionnaire-errors', resource: 'Questionnaire', levels: ['type'], byGet: false, canonical: 'http://hl7.org/fhir/us/davinci-dtr/OperationDefinition/log-questionnaire-errors',
    async handle(call) {
      const { questionnaires, issues } = readReport(call);
      const rows = await countsOf(database, questionnaires, issues, call.context);
      await commit(database, [{ kind: 'questionnaire-errors', rows }], call.context);
      for (const { severity, count } of rows) onLogged(severity, count);
      return { status: 200, mediaType: fhirAnswer, body: JSON.stringify(outcomeOfIssues([{ code: 'documentation-errors-logged', details: { count: issues.length }, severity: 'information' }])) };
    },
  };
}

interface Report {
  readonly questionnaires: readonly string[];
  readonly issues: readonly { readonly severity: string; readonly issue: string }[];
}

/** Both versions of the guide, and the names of the OperationDefinition of 2.0.1. @throws {Problem} `not-parameters`, `missing-operation-parameter`, `invalid-operation-parameter`, `unknown-operation-parameter` */
function readReport(call: OperationCall): Report {
  const operation = 'log-questionnaire-errors';
  const body = call.resource('a Parameters resource');
  const parameters = isObject(body) && body['resourceType'] === 'Parameters' ? body['parameter'] : undefined;
  if (!Array.isArray(parameters)) throw new Problem('not-parameters', { operation });
  if (parameters.length > mostParameters) throw new Problem('invalid-element', { element: 'Parameters.parameter', reason: `there are more than ${mostParameters}` });
  const questionnaires: string[] = [];
  const issues: { severity: string; issue: string }[] = [];
  for (const [index, parameter] of parameters.entries()) {
    const at = `Parameters.parameter[${index}]`;
    const name = isObject(parameter) && typeof parameter['name'] === 'string' ? parameter['name'].toLowerCase() : '';
    if (name === 'questionnaire') {
      const canonical: unknown = parameter['valueCanonical'] ?? parameter['valueUri'];
      if (typeof canonical !== 'string') throw new Problem('invalid-operation-parameter', { name, reason: 'a canonical is expected' }, at);
      questionnaires.push(canonical);
    } else if (name === 'operationoutcome' || name === 'outcome') {
      const { resource } = parameter as { resource?: unknown };
      const said = isObject(resource) && resource['resourceType'] === 'OperationOutcome' ? resource['issue'] : undefined;
      if (!Array.isArray(said) || said.length === 0) throw new Problem('invalid-operation-parameter', { name: 'operationOutcome', reason: 'an OperationOutcome with an issue is expected' }, at);
      issues.push(...said.slice(0, mostParameters).map(issueOf));
    } else throw new Problem('unknown-operation-parameter', { operation, name: /^[a-z][a-z-]{0,39}$/.test(name) ? name : '(not a name)' }, at);
  }
  if (issues.length === 0) throw new Problem('missing-operation-parameter', { operation, name: 'operationOutcome' }, 'Parameters.parameter');
  if (questionnaires.length === 0) throw new Problem('missing-operation-parameter', { operation, name: 'questionnaire' }, 'Parameters.parameter');
  if (questionnaires.length > mostQuestionnaires) throw new Problem('invalid-operation-parameter', { name: 'questionnaire', reason: `it occurs more than ${mostQuestionnaires} times` });
  return { questionnaires, issues };
}

function issueOf(issue: unknown): Report['issues'][number] {
  const { severity, code } = (isObject(issue) ? issue : {}) as { severity?: unknown; code?: unknown };
  return { severity: severities.has(severity) ? String(severity) : 'error', issue: typeof code === 'string' && issueForm.test(code) ? code : 'unknown' };
}

/** One row for each kind, whoever names it how often; what is not here has one name in common, so that names fill no table. */
async function countsOf(database: Database, questionnaires: readonly string[], issues: Report['issues'], context: Context): Promise<readonly QuestionnaireErrorCount[]> {
  const here = await Promise.all([...new Set(questionnaires)].map(async (canonical) => (await storedDefinition(database, 'Questionnaire', canonical, context))?.canonical ?? ''));
  const counts = new Map<string, QuestionnaireErrorCount>();
  for (const questionnaire of new Set(here)) {
    for (const { severity, issue } of issues) {
      const key = JSON.stringify([questionnaire, severity, issue]);
      counts.set(key, { questionnaire, severity, issue, count: (counts.get(key)?.count ?? 0) + 1 });
    }
  }
  return [...counts.values()];
}

const listDefinition: OperationDefinition & { id: string; url: string } = {
  resourceType: 'OperationDefinition',
  id: 'Questionnaire-questionnaire-errors',
  url: 'https://priora.health/fhir/OperationDefinition/Questionnaire-questionnaire-errors',
  name: 'QuestionnaireErrors',
  title: 'Errors that clients met with questionnaires',
  status: 'active',
  kind: 'operation',
  description: 'What clients have told by $log-questionnaire-errors, counted by questionnaire and kind. What they said in words is not kept.',
  affectsState: false,
  code: 'questionnaire-errors',
  resource: ['Questionnaire'],
  system: false,
  type: true,
  instance: false,
  parameter: [
    {
      name: 'error', use: 'out', min: 0, max: '*', documentation: 'One for each questionnaire and kind, that which was met last first; 1000 at most.',
      part: [
        { name: 'questionnaire', use: 'out', min: 0, max: '1', type: 'canonical', documentation: 'With its version. Left out for questionnaires that are not here.' },
        { name: 'severity', use: 'out', min: 1, max: '1', type: 'code', documentation: 'OperationOutcome.issue.severity' },
        { name: 'code', use: 'out', min: 1, max: '1', type: 'code', documentation: 'OperationOutcome.issue.code' },
        { name: 'count', use: 'out', min: 1, max: '1', type: 'decimal', documentation: 'How often.' },
        { name: 'first', use: 'out', min: 1, max: '1', type: 'instant', documentation: 'When it was told first.' },
        { name: 'last', use: 'out', min: 1, max: '1', type: 'instant', documentation: 'When it was told last.' },
      ],
    },
  ],
};

export function listErrorsOperation(database: Database): Operation {
  return {
    code: 'questionnaire-errors', resource: 'Questionnaire', levels: ['type'], byGet: true, canonical: listDefinition.url, definition: listDefinition,
    async handle(call) {
      readInputs(call, 'questionnaire-errors', {});
      const all = await readQuestionnaireErrors(database, mostListed, call.context);
      const answer: Parameters = { resourceType: 'Parameters', ...(all.length > 0 && { parameter: all.map(listed) }) };
      return { status: 200, mediaType: fhirAnswer, body: stringifyJson(answer) };
    },
  };
}

function listed({ questionnaire, severity, issue, count, firstAt, lastAt }: QuestionnaireErrors): NonNullable<Parameters['parameter']>[number] {
  return {
    name: 'error',
    part: [
      ...(questionnaire === '' ? [] : [{ name: 'questionnaire', valueCanonical: questionnaire }]),
      { name: 'severity', valueCode: severity }, { name: 'code', valueCode: issue }, { name: 'count', valueDecimal: count },
      { name: 'first', valueInstant: firstAt.toISOString() }, { name: 'last', valueInstant: lastAt.toISOString() },
    ],
  };
}
