/** PV1, PV2, DG1, PR1, AL1, IAM, ACC, PRB: the visit, and what was found and done in it. */
import { Part } from '../engine/part.ts';
import { fillConcept, stringOf } from '../types/coded.ts';
import { translated } from '../types/code-systems.ts';
import { dateTimeOf, laterBy } from '../types/date-time.ts';
import { decimalOf } from '../types/quantities.ts';
import { numberKey } from './patient.ts';
import { applyMap, begin, type Handler, refer, referToo, type Scene, type Scope } from './scope.ts';

export const pv1: Handler = (segment, scope, scene) => {
  const encounter = begin(scene, 'Encounter', segment, numberKey(segment, 19, 1, scene.run));
  scope.encounter = encounter;
  applyMap(scene, 'PV1[Encounter]', segment, encounter, scope);
  refer(encounter, 'subject', scope.patient);
  emitStatus(scope, scene);
  scope.participated = encounter;
  if (!new Part(segment, 20).valued) return;
  // The financial class says how the visit is paid for, and nothing of a policy.
  const financial = new Part(segment, 20);
  if (financial.at(1).text === undefined) return;
  const extension = encounter.another('extension');
  extension.set('url', 'http://hl7.org/fhir/StructureDefinition/alternate-codes');
  fillConcept(extension.within('valueCodeableConcept'), financial.at(1), 'PV1[Encounter]#PV1-20', scene.run, 'FinancialClass');
};

/** The status by the event, where the class of patient does not say that the visit is only planned. */
function emitStatus(scope: Scope, scene: Scene): void {
  const { encounter } = scope;
  if (encounter === undefined) return;
  const byEvent = scene.code === 'ADT' || scene.code === 'BAR' ? translated('Event[EncounterStatus]', scene.event)?.code : undefined;
  const now = encounter.peek('status');
  if (now === 'finished' || (now === 'planned' && byEvent === 'in-progress')) return;
  if (byEvent !== undefined) encounter.set('status', byEvent);
}

export const pv2: Handler = (segment, scope, scene) => {
  if (scope.encounter === undefined) return;
  applyMap(scene, 'PV2[Encounter]', segment, scope.encounter, scope);
  const words = new Part(segment, 12);
  if (words.text !== undefined) scope.encounter.another('reasonCode').emit('text', stringOf(words), words.from, 'PV2[Encounter]#PV2-12');
};

export const dg1: Handler = (segment, scope, scene) => {
  const { run } = scene;
  if (!new Part(segment, 3).valued && !new Part(segment, 4).valued) return;
  const number = new Part(segment, 20);
  const condition = begin(scene, 'Condition', segment, ...(number.textAt(1) === undefined ? [] : [run.sender, number.textAt(1)]));
  scene.conditions.push(condition);
  applyMap(scene, 'DG1[Condition]', segment, condition, scope);
  refer(condition, 'subject', scope.patient);
  refer(condition, 'encounter', scope.encounter);
  const holder = scope.order ?? scope.encounter;
  if (scope.encounter !== undefined && scope.order === undefined) {
    const diagnosis = scope.encounter.another('diagnosis');
    diagnosis.within('condition').set('reference', condition.root().url);
    const [use, rank] = [new Part(segment, 6), new Part(segment, 15)];
    if (use.valued) fillConcept(diagnosis.within('use'), use, 'DG1[Encounter]#DG1-6', run, 'DiagnosisType');
    if (rank.text !== undefined && /^[1-9]\d{0,8}$/.test(rank.text)) diagnosis.emit('rank', Number(rank.text), rank.from, 'DG1[Encounter]#DG1-15');
    condition.another('category').another('coding').set('system', 'http://terminology.hl7.org/CodeSystem/condition-category').set('code', 'encounter-diagnosis');
  } else if (holder?.peek('resourceType') === 'ServiceRequest' || holder?.peek('resourceType') === 'MedicationRequest') referToo(holder, 'reasonReference', condition);
  scope.noted = condition;
};

export const pr1: Handler = (segment, scope, scene) => {
  const { run } = scene;
  const number = new Part(segment, 19);
  const procedure = begin(scene, 'Procedure', segment, ...(number.textAt(1) === undefined ? [] : [run.sender, number.textAt(1)]));
  scene.procedures.push(segment);
  scene.procedureUrls.set(segment, procedure.root().url);
  applyMap(scene, 'PR1[Procedure]', segment, procedure, scope);
  if (scene.code === 'RQA') procedure.set('status', 'preparation');
  refer(procedure, 'subject', scope.patient);
  refer(procedure, 'encounter', scope.encounter);
  const [start, minutes] = [procedure.peek('performedPeriod') as { start?: string } | undefined, new Part(segment, 7)];
  if (start?.start !== undefined && minutes.text !== undefined) {
    const end = laterBy(start.start, decimalOf(minutes, run) ?? Number.NaN);
    procedure.within('performedPeriod').emit('end', end, minutes.from, 'PR1[Procedure]#10');
  }
  scope.noted = procedure;
  scope.participated = procedure;
};

export const al1: Handler = (segment, scope, scene) => {
  if (!new Part(segment, 3).valued) return;
  const allergy = begin(scene, 'AllergyIntolerance', segment);
  applyMap(scene, 'AL1[AllergyIntolerance]', segment, allergy, scope);
  refer(allergy, 'patient', scope.patient);
};

export const iam: Handler = (segment, scope, scene) => {
  if (!new Part(segment, 3).valued) return;
  const number = new Part(segment, 7);
  const allergy = begin(scene, 'AllergyIntolerance', segment, ...(number.textAt(1) === undefined ? [] : [scene.run.sender, number.textAt(1)]));
  applyMap(scene, 'IAM[AllergyIntolerance]', segment, allergy, scope);
  refer(allergy, 'patient', scope.patient);
};

/** ACC: the accident, as a reason of the visit. */
export const acc: Handler = (segment, scope, scene) => {
  const code = new Part(segment, 2);
  if (scope.encounter === undefined || !code.valued) return;
  const reason = scope.encounter.another('reasonCode');
  fillConcept(reason, code, 'ACC[Encounter]#ACC-2', scene.run);
  const when = new Part(segment, 1);
  if (!when.valued || scope.patient === undefined) return;
  const condition = begin(scene, 'Condition', segment);
  refer(condition, 'subject', scope.patient);
  refer(condition, 'encounter', scope.encounter);
  fillConcept(condition.within('code'), code, 'ACC[Condition]#ACC-2', scene.run);
  condition.emit('onsetDateTime', dateTimeOf(when, scene.run), when.from, 'ACC[Condition]#ACC-1');
};

/** PRB: a problem. */
export const prb: Handler = (segment, scope, scene) => {
  const { run } = scene;
  if (!new Part(segment, 3).valued) return;
  const number = new Part(segment, 4);
  const condition = begin(scene, 'Condition', segment, ...(number.textAt(1) === undefined ? [] : [run.sender, number.textAt(1)]));
  applyMap(scene, 'PRB[Condition]', segment, condition, scope);
  refer(condition, 'subject', scope.patient);
  refer(condition, 'encounter', scope.encounter);
  condition.another('category').another('coding').set('system', 'http://terminology.hl7.org/CodeSystem/condition-category').set('code', 'problem-list-item');
  scope.noted = condition;
};
