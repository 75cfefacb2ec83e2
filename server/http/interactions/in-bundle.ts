/**
 * What the entries of a Bundle write, as criteria of other entries see it. Creates are there before conditional creates,
 * updates and patches are resolved, and everything that is created and updated before conditional references are
 * (https://hl7.org/fhir/R4/http.html#trules); so criteria mean it as they mean what is stored.
 */
import { Problem } from '../../../fhir/problems.ts';
import type { Context } from '../../../store/context.ts';
import type { Expression } from '../../../store/search/expression.ts';
import { isMet, judgedOf, type Judged } from '../../../store/search/judge.ts';
import type { Criteria } from '../../../store/write/conditional.ts';
import { typeOf, type Create, type Intent, type Update } from './intent.ts';

export type Writer = Create | Update;

export interface Judgement {
  readonly met: readonly Writer[];
  /** Of these it cannot be told (store/search/judge.ts). */
  readonly open: readonly Writer[];
}

/** Judges each resource that is written as it stands when it is first asked about. */
export interface Written {
  /** @throws {Problem} `search-too-large` */
  judge(criteria: Pick<Criteria, 'type' | 'where'>): Judgement;
}

/** Criteria times entries, as far as no key narrows them down: a second's work. */
const mostJudgements = 1_000_000;

/** @param idOf the id that a client knows; undefined for what gets a new one */
export function writtenBy(writers: readonly Writer[], idOf: (writer: Writer) => string | undefined, context: Context): Written {
  const types = new Map<string, Candidates>();
  let left = mostJudgements;
  return {
    judge({ type, where }) {
      let candidates = types.get(type);
      if (candidates === undefined) types.set(type, candidates = candidatesOf(writers.filter((writer) => typeOf(writer) === type), idOf, context));
      const met: Writer[] = [];
      const open: Writer[] = [];
      for (const { writer, judged } of narrowed(where, candidates)) {
        left -= 1;
        if (left < 0) throw new Problem('search-too-large', { limit: mostJudgements, what: 'pairs of criteria and entries of the Bundle' });
        const isMeant = isMet(where, judged);
        if (isMeant !== false) (isMeant ? met : open).push(writer);
      }
      return { met, open };
    },
  };
}

interface Candidate {
  readonly writer: Writer;
  readonly judged: Judged;
}

interface Candidates {
  readonly all: readonly Candidate[];
  readonly byKey: ReadonlyMap<bigint, readonly Candidate[]>;
}

function candidatesOf(writers: readonly Writer[], idOf: (writer: Writer) => string | undefined, context: Context): Candidates {
  const all = writers.map((writer): Candidate => ({ writer, judged: judgedOf(writer.resource, idOf(writer), context) }));
  const byKey = new Map<bigint, Candidate[]>();
  for (const candidate of all) {
    for (const key of candidate.judged.keys) {
      const others = byKey.get(key);
      if (others === undefined) byKey.set(key, [candidate]);
      else others.push(candidate);
    }
  }
  return { all, byKey };
}

/** Most criteria are an identifier: a thousand of them and a thousand entries must not be a million judgements. */
function narrowed(where: Expression, { all, byKey }: Candidates): Iterable<Candidate> {
  const key = where.kind === 'all' ? where.of.find(({ kind }) => kind === 'key') : where;
  return key?.kind === 'key' ? new Set(key.anyOf.flatMap((one) => byKey.get(one) ?? [])) : all;
}

/** What conditional references mean: entries of the Bundle, and what is stored and stays as it is. */
export interface Meant extends Judgement {
  readonly stored: readonly string[];
}

/**
 * @param writes those that are written, and where
 * @param stored ids of what matches in the store, by the name of the criteria
 */
export function meantBy(criteria: Iterable<Criteria>, writes: ReadonlyMap<Writer, string | undefined>, stored: ReadonlyMap<string, readonly string[]>, context: Context): ReadonlyMap<string, Meant> {
  const written = writtenBy([...writes.keys()], (writer) => writes.get(writer), context);
  const overwritten = new Set([...writes].flatMap(([writer, id]) => (id === undefined ? [] : `${typeOf(writer)}/${id}`)));
  const meant = new Map<string, Meant>();
  for (const one of criteria) {
    if (meant.has(one.name)) continue;
    const judgement = written.judge(one);
    const open = new Set(judgement.open.map((writer) => writes.get(writer)));
    // What is written over is what it will be; as it was only where that cannot be told.
    meant.set(one.name, { ...judgement, stored: (stored.get(one.name) ?? []).filter((id) => !overwritten.has(`${one.type}/${id}`) || open.has(id)) });
  }
  return meant;
}

/** Whether both say the same of every one of the criteria. */
export function areAlike(before: ReadonlyMap<string, Meant>, after: ReadonlyMap<string, Meant>): boolean {
  const same = <T>(some: readonly T[], others: readonly T[] | undefined): boolean => some.length === others?.length && some.every((one, at) => one === others[at]);
  return [...after].every(([name, { met, stored }]) => same(met, before.get(name)?.met) && same(stored, before.get(name)?.stored));
}

export function isWriter(intent: Intent): intent is Writer {
  return intent.kind === 'create' || intent.kind === 'update';
}
