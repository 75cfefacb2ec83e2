/**
 * What the rules of the plan say of an order once its documentation is complete, as CRD says it. A prior authorization is
 * certified by $submit alone: documentation that meets the criteria is told as such, never as `satisfied`, which CRD
 * couples to the number of an authorization (crd-ci-q5).
 * Source: CRD 2.0.1 and 2.2.1, ext-coverage-information; DTR 2.2.0, spec-33, spec-42, spec-47.
 */
import type { CodeableConcept, Coverage, Extension, Quantity, QuestionnaireResponse, Reference } from '@medplum/fhirtypes';
import { randomUuid } from '../../fhir/ids.ts';
import { Problem } from '../../fhir/problems.ts';
import type { ItemRecommendation } from '../../review/engine/types.ts';
import type { PolicyPack } from '../../review/policies/pack.ts';
import type { Context } from '../../store/context.ts';
import type { Queryable } from '../../store/database.ts';
import { knownCoverage } from './coverage.ts';
import { carriedOrder, coverageInformation, dtrExtension } from './names.ts';
import { questionnairesOf, recommendOrder } from './needed.ts';
import type { OrderFacts } from './order-claim.ts';

/** Of each order that the response carries; none where the member is not known any more. */
export async function coverageInformationOf(database: Queryable, response: QuestionnaireResponse, policies: readonly PolicyPack[], context: Context): Promise<Extension[]> {
  const coverage = coverageOf(response);
  const today = context.now().toISOString().slice(0, 10);
  const found: Extension[] = [];
  for (const { extension = [] } of (response.extension ?? []).filter(({ url }) => url === carriedOrder).slice(0, mostOrders)) {
    const facts = carriedFacts(extension);
    const member = partOf(extension, 'member')?.valueIdentifier;
    if (facts === undefined || member?.value === undefined) continue;
    const known = await knownCoverage(database, { resourceType: 'Coverage', subscriberId: member.value } as Coverage, context).catch((error: unknown) => {
      if (error instanceof Problem && error.code === 'documentation-coverage-unknown') return undefined;
      throw error;
    });
    if (known === undefined) continue;
    const assertion = partOf(extension, 'assertion')?.valueString ?? randomUuid(context.random(16));
    found.push(informationOf(recommendOrder(facts, known, policies, today, [response]), coverage, assertion, today, partOf(extension, 'order')?.valueReference));
  }
  return found;
}

const mostOrders = 50;

function informationOf(recommendation: ItemRecommendation, coverage: Reference | undefined, assertion: string, today: string, order: Reference | undefined): Extension {
  const more = questionnairesOf(recommendation);
  return {
    url: coverageInformation,
    extension: [
      { url: 'coverage', valueReference: coverage ?? { display: 'The coverage of the request' } },
      ...assertionsOf(recommendation).map(([url, valueCode]) => ({ url, valueCode })),
      ...(more.length > 0 ? [{ url: 'doc-needed', valueCode: 'clinical' }, ...more.map((valueCanonical) => ({ url: 'questionnaire', valueCanonical }))] : []),
      { url: 'reason', valueCodeableConcept: { text: recommendation.kind === 'administrative' ? recommendation.reason.text : recommendation.explanation } },
      ...(order === undefined ? [] : [{ url: 'dependency', valueReference: order }]),
      { url: 'date', valueDate: today },
      { url: 'coverage-assertion-id', valueString: assertion },
    ],
  };
}

/** `covered` and, unless it is not, `pa-needed`. */
function assertionsOf(recommendation: ItemRecommendation): [string, string][] {
  if (recommendation.kind === 'clinical') return [['covered', 'covered'], ['pa-needed', 'auth-needed']];
  if (recommendation.effect === 'deny') return [['covered', 'not-covered']];
  return [['covered', 'covered'], ['pa-needed', recommendation.existingNumber === undefined ? 'no-auth' : 'auth-needed']];
}

/** Source: 2.2.0 names it in an extension of its own, 2.0.1 among the contexts. */
function coverageOf({ extension = [] }: QuestionnaireResponse): Reference | undefined {
  const references = extension.filter(({ url }) => url === dtrExtension.coverage || url === dtrExtension.context).map(({ valueReference }) => valueReference);
  return references.find((reference) => reference?.reference?.startsWith('Coverage/') === true || reference?.type === 'Coverage');
}

function carriedFacts(parts: readonly Extension[]): OrderFacts | undefined {
  const service: CodeableConcept | undefined = partOf(parts, 'service')?.valueCodeableConcept;
  if (service === undefined) return undefined;
  const quantity: Quantity | undefined = partOf(parts, 'quantity')?.valueQuantity;
  const day = partOf(parts, 'day')?.valueDate;
  return { service, diagnoses: parts.flatMap(({ url, valueCodeableConcept }) => (url === 'diagnosis' && valueCodeableConcept ? [valueCodeableConcept] : [])), ...(quantity && { quantity }), ...(day !== undefined && { day }) };
}

function partOf(parts: readonly Extension[], name: string): Extension | undefined {
  return parts.find(({ url }) => url === name);
}
