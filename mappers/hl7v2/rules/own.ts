/**
 * This project's own rules, where those of HL7 are absent or say less than the segment: insurance, guarantors, notes,
 * timing, medication, charges, diagnoses of encounters. The form is that of rule.ts; the names of the fields are those
 * of HL7 v2.5.1 to 2.8, chapters 3, 4, 6 and 11.
 */
import type { RuleSet } from './rule.ts';

const TYPES = 'http://terminology.hl7.org/CodeSystem/v2-0203';

export const ownRules: RuleSet = {
  'MSH[MessageHeader]': [['country', 'MSH-17', 'sender(Organization.address.country)']],
  'SFT[MessageHeader]': [['product', 'SFT-3', 'source.software'], ['version', 'SFT-2', 'source.version']],
  'EVN[MessageHeader]': [['reason', 'EVN-4', 'reason', 'CWE[CodeableConcept]', '', 'EventReason']],
  'PV1[Encounter]': [
    ['kind', 'PV1-18', 'type[p]', 'CWE[CodeableConcept]'], ['facility', 'PV1-39', 'serviceProvider(Organization)', 'CWE[Organization]'],
    ['discharge', 'PV1-37', 'hospitalization.destination(Location)', 'DLD[Location-Discharge]'],
  ],
  'IN1[Coverage]': [
    ['order', 'IN1-22', 'order'],
    ['policy', 'IN1-36', 'identifier[p].value'], ['policy-type', 'IN1-36', 'identifier[p].type.coding.code', '', '', '', 'MB'], ['policy-system', 'IN1-36', 'identifier[p].type.coding.system', '', '', '', TYPES],
    ['insured', 'IN1-49.1', 'subscriberId'],
  ],
  'IN1[Organization]': [
    ['address', 'IN1-5', 'address', 'XAD[Address]'],
    ['contact', 'IN1-6', 'contact[1].name', 'XPN[HumanName]'], ['phone', 'IN1-7', 'telecom', 'XTN[ContactPoint]'],
  ],
  'IN1[RelatedPerson]': [
    ['name', 'IN1-16', 'name', 'XPN[HumanName]'], ['birth', 'IN1-18', 'birthDate'], ['address', 'IN1-19', 'address', 'XAD[Address]'],
    ['sex', 'IN1-43', 'gender', 'CWE[code]', '', 'AdministrativeSex'], ['number', 'IN1-49', 'identifier', 'CX[Identifier]'],
    ['relationship', 'IN1-17', 'relationship', 'CWE[CodeableConcept]', '', 'Relationship'],
  ],
  'IN2[RelatedPerson]': [
    ['ssn', 'IN2-2', 'identifier[1].value'], ['ssn-type', 'IN2-2', 'identifier[1].type.coding.code', '', '', '', 'SS'], ['ssn-type-system', 'IN2-2', 'identifier[1].type.coding.system', '', '', '', TYPES], ['ssn-system', 'IN2-2', 'identifier[1].system', '', '', '', 'http://hl7.org/fhir/sid/us-ssn'],
    ['phone', 'IN2-63', 'telecom', 'XTN[ContactPoint]'],
  ],
  'IN2[Coverage]': [
    ['medicare', 'IN2-6', 'identifier[m].value'], ['medicare-type', 'IN2-6', 'identifier[m].type.coding.code', '', '', '', 'MC'], ['medicare-type-system', 'IN2-6', 'identifier[m].type.coding.system', '', '', '', TYPES],
    ['medicaid', 'IN2-8', 'identifier[d].value'], ['medicaid-type', 'IN2-8', 'identifier[d].type.coding.code', '', '', '', 'MA'], ['medicaid-type-system', 'IN2-8', 'identifier[d].type.coding.system', '', '', '', TYPES],
    ['member', 'IN2-61', 'identifier[n]', 'CX[Identifier]'],
    ['dependent', 'IN2-72', 'relationship', 'CWE[CodeableConcept]', 'IF IN1-17 NOT VALUED', 'Relationship'],
  ],
  'GT1[RelatedPerson]': [
    ['number', 'GT1-2', 'identifier[1]', 'CX[Identifier]'], ['name', 'GT1-3', 'name', 'XPN[HumanName]'], ['address', 'GT1-5', 'address', 'XAD[Address]'],
    ['home', 'GT1-6', 'telecom[1]', 'XTN[ContactPoint]'], ['home-use', 'GT1-6', 'telecom[1].use', '', 'IF GT1-6.2 NOT VALUED', '', 'home'],
    ['work', 'GT1-7', 'telecom[2]', 'XTN[ContactPoint]'], ['work-use', 'GT1-7', 'telecom[2].use', '', 'IF GT1-7.2 NOT VALUED', '', 'work'],
    ['birth', 'GT1-8', 'birthDate'], ['sex', 'GT1-9', 'gender', 'CWE[code]', '', 'AdministrativeSex'],
    ['relationship', 'GT1-11', 'relationship', 'CWE[CodeableConcept]', '', 'Relationship'],
    ['ssn', 'GT1-12', 'identifier[2].value'], ['ssn-type', 'GT1-12', 'identifier[2].type.coding.code', '', '', '', 'SS'], ['ssn-type-system', 'GT1-12', 'identifier[2].type.coding.system', '', '', '', TYPES], ['ssn-system', 'GT1-12', 'identifier[2].system', '', '', '', 'http://hl7.org/fhir/sid/us-ssn'],
    ['begin', 'GT1-13', 'period.start'], ['end', 'GT1-14', 'period.end'], ['language', 'GT1-36', 'communication.language', 'CWE[CodeableConcept]', '', 'PrimaryLanguage'],
  ],
  'GT1[Organization]': [
    ['number', 'GT1-2', 'identifier[1]', 'CX[Identifier]'], ['name', 'GT1-21.1', 'name'], ['address', 'GT1-5', 'address', 'XAD[Address]'], ['phone', 'GT1-7', 'telecom', 'XTN[ContactPoint]'],
  ],
  'MRG[Patient]': [
    ['number', 'MRG-1', 'identifier[1]', 'CX[Identifier]'], ['alternate', 'MRG-2', 'identifier[2]', 'CX[Identifier]'], ['external', 'MRG-4', 'identifier[3]', 'CX[Identifier]'],
    ['name', 'MRG-7', 'name', 'XPN[HumanName]'],
  ],
  'MRG[Encounter]': [['visit', 'MRG-5', 'identifier[1]', 'CX[Identifier]'], ['alternate', 'MRG-6', 'identifier[2]', 'CX[Identifier]']],
  'ORC[ServiceRequest]': [
    ['authored', 'ORC-9', 'authoredOn', '', 'IF ORC-1 NOT EQUALS "NW"'],
    ['group', 'ORC-4', 'requisition', 'EI[Identifier]'],
  ],
  'OBR[ServiceRequest]': [
    ['callback', 'OBR-17', 'extension[cb].valueContactPoint', 'XTN[ContactPoint]'], ['callback-url', 'OBR-17', 'extension[cb].url', '', '', '', 'http://hl7.org/fhir/StructureDefinition/servicerequest-order-callback-phone-number'],
    ['clinical', 'OBR-13', 'note[c].text', 'CWE[string]'],
    ['technician', 'OBR-34', 'performer[t](PractitionerRole)', 'NDL[PractitionerRole]'],
    ['procedure', 'OBR-44', 'orderDetail[p]', 'CWE[CodeableConcept]'], ['modifier', 'OBR-45', 'orderDetail[m]', 'CWE[CodeableConcept]'],
    ['scheduled', 'OBR-36', 'occurrenceDateTime', '', 'IF OBR-6 NOT VALUED'],
  ],
  'TQ1[ServiceRequest]': [
    ['quantity', 'TQ1-2', 'quantityQuantity', 'CQ[Quantity]'], ['repeat', 'TQ1-3', 'occurrenceTiming', 'RPT[Timing]'],
    ['start', 'TQ1-7', 'occurrenceTiming.repeat.boundsPeriod.start'], ['end', 'TQ1-8', 'occurrenceTiming.repeat.boundsPeriod.end'],
    ['priority', 'TQ1-9', 'priority', 'CWE[code]', '', 'ExtendedPriorityCodes'], ['text', 'TQ1-11', 'patientInstruction'], ['condition', 'TQ1-10', 'note[c].text'],
    ['count', 'TQ1-14', 'occurrenceTiming.repeat.count'],
  ],
  'TQ1[MedicationRequest]': [
    ['quantity', 'TQ1-2', 'dosageInstruction.doseAndRate.doseQuantity', 'CQ[Quantity]'], ['repeat', 'TQ1-3', 'dosageInstruction.timing', 'RPT[Timing]'],
    ['start', 'TQ1-7', 'dosageInstruction.timing.repeat.boundsPeriod.start'], ['end', 'TQ1-8', 'dosageInstruction.timing.repeat.boundsPeriod.end'],
    ['priority', 'TQ1-9', 'priority', 'CWE[code]', '', 'ExtendedPriorityCodes'], ['text', 'TQ1-11', 'dosageInstruction.text'], ['condition', 'TQ1-10', 'dosageInstruction.additionalInstruction.text'],
    ['count', 'TQ1-14', 'dosageInstruction.timing.repeat.count'],
  ],
  'ORC[MedicationRequest]': [
    ['status', 'ORC-5', 'status', '', '', 'OrderStatus[MedicationRequest]'], ['control', 'ORC-1', 'status', '', 'IF ORC-5 NOT VALUED', 'OrderControlCode[MedicationRequest.status]'],
    ['placer', 'ORC-2', 'identifier[1]', 'EI[Identifier]'], ['placer-type', 'ORC-2', 'identifier[1].type.coding.code', '', '', '', 'PLAC'], ['placer-system', 'ORC-2', 'identifier[1].type.coding.system', '', '', '', TYPES],
    ['filler', 'ORC-3', 'identifier[2]', 'EI[Identifier]'], ['filler-type', 'ORC-3', 'identifier[2].type.coding.code', '', '', '', 'FILL'], ['filler-system', 'ORC-3', 'identifier[2].type.coding.system', '', '', '', TYPES],
    ['group', 'ORC-4', 'groupIdentifier', 'EI[Identifier]'], ['timing', 'ORC-7', '$this', 'TQ[MedicationRequest]'], ['authored', 'ORC-9', 'authoredOn'],
    ['enterer', 'ORC-10', 'recorder(Practitioner)', 'XCN[Practitioner]'], ['orderer', 'ORC-12', 'requester(Practitioner)', 'XCN[Practitioner]'], ['reason', 'ORC-16', 'statusReason', 'CWE[CodeableConcept]'],
  ],
  'RXO[MedicationRequest]': [
    ['drug', 'RXO-1', 'medicationCodeableConcept', 'CWE[CodeableConcept]'],
    ['dose', 'RXO-2', 'dosageInstruction.doseAndRate.doseQuantity.value', '', 'IF RXO-3 NOT VALUED'], ['unit', 'RXO-4', 'dosageInstruction.doseAndRate.doseQuantity', 'CWE[Quantity]', 'IF RXO-3 NOT VALUED'],
    ['low', 'RXO-2', 'dosageInstruction.doseAndRate.doseRange.low.value', '', 'IF RXO-3 VALUED'], ['high', 'RXO-3', 'dosageInstruction.doseAndRate.doseRange.high.value'],
    ['low-unit', 'RXO-4', 'dosageInstruction.doseAndRate.doseRange.low', 'CWE[Quantity]', 'IF RXO-3 VALUED'], ['high-unit', 'RXO-4', 'dosageInstruction.doseAndRate.doseRange.high', 'CWE[Quantity]', 'IF RXO-3 VALUED'],
    ['instruction', 'RXO-6', 'note[1].text', 'CWE[string]'], ['administration', 'RXO-7', 'dosageInstruction.additionalInstruction', 'CWE[CodeableConcept]'],
    ['substitution', 'RXO-9', 'substitution.allowedCodeableConcept', 'ID[CodeableConcept]', '', 'AllowSubstitution'],
    ['amount', 'RXO-11', 'dispenseRequest.quantity.value'], ['amount-unit', 'RXO-12', 'dispenseRequest.quantity', 'CWE[Quantity]'], ['refills', 'RXO-13', 'dispenseRequest.numberOfRepeatsAllowed'],
    ['orderer', 'RXO-14', 'requester(Practitioner)', 'XCN[Practitioner]', 'IF ORC-12 NOT VALUED'], ['indication', 'RXO-20', 'reasonCode', 'CWE[CodeableConcept]'],
  ],
  'RXE[MedicationRequest]': [
    ['drug', 'RXE-2', 'medicationCodeableConcept', 'CWE[CodeableConcept]'], ['timing', 'RXE-1', '$this', 'TQ[MedicationRequest]'],
    ['dose', 'RXE-3', 'dosageInstruction.doseAndRate.doseQuantity.value', '', 'IF RXE-4 NOT VALUED'], ['unit', 'RXE-5', 'dosageInstruction.doseAndRate.doseQuantity', 'CWE[Quantity]', 'IF RXE-4 NOT VALUED'],
    ['low', 'RXE-3', 'dosageInstruction.doseAndRate.doseRange.low.value', '', 'IF RXE-4 VALUED'], ['high', 'RXE-4', 'dosageInstruction.doseAndRate.doseRange.high.value'],
    ['low-unit', 'RXE-5', 'dosageInstruction.doseAndRate.doseRange.low', 'CWE[Quantity]', 'IF RXE-4 VALUED'], ['high-unit', 'RXE-5', 'dosageInstruction.doseAndRate.doseRange.high', 'CWE[Quantity]', 'IF RXE-4 VALUED'],
    ['instruction', 'RXE-7', 'dosageInstruction.additionalInstruction', 'CWE[CodeableConcept]'],
    ['substitution', 'RXE-9', 'substitution.allowedCodeableConcept', 'ID[CodeableConcept]', '', 'AllowSubstitution'],
    ['amount', 'RXE-10', 'dispenseRequest.quantity.value'], ['amount-unit', 'RXE-11', 'dispenseRequest.quantity', 'CWE[Quantity]'], ['refills', 'RXE-12', 'dispenseRequest.numberOfRepeatsAllowed'],
    ['orderer', 'RXE-13', 'requester(Practitioner)', 'XCN[Practitioner]', 'IF ORC-12 NOT VALUED'], ['prescription', 'RXE-15', 'identifier[3].value'],
    ['pharmacy-instruction', 'RXE-21', 'note[1].text', 'CWE[string]'], ['indication', 'RXE-27', 'reasonCode', 'CWE[CodeableConcept]'],
    ['max', 'RXE-19', 'dosageInstruction.maxDosePerPeriod.numerator', 'CQ[Quantity]'], ['max-per', 'RXE-19', 'dosageInstruction.maxDosePerPeriod.denominator.value', '', '', '', '1'],
    ['max-unit', 'RXE-19', 'dosageInstruction.maxDosePerPeriod.denominator.code', '', '', '', 'd'], ['max-system', 'RXE-19', 'dosageInstruction.maxDosePerPeriod.denominator.system', '', '', '', 'http://unitsofmeasure.org'],
  ],
  'RXR[MedicationRequest]': [
    ['route', 'RXR-1', 'dosageInstruction.route', 'CWE[CodeableConcept]', '', 'RouteOfAdministration'], ['site', 'RXR-2', 'dosageInstruction.site', 'CWE[CodeableConcept]', '', 'BodyParts'],
    ['method', 'RXR-4', 'dosageInstruction.method', 'CWE[CodeableConcept]', '', 'AdministrationMethod'],
  ],
  'FT1[ChargeItem]': [
    ['number', 'FT1-2', 'identifier[1].value'], ['date', 'FT1-4', 'occurrencePeriod', 'DR[Period]'], ['posted', 'FT1-5', 'enteredDate'],
    ['code', 'FT1-7', 'code', 'CWE[CodeableConcept]'], ['description', 'FT1-8', 'note[1].text'], ['quantity', 'FT1-10', 'quantity.value'],
    ['amount', 'FT1-11', 'priceOverride', 'CP[Money]'], ['department', 'FT1-13', 'performingOrganization(Organization)', 'CWE[Organization]'],
    ['diagnosis', 'FT1-19', 'reason', 'CWE[CodeableConcept]'], ['performer', 'FT1-20', 'performer[1].actor(Practitioner)', 'XCN[Practitioner]'], ['orderer', 'FT1-21', 'performer[2].actor(Practitioner)', 'XCN[Practitioner]'],
    ['enterer', 'FT1-24', 'enterer(Practitioner)', 'XCN[Practitioner]'], ['procedure', 'FT1-25', 'code', 'CWE[CodeableConcept]', 'IF FT1-7 NOT VALUED'],
    ['ndc', 'FT1-29', 'productCodeableConcept', 'CWE[CodeableConcept]'],
  ],
  'OBX[Observation]': [['analysis', 'OBX-19', 'effectiveDateTime', '', 'IF OBX-14 NOT VALUED']],
  'RF1[ServiceRequest]': [
    ['type', 'RF1-3', 'code', 'CWE[CodeableConcept]'], ['disposition', 'RF1-4', 'orderDetail[d]', 'CWE[CodeableConcept]'], ['category', 'RF1-5', 'category', 'CWE[CodeableConcept]'],
    ['originating', 'RF1-6', 'identifier[1]', 'EI[Identifier]'], ['originating-type', 'RF1-6', 'identifier[1].type.coding.code', '', '', '', 'PLAC'], ['originating-system', 'RF1-6', 'identifier[1].type.coding.system', '', '', '', TYPES],
    ['processed', 'RF1-9', 'authoredOn'], ['reason', 'RF1-10', 'reasonCode', 'CWE[CodeableConcept]'],
    ['external', 'RF1-11', 'identifier[2]', 'EI[Identifier]'], ['external-type', 'RF1-11', 'identifier[2].type.coding.code', '', '', '', 'FILL'], ['external-system', 'RF1-11', 'identifier[2].type.coding.system', '', '', '', TYPES],
  ],
  'PRD[Practitioner]': [
    ['name', 'PRD-2', 'name', 'XPN[HumanName]'], ['address', 'PRD-3', 'address', 'XAD[Address]'], ['phone', 'PRD-5', 'telecom', 'XTN[ContactPoint]'], ['number', 'PRD-7', 'identifier', 'PLN[Identifier]'],
  ],
  'PRD[Organization]': [
    ['name', 'PRD-2.1', 'name'], ['address', 'PRD-3', 'address', 'XAD[Address]'], ['phone', 'PRD-5', 'telecom', 'XTN[ContactPoint]'], ['number', 'PRD-7', 'identifier', 'PLN[Identifier]'],
  ],
  'AUT[ClaimResponse]': [['processed', 'AUT-10', 'created']],
  'PRB[Condition]': [
    ['code', 'PRB-3', 'code', 'CWE[CodeableConcept]'], ['number', 'PRB-4', 'identifier', 'EI[Identifier]'], ['recorded', 'PRB-2', 'recordedDate'], ['onset', 'PRB-16', 'onsetDateTime'], ['onset-text', 'PRB-17', 'onsetString'],
    ['resolved', 'PRB-9', 'abatementDateTime'], ['severity', 'PRB-26', 'severity', 'CWE[CodeableConcept]'],
  ],
  'SCH[Appointment]': [
    ['placer-type', 'SCH-1', 'identifier[1].type.coding.code', '', '', '', 'PLAC'], ['placer-system', 'SCH-1', 'identifier[1].type.coding.system', '', '', '', TYPES],
    ['filler-type', 'SCH-2', 'identifier[2].type.coding.code', '', '', '', 'FILL'], ['filler-system', 'SCH-2', 'identifier[2].type.coding.system', '', '', '', TYPES],
    ['event-reason', 'SCH-6', 'reasonCode[e]', 'CWE[CodeableConcept]'], ['reason', 'SCH-7', 'reasonCode[r]', 'CWE[CodeableConcept]', 'IF SCH-7.3 NOT IN ("HL70276", "HL70277")'], ['type', 'SCH-8', 'appointmentType', 'CWE[CodeableConcept]'],
  ],
  'TXA[DocumentReference]': [
    ['activity', 'TXA-4', 'context.period.start'], ['transcriber', 'TXA-11', 'author[t](Practitioner)', 'XCN[Practitioner]'],
    ['file', 'TXA-16', 'content.attachment.title'], ['assigned', 'TXA-5', 'author[p](Practitioner)', 'XCN[Practitioner]'],
    ['authenticated', 'TXA-22', 'authenticator[a](Practitioner)', 'XCN[Practitioner]', 'IF TXA-10 NOT VALUED'],
  ],
};
