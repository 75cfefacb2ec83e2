/**
 * Questionnaire/$questionnaire-package: the questionnaires by which a plan asks for the documentation of an order, each
 * with all that is needed to fill it in.
 * Source: http://hl7.org/fhir/us/davinci-dtr/OperationDefinition/questionnaire-package (2.0.1, 2.2.0)
 */
import type { Parameters, ParametersParameter, Questionnaire, Reference, Resource } from '@medplum/fhirtypes';
import { stringifyJson } from '../../fhir/json.ts';
import { outcomeOfIssues } from '../../fhir/outcome.ts';
import { Problem, type ProblemIssue } from '../../fhir/problems.ts';
import type { PolicyPack } from '../../review/policies/pack.ts';
import type { Context } from '../../store/context.ts';
import type { Database } from '../../store/database.ts';
import { localNameOf, type ClientResource } from '../coverage-requirements/read-call.ts';
import { fhirAnswer, type Operation } from '../registry.ts';
import { promisedBy, type ContextSource, type PromisedDocumentation } from './contexts.ts';
import { knownCoverage, type KnownCoverage } from './coverage.ts';
import { storedDefinition, type Stored } from './definitional.ts';
import type { DraftSubject } from './draft-response.ts';
import { guidanceOn } from './guidance.ts';
import { knownAnswers, type PlanRecord } from './known-answers.ts';
import { shownMember } from './known-member.ts';
import { dtrProfile } from './names.ts';
import { questionOf } from './order-question.ts';
import { packageOf, type QuestionnairePackage } from './package-bundle.ts';
import { readPackageRequest, type Order, type PackageRequest } from './package-request.ts';
import { guideVersion, outputNames } from './versions.ts';

export interface PackageSources {
  readonly database: Database;
  readonly policies: readonly PolicyPack[];
  readonly contexts: readonly ContextSource[];
}

export function packageOperation(sources: PackageSources): Operation {
  return {
    code: 'questionnaire-package', resource: 'Questionnaire', levels: ['type'], byGet: false, canonical: 'http://hl7.org/fhir/us/davinci-dtr/OperationDefinition/questionnaire-package',
    handle: async (call) => ({ status: 200, mediaType: fhirAnswer, body: stringifyJson(await packagesFor(readPackageRequest(call), sources, call.context)) }),
  };
}

/** @throws {Problem} `documentation-coverage-unknown`, `documentation-context-unknown`, `documentation-promised` */
export async function packagesFor(request: PackageRequest, sources: PackageSources, context: Context): Promise<Parameters> {
  const { database } = sources;
  const coverages = await Promise.all(request.coverages.map((coverage) => knownCoverage(database, coverage, context)));
  const promised = request.context === undefined ? undefined : await promisedBy(sources.contexts, request.context, coverages, context);
  if (request.context !== undefined && promised === undefined) throw new Problem('documentation-context-unknown', {}, 'Parameters.parameter');
  const { wanted, issues } = await wantedBy(request, promised, coverages, sources, context);
  const questions = request.orders.flatMap(({ resource }) => questionOf(resource as unknown as Resource, request.referenced, request.context) ?? []);
  const member = await shownMember(database, coverages, promised, questions, context);
  const packages: QuestionnairePackage[] = [];
  for (const { found, orders } of await resolve(wanted, issues, database, context)) {
    const meant = orders.length > 0 ? orders : request.orders;
    const record: PlanRecord = { patient: member?.patient, coverage: member?.coverage, order: meant.length === 1 ? meant[0]!.resource as unknown as Resource : undefined };
    const about: DraftSubject = { coverages, orders: meant, referenced: request.referenced, context: promised?.reference, answers: knownAnswers(record, guideVersion(context), context.now()) };
    packages.push(await packageOf(database, found, about, guideVersion(context), context));
  }
  if (promised?.isPromised === true && packages.length === 0) throw new Problem('documentation-promised', {}, 'Parameters.parameter');
  if (packages.length === 0 && issues.length === 0) issues.push({ code: 'documentation-not-needed', details: {}, severity: 'information' });
  const { changedSince } = request;
  const changed = changedSince === undefined ? packages : packages.filter((each) => each.changed > changedSince);
  if (packages.length > changed.length) issues.push({ code: 'documentation-unchanged', details: { count: packages.length - changed.length }, severity: 'information' });
  return output(changed, [...issues, ...new Map(changed.flatMap(({ warnings }) => warnings).map((issue) => [`${issue.code} ${String(issue.details['canonical'])}`, issue])).values()], context);
}

