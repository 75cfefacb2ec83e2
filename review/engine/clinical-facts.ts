/**
 * Facts about the patient's need. What is not there is never held against the request: silence shows nothing.
 */
import { yearsBetween } from '../facts/dates.ts';
import { showMeasure } from '../facts/measures.ts';
import { inCodeSets } from '../facts/codes.ts';
import type { ClinicalFact } from '../policies/pack.ts';
import { findAnswer } from './answers.ts';
import { evidenceOf, oneOf, showCode } from './coded.ts';
import { measured, within } from './compare.ts';
import { findObservation } from './observations.ts';
import { firstServiceDay, SILENCE, type Finding, type Subject } from './subject.ts';
import { agreed, type Truth } from './truth.ts';

type Leaf<Name extends ClinicalFact['fact']> = Extract<ClinicalFact, { fact: Name }>;

export function findClinical(leaf: ClinicalFact, subject: Subject): Finding {
  switch (leaf.fact) {
    case 'diagnosis':
      return oneOf(subject.item.diagnoses, leaf.in);
    case 'age':
      return age(leaf, subject);
    case 'gender':
      return gender(leaf, subject);
    case 'quantity':
      return quantity(leaf, subject);
    case 'observation':
      return findObservation(leaf, subject);
    case 'condition':
      return condition(leaf, subject);
    case 'answer':
      return findAnswer(leaf, subject);
    case 'document':
      return documentPresent(leaf, subject);
  }
  return SILENCE;
}

function age(leaf: Leaf<'age'>, subject: Subject): Finding {
  const { birth } = subject.patient;
  const day = firstServiceDay(subject);
  if (birth === undefined || day === undefined || birth.value.to > day) return SILENCE;
  const years = { low: yearsBetween(birth.value.to, day), high: yearsBetween(birth.value.from, day), lowOpen: false, highOpen: false };
  return { truth: within(years, leaf.years), evidence: [evidenceOf(birth, `${showMeasure(years)} years on ${day}`)] };
}

function gender(leaf: Leaf<'gender'>, { patient }: Subject): Finding {
  const known = patient.gender;
  if (known === undefined || (known.value === 'unknown' && !leaf.in.includes('unknown'))) return SILENCE;
  return { truth: leaf.in.includes(known.value) ? 'met' : 'not-met', evidence: [evidenceOf(known, known.value)] };
}

function quantity(leaf: Leaf<'quantity'>, { item }: Subject): Finding {
  if (item.quantity === undefined) return SILENCE;
  return { truth: measured(item.quantity.value, leaf.value, leaf.units), evidence: [evidenceOf(item.quantity, showMeasure(item.quantity.value))] };
}

// Only a condition someone ruled out counts against; confirmed here and ruled out there shows nothing.
function condition(leaf: Leaf<'condition'>, { patient }: Subject): Finding {
  const matching = patient.conditions.filter(({ value }) => value.some((code) => inCodeSets(code, leaf.in) === 'in'));
  const truths = matching.flatMap(({ standing, present }): Truth[] => {
    if (standing === 'uncertain') return [];
    if (standing === 'refuted') return ['not-met'];
    const counts = present === 'active' || (leaf.history === true && present === 'past');
    return counts ? ['met'] : [];
  });
  return {
    truth: agreed(truths),
    evidence: matching.map((fact) => evidenceOf(fact, `${fact.value.map(showCode).join(', ')}: ${fact.standing}, ${fact.present}`)),
  };
}

function documentPresent(leaf: Leaf<'document'>, { patient }: Subject): Finding {
  const found = oneOf(patient.documents, leaf.in);
  return found.truth === 'met' ? found : SILENCE;
}
