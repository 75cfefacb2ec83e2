/**
 * The questionnaires of the demo plan: two for home oxygen (clinical, and where to deliver it), one for sleep apnea, and
 * two that ask step by step: one for power mobility, and one for a hospital bed, which asks the office as well. DEMONSTRATION ONLY: no medical policy, and signed by nobody.
 * The answers that rules read are those that review/demo/demo-gold-2026.yaml names.
 */
import type { CodeSystem, Questionnaire, ValueSet } from '@medplum/fhirtypes';
import { audience, candidates, form, group, initial, inRecord, populatedFrom, question, shownBeside, unit, variable } from './items.ts';
import { demoForms, formsVersion } from './names.ts';

const oxygen = 'PrioraHomeOxygen';
const apnea = 'PrioraSleepApnea';
const mobility = 'PrioraMobility';
const delivery = 'PrioraDelivery';

const cityOfMember = '%patient.address.where(use.empty() or use != \'old\').first().city';
const phoneOfMember = '%patient.telecom.where(system = \'phone\' and (use.empty() or use != \'old\')).first().value';

const homeOxygen = form({
  name: 'home-oxygen', title: 'Oxygen at home', profile: 'dtr-std-questionnaire', libraries: [oxygen],
  extension: [variable('latestSaturation', oxygen, 'Latest Saturation'), populatedFrom('conditions', oxygen, 'Active Conditions')],
  item: [
    question('oxygen-condition', 'open-choice', 'Which condition makes oxygen necessary?', {
      extension: [candidates(oxygen, 'Active Conditions')],
      answerOption: [{ valueString: 'Chronic obstructive pulmonary disease' }, { valueString: 'Interstitial lung disease' }, { valueString: 'Chronic respiratory failure' }],
    }),
    question('oxygen-saturation', 'quantity', 'Latest oxygen saturation at rest on room air', { extension: [unit('%'), initial(oxygen, 'Saturation'), shownBeside('Measured', oxygen, 'Latest Saturation')], required: true }),
    question('oxygen-saturation-day', 'date', 'Day on which it was measured', { extension: [initial(oxygen, 'Saturation Day')], required: true }),
    question('oxygen-saturation-recent', 'boolean', 'Was it measured within 30 days before the oxygen is to be delivered?', { required: true }),
    group('oxygen-borderline', 'If the saturation is above 88 %', [
      question('oxygen-pressure', 'quantity', 'Latest oxygen pressure in arterial blood', { extension: [unit('mm[Hg]', 'mmHg'), initial(oxygen, 'Pressure')] }),
      question('oxygen-heart-strain', 'boolean', 'Are there signs that the heart is strained (pulmonary hypertension, cor pulmonale, edema)?', { extension: [initial(oxygen, 'Heart Is Strained')] }),
    ], { enableWhen: [{ question: 'oxygen-saturation', operator: '>', answerQuantity: { value: 88, system: 'http://unitsofmeasure.org', code: '%' } }] }),
    question('oxygen-use', 'choice', 'When is oxygen used?', { answerValueSet: `${demoForms}/ValueSet/oxygen-use|${formsVersion}` }),
  ],
});

const equipmentDelivery = form({
  name: 'equipment-delivery', title: 'Delivery of equipment', profile: 'dtr-std-questionnaire', libraries: [delivery],
  item: [
    question('delivery-city', 'string', 'City to deliver to', { extension: [initial(delivery, 'City'), inRecord(cityOfMember)] }),
    question('delivery-phone', 'string', 'Telephone number to announce the delivery', { extension: [initial(delivery, 'Phone'), inRecord(phoneOfMember)], required: true }),
  ],
});

const sleepApnea = form({
  name: 'sleep-apnea', title: 'Sleep apnea', profile: 'dtr-std-questionnaire', libraries: [apnea],
  item: [
    question('apnea-index', 'quantity', 'Apneas and hypopneas an hour in the latest sleep study', { extension: [unit('/h'), initial(apnea, 'Index')] }),
    question('apnea-study-day', 'date', 'Day of the study', { extension: [initial(apnea, 'Study Day')] }),
    question('clinical-evaluation', 'boolean', 'Did a practitioner examine the patient before the study?', { required: true }),
    question('osa-symptoms', 'boolean', 'Is there daytime sleepiness, impaired thinking, a mood disorder or insomnia; or high blood pressure, ischemic heart disease or a stroke in the past?', { extension: [initial(apnea, 'Related Disease')], required: true }),
  ],
});