/** A canonical that is asked for, and the orders that it is for; none: all of them. */
interface Wanted {
  readonly canonical: string;
  readonly orders: readonly Order[];
}

/** The union of what is named, what the context promised, and what the rules ask of each order. */
async function wantedBy({ questionnaires, orders, referenced, context: asked }: PackageRequest, promised: PromisedDocumentation | undefined, coverages: readonly KnownCoverage[], { database, policies }: PackageSources, context: Context): Promise<{ wanted: readonly Wanted[]; issues: ProblemIssue[] }> {
  const issues: ProblemIssue[] = [];
  const byRules: Wanted[] = [];
  for (const order of orders) {
    const question = questionOf(order.resource as unknown as Resource, referenced, asked);
    if (question === undefined) {
      issues.push({ code: 'documentation-order-unclear', details: {}, severity: 'warning', expression: order.expression });
      continue;
    }
    const wanted: Wanted[] = [];
    for (const coverage of coverages) {
      const guidance = await guidanceOn(database, question, coverage, policies, context, referenced.filter((resource) => isOfBeneficiary(resource, coverage)));
      wanted.push(...guidance.flatMap(({ answer }) => answer.questionnaires).map((canonical) => ({ canonical, orders: [order] })));
    }
    if (wanted.length === 0 && questionnaires.length === 0 && promised?.isPromised !== true) issues.push({ code: 'documentation-not-needed', details: {}, severity: 'information', expression: order.expression });
    byRules.push(...wanted);
  }
  return { wanted: [...[...questionnaires, ...promised?.questionnaires ?? []].map((canonical) => ({ canonical, orders: [] })), ...byRules], issues };
}

/** What is somebody else's proves nothing of the member. */
function isOfBeneficiary(resource: ClientResource, { sent }: KnownCoverage): boolean {
  const { subject, patient } = resource as { subject?: Reference; patient?: Reference };
  const name = localNameOf((subject ?? patient)?.reference, undefined);
  return name !== undefined && name === localNameOf(sent.beneficiary?.reference, undefined);
}

/** Each questionnaire in each version once, with all orders that it is for. */
async function resolve(wanted: readonly Wanted[], issues: ProblemIssue[], database: Database, context: Context): Promise<readonly { readonly found: Stored<Questionnaire>; readonly orders: readonly Order[] }[]> {
  const found = new Map<string, { found: Stored<Questionnaire>; orders: Order[] }>();
  const missing = new Set<string>();
  for (const { canonical, orders } of wanted) {
    const stored = await storedDefinition(database, 'Questionnaire', canonical, context);
    if (stored === undefined) {
      missing.add(canonical);
      continue;
    }
    const known = found.get(stored.canonical) ?? { found: stored, orders: [] };
    known.orders.push(...orders.filter((order) => !known.orders.includes(order)));
    found.set(stored.canonical, known);
  }
  for (const canonical of missing) issues.push({ code: 'documentation-questionnaire-unknown', details: { canonical: isName(canonical) ? canonical : '(not a canonical)' }, severity: 'warning' });
  return [...found.values()];
}

/** What a client sends is told back only where it can be nothing but an address. */
function isName(canonical: string): boolean {
  return /^(?:https?:\/\/|urn:)[\w./:~%-]{1,300}(?:\|[\w.-]{1,60})?$/.test(canonical);
}

function output(packages: readonly QuestionnairePackage[], issues: readonly ProblemIssue[], context: Context): Parameters {
  const names = outputNames[guideVersion(context)];
  const parameter: ParametersParameter[] = [
    ...packages.map(({ bundle }) => ({ name: names.packageBundle, resource: bundle })),
    ...(issues.length === 0 ? [] : [{ name: names.outcome, resource: outcomeOfIssues(issues) }]),
  ];
  return { resourceType: 'Parameters', meta: { profile: [dtrProfile.packageOutput] }, ...(parameter.length > 0 && { parameter }) };
}
