/** The copy of a decision as the Claim and the ClaimResponse that it was made of: what the 278 is written from. */
import type { Claim, ClaimResponse, ClaimResponseError, ClaimResponseItem, ExplanationOfBenefit, ExplanationOfBenefitItemAdjudication } from '@medplum/fhirtypes';
import { EXTENSION } from '../pas.ts';
import { compact, list } from '../shapes.ts';
import { inPas } from './pdex.ts';

/** What of an item's extensions is the answer's. */
const OF_ANSWER = new Set<string>([EXTENSION.itemPreAuthIssueDate, EXTENSION.itemPreAuthPeriod]);

export function pairOf(copy: ExplanationOfBenefit): { claim: Claim; response: ClaimResponse } {
  const { extension: own, careTeam, insurance, item, adjudication, outcome, preAuthRefPeriod, priority, ...asked } = copy;
  const items = list(item);
  const errors = [errorsOf(adjudication, '2000E', undefined), ...items.map(({ adjudication: decided }, index) => errorsOf(decided, '2000F', index))].flat();
  const [validity] = list(preAuthRefPeriod);
  const ofItems = new Set(items.flatMap(({ careTeamSequence }) => list(careTeamSequence)));
  const team = list(careTeam).map((member) => ({ ...member, extension: [...list(member.extension), { url: EXTENSION.careTeamClaimScope, valueBoolean: !ofItems.has(member.sequence) }] }));
  return {
    claim: { ...asked, extension: inPas(list(own)), careTeam: team, resourceType: 'Claim', status: 'active', priority: priority ?? {}, insurance: list(insurance).map((each, index) => ({ ...each, sequence: index + 1 })), item: items.map(({ adjudication: _adjudication, ...each }) => each) } as Claim,
    response: compact<ClaimResponse>({
      resourceType: 'ClaimResponse', status: 'active', type: copy.type, use: 'preauthorization', patient: copy.patient, created: copy.created, insurer: copy.insurer, outcome,
      preAuthPeriod: validity,
      item: items.map(({ sequence, extension, adjudication: decided }): ClaimResponseItem => ({ itemSequence: sequence, extension: list(extension).filter(({ url }) => OF_ANSWER.has(url)), adjudication: reviewed(decided) })),
      adjudication: reviewed(adjudication),
      error: errors,
    }),
  };
}

const reviewed = (adjudication: ExplanationOfBenefitItemAdjudication[] | undefined): ExplanationOfBenefitItemAdjudication[] => list(adjudication).map((each) => ({ ...each, extension: inPas(list(each.extension)) }));

/** The rejections of a level as errors at its loop. */
function errorsOf(adjudication: ExplanationOfBenefitItemAdjudication[] | undefined, loop: string, item: number | undefined): ClaimResponseError[] {
  return list(adjudication).flatMap(({ reason }): ClaimResponseError[] => (reason === undefined ? [] : [{
    extension: [{ url: EXTENSION.errorElement, extension: [{ url: 'error', valueString: loop }] }, ...(item === undefined ? [] : [{ url: EXTENSION.errorPath, valueString: `Claim.item[${item}]` }])],
    code: reason,
  }]));
}
