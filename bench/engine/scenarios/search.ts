/** Eleven searches that payers ask all day, each by its name: `search`. What must come back is computed from the charts. */
import { must, shown, type Answer } from '../fhir-client.ts';
import { randomOf, type Random } from '../random.ts';
import type { Prepared, Setting } from '../scenario.ts';
import { pulse, rareDiagnoses, systems } from '../words.ts';
import { idOf, type LoadedPatient, type World } from '../world.ts';

interface Found {
  readonly id: string;
  readonly resourceType: string;
  readonly birthDate?: string;
  readonly effectiveDateTime?: string;
  readonly status?: string;
  readonly created?: string;
  readonly subject?: { readonly reference: string };
  readonly patient?: { readonly reference: string };
  readonly code?: { readonly coding: readonly { readonly code: string }[] };
}
interface Searchset {
  readonly total: number | undefined;
  readonly matches: readonly Found[];
  readonly included: readonly Found[];
}
interface Question {
  readonly path: string;
  /** Whether the answer is right. */
  readonly holds: (answer: Searchset) => boolean;
  /** What would have been right. */
  readonly wanted: string;
}
type Ask = (world: World, patient: LoadedPatient, random: Random) => Question;

const token = (system: string, code: string): string => encodeURIComponent(`${system}|${code}`);
const addressOf = (patient: LoadedPatient): string => patient.addresses[0]!;
const recordOf = (patient: LoadedPatient): string => token(systems.record, patient.facts.recordNumber);
const newestFirst = (list: readonly Found[]): boolean => list.every((one, index) => index === 0 || Date.parse(list[index - 1]!.effectiveDateTime!) >= Date.parse(one.effectiveDateTime!));
const since = '2018-01-01';
const activeClaims = (patient: LoadedPatient): number => patient.facts.claims.filter((claim) => claim.status === 'active' && claim.created >= since).length;