const adaptive = { url: 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-questionnaireAdaptive', valueBoolean: true };

const powerMobility = form({
  name: 'power-mobility', title: 'Power mobility', profile: 'dtr-questionnaire-adapt', libraries: [mobility],
  extension: [adaptive],
  item: [
    group('mobility-walking', 'Walking', [question('mobility-walks', 'boolean', 'Can the patient move about at home with a cane or a walker?', { required: true })]),
    group('mobility-manual', 'Manual wheelchair', [
      question('mobility-propels', 'boolean', 'Can the patient propel a manual wheelchair that fits?', { required: true }),
      question('mobility-weight', 'quantity', 'Body weight', { extension: [unit('kg'), unit('[lb_av]', 'lb'), initial(mobility, 'Weight')] }),
    ], { enableWhen: [{ question: 'mobility-walks', operator: '=', answerBoolean: false }] }),
    group('mobility-power', 'Power wheelchair', [
      question('mobility-operates', 'boolean', 'Can the patient, or somebody who is always there, operate a power wheelchair safely?', { required: true }),
      question('mobility-examined', 'boolean', 'Was the patient examined face to face about this within six months before the order?', { required: true }),
      question('mobility-last', 'display', 'These are the last clinical questions.'),
    ], { enableWhen: [{ question: 'mobility-propels', operator: '=', answerBoolean: false }] }),
  ],
});

const hospitalBed = form({
  name: 'hospital-bed', title: 'Hospital bed at home', profile: 'dtr-questionnaire-adapt', libraries: [delivery],
  extension: [adaptive],
  item: [
    group('bed-position', 'Position of the body', [
      question('bed-elevation', 'boolean', 'Does the patient need the head of the bed raised by more than 30 degrees most of the time?', { required: true }),
    ], { extension: [audience('clinical')] }),
    group('bed-alternatives', 'Alternatives', [
      question('bed-wedges', 'boolean', 'Have pillows and wedges been tried, or ruled out?', { required: true }),
    ], { extension: [audience('clinical')], enableWhen: [{ question: 'bed-elevation', operator: '=', answerBoolean: true }] }),
    group('bed-delivery', 'Delivery', [
      question('bed-city', 'string', 'City to deliver to', { extension: [initial(delivery, 'City'), inRecord(cityOfMember)] }),
      question('bed-phone', 'string', 'Telephone number to announce the delivery', { extension: [initial(delivery, 'Phone'), inRecord(phoneOfMember)], required: true }),
    ], { extension: [audience('admin')], enableWhen: [{ question: 'bed-elevation', operator: 'exists', answerBoolean: true }] }),
  ],
});

export const demoQuestionnaires: readonly (Questionnaire & { id: string })[] = [homeOxygen, equipmentDelivery, sleepApnea, powerMobility, hospitalBed];

export const demoTerminology: readonly ((CodeSystem | ValueSet) & { id: string })[] = [
  {
    resourceType: 'CodeSystem', id: 'demo-oxygen-use', url: `${demoForms}/CodeSystem/oxygen-use`, version: formsVersion, name: 'OxygenUse', title: 'When oxygen is used', status: 'active', experimental: true, caseSensitive: true, content: 'complete',
    concept: [{ code: 'continuous', display: 'All the time' }, { code: 'exertion', display: 'When moving' }, { code: 'sleep', display: 'When asleep' }],
  },
  { resourceType: 'ValueSet', id: 'demo-oxygen-use', url: `${demoForms}/ValueSet/oxygen-use`, version: formsVersion, name: 'OxygenUse', title: 'When oxygen is used', status: 'active', experimental: true, compose: { include: [{ system: `${demoForms}/CodeSystem/oxygen-use`, version: formsVersion }] } },
];
