/**
 * What generate-hl7v2-rules.mjs changes in the rows of the v2-to-FHIR mappings, and what it leaves out, with the reason
 * for each. A row is named by its map and its number below the headers.
 */

/** Maps that are not taken at all. */
export const leftOutMaps = {
  'DG1[EpisodeOfCare]': 'whether there is an episode of care is not said by the message',
  'DG1[Encounter]': 'its Condition is that of DG1[Condition]; use and rank are rules of our own',
  'IN3[CareTeam]': 'one constant role; the certification itself is mapped by rules of our own',
  'MSH[Encounter]': 'the status by event is decided with PV1-2 and PV1-45 together',
  'MSH[Provenance-Transformation]': 'says when and by whom the message was converted, which whoever stores the Bundle knows',
  'MSH[Provenance-Source]': 'the source is the landed message, which whoever stores the Bundle knows',
  'NTE[Appointment-Comment]': 'an extension of R5; a comment is Appointment.comment by a rule of our own',
  'NTE[DocumentReference]': 'an attachment for each comment; a rule of our own appends to the description',
  'NTE[Observation]': 'one map of our own for everything with notes',
  'NTE[ServiceRequest]': 'one map of our own for everything with notes',
  'OBX[DocumentReference]': 'lines of a text are put together, which no rule for one segment can say',
  'OBX[Observation-Component]': 'a repeated OBX-5 is taken by the same rules as a single one, its values as components',
  'PID[Appointment]': 'the patient is a participant once, by reference',
  'PV1[Basic-EncounterHistory]': 'an element of R5 in a Basic resource',
  'PRT[Patient-GeneralPractitioner-PractitionerRole]': 'participations are those of the resource they follow',
  'PRT[Patient-GeneralPractitioner-Practitioner]': 'participations are those of the resource they follow',
  'PRT[PractitionerRole]': 'participations are those of the resource they follow',
  'PRT[Observation-Location]': 'participations are those of the resource they follow',
  'ROL[Encounter-PractitionerRole]': 'participations are those of the resource they follow',
  'ROL[Patient-GeneralPractitioner]': 'participations are those of the resource they follow',
  'PRT[CareTeam]': 'participations are those of the resource they follow',
  'ROL[CareTeam]': 'participations are those of the resource they follow',
  'ROL[RelatedPerson]': 'participations are those of the resource they follow',
  'PRT[RelatedPerson]': 'participations are those of the resource they follow',
  'RXO[MedicationRequest]': 'unfinished; rules of our own',
  'SCH[Provenance]': 'the enterer is a participant of the Appointment',
  'SCH[ServiceRequest]': 'an order of its own is not said by SCH',
  'AIS[ServiceRequest]': 'an order of its own is not said by AIS',
  'SFT[Device]': 'name and version stand in MessageHeader.source',
  'ORC[MedicationAdministration]': 'no structure we read has it',
  'TQ1[MedicationRequest]': 'mixes paths of ServiceRequest; rules of our own',
  'TQ1[ServiceRequest]': 'half of its paths are not in R4; rules of our own',
  'TXA[Provenance]': 'names no fields',
};

/** Structures that are written out in mappers/hl7v2/structure/grammar.ts instead. */
export const leftOutStructures = {
  ORU_R01: 'groups that are begun and not ended',
  ORM_O01: 'without its groups',
};

/** Rows of code tables whose target is of a later release than R4. */
export const codesNotInR4 = new Set(['MaritalStatus#C']);

const drop = (reason) => ({ drop: reason });
const own = drop('a rule of our own reads more of it');
const value = drop('OBX-5 is read by its data type in types/observation-value.ts, together with OBX-6');
const sum = drop('a sum of time and duration; read together by code');
const r5 = drop('an extension of a later version for what R4 has no element for');

/** Rows of MSH[MessageHeader] about what is absent. */
const absent = [30, 31, 33, 34];

const range = (map, from, to, what) => Object.fromEntries(Array.from({ length: to - from + 1 }, (_, at) => [`${map}#${from + at}`, what]));

