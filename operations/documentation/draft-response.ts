/**
 * The response that a package begins with: whom and what it is about, and a place for each answer, with what
 * the plan knows.
 * Source: DTR 2.2.0, oper-18; of an adaptive questionnaire with an empty copy of it inside (spec-25).
 */
import type { Extension, Questionnaire, QuestionnaireResponse, Reference, Resource } from '@medplum/fhirtypes';
import { randomUuid } from '../../fhir/ids.ts';
import type { Context } from '../../store/context.ts';
import type { ClientResource } from '../coverage-requirements/read-call.ts';
import { carrying } from './carried-order.ts';
import { numbersOf, type KnownCoverage } from './coverage.ts';
import { canonicalOf } from './definitional.ts';
import { responseItems, type KnownAnswers } from './known-answers.ts';
import { dtrExtension, dtrProfile, sdcAdaptiveResponse } from './names.ts';
import { questionOf } from './order-question.ts';
import type { Order } from './package-request.ts';
import type { GuideVersion } from './versions.ts';

export interface DraftSubject {
  readonly coverages: readonly KnownCoverage[];
  readonly orders: readonly Order[];
  /** What the orders refer to. */
  readonly referenced: readonly ClientResource[];
  /** Of what asked for it, where it has a context id. */
  readonly context: Reference | undefined;
  /** What is filled in. */
  readonly answers: KnownAnswers;
}

/** Documentation goes along with a request for prior authorization (CRD: docReason). */
const withRequest: Readonly<Record<GuideVersion, { system: string; code: string }>> = {
  '2.2.0': { system: 'http://hl7.org/fhir/us/davinci-crd/CodeSystem/coverage-information-codes', code: 'withpa' },
  '2.0.1': { system: 'http://hl7.org/fhir/us/davinci-crd/CodeSystem/temp', code: 'prior-auth-include' },
};

/** @param contained the adaptive questionnaire without its questions, where it is one */
export function draftResponse(questionnaire: Questionnaire, contained: Questionnaire | undefined, about: DraftSubject, guide: GuideVersion, context: Context): QuestionnaireResponse {
  const items = contained === undefined ? responseItems(questionnaire.item, about.answers) : [];
  const subject = about.coverages[0]?.sent.beneficiary;
  return {
    resourceType: 'QuestionnaireResponse',
    id: randomUuid(context.random(16)),
    meta: { profile: contained === undefined ? [dtrProfile.response] : [sdcAdaptiveResponse, ...(guide === '2.2.0' ? [dtrProfile.adaptiveResponse] : [])] },
    ...(contained && { contained: [contained] }),
    extension: [...contextExtensions(about, guide), { url: dtrExtension.intendedUse, valueCodeableConcept: { coding: [withRequest[guide]] } }, ...(contained === undefined ? [] : carriedOf(about))],
    questionnaire: contained === undefined ? canonicalOf(questionnaire) : `#${contained.id!}`,
    status: 'in-progress',
    ...(subject !== undefined && { subject }),
    authored: context.now().toISOString(),
    ...(items.length > 0 && { item: items }),
  };
}

function contextExtensions({ coverages, orders, context }: DraftSubject, guide: GuideVersion): Extension[] {
  const coverageUrl = guide === '2.2.0' ? dtrExtension.coverage : dtrExtension.context;
  return [
    ...coverages.map(({ sent }) => ({ url: coverageUrl, valueReference: coverageReference(sent) })),
    ...orders.flatMap(({ reference }) => (reference === undefined ? [] : [{ url: dtrExtension.context, valueReference: { reference } }])),
    ...(context === undefined ? [] : [{ url: dtrExtension.context, valueReference: context }]),
  ];
}

/** As its sender knows it; by its number where it has no id. */
function coverageReference({ id, identifier, subscriberId }: KnownCoverage['sent']): Reference {
  if (id !== undefined) return { reference: `Coverage/${id}` };
  const named = identifier?.[0] ?? (subscriberId === undefined ? undefined : { value: subscriberId });
  return { type: 'Coverage', ...(named && { identifier: named }) };
}

function carriedOf({ coverages, orders, referenced, context }: DraftSubject): Extension[] {
  const memberNumber = coverages[0] && numbersOf(coverages[0].sent)[0];
  return orders.flatMap(({ resource, reference }): Extension[] => {
    const question = questionOf(resource as unknown as Resource, referenced, context?.identifier?.value);
    return question ? [carrying({ question, memberNumber, reference })] : [];
  });
}
