/**
 * Whose request is it? The member is found in the plan's own records by identifier and confirmed by name and birth
 * date; what a sender says about coverage is never taken for what the plan knows.
 */
import type { Coverage, Identifier, Organization, Patient, Period } from '@medplum/fhirtypes';
import { resourceTypeCode } from '../../fhir/resource-types.ts';
import { parseJson } from '../../fhir/json.ts';
import { systemOf } from '../../profiles/pas/names.ts';
import type { Context } from '../../store/context.ts';
import type { Queryable } from '../../store/database.ts';
import { findSome } from '../../store/find.ts';
import { keyMaker } from '../../store/search-keys.ts';
import { compareNames, type Agreement } from './name-agreement.ts';
import { ownOnly } from '../intake/origin.ts';
import { personNumbers } from '../match/identifiers.ts';
import type { Rejection } from './rejection.ts';
import type { RequestReading } from './request/read-request.ts';

/** More people under one member number than any family has: the number is then no member number. */
const mostCandidates = 50;

export interface Member {
  readonly patient: Patient & { readonly id: string };
  /** The coverage that counts on the day of receipt; undefined where the plan's records have none. */
  readonly coverage: (Coverage & { readonly id: string }) | undefined;
}

export type MemberMatch = { readonly patient: Member['patient'] } | { readonly rejection: Rejection };

/** Numbers under which the sender knows the member, best first: the coverage's, then the patient's and the subscriber's. */
export function memberNumbers(request: AskedMember): string[] {
  const coverage = request.coverage?.resource;
  const numbers = [
    ...valuesOf((coverage?.identifier ?? []).filter((identifier) => identifier.type === undefined || identifier.type.coding?.some((coding) => coding.code === 'MB'))),
    coverage?.subscriberId,
    ...valuesOf(request.patient.resource.identifier),
    ...valuesOf(request.subscriber?.resource.identifier),
  ];
  return [...new Set(numbers.filter((number) => typeof number === 'string' && number !== ''))] as string[];
}

function valuesOf(identifiers: readonly Identifier[] | undefined): (string | undefined)[] {
  return (identifiers ?? []).map((identifier) => identifier.value);
}

/** Who is asked about, and where he stands in what was sent. */
export interface AskedMember {
  readonly coverage: { readonly resource: Coverage } | undefined;
  readonly patient: { readonly index: number; readonly resource: Patient };
  readonly subscriber: { readonly index: number; readonly resource: Patient } | undefined;
}

export async function matchMember(database: Queryable, request: AskedMember, context: Context): Promise<MemberMatch> {
  const asked = request.patient.resource;
  const dependent = request.subscriber !== undefined && request.subscriber.index !== request.patient.index;
  const loop = dependent ? '2010D' : '2010C';
  const path = `Bundle.entry[${request.patient.index}].resource`;
  const numbers = memberNumbers(request);
  if (numbers.length === 0) {
    return { rejection: { code: '15', followUp: 'C', element: '2010C-NM109', path: `${path}.identifier`, text: 'The member number is missing.' } };
  }
  if (!asked.name?.some((name) => name.family !== undefined || name.text !== undefined) && asked.birthDate === undefined) {
    // A number alone is one slip of the pen away from somebody else's record.
    return { rejection: { code: '73', followUp: 'C', element: `${loop}-NM103`, path: `${path}.name`, text: 'The number alone does not say who the member is: name and birth date are missing.' } };
  }
  const candidates = await membersNumbered(database, numbers, context);
  if (candidates.length === 0) {
    return { rejection: { code: '75', followUp: 'C', element: '2010C-NM109', path: `${path}.identifier`, text: 'No member has this number.' } };
  }
  const named = candidates.map((patient) => ({ patient, name: compareNames(asked.name, patient.name) })).filter(({ name }) => name !== 'differs');
  if (named.length === 0) {
    return dependent
      ? { rejection: { code: '67', followUp: 'C', element: '2010D-NM103', path: `${path}.name`, text: 'Nobody of this name is covered under the number.' } }
      : { rejection: { code: '73', followUp: 'C', element: '2010C-NM103', path: `${path}.name`, text: 'The name is not that of the member with this number.' } };
  }
  const notOtherwise = named.map((each) => ({ ...each, birthDate: compareDates(asked.birthDate, each.patient.birthDate) })).filter(({ birthDate }) => birthDate !== 'differs');
  if (notOtherwise.length === 0) {
    return { rejection: { code: '71', followUp: 'C', element: `${loop}-DMG02`, path: `${path}.birthDate`, text: 'The birth date is not that of the member.' } };
  }
  // What was not compared is no agreement: a given name beside the number, or a record that lacks what was sent.
  const born = notOtherwise.filter(({ name, birthDate }) => name === 'agrees' || birthDate === 'agrees').map(({ patient }) => patient);
  if (born.length === 0) {
    return { rejection: { code: '73', followUp: 'C', element: `${loop}-NM103`, path: `${path}.name`, text: 'The number alone does not say who the member is: neither family name nor birth date could be compared.' } };
  }
  if (born.length > 1) {
    return { rejection: { code: '76', followUp: 'C', element: '2010C-NM109', path: `${path}.identifier`, text: 'Several members have this number; name and birth date do not tell them apart.' } };
  }
  const patient = born[0]!;
  return { patient };
}

