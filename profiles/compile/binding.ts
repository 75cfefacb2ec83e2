/**
 * Codes against the value sets that elements are bound to. What is in memory decides at once; what is not becomes a
 * question.
 * Source: https://hl7.org/fhir/R4/terminologies.html#strength
 */
import type { CompiledValueSet } from '../codes/value-set.ts';
import type { CodeQuestion } from '../validation.ts';
import { isObject, type JsonObject, type Session } from './check.ts';
import { issueAt, type Template } from './findings.ts';

export interface BindingRule {
  readonly canonical: string;
  /** undefined where the value set is not known here. */
  readonly valueSet: CompiledValueSet | undefined;
  /** What is told where no code is in the value set. */
  readonly out: Template;
  /** The same where there is no code at all; nothing where that may be. */
  readonly missing: Template | undefined;
  /** The same where nobody knows; without it nothing is asked. */
  readonly unknown: Template | undefined;
}

export type CheckCodes = (value: unknown, session: Session) => void;

type Codings = CodeQuestion['codings'];

/** @returns undefined for a type that holds no codes */
export function checkOfBinding(rule: BindingRule, type: string): CheckCodes | undefined {
  switch (type) {
    case 'CodeableConcept':
      return (value, session) => { if (isObject(value)) checkConcept(value, rule, session); };
    case 'Coding':
      return (value, session) => { if (isObject(value)) checkCodings([value], rule, session); };
    case 'Quantity': case 'Age': case 'Count': case 'Distance': case 'Duration': case 'Money': case 'SimpleQuantity':
      return (value, session) => { if (isObject(value) && value['code'] !== undefined) checkCodings([value], rule, session); };
    case 'code': case 'string': case 'uri': case 'url': case 'canonical': case 'id': case 'oid': case 'uuid': case 'markdown':
      return (value, session) => {
        if (typeof value !== 'string') return;
        const membership = rule.valueSet?.hasCode(value) ?? 'unknown';
        if (membership === 'out') session.add(rule.out);
        else if (membership === 'unknown') ask([{ code: value }], rule, session);
      };
    default:
      return undefined;
  }
}

function checkConcept(concept: JsonObject, rule: BindingRule, session: Session): void {
  const { coding } = concept;
  if (Array.isArray(coding)) checkCodings(coding, rule, session);
  else if (rule.missing !== undefined) session.add(rule.missing);
}

/** One of them has to be in the value set. */
function checkCodings(codings: readonly unknown[], rule: BindingRule, session: Session): void {
  const { valueSet } = rule;
  let coded = false;
  let unknown: JsonObject[] | undefined;
  for (let at = 0; at < codings.length; at++) {
    const coding = codings[at];
    if (!isObject(coding)) continue;
    const { system, version, code } = coding;
    if (typeof code !== 'string') continue;
    coded = true;
    if (typeof system !== 'string') continue;
    const membership = valueSet === undefined ? 'unknown' : valueSet.has(system, code, typeof version === 'string' ? version : undefined);
    if (membership === 'in') return;
    if (membership === 'unknown') (unknown ??= []).push(coding);
  }
  if (!coded) {
    if (rule.missing !== undefined) session.add(rule.missing);
  } else if (unknown === undefined) session.add(rule.out);
  else ask(unknown.map(codingOf), rule, session);
}

function codingOf(coding: JsonObject): Codings[number] {
  const parts: Record<string, string> = {};
  for (const name of ['system', 'version', 'code', 'display']) if (typeof coding[name] === 'string') parts[name] = coding[name];
  return parts;
}

function ask(codings: Codings, { canonical, out, unknown }: BindingRule, session: Session): void {
  if (unknown === undefined) return;
  session.ask((expression) => ({ kind: 'code', valueSet: canonical, codings, otherwise: issueAt(out, expression), unknown: issueAt(unknown, expression) }));
}
