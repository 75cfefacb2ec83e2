/**
 * Is the person whom a document speaks of the member? Names and birth dates are compared where both sides have them,
 * numbers where they are member numbers of this plan. What is not said is no contradiction: the number of the
 * authorization and that of the member have agreed before.
 */
import type { Identifier, Patient } from '@medplum/fhirtypes';
import { Problem, type ProblemIssue } from '../../../fhir/problems.ts';
import { readReference } from '../../../fhir/references.ts';
import { compareNames } from '../name-agreement.ts';
import type { Person } from './people.ts';

export interface KnownPerson {
  readonly patient: Pick<Patient, 'id' | 'name' | 'birthDate' | 'identifier'>;
  /** The member's number, as the sender of the documents gave it. */
  readonly member: string;
  /** FHIR base of this server. */
  readonly base: string;
}

export type Difference = 'name' | 'birth date' | 'member number' | 'address';

/** What tells that it is somebody else; undefined where nothing does. */
export function differenceOf(person: Person, { patient, member, base }: KnownPerson): Difference | undefined {
  const name = compareNames(person.name, patient.name);
  if (name === 'differs') return 'name';
  const born = datesAgree(person.birthDate, patient.birthDate);
  if (born === false) return 'birth date';
  const known = new Set([member, ...(patient.identifier ?? []).flatMap(({ value }) => value ?? [])]);
  const numbers = person.identifier.filter((identifier) => isMemberNumber(identifier, person.isByNumber));
  if (numbers.length > 0 && !numbers.some(({ value }) => known.has(value!))) {
    // The number of another plan, beside a name or a birth date that agrees, is no contradiction.
    const systems = new Set((patient.identifier ?? []).map(({ system }) => system));
    const isOurs = numbers.some(({ system }) => system === undefined || systems.has(system));
    if (isOurs || (name !== 'agrees' && born !== true)) return 'member number';
  }
  const address = readReference(person.reference ?? '');
  return address?.base === base && address.type === 'Patient' && address.id !== patient.id ? 'address' : undefined;
}

/** @throws {Problem} `attachment-of-another`, with an issue for everybody else whom the documents speak of */
export function checkPeople(people: readonly Person[], known: KnownPerson): void {
  const found = people.flatMap((person): ProblemIssue[] => {
    const what = differenceOf(person, known);
    return what === undefined ? [] : [{ code: 'attachment-of-another', details: { what }, expression: person.where }];
  });
  const [first, ...more] = found;
  if (first) throw Problem.of([first, ...more]);
}

/** A number of another kind (a medical record's) is its sender's own. Who is named by a number alone is named by that of the member, unless it says that it is another kind. */
function isMemberNumber({ type }: Identifier, isByNumber: boolean): boolean {
  const codes = type?.coding?.flatMap(({ code }) => code ?? []) ?? [];
  return codes.includes('MB') || (isByNumber && codes.length === 0);
}

/** As far as both are told. Undefined where one is not. */
function datesAgree(said: string | undefined, known: string | undefined): boolean | undefined {
  if (said === undefined || known === undefined) return undefined;
  const length = Math.min(said.length, known.length);
  return said.slice(0, length) === known.slice(0, length);
}
