/** Whether codings are in value sets, many at once: what bindings of profiles ask. */
import { TerminologyRefusal } from './issues.ts';
import { settledFor, type Predicate } from './predicate.ts';
import { schemeOf, valueSetMeant, type Scheme } from './scheme.ts';
import type { CodeSystemHead, Question, TerminologySource } from './source.ts';
import type { CodingInput } from './validate.ts';
import { matchesVersion } from './versions.ts';
import { anyVersions } from './versions-wanted.ts';

export interface MembershipQuestion {
  /** Canonical. */
  readonly valueSet: string;
  /** Any of them is enough. */
  readonly codings: readonly CodingInput[];
}

/** Unknown: the value set is not here, or a code system of it is not, or only in part. */
export type MembershipAnswer =
  | { readonly answer: 'in' | 'out' }
  | { readonly answer: 'unknown'; readonly reason: 'value-set' | 'code-system' | 'fragment' | 'not-expandable' };

/** What was found before, by value set and coding: it must be of the terminology as it stands. */
export interface Remembered {
  get(key: string): MembershipAnswer | undefined;
  set(key: string, answer: MembershipAnswer): void;
}

/** Answers in the order of the questions; whatever is not remembered is asked of the source at once. */
export async function memberships(questions: readonly MembershipQuestion[], source: TerminologySource, remembered: Remembered): Promise<readonly MembershipAnswer[]> {
  const answers = new Map<string, MembershipAnswer>();
  const open = new Map<string, { readonly valueSet: string; readonly coding: CodingInput }>();
  for (const { valueSet, codings } of questions) for (const coding of codings) {
    const key = keyOf(valueSet, coding);
    const before = remembered.get(key);
    if (before === undefined) open.set(key, { valueSet, coding });
    else answers.set(key, before);
  }
  const found = await answersTo([...open.values()], source);
  for (const [index, key] of [...open.keys()].entries()) {
    answers.set(key, found[index]!);
    remembered.set(key, found[index]!);
  }
  return questions.map(({ valueSet, codings }) => together(codings.map((coding) => answers.get(keyOf(valueSet, coding))!)));
}

function keyOf(valueSet: string, { system = '', version = '', code = '' }: CodingInput): string {
  return JSON.stringify([valueSet, system, version, code]);
}

function together(answers: readonly MembershipAnswer[]): MembershipAnswer {
  return answers.find(({ answer }) => answer === 'in') ?? answers.find(({ answer }) => answer === 'unknown') ?? { answer: 'out' };
}

/** An answer, or what is to be asked for it. */
type Step = MembershipAnswer | { readonly asks: readonly { readonly question: Question; readonly fragment: boolean }[]; readonly otherwise: MembershipAnswer };

async function answersTo(open: readonly { readonly valueSet: string; readonly coding: CodingInput }[], source: TerminologySource): Promise<readonly MembershipAnswer[]> {
  const schemes = new Map<string, Promise<Scheme | MembershipAnswer>>();
  const steps = await Promise.all(open.map(async ({ valueSet, coding }) => {
    let scheme = schemes.get(valueSet);
    if (scheme === undefined) schemes.set(valueSet, scheme = schemeNamed(valueSet, source));
    const known = await scheme;
    return 'answer' in known ? known : stepOf(coding, known);
  }));
  const asks = steps.flatMap((step) => ('asks' in step ? step.asks : []));
  const answers = asks.length === 0 ? [] : await source.ask(asks.map(({ question }) => question));
  let next = 0;
  return steps.map((step): MembershipAnswer => {
    if (!('asks' in step)) return step;
    const mine = step.asks.map((ask) => ({ ...ask, answer: answers[next++]! }));
    if (mine.some(({ answer }) => answer.concept !== undefined && answer.truths[0] === true)) return { answer: 'in' };
    if (mine.some(({ fragment, answer }) => fragment && answer.concept === undefined)) return { answer: 'unknown', reason: 'fragment' };
    return step.otherwise;
  });
}

async function schemeNamed(valueSet: string, source: TerminologySource): Promise<Scheme | MembershipAnswer> {
  try {
    return await schemeOf(await valueSetMeant(valueSet, { source, versions: anyVersions }), { source, versions: anyVersions });
  } catch (error) {
    if (!(error instanceof TerminologyRefusal)) throw error;
    return { answer: 'unknown', reason: error.terminology.code === 'unknown-value-set' ? 'value-set' : 'not-expandable' };
  }
}

/** A code without a system is one of any system of the value set: the element has no place for it. */
function stepOf({ system, version, code = '' }: CodingInput, { parts, elsewhere }: Scheme): Step {
  // Where the value set names no version the code's own is as good as any.
  const here = parts.filter((part) => (system === undefined || part.system.url === system) && (version === undefined || part.asked === undefined || matchesVersion(part.system.version, version)));
  const others = elsewhere.filter((one) => system === undefined || one.system === system);
  if (others.some(({ codes }) => codes !== 'unknown' && codes.has(code))) return { answer: 'in' };
  const settled = here.map((part) => ({ part, where: settledFor(part.where, code, part.system.caseSensitive) })).filter(({ where }) => where.kind !== 'none');
  // A list alone says it, without the code system.
  if (settled.some(({ part, where }) => where.kind === 'all' && part.where.kind === 'codes')) return { answer: 'in' };
  const otherwise: MembershipAnswer = others.some(({ codes }) => codes === 'unknown') ? { answer: 'unknown', reason: 'code-system' } : { answer: 'out' };
  if (settled.length === 0) return otherwise;
  return { asks: settled.map(({ part, where }) => askOf(part.system, code, where)), otherwise };
}

function askOf(system: CodeSystemHead, code: string, where: Predicate): { question: Question; fragment: boolean } {
  return { question: { system, code, where: [where] }, fragment: system.content !== 'complete' };
}
