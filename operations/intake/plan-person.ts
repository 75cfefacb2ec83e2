/**
 * What of a sender's word on a person enters the plan's own record of him. Senders know better where he lives, how he is
 * reached and under which numbers they keep him; who he is (name, birth date, gender), whether he is a member and by
 * which numbers, whether he lives, and which records are one with his, is the plan's to say: a request is matched by
 * these, and whoever could change them could make himself a member. What is left out is told. Pure.
 */
import type { Identifier, Patient, Resource } from '@medplum/fhirtypes';
import { stringifyJson } from '../../fhir/json.ts';
import type { LedgerEntry } from '../../mappers/ledger.ts';
import { personNumbers } from '../match/identifiers.ts';

/** Elements that stay as the plan has them. */
const kept = ['name', 'birthDate', 'gender', 'deceasedBoolean', 'deceasedDateTime', 'active', 'link'] as const;
const keptProperties: ReadonlySet<string> = new Set(kept.flatMap((name) => [name, `_${name}`]));
/** An erasure of these takes nothing away. */
const keptElements: ReadonlySet<string> = new Set([...keptProperties, 'deceased', 'identifier', '_identifier']);

export interface SendersWord {
  readonly resource: Resource & { id: string };
  /** Of what is in it; an identifier has moved up where others before it were left out. */
  readonly entries: readonly LedgerEntry[];
  /** Elements of which the message says something else than the plan. */
  readonly leftOut: readonly string[];
}

/** @param plan the plan's own record @param sent what the message makes of it @param entries of the message, from the resource */
export function sendersWord(plan: Patient, sent: Patient & { id: string }, entries: readonly LedgerEntry[]): SendersWord {
  const properties = Object.entries(sent).filter(([property]) => !keptProperties.has(property) && property !== 'identifier' && property !== '_identifier');
  const places = new Map<number, number>();
  const identifier: Identifier[] = [];
  for (const [index, each] of (sent.identifier ?? []).entries()) {
    if (!isSendersOwn(each, plan)) continue;
    places.set(index, identifier.length);
    identifier.push(each);
  }
  const known = new Set((plan.identifier ?? []).map(({ value }) => value));
  const isNews = (sent.identifier ?? []).some((each, index) => !places.has(index) && !known.has(each.value));
  const erased = entries.filter(({ path, deletes }) => deletes === true && keptElements.has(path)).map(({ path }) => path);
  const changed = kept.filter((name) => sent[name] !== undefined && stringifyJson(sent[name]) !== stringifyJson(plan[name] ?? null));
  return {
    resource: { ...Object.fromEntries(properties), ...(identifier.length > 0 && { identifier }) } as unknown as Patient & { id: string },
    entries: entries.flatMap((entry) => placed(entry, places)),
    leftOut: [...new Set([...changed, ...erased, ...(isNews ? ['identifier'] : [])])],
  };
}

/** A record number under the sender's own authority, which the plan's record does not have yet. */
function isSendersOwn(identifier: Identifier, { identifier: known = [] }: Patient): boolean {
  const { use: _use, ...told } = identifier;
  const [number] = personNumbers([told]);
  const isOther = identifier.type?.coding?.some(({ code }) => code !== undefined) === true && number === undefined;
  if ((number?.kind !== 'record' && !isOther) || (identifier.system === undefined && identifier.assigner === undefined)) return false;
  // The plan's own numbers, whatever kind the message gives them.
  return !known.some(({ system, value, type }) => system === identifier.system && (value === identifier.value || type === undefined || personNumbers([{ ...(system !== undefined && { system }), value: value ?? '-', type }]).some(({ kind }) => kind !== 'record')));
}

function placed(entry: LedgerEntry, places: ReadonlyMap<number, number>): LedgerEntry[] {
  const [, element, index, rest] = /^(\w+)(?:\[(\d+)\])?(.*)$/.exec(entry.path) ?? [];
  if (element === undefined || keptElements.has(element) && element !== 'identifier') return [];
  if (element !== 'identifier') return [entry];
  const place = index === undefined ? undefined : places.get(Number(index));
  return place === undefined ? [] : [{ ...entry, path: `identifier[${place}]${rest ?? ''}` }];
}
