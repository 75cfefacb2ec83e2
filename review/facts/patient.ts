/**
 * What came with the request about the patient. A resource whose subject is not the patient of the Claim, or that has no
 * subject, gives no fact.
 */
import { answerFacts } from './answers.ts';
import { conditionFacts } from './conditions.ts';
import { readDays, type DayRange } from './dates.ts';
import { documentFacts } from './documents.ts';
import { asObject, asText, objectsIn } from './loose.ts';
import { observationFacts } from './observations.ts';
import type { Entry, Submission } from './submission.ts';
import { PAYER_RECORD, type Fact, type PatientFacts } from './types.ts';

export interface Member {
  readonly birthDate?: string;
  readonly gender?: string;
}

/** Facts about the patient. `member` is the payer's own record, which a disagreeing request turns into no fact at all. */
export function patientFacts(submission: Submission, member: Member): PatientFacts {
  const patient = submission.resolve(submission.claim?.resource['patient']);
  const birth = birthFact(patient, member);
  const gender = genderFact(patient, member);
  const about = submission.entries.filter(({ resource }) => submission.isPatient(resource['subject']));
  const ofType = (type: string): Entry[] => about.filter((entry) => entry.type === type);
  return {
    ...(birth === undefined ? {} : { birth }),
    ...(gender === undefined ? {} : { gender }),
    observations: ofType('Observation').flatMap(observationFacts),
    answers: ofType('QuestionnaireResponse').flatMap(answerFacts),
    conditions: ofType('Condition').flatMap(conditionFacts),
    documents: documentFacts(submission, ofType('DocumentReference')),
    requester: requesterFacts(submission),
  };
}

function birthFact(patient: Entry | undefined, member: Member): Fact<DayRange> | undefined {
  const known = readDays(member.birthDate);
  const told = readDays(patient?.resource['birthDate']);
  if (known !== undefined) {
    if (told !== undefined && (told.to < known.from || known.to < told.from)) return undefined;
    return { value: known, source: { reference: PAYER_RECORD, expression: 'Patient.birthDate' } };
  }
  return told === undefined || patient === undefined ? undefined : { value: told, source: { reference: patient.reference, expression: 'Patient.birthDate' } };
}

function genderFact(patient: Entry | undefined, member: Member): Fact<string> | undefined {
  const known = asText(member.gender);
  const told = asText(patient?.resource['gender']);
  if (known !== undefined) return told !== undefined && told !== known ? undefined : { value: known, source: { reference: PAYER_RECORD, expression: 'Patient.gender' } };
  return told === undefined || patient === undefined ? undefined : { value: told, source: { reference: patient.reference, expression: 'Patient.gender' } };
}

// Claim.provider is an Organization or a PractitionerRole, which stands for its practitioner and organization.
function requesterFacts(submission: Submission): Fact<string>[] {
  const provider = submission.resolve(submission.claim?.resource['provider']);
  const role = provider?.type === 'PractitionerRole' ? provider.resource : undefined;
  const parties = [provider, submission.resolve(role?.['practitioner']), submission.resolve(role?.['organization'])];
  return parties.flatMap((party) => {
    if (party === undefined) return [];
    return objectsIn(party.resource['identifier']).flatMap(([index, identifier]): Fact<string>[] => {
      const value = asText(asObject(identifier)?.['value']);
      const system = asText(identifier['system']);
      if (value === undefined) return [];
      const source = { reference: party.reference, expression: `${party.type}.identifier[${index}]` };
      return [value, ...(system === undefined ? [] : [`${system}|${value}`])].map((token) => ({ value: token, source }));
    });
  });
}
