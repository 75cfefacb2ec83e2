/**
 * Evidence that rules could still be settled by and that a call does not hold, looked for where the clinician's own record
 * is: of the patient of the call alone, by the codes that the rules name, a handful of questions and one page of each.
 * None of it has to be there, and what comes late is not waited for. It is read for the one answer and kept nowhere.
 * Source: CDS Hooks 2.0, "FHIR Resource Access"; http://hl7.org/fhir/us/davinci-crd/2.2.1/foundation.html (found-5).
 */
import type { Reference } from '@medplum/fhirtypes';
import type { RecordFact } from '../../review/engine/open-facts.ts';
import type { CodeSet } from '../../review/policies/pack.ts';
import { asObject } from '../../review/facts/loose.ts';
import { ClientUnreadable, type ClientServer } from './client-server.ts';
import { fitOf } from './gather.ts';
import { localNameOf, type ClientResource, type HookCall } from './read-call.ts';

/** Questions for one call, at most: each is a request to a server that somebody waits for. */
const mostQueries = 8;
const mostOfOne = 100;
/** Of the answer to one question, in bytes. */
const largest = 1024 * 1024;
/** Of the codes in one question, as they are written in its address. */
const longestCodes = 1200;

/** @param open what the rules have not been shown */
export async function readEvidence(open: readonly RecordFact[], { patientId, client }: HookCall, server: ClientServer): Promise<ClientResource[]> {
  const queries = [...new Set(open.flatMap((fact) => queriesFor(fact, patientId)))].slice(0, mostQueries);
  const found = await Promise.all(queries.map(async (query) => {
    const type = query.slice(0, query.indexOf('?'));
    const resources = await search(server, query);
    return resources.filter((resource) => resource.resourceType === type && localNameOf((resource as { subject?: Reference }).subject?.reference, client?.base) === `Patient/${patientId}`);
  }));
  return [...new Map(found.flat().map((resource) => [`${resource.resourceType}/${resource.id}`, resource])).values()];
}

async function search(server: ClientServer, query: string): Promise<ClientResource[]> {
  try {
    const entries: unknown = asObject(await server.read(query, largest))?.['entry'];
    return (Array.isArray(entries) ? entries.slice(0, mostOfOne) : []).flatMap((entry: unknown) => fitOf(asObject(entry)?.['resource']) ?? []);
  } catch (error) {
    if (error instanceof ClientUnreadable) return [];
    throw error;
  }
}

function queriesFor(fact: RecordFact, patient: string): string[] {
  const ask = (type: string, parameters: string): string => `${type}?patient=${patient}${parameters}&_count=${mostOfOne}`;
  switch (fact.fact) {
    case 'observation': return coded('code', fact.code).map((codes) => ask('Observation', `${codes}&_sort=-date`));
    case 'condition': return coded('code', fact.in).map((codes) => ask('Condition', codes));
    case 'document': return coded('type', fact.in).map((codes) => ask('DocumentReference', `${codes}&status=current`));
    // An answer to no questionnaire in particular could be in any.
    case 'answer': return fact.questionnaire === undefined ? [] : [ask('QuestionnaireResponse', `&questionnaire=${encodeURIComponent(fact.questionnaire)}&status=completed,amended`)];
  }
}

/** Parameters that ask for these codes, in parts that an address can hold; a search has no word for codes that begin alike, then all are asked for. */
function coded(name: string, sets: readonly CodeSet[]): string[] {
  if (sets.some(({ prefixes = [] }) => prefixes.length > 0)) return [''];
  const parts: string[] = [];
  for (const { system, codes } of sets) {
    for (const code of codes) {
      const token = encodeURIComponent(`${system}|${escaped(code)}`);
      const last = parts.at(-1);
      if (last === undefined || last.length + token.length > longestCodes) parts.push(token);
      else parts[parts.length - 1] = `${last},${token}`;
    }
  }
  return parts.map((part) => `&${name}=${part}`);
}

/** FHIR R4, "Escaping Search Parameters". */
function escaped(code: string): string {
  return code.replace(/[\\$,|]/g, '\\$&');
}
