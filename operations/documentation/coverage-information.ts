/**
 * What the rules of the plan say of an order once its documentation is complete: in place of what coverage requirements
 * said of it, under the same id. Of an order that they said nothing of nothing is said here. A prior authorization is
 * given by $submit alone, so `satisfied` and its number are never told (spec-42).
 * Source: DTR 2.2.0, spec-33, spec-42, spec-43, spec-47; CRD 2.0.1 and 2.2.1, ext-coverage-information.
 */
import type { Coverage, Extension, QuestionnaireResponse, Reference } from '@medplum/fhirtypes';
import { Problem } from '../../fhir/problems.ts';
import type { PolicyPack } from '../../review/policies/pack.ts';
import type { StoredAssertion } from '../../store/coverage-assertions.ts';
import type { Context } from '../../store/context.ts';
import type { Queryable } from '../../store/database.ts';
import { sameAnswer, type Answer } from '../coverage-requirements/answer.ts';
import { extensionOf } from '../coverage-requirements/coverage-information.ts';
import type { ClientResource } from '../coverage-requirements/read-call.ts';
import { carriedIn, type CarriedOrder } from './carried-order.ts';
import { promisedBy, type ContextSource } from './contexts.ts';
import { knownCoverage, type KnownCoverage } from './coverage.ts';
import { guidanceOn, type OrderGuidance } from './guidance.ts';
import { shownMember, type ShownMember } from './known-member.ts';
import { carriedOrder, dtrExtension } from './names.ts';
import { guideVersion } from './versions.ts';

const mostOrders = 50;

/** Of each order that the response carries; none where the member is not known any more. */
export async function coverageInformationOf(database: Queryable, response: QuestionnaireResponse, policies: readonly PolicyPack[], context: Context): Promise<Extension[]> {
  const coverage = coverageOf(response);
  const found: Extension[] = [];
  for (const extension of (response.extension ?? []).filter(({ url }) => url === carriedOrder).slice(0, mostOrders)) {
    const carried = carriedIn(extension);
    const known = carried && await memberOf(database, carried, context);
    if (!carried || !known) continue;
    const evidence = { ...response, id: response.id ?? 'response', subject: {} } as ClientResource;
    const guidance = await guidanceOn(database, carried.question, known, policies, context, [evidence]);
    found.push(...statementsOf(guidance).map(({ answer, assertion }) => informationOf(answer, assertion, coverage, carried.reference, context)));
  }
  return found;
}

async function memberOf(database: Queryable, { memberNumber }: CarriedOrder, context: Context): Promise<KnownCoverage | undefined> {
  if (memberNumber === undefined) return undefined;
  return knownCoverage(database, { resourceType: 'Coverage', subscriberId: memberNumber } as Coverage, context).catch((error: unknown) => {
    if (error instanceof Problem && error.code === 'documentation-coverage-unknown') return undefined;
    throw error;
  });
}

/** Whom a response is about that bears a statement of ours, or the number of a request for information, to a member of that number. */
export async function memberOfSession(database: Queryable, response: QuestionnaireResponse, contexts: readonly ContextSource[], context: Context): Promise<ShownMember | undefined> {
  const carried = (response.extension ?? []).filter(({ url }) => url === carriedOrder).slice(0, mostOrders).flatMap((extension) => carriedIn(extension) ?? []);
  const coverage = carried[0] && await memberOf(database, carried[0], context);
  if (!coverage) return undefined;
  const named = (response.extension ?? []).flatMap(({ url, valueReference }) => url === dtrExtension.context ? valueReference?.identifier?.value ?? [] : []);
  const promised = named[0] === undefined ? undefined : await promisedBy(contexts, named[0], [coverage], context);
  return shownMember(database, [coverage], promised, carried.filter(({ memberNumber }) => memberNumber === carried[0]!.memberNumber).map(({ question }) => question), context);
}

interface Replaced {
  readonly answer: Answer;
  readonly assertion: StoredAssertion;
}

/** One for each statement that was given. Where its services have come to different answers one cannot stand for all of them. */
function statementsOf(guidance: readonly OrderGuidance[]): Replaced[] {
  const byId = new Map<string, Replaced | undefined>();
  for (const { answer, assertion } of guidance) {
    if (!assertion) continue;
    const same = byId.get(assertion.id);
    if (!byId.has(assertion.id)) byId.set(assertion.id, { answer, assertion });
    else byId.set(assertion.id, same && sameAnswer(same.answer) === sameAnswer(answer) ? { assertion, answer: { ...answer, billingCodes: [...same.answer.billingCodes, ...answer.billingCodes] } } : undefined);
  }
  return [...byId.values()].filter((replaced) => replaced !== undefined).filter(({ answer }) => answer.satisfiedPaId === undefined);
}

function informationOf(answer: Answer, { id, expiresOn }: StoredAssertion, coverage: string | undefined, order: string | undefined, context: Context): Extension {
  const date = context.now().toISOString().slice(0, 10);
  const edition = guideVersion(context) === '2.0.1' ? '2.0' : '2.2';
  const said = extensionOf({ answer, id, coverage: coverage === undefined ? { display: 'The coverage of the request' } : { reference: coverage }, date, expiresOn, contact: undefined }, edition);
  return { ...said, extension: [...said.extension!, ...(nameIn(order) === undefined ? [] : [{ url: 'dependency', valueReference: { reference: nameIn(order)! } }])] };
}

/** Source: 2.2.0 names it in an extension of its own, 2.0.1 among the contexts. */
function coverageOf({ extension = [] }: QuestionnaireResponse): string | undefined {
  const references = extension.filter(({ url }) => url === dtrExtension.coverage || url === dtrExtension.context).map(({ valueReference }): Reference | undefined => valueReference);
  return nameIn(references.find((reference) => reference?.reference?.startsWith('Coverage/') === true)?.reference);
}

/** `Type/id`: nothing else that a client writes is said again. */
function nameIn(reference: string | undefined): string | undefined {
  return reference !== undefined && /^[A-Z][A-Za-z]{1,40}\/[A-Za-z0-9\-.]{1,64}$/.test(reference) ? reference : undefined;
}
