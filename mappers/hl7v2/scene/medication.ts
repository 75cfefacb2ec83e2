/** RXO, RXE, RXR, RXC and RXA: medication that is ordered, and vaccines that were given. */
import { Part } from '../engine/part.ts';
import { fillConcept, stringOf } from '../types/coded.ts';
import { applyMap, begin, type Handler, refer, type Scene, type Scope } from './scope.ts';
import type { Hl7Segment } from '../syntax/message.ts';

function medication(segment: Hl7Segment, scope: Scope, scene: Scene): void {
  if (scope.order?.peek('resourceType') !== 'MedicationRequest') {
    scope.order = begin(scene, 'MedicationRequest', segment);
    scope.order.set('intent', 'order');
    refer(scope.order, 'subject', scope.patient);
    refer(scope.order, 'encounter', scope.encounter);
  }
  // The encoded order of the pharmacy says what its order said before, and stands in its place where both came.
  if (segment.id === 'RXO' && scope.beside['RXE'] !== undefined) return;
  const [low, high] = segment.id === 'RXE' ? [3, 4] : [2, 3];
  const [least, most] = [Number(new Part(segment, low).text), Number(new Part(segment, high).text)];
  if (new Part(segment, high).text !== undefined && least > most) {
    scene.run.withheld.add(`${segment.position}|${high}`);
    scene.run.draft.leave(new Part(segment, high).at(1).from, 'the most is less than the least');
    scene.run.issue('warning', 'range-reversed', 'The most that may be given is less than the least; it is left out.', new Part(segment, high).at(1).from);
  }
  applyMap(scene, `${segment.id}[MedicationRequest]`, segment, scope.order, scope);
  scope.noted = scope.order;
}

export const rxo: Handler = medication;
export const rxe: Handler = medication;

export const rxr: Handler = (segment, scope, scene) => {
  const type = scope.order?.peek('resourceType');
  if (type === 'Immunization') applyMap(scene, 'RXR[Immunization]', segment, scope.order!, scope);
  else if (type === 'MedicationRequest' && !dosed(scope, 'route')) applyMap(scene, 'RXR[MedicationRequest]', segment, scope.order!, scope);
};

function dosed(scope: Scope, element: string): boolean {
  const dosage = scope.order?.peek('dosageInstruction') as readonly Record<string, unknown>[] | undefined;
  return dosage?.some((each) => each[element] !== undefined) ?? false;
}

/** RXC: a component of a compound, told as a note: R4's request names one medication. */
export const rxc: Handler = (segment, scope) => {
  const code = new Part(segment, 2);
  if (scope.order?.peek('resourceType') !== 'MedicationRequest' || !code.valued) return;
  const words = code.textAt(2) === undefined ? code.at(1) : code.at(2);
  scope.order.another('note').emit('text', stringOf(words), words.from, 'RXC[MedicationRequest]#RXC-2');
};

/** Codes of an administration that did not take place: CVX 998 is "no vaccine administered". */
const NO_VACCINE = '998';

export const rxa: Handler = (segment, scope, scene) => {
  const code = new Part(segment, 5);
  if (scope.order?.peek('resourceType') !== 'Immunization' || scope.order.peek('vaccineCode') !== undefined) {
    scope.order = begin(scene, 'Immunization', segment);
    refer(scope.order, 'patient', scope.patient);
  }
  const immunization = scope.order;
  applyMap(scene, 'RXA[Immunization]', segment, immunization, scope);
  refer(immunization, 'encounter', scope.encounter);
  const amount = new Part(segment, 6);
  // 999: the amount is not known (CDC's implementation guide for immunization messaging).
  if (amount.text === '999' || code.text === NO_VACCINE) scene.run.draft.leave(amount.from, 'stands for an amount that is not known');
  const notes = new Part(segment, 9);
  if (notes.valued) {
    const source = notes.text;
    immunization.set('primarySource', source === '00' ? true : source !== undefined && /^0[1-8]$/.test(source) ? false : undefined);
    if (immunization.peek('primarySource') === false) fillConcept(immunization.within('reportOrigin'), notes, 'RXA[Immunization]#RXA-9', scene.run);
    else scene.run.draft.consult(notes.at(1).from);
  }
  scope.noted = immunization;
  scope.participated = immunization;
};
