/** FT1: a charge. Source: HL7 v2.5.1, 6.5.1. */
import { Part } from '../engine/part.ts';
import { decimalOf } from '../types/quantities.ts';
import { applyMap, begin, type Handler, refer } from './scope.ts';

/** Table 0017: what a transaction does to a charge. Payments and adjustments are no charges. */
const STATUS: Readonly<Record<string, string>> = { CG: 'billable', CD: 'aborted', CR: 'aborted', CO: 'billable', DEL: 'aborted' };

export const ft1: Handler = (segment, scope, scene) => {
  const { run } = scene;
  const type = new Part(segment, 6);
  if (type.text === 'PY' || type.text === 'AJ') {
    run.issue('information', 'transaction-no-charge', 'A payment or an adjustment is no charge; it is not mapped.', type.at(1).from);
    return;
  }
  const number = new Part(segment, 2);
  const charge = begin(scene, 'ChargeItem', segment, ...(number.text === undefined ? [] : [run.sender, number.text]));
  scope.charge = charge;
  charge.set('status', STATUS[type.text ?? ''] ?? 'unknown');
  if (type.text !== undefined && STATUS[type.text] !== undefined) run.draft.consult(type.at(1).from);
  applyMap(scene, 'FT1[ChargeItem]', segment, charge, scope);
  refer(charge, 'subject', scope.patient);
  refer(charge, 'context', scope.encounter);
  const unit = new Part(segment, 22);
  if (charge.peek('priceOverride') === undefined && unit.valued) {
    const amount = unit.at(1);
    const value = decimalOf(amount.at(1), run);
    charge.within('priceOverride').emit('value', value, amount.at(1).from, 'FT1[ChargeItem]#FT1-22');
  }
  scope.noted = charge;
};
