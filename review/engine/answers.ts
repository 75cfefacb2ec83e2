/**
 * Questionnaire answers against what a rule expects. An answer of another type than expected shows nothing; several
 * answers have to agree.
 */
import { showMeasure } from '../facts/measures.ts';
import type { Answer, AnswerFact, Code, Fact } from '../facts/types.ts';
import type { ClinicalFact, CodeSet } from '../policies/pack.ts';
import { evidenceOf, oneOf, showCode } from './coded.ts';
import { measured } from './compare.ts';
import type { Finding, Subject } from './subject.ts';
import { agreed, type Truth } from './truth.ts';

type Leaf = Extract<ClinicalFact, { fact: 'answer' }>;

export function findAnswer(leaf: Leaf, { patient }: Subject): Finding {
  const answers = patient.answers.filter((fact) => fact.linkId === leaf.linkId && isFrom(fact, leaf.questionnaire));
  if (leaf.in !== undefined) return chosen(answers, leaf.in);
  return { truth: agreed(answers.map(({ value }) => compare(value, leaf))), evidence: answers.map((fact) => evidenceOf(fact, `${fact.linkId}: ${show(fact.value)}`)) };
}

// Of the codes chosen in one response, one in the set is enough; two responses must not differ.
function chosen(answers: readonly AnswerFact[], sets: readonly CodeSet[]): Finding {
  const responses = new Map<string, Fact<Code>[]>();
  for (const { value, source } of answers) {
    const codes = responses.get(source.reference) ?? [];
    if (value.kind === 'code') codes.push({ value: value.value, source });
    responses.set(source.reference, codes);
  }
  const findings = [...responses.values()].map((codes) => oneOf(codes, sets));
  return { truth: agreed(findings.map(({ truth }) => truth)), evidence: findings.flatMap(({ evidence }) => evidence) };
}

// A rule may name a questionnaire with its version (`url|1.2`) or any version of it (`url`).
function isFrom({ questionnaire }: AnswerFact, wanted: string | undefined): boolean {
  return wanted === undefined || questionnaire === wanted || questionnaire?.split('|')[0] === wanted;
}

function compare(answer: Answer, leaf: Leaf): Truth {
  if (leaf.value !== undefined) {
    return answer.kind === 'measure' ? measured(answer.value, leaf.value, leaf.units) : 'insufficient';
  }
  const comparable = (answer.kind === 'boolean' || answer.kind === 'text') && typeof answer.value === typeof leaf.equals;
  if (!comparable) return 'insufficient';
  return answer.value === leaf.equals ? 'met' : 'not-met';
}

function show(answer: Answer): string {
  if (answer.kind === 'code') return showCode(answer.value);
  return answer.kind === 'measure' ? showMeasure(answer.value) : String(answer.value);
}