/** Members of the plan's own records that have the first of these numbers which anybody has. */
export async function membersNumbered(database: Queryable, numbers: readonly string[], context: Context): Promise<(Patient & { id: string })[]> {
  const keys = keyMaker(context.tenant.id, resourceTypeCode('Patient'));
  const found = await findSome(database, {
    type: 'Patient', limit: mostCandidates,
    // Whoever a sender has told of is no member for that.
    where: ownOnly(keys, { kind: 'key', anyOf: numbers.map((number) => keys.token('identifier', { form: 'code', code: number })), selective: true }),
  }, context);
  const patients = found.map((stored) => parseJson(stored.content) as Patient & { id: string });
  // The first number that anybody has decides: a coverage's member number weighs more than a record number.
  for (const number of numbers) {
    const holders = patients.filter((patient) => patient.active !== false && patient.identifier?.some((identifier) => identifier.value === number && isMemberNumber(identifier)));
    if (holders.length > 0) return holders;
  }
  return [];
}

/**
 * Of a record of the plan's own: a number that it gives its members, or one whose kind it does not tell, which no sender
 * can have added. A sender's record number is no member number, though it may read like that of somebody else.
 */
function isMemberNumber(identifier: Identifier): boolean {
  if (identifier.type?.coding?.some(({ code }) => code !== undefined) !== true) return true;
  return personNumbers([identifier]).some(({ kind }) => kind !== 'record');
}

function compareDates(asked: string | undefined, known: string | undefined): Agreement {
  return !asked || !known ? 'not compared' : asked === known ? 'agrees' : 'differs';
}

/** The coverage that counts on a day, today unless given: the one in force, else the latest, which tells why none is. */
export async function coverageOf(database: Queryable, patient: string, context: Context, day = context.now().toISOString().slice(0, 10)): Promise<Member['coverage']> {
  const keys = keyMaker(context.tenant.id, resourceTypeCode('Coverage'));
  const found = await findSome(database, { type: 'Coverage', limit: 20, where: ownOnly(keys, { kind: 'key', anyOf: [keys.reference('beneficiary', 'Patient', patient)], selective: true }) }, context);
  const coverages = found.map((stored) => parseJson(stored.content) as Coverage & { id: string });
  const inForce = coverages.find((coverage) => isCoveredOn(coverage, day));
  // Without one in force the latest tells why: it is cancelled, or it has ended.
  const [latest] = coverages.toSorted((a, b) => (b.period?.end ?? '9999').localeCompare(a.period?.end ?? '9999'));
  return inForce ?? latest;
}

/** Whether a coverage is in force on a day. */
export function isCoveredOn({ status, period }: Coverage, day: string): boolean {
  return status === 'active' && isWithin(period, day);
}

/** Both ends belong to a Period, and a month or a year given as an end lasts as long as it does. */
function isWithin(period: Period | undefined, day: string): boolean {
  const { start = '', end = '9999' } = period ?? {};
  return start.slice(0, 10) <= day && day.slice(0, Math.min(end.length, 10)) <= end.slice(0, 10);
}

/** The plan of a coverage: its class of type "plan". */
export function planOf(coverage: Coverage | undefined): string | undefined {
  return coverage?.class?.find((entry) => entry.type?.coding?.some((coding) => coding.code === 'plan'))?.value;
}

/** The payer's own organizations, none that a request brought. A request that names another payer is in the wrong house. */
export async function payersOf(database: Queryable, context: Context): Promise<(Organization & { id: string })[]> {
  const keys = keyMaker(context.tenant.id, resourceTypeCode('Organization'));
  const found = await findSome(database, {
    type: 'Organization', limit: 20, where: ownOnly(keys, { kind: 'key', anyOf: [keys.token('type', { form: 'system-and-code', system: systemOf.organizationType, code: 'pay' })], selective: true }),
  }, context);
  return found.map((stored) => parseJson(stored.content) as Organization & { id: string });
}

/** A requester who is named and not there: whoever asks could never hear of the authorization. One who is not named at all is passed over (conf-14). */
export function checkRequester({ claim, requester }: Pick<RequestReading, 'claim' | 'requester'>): Rejection | undefined {
  if (requester || claim.provider?.reference === undefined) return undefined;
  return { code: '15', followUp: 'C', element: '2010B-NM109', path: 'Bundle.entry[0].resource.provider', text: 'The requester that the request refers to is not an entry of the Bundle.' };
}

export function checkInsurer(request: Pick<RequestReading, 'insurer'>, payers: readonly Organization[]): Rejection | undefined {
  const asked = valuesOf(request.insurer?.resource.identifier).filter((value) => value !== undefined);
  const ours = new Set(payers.flatMap((payer) => valuesOf(payer.identifier)));
  if (asked.length === 0 || ours.size === 0 || asked.some((value) => ours.has(value))) return undefined;
  return { code: '79', followUp: 'N', element: '2010A-NM109', path: `Bundle.entry[${request.insurer!.index}].resource.identifier`, text: 'The insurer named is not a payer of this server.' };
}
