/**
 * Looks for the record that a message's Patient is about: by its numbers, and where nobody has these by birth date and
 * name, so that a second record of the same person is not made unseen. A record that was merged into another one leads
 * to that one (Patient.link, `replaced-by`).
 */
import type { Patient } from '@medplum/fhirtypes';
import { parseJson } from '../../fhir/json.ts';
import { readReference } from '../../fhir/references.ts';
import { resourceTypeCode } from '../../fhir/resource-types.ts';
import type { Context } from '../../store/context.ts';
import type { Queryable } from '../../store/database.ts';
import { findSome } from '../../store/find.ts';
import { readMany, type StoredVersion } from '../../store/read.ts';
import { readConditions } from '../../store/search/language/read-search.ts';
import { keyMaker } from '../../store/search-keys.ts';
import { wantedValues } from './identifiers.ts';
import { judgeMatch, type Match, type StoredPatient } from './judge.ts';

/** More people under one number than any family has: it then tells nobody apart. */
const mostCandidates = 50;
/** Records that were merged one into the other, one after another. */
export const mostMerges = 8;

/** The record that a Patient becomes when it is new; its id follows from a number, so who has it already is a candidate. */
export interface OwnRecord {
  readonly id: string;
  readonly stored: StoredVersion | undefined;
}

/**
 * @param followMerges false for a record that a message says was replaced: it is meant itself
 */
export async function matchPatient(database: Queryable, asked: Patient, own: OwnRecord, followMerges: boolean, context: Context): Promise<Match> {
  const numbered = await byNumber(database, asked, own.stored, context);
  const found = numbered.length > 0 ? numbered : await alike(database, asked, context);
  const meant = followMerges ? await inForce(database, found, context) : found;
  // A record that was merged away stands for the one it went into, under whatever id the message would give it.
  const ownNow = meant.find(({ from }) => from === own.id)?.patient.id ?? own.id;
  return judgeMatch(asked, [...new Map(meant.map(({ patient }) => [patient.id, patient])).values()], ownNow);
}

interface Candidate {
  readonly patient: StoredPatient;
  /** The record that led to it. */
  readonly from: string;
}

async function byNumber(database: Queryable, asked: Patient, own: StoredVersion | undefined, context: Context): Promise<Candidate[]> {
  const values = wantedValues(asked.identifier);
  const keys = keyMaker(context.tenant.id, resourceTypeCode('Patient'));
  const found = values.length === 0 ? [] : await findSome(database, {
    type: 'Patient', limit: mostCandidates,
    where: { kind: 'key', anyOf: values.map((value) => keys.token('identifier', { form: 'code', code: value })), selective: true },
  }, context);
  return candidatesOf([...(own ? [own] : []), ...found]);
}

async function alike(database: Queryable, asked: Patient, context: Context): Promise<Candidate[]> {
  const family = asked.name?.find((name) => typeof name.family === 'string' && name.family !== '')?.family;
  if (family === undefined || asked.birthDate === undefined || asked.birthDate.length < 10) return [];
  const escaped = family.replaceAll(/[\\,$|]/g, String.raw`\$&`);
  const where = await readConditions('Patient', [['birthdate', asked.birthDate], ['family', escaped]], { context });
  return candidatesOf(await findSome(database, { type: 'Patient', limit: mostCandidates, where }, context));
}

function candidatesOf(found: readonly { readonly id: string; readonly content: string }[]): Candidate[] {
  const patients = new Map<string, StoredPatient>();
  // The record of the message's own id has its number as well, and is read once.
  for (const { id, content } of found) if (!patients.has(id)) patients.set(id, parseJson(content) as StoredPatient);
  return [...patients].map(([id, patient]) => ({ patient, from: id }));
}

async function inForce(database: Queryable, candidates: readonly Candidate[], context: Context): Promise<Candidate[]> {
  const settled: Candidate[] = [];
  let open = candidates;
  for (let step = 0; step < mostMerges && open.length > 0; step += 1) {
    const led = open.map((candidate) => ({ ...candidate, to: replacedBy(candidate.patient) }));
    settled.push(...led.filter(({ to }) => to === undefined));
    const onward = led.filter((each): each is typeof each & { to: string } => each.to !== undefined);
    if (onward.length === 0) return settled;
    const targets = await readMany(database, onward.map(({ to }) => ({ type: 'Patient', id: to })), context);
    open = onward.flatMap(({ to, from, patient }) => {
      const target = targets.get(`Patient/${to}`);
      // The one that it went into was deleted: the record itself is all there is.
      if (target === undefined) {
        settled.push({ patient, from });
        return [];
      }
      return [{ patient: parseJson(target.content) as StoredPatient, from }];
    });
  }
  return settled;
}

/** Id of the record that this one was merged into. */
export function replacedBy(patient: Patient): string | undefined {
  const other = patient.link?.find(({ type }) => type === 'replaced-by')?.other.reference;
  const target = other === undefined ? undefined : readReference(other);
  return target?.type === 'Patient' ? target.id : undefined;
}