export const searches: Readonly<Record<string, Ask>> = {
  'patient-identifier': (_, patient) => ({
    path: `/Patient?identifier=${recordOf(patient)}`, wanted: 'the patient alone',
    holds: ({ matches }) => matches.length === 1 && `Patient/${matches[0]!.id}` === addressOf(patient),
  }),
  'patient-name-birthdate': (_, patient) => ({
    path: `/Patient?name=${patient.facts.family}&birthdate=${patient.facts.birthDate}`, wanted: 'the patient, and nobody of another birth date',
    holds: ({ matches }) => matches.some((one) => `Patient/${one.id}` === addressOf(patient)) && matches.every((one) => one.birthDate === patient.facts.birthDate),
  }),
  'obs-patient-code-sort': (_, patient) => {
    const count = Math.min(50, patient.facts.findings.get(pulse)!.length);
    return {
      path: `/Observation?patient=${addressOf(patient)}&code=${token(systems.finding, pulse)}&_sort=-date&_count=50`, wanted: `${count} of the patient, newest first`,
      holds: ({ matches }) => matches.length === count && newestFirst(matches) && matches.every((one) => one.subject!.reference === addressOf(patient) && one.code!.coding[0]!.code === pulse),
    };
  },
  'obs-patient-page100': (_, patient) => {
    const count = Math.min(100, patient.facts.counts.get('Observation')!);
    return { path: `/Observation?patient=${addressOf(patient)}&_count=100`, wanted: `${count} of the patient`, holds: ({ matches }) => matches.length === count && matches.every((one) => one.subject!.reference === addressOf(patient)) };
  },
  'obs-code-date-sort': (world, _, random) => {
    const code = random.pick(['a1c', 'glucose', 'height', 'weight', pulse]);
    const year = String(random.between(2017, 2023));
    const count = Math.min(50, world.found.get(code)!.filter((time) => time >= year).length);
    return {
      path: `/Observation?code=${token(systems.finding, code)}&date=ge${year}-01-01&_sort=-date&_count=50`, wanted: `at least ${count}, newest first`,
      holds: ({ matches }) => matches.length >= count && newestFirst(matches) && matches.every((one) => one.code!.coding[0]!.code === code && one.effectiveDateTime! >= year),
    };
  },
  'claim-patient-status-created': (_, patient) => {
    const count = Math.min(50, activeClaims(patient));
    return {
      path: `/Claim?patient=${addressOf(patient)}&status=active&created=ge${since}&_count=50`, wanted: `${count} active since ${since}`,
      holds: ({ matches }) => matches.length === count && matches.every((one) => one.status === 'active' && one.created! >= since),
    };
  },
  'claim-chained-identifier': (_, patient) => {
    const count = Math.min(50, patient.facts.claims.length);
    return { path: `/Claim?patient.identifier=${recordOf(patient)}&_count=50`, wanted: `${count} of the patient`, holds: ({ matches }) => matches.length === count && matches.every((one) => one.patient!.reference === addressOf(patient)) };
  },
  'patient-has-condition': (world, _, random) => {
    const code = random.pick(rareDiagnoses);
    const count = Math.min(20, world.diagnosed.get(code) ?? 0);
    return { path: `/Patient?_has:Condition:patient:code=${token(systems.diagnosis, code)}&_count=20`, wanted: `at least ${count}, each once`, holds: ({ matches }) => matches.length >= count && new Set(matches.map((one) => one.id)).size === matches.length };
  },
  'claim-include-patient': (_, patient) => {
    const count = Math.min(20, patient.facts.claims.length);
    return { path: `/Claim?patient=${addressOf(patient)}&_include=Claim:patient&_count=20`, wanted: `${count} and the patient once`, holds: ({ matches, included }) => matches.length === count && included.length === 1 && included[0]!.id === idOf(addressOf(patient)) };
  },
  'patient-revinclude-claim': (_, patient) => {
    const count = Math.min(20, patient.facts.claims.length);
    return {
      path: `/Patient?identifier=${recordOf(patient)}&_revinclude=Claim:patient`, wanted: `the patient and at least ${count} claims`,
      holds: ({ matches, included }) => matches.length === 1 && included.length >= count && included.every((one) => one.resourceType === 'Claim' && one.patient!.reference === addressOf(patient)),
    };
  },
  'obs-total-accurate': (world, _, random) => {
    const code = random.pick(['a1c', 'glucose', 'height', pulse]);
    const count = world.found.get(code)!.length;
    return { path: `/Observation?code=${token(systems.finding, code)}&_total=accurate&_count=1`, wanted: `one, of at least ${count}`, holds: ({ total, matches }) => matches.length === 1 && (total ?? 0) >= count };
  },
};

function searchsetOf(answer: Answer): Searchset {
  must(answer.status === 200, () => `search ${shown(answer)}`);
  const { resourceType, type, total, entry = [] } = JSON.parse(answer.body.toString('utf8')) as { resourceType: string; type: string; total?: number; entry?: { resource: Found; search: { mode: string } }[] };
  must(resourceType === 'Bundle' && type === 'searchset', () => `a search answered ${resourceType}`);
  const of = (mode: string): Found[] => entry.filter((one) => one.search.mode === mode).map((one) => one.resource);
  return { total, matches: of('match'), included: of('include') };
}

/** Asks and judges. */
export async function searchOnce({ client, world }: Pick<Setting, 'client' | 'world'>, name: string, patient: LoadedPatient, random: Random): Promise<{ resources: number; bytes: number }> {
  const { path, holds, wanted } = searches[name]!(world, patient, random);
  const answer = await client.send('GET', path);
  const set = searchsetOf(answer);
  must(holds(set), () => `${name}: ${set.matches.length} and ${set.included.length} included, total ${set.total}; wanted ${wanted}`);
  return { resources: set.matches.length + set.included.length, bytes: answer.body.length };
}

export function search(name: string): (setting: Setting) => Prepared {
  return ({ client, world, clients, salt }) => {
    const random = randomOf(world.seed, 5, Object.keys(searches).indexOf(name), clients, salt);
    const subjects = name === 'claim-patient-status-created' ? world.subjects.filter((patient) => activeClaims(patient) > 0) : world.subjects;
    return { operate: () => searchOnce({ client, world }, name, random.pick(subjects), random) };
  };
}