/** `{ drop: reason }`, or the cells that are put in place of those of the row. */
export const corrections = {
  'AIG[Appointment]#3': own,
  // Which constant holds is what the field says.
  'DG1[Condition]#21': { condition: 'IF DG1-21 EQUALS "D"' }, 'DG1[Condition]#22': { condition: 'IF DG1-21 EQUALS "D"' },
  'MSH[MessageHeader]#4': { target: 'source[1]' }, 'MSH[MessageHeader]#7': { target: 'destination[1]' }, 'MSH[MessageHeader]#8': { target: 'destination[1]' },
  'MSH[MessageHeader]#9': { condition: '' }, 'MSH[MessageHeader]#28': drop('a network address is no organization'), 'MSH[MessageHeader]#29': { target: 'source[1]' },
  'MSH[MessageHeader]#23': drop('a language of the message, by names that are not those of FHIR'),
  'MSH[MessageHeader]#12': drop('a password or a remark, and no label of FHIR'),
  ...Object.fromEntries(absent.map((number) => [`MSH[MessageHeader]#${number}`, drop('what is absent is told for all resources in one place')])),
  'EVN[Provenance]#6': drop('an unknown reason is none'), 'EVN[Provenance]#7': drop('an unknown reason is none'),
  ...Object.fromEntries(['AL1[AllergyIntolerance]#5', 'AL1[AllergyIntolerance]#6', 'IAM[AllergyIntolerance]#5', 'IAM[AllergyIntolerance]#6'].map((key) => [key, drop('an extension beside a list of codes')])),
  'PV2[Encounter]#45': { target: 'extension[3].url' }, 'PV2[Encounter]#46': { target: 'extension[3].valueCoding' },
  'ORC[ServiceRequest]#20': drop('the type is not in the table of R4'), 'ORC[ServiceRequest]#21': drop('the type is not in the table of R4'), 'ORC[ServiceRequest]#64': drop('the type is not in the table of R4'), 'ORC[ServiceRequest]#65': drop('the type is not in the table of R4'),
  'ORC[Immunization]#17': { target: 'performer.actor(PractitionerRole.practitioner(Practitioner))', map: 'XCN[Practitioner]' },
  'OBX[Observation]#53': drop('the code is none of the system'), 'OBX[Observation]#52': drop('the code is none of the system'),
  'PV1[Encounter]#15': { value: '' },
  'SPM[Specimen]#34': { target: 'identifier[4]' }, 'SPM[Specimen]#36': drop('names no type'),
  'PV1[Encounter]#65': { value: '' }, 'PV1[Encounter]#66': { value: '"reserved"' },
  'OBX[Observation]#44': { condition: 'IF OBX-11 IS "N" AND OBX-5 NOT VALUED' }, 'OBX[Observation]#45': { condition: 'IF OBX-11 IS "N" AND OBX-5 NOT VALUED' },
  ...range('PID[Patient]', 56, 58, { condition: 'IF PID-35.1 VALUED' }),
  // ORC and OBR each leave the number to the other where both have it.
  ...range('ORC[ServiceRequest]', 7, 12, { condition: '' }),
  'MSA[MessageHeader]#1': own, 'OBR[ServiceRequest]#27': drop('an extension without an address'), 'OBR[ServiceRequest]#28': drop('an extension without an address'),
  ...range('ORC[ServiceRequest]', 3, 6, drop('names an extension that is not defined')),
  'ORC[ServiceRequest]#27': drop('names an extension that is not defined'), 'ORC[ServiceRequest]#28': drop('names an extension that is not defined'), 'ORC[ServiceRequest]#29': drop('names an extension that is not defined'),
  'IN1[Coverage]#2': drop('the plan is Coverage.class'), 'IN1[Coverage]#18': own, 'IN1[Coverage]#19': own, 'IN1[Coverage]#10': drop('IN1-10 is the number of the group'), 'IN1[Coverage]#11': drop('IN1-10 is the number of the group'),
  'IN1[Coverage]#20': own, 'IN1[Coverage]#52': drop('Coverage.subscriberId'), 'IN1[Coverage]#53': drop('Coverage.subscriberId'),
  'OBX[Observation]#49': { target: 'performer[4](Organization)' }, 'OBX[Observation]#50': drop('a producer is an organization'),
  'OBX[Observation]#56': drop('no element of R4 is the time of analysis'), 'OBX[Observation]#57': drop('no element of R4 is the time of analysis'),
  'OBX[Observation]#73': { value: '"http://terminology.hl7.org/CodeSystem/v2-0936"' },
  ...range('OBX[Observation]', 74, 76, drop('the system is no code system')),
  'OBX[Observation]#79': r5, 'OBX[Observation]#81': r5,
  'MSA[MessageHeader]#2': own, 'OBR[Specimen]#43': { target: 'note.text' }, 'PID[Patient]#34': own, 'PV2[Encounter]#16': own,
  'OBX[Observation]#82': r5, 'PRT[Device]#18': { target: 'udiCarrier[2].deviceIdentifier', map: '', source: 'PRT-16.1' },
  'AIG[Appointment]#11': sum, 'AIL[Appointment]#9': sum, 'AIP[Appointment]#9': sum, 'AIS[Appointment]#7': sum,
  // The value given for AIP-4 is the value set it is bound to.
  'AIP[Appointment]#4': { value: '' },
  'AL1[AllergyIntolerance]#12': { narrative: '' },
  'IAM[AllergyIntolerance]#9': { narrative: '' },
  'AL1[AllergyIntolerance]#11': drop('severity is taken as that of the reaction, which is what the field is called'),
  'EVN[Provenance]#1': drop('the event stands in MessageHeader.eventCoding'),
  'IAM[AllergyIntolerance]#23': own, 'IAM[AllergyIntolerance]#24': own, 'IAM[AllergyIntolerance]#25': own, 'IAM[AllergyIntolerance]#26': own,
  'IN1[Coverage]#5': { target: 'payor[1](Organization.address)' },
  'IN1[Coverage]#12': drop('IN1-10 is the number of the group'),
  'OBR[DiagnosticReport]#2': { narrative: '', condition: 'IF ORC-2 NOT VALUED' },
  'OBR[DiagnosticReport]#3': { narrative: '', condition: 'IF ORC-2 NOT VALUED' },
  'OBR[DiagnosticReport]#4': { narrative: '', condition: 'IF ORC-2 NOT VALUED' },
  'OBR[DiagnosticReport]#5': { narrative: '', condition: 'IF ORC-3 NOT VALUED' },
  'OBR[DiagnosticReport]#6': { narrative: '', condition: 'IF ORC-3 NOT VALUED' },
  'OBR[DiagnosticReport]#7': { narrative: '', condition: 'IF ORC-3 NOT VALUED' },
  ...range('OBX[Observation]', 5, 34, value),
  'OBX[Observation]#63': { target: 'performer[3](PractitionerRole.organization(Organization))' },
  'OBX[Observation]#65': { target: 'performer[3](PractitionerRole.organization(Organization.address))' },
  'OBX[Observation]#66': { target: 'performer[3](PractitionerRole.practitioner(Practitioner))', map: 'XCN[Practitioner]' },
  'OBX[Observation]#67': { target: 'performer[3](PractitionerRole.code.coding.code)' },
  'OBX[Observation]#68': { target: 'performer[3](PractitionerRole.code.coding.system)' },
  'OBX[Observation]#80': r5,
  'ORC[Immunization]#3': { target: 'identifier[1].type.coding.code' },
  'ORC[Provenance]#35': { target: 'location(Location)' },
  'ORC[Provenance]#36': { target: 'location(Location.address)' },
  'ORC[Provenance]#37': { target: 'location(Location.telecom)' },
  'PID[Patient]#29': { narrative: '' },
  'PR1[Procedure]#10': sum,
  'PR1[Procedure]#14': { target: 'performer[1].function.coding.system' },
  'PR1[Procedure]#19': { target: 'performer[2].function.coding.system' },
  'PR1[Procedure]#24': drop('a modifier is no part of the code it modifies'),
  'PV1[Encounter]#70': { target: 'status', value: '"finished"' },
  'PV1[Encounter]#78': { target: 'participant[5].type.coding.code' },
  'PV1[Encounter]#80': { target: 'participant[5].type.text' },
  'PV1[Encounter]#81': r5, 'PV1[Encounter]#82': r5, 'PV1[Encounter]#83': r5,
  'SCH[Appointment]#10': { narrative: '', condition: 'IF SCH-10 NOT VALUED OR SCH-10.1 IN ("min", "MIN", "M", "minutes")' },
  'SCH[Appointment]#26': { value: '"enterer"' },
  'SCH[Appointment]#27': { value: '"http://terminology.hl7.org/CodeSystem/provenance-participant-type"' },
  'SPM[Specimen]#16': { target: 'note.text' },
  'SPM[Specimen]#37': drop('names no type'),
  'TXA[DocumentReference]#7': { narrative: '' },
};
