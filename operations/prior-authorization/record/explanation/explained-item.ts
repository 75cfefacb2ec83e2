/** A requested service in the ExplanationOfBenefit of PDex: what was asked for, what became of it, how many units may be and were used. */
import type { ClaimItem, ExplanationOfBenefitItem, ExplanationOfBenefitItemAdjudication, Extension, Money } from '@medplum/fhirtypes';
import { pasExtension, reviewActionText, systemOf } from '../../../../profiles/pas/names.ts';
import { pdexExtension, pdexSystem } from '../../../../profiles/pas/pdex-names.ts';
import { authorizedProviders, withoutTypes } from '../authorized-providers.ts';
import { actionCodeOf, authorizedDetail } from '../claim-response.ts';
import { previousAuthorization, traceNumbers } from '../echoed.ts';
import type { ItemState } from '../../state.ts';
import { deniedConcept, procedureConcept, serviceTypeConcept } from './pdex-codes.ts';
import type { ExplanationInput } from './input.ts';

/** Prior authorization is about services, and its profile asks for amounts of money. */
export const unknownAmount: Money = { extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'not-applicable' }] };

export function explainedItem(item: ItemState, element: ClaimItem | undefined, input: ExplanationInput): ExplanationOfBenefitItem {
  const extension = [...traceNumbers(element), ...decided(item), ...previousAuthorization(element), administrative(input), ...withoutTypes(authorizedProviders(element, input.request, input.addresses)), ...detail(item, element)];
  const category = serviceTypeConcept(element?.category);
  return {
    extension,
    sequence: item.sequence,
    ...(category && { category }),
    productOrService: procedureConcept(element?.productOrService),
    ...(element?.modifier && { modifier: element.modifier }),
    ...(element?.servicedDate !== undefined && { servicedDate: element.servicedDate }),
    ...(element?.servicedPeriod && { servicedPeriod: element.servicedPeriod }),
    ...(element?.locationCodeableConcept && { locationCodeableConcept: element.locationCodeableConcept }),
    ...(element?.quantity && { quantity: element.quantity }),
    ...(element?.unitPrice && { unitPrice: element.unitPrice }),
    ...(element?.net && { net: element.net }),
    adjudication: adjudicationsOf(item, element, input),
  };
}

function decided({ decision }: ItemState): Extension[] {
  if (decision?.kind !== 'certified' && decision?.kind !== 'modified') return [];
  return [{ url: pasExtension.itemPreAuthIssueDate, valueDate: decision.at.slice(0, 10) }, { url: pasExtension.itemPreAuthPeriod, valuePeriod: decision.period }];
}

function administrative({ state }: ExplanationInput): Extension {
  return { url: pasExtension.administrationReferenceNumber, valueString: state.received.administrativeReference };
}

function detail({ decision }: ItemState, element: ClaimItem | undefined): Extension[] {
  if (decision?.kind === 'certified') return authorizedDetail(element);
  if (decision?.kind !== 'modified' || !element) return [];
  const { productOrService, quantity, unitPrice } = decision.approved;
  return authorizedDetail({ ...element, ...(productOrService && { productOrService }), ...(quantity && { quantity }), ...(unitPrice && { unitPrice }) });
}

/** Units that may be used: those approved, else those asked for. Undefined where nothing is certified, or the request counts nothing. */
export function allowedUnits({ decision }: ItemState, element?: ClaimItem): number | undefined {
  if (decision?.kind !== 'certified' && decision?.kind !== 'modified') return undefined;
  const quantity = (decision.kind === 'modified' ? decision.approved.quantity : undefined) ?? element?.quantity;
  return quantity?.value;
}

function adjudicationsOf(item: ItemState, element: ClaimItem | undefined, { used }: ExplanationInput): ExplanationOfBenefitItemAdjudication[] {
  const units = (code: string, value: number): ExplanationOfBenefitItemAdjudication => ({ category: { coding: [{ system: pdexSystem.discriminator, code }] }, value });
  const allowed = allowedUnits(item, element);
  const consumed = used?.get(item.sequence);
  return [
    { extension: [reviewAction(item)], category: { coding: [{ system: systemOf.adjudication, code: 'submitted' }] }, amount: element?.net ?? unknownAmount },
    ...(allowed === undefined ? [] : [units('allowedunits', allowed)]),
    ...(consumed === undefined ? [] : [units('consumedunits', consumed)]),
    ...(item.decision?.kind === 'denied' ? [{ category: { coding: [{ system: pdexSystem.discriminator, code: 'denialreason' }] }, reason: deniedConcept(item.decision.reason) }] : []),
  ];
}

function reviewAction(item: ItemState): Extension {
  const code = actionCodeOf(item);
  const { decision } = item;
  const reason = decision?.kind === 'denied' || decision?.kind === 'modified' ? decision.reason : undefined;
  return {
    url: pdexExtension.reviewAction,
    extension: [
      { url: pdexExtension.reviewActionCode, valueCodeableConcept: { coding: [{ system: systemOf.reviewAction, code, display: reviewActionText[code] }] } },
      ...(decision && 'number' in decision ? [{ url: 'number', valueString: decision.number }] : []),
      ...(reason?.system === systemOf.reviewReason ? [{ url: 'reasonCode', valueCodeableConcept: { coding: [{ system: reason.system, code: reason.code }], text: reason.text } }] : []),
    ],
  };
}
