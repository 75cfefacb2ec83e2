/**
 * Whose message is it? One of three answers: this record, nobody who is known, or a person has to say. A number decides,
 * the rest confirms or contradicts; without a number nobody is taken for somebody else, however alike they are. Pure.
 */
import type { Patient } from '@medplum/fhirtypes';
import { compareDemographics } from './demographics.ts';
import { commonNumber } from './identifiers.ts';

export type StoredPatient = Patient & { readonly id: string };

export type MatchReason = 'same-number-other-person' | 'several-records' | 'same-person-without-number' | 'number-not-confirmed';

export type Match =
  | { readonly outcome: 'match'; readonly patient: string }
  | { readonly outcome: 'new' }
  | { readonly outcome: 'review'; readonly reason: MatchReason; readonly candidates: readonly string[] };

/** Name and birth date. */
const alikeAtLeast = 7;
/** A name, where that is all there is to compare. */
const confirmedAtLeast = 3;

type Verdict = 'is' | 'is not' | MatchReason;

/** @param candidates records in force, none of which replaced another; `own` is the id that the record itself would get */
export function judgeMatch(asked: Patient, candidates: readonly StoredPatient[], own: string): Match {
  const judged = candidates.map((known) => {
    const common = known.id === own ? 'own' : commonNumber(asked.identifier, known.identifier);
    return { id: known.id, verdict: verdictOn(asked, known, common) };
  });
  const [first, ...others] = judged.filter(({ verdict }) => verdict === 'is');
  if (first !== undefined) return others.length === 0 ? { outcome: 'match', patient: first.id } : { outcome: 'review', reason: 'several-records', candidates: [first, ...others].map(({ id }) => id) };
  const open = judged.filter((each): each is { id: string; verdict: MatchReason } => each.verdict !== 'is' && each.verdict !== 'is not');
  return open.length === 0 ? { outcome: 'new' } : { outcome: 'review', reason: open[0]!.verdict, candidates: open.map(({ id }) => id) };
}

function verdictOn(asked: Patient, known: Patient, common: ReturnType<typeof commonNumber>): Verdict {
  const { name, birthDate, score } = compareDemographics(asked, known);
  switch (common) {
    // The authority itself says that it is the same person: who marries has a new name, and a birth date may be corrected.
    // Where one is another and the other does not confirm, the number may have been mistyped.
    case 'own': return name === 'agrees' || birthDate === 'agrees' || (name !== 'differs' && birthDate !== 'differs') ? 'is' : 'same-number-other-person';
    case 'shared':
      // The number of a family, and another one of it.
      if (name === 'differs' && birthDate === 'differs') return 'is not';
      if (name === 'differs' || birthDate === 'differs') return 'same-number-other-person';
      return score >= confirmedAtLeast ? 'is' : 'number-not-confirmed';
    // All of it agrees, or a person says whether the two systems are of one payer.
    case 'elsewhere':
      if (name === 'differs' || birthDate === 'differs') return 'is not';
      return name === 'agrees' && birthDate === 'agrees' ? 'is' : 'number-not-confirmed';
    case undefined: return score >= alikeAtLeast && name === 'agrees' && birthDate === 'agrees' ? 'same-person-without-number' : 'is not';
  }
}
