/** A modification is less than what was asked for, or something else; never more of the same. */
import type { ClaimItem, CodeableConcept, Money, Quantity } from '@medplum/fhirtypes';
import type { ApprovedDetail } from './events.ts';

/**
 * Names of what is approved beyond the request. Only what can be compared is: numbers in the same unit, prices in the
 * same currency, of the same service. A number without a unit is in the unit that was asked for.
 */
export function moreThanAsked(approved: ApprovedDetail, asked: ClaimItem | undefined): ('quantity' | 'unitPrice')[] {
  if (!asked || (approved.productOrService && !sameService(approved.productOrService, asked.productOrService))) return [];
  return [
    ...(exceeds(approved.quantity, asked.quantity) && sameUnit(approved.quantity!, asked.quantity!) ? ['quantity' as const] : []),
    ...(exceeds(approved.unitPrice, asked.unitPrice) && sameCurrency(approved.unitPrice!, asked.unitPrice!) ? ['unitPrice' as const] : []),
  ];
}

function exceeds(approved: Quantity | Money | undefined, asked: Quantity | Money | undefined): boolean {
  return approved?.value !== undefined && asked?.value !== undefined && approved.value > asked.value;
}

function sameUnit(approved: Quantity, asked: Quantity): boolean {
  if (approved.code === undefined && approved.unit === undefined) return true;
  if (approved.code !== undefined && asked.code !== undefined) return approved.code === asked.code && (approved.system ?? asked.system) === (asked.system ?? approved.system);
  return approved.unit !== undefined && approved.unit.toLowerCase() === asked.unit?.toLowerCase();
}

const sameCurrency = (approved: Money, asked: Money): boolean => (approved.currency ?? asked.currency) === (asked.currency ?? approved.currency);

function sameService(approved: CodeableConcept, asked: CodeableConcept | undefined): boolean {
  const codes = new Set(asked?.coding?.map((coding) => `${coding.system ?? ''}|${coding.code ?? ''}`));
  return approved.coding?.some((coding) => codes.has(`${coding.system ?? ''}|${coding.code ?? ''}`)) ?? false;
}
