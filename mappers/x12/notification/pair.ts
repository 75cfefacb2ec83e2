/** The copy of a decision as the Claim and the ClaimResponse that it was made of: what the 278 is written from. */
import type { Claim, ClaimResponse, ClaimResponseError, ClaimResponseItem, ExplanationOfBenefit, ExplanationOfBenefitItemAdjudication } from '@medplum/fhirtypes';
import { EXTENSION } from '../pas.ts';
import { compact, list } from '../shapes.ts';

/** What of an item's extensions is the answer's. */
const OF_ANSWER = new Set<string>([EXTENSION.itemPreAuthIssueDate, EXTENSION.itemPreAuthPeriod]);

export function pairOf(copy: ExplanationOfBenefit): { claim: Claim; response: ClaimResponse } {
  const { insurance, item, adjudication, outcome, preAuthRefPeriod, priority, ...asked } = copy;
  const items = list(item);
  const errors = [errorsOf(adjudication, '2000E', undefined), ...items.map(({ adjudication: own }, index) => errorsOf(own, '2000F', index))].flat();
  const [validity] = list(preAuthRefPeriod);
  return {
    claim: { ...asked, resourceType: 'Claim', status: 'active', priority: priority ?? {}, insurance: list(insurance).map((each, index) => ({ ...each, sequence: index + 1 })), item: items.map(({ adjudication: _adjudication, ...each }) => each) } as Claim,
    response: compact<ClaimResponse>({
      resourceType: 'ClaimResponse', status: 'active', type: copy.type, use: 'preauthorization', patient: copy.patient, created: copy.created, insurer: copy.insurer, outcome,
      preAuthPeriod: validity,
      item: items.map(({ sequence, extension, adjudication: own }): ClaimResponseItem => ({ itemSequence: sequence, extension: list(extension).filter(({ url }) => OF_ANSWER.has(url)), adjudication: [...list(own)] })),
      adjudication: [...list(adjudication)],
      error: errors,
    }),
  };
}

/** The rejections of a level as errors at its loop. */
function errorsOf(adjudication: ExplanationOfBenefitItemAdjudication[] | undefined, loop: string, item: number | undefined): ClaimResponseError[] {
  return list(adjudication).flatMap(({ reason, extension }): ClaimResponseError[] => (reason === undefined ? [] : [{
    extension: [...list(extension), { url: EXTENSION.errorElement, extension: [{ url: 'error', valueString: loop }] }, ...(item === undefined ? [] : [{ url: EXTENSION.errorPath, valueString: `Claim.item[${item}]` }])],
    code: reason,
  }]));
}
