/**
 * $everything: the record of a patient, of an encounter, or of all patients, with what it refers to.
 *
 * A page is a searchset: what is in the compartment as matches, what these refer to as included. With `_since` it is what
 * has changed, and all that this refers to, so that a client that keeps up can always read what it gets.
 * Source: https://hl7.org/fhir/R4/patient-operation-everything.html, encounter-operation-everything.html
 */
import { outcomeOfIssues } from '../../fhir/outcome.ts';
import { pageLinks, type BundleLink } from '../../fhir/page-links.ts';
import type { Queryable } from '../../store/database.ts';
import type { StoredVersion } from '../../store/read.ts';
import { fhirAnswer, type Operation, type OperationCall } from '../registry.ts';
import { bindingOf, openPosition, sealPosition } from './cursor.ts';
import { pageOfAll, pageOfOne, type EverythingPage } from './pages.ts';
import { readWanted } from './wanted.ts';

interface EntryText {
  readonly fullUrl?: string;
  readonly resource: string;
  readonly search: { readonly mode: 'match' | 'include' | 'outcome' };
}

/** Makes a Bundle around texts. */
export type BundleWriter = (type: string, links: readonly BundleLink[], entries: readonly EntryText[], total?: number) => string;

const canonical = 'http://hl7.org/fhir/OperationDefinition';

export interface EverythingParts {
  readonly database: Queryable;
  /** What signs cursors. */
  readonly cursorKey: Uint8Array;
  readonly bundleText: BundleWriter;
}

export function everythingOperations(parts: EverythingParts): readonly Operation[] {
  return [
    { code: 'everything', resource: 'Patient', levels: ['type', 'instance'], canonical: `${canonical}/Patient-everything`, byGet: true, handle: (call) => answer(parts, 'Patient', call) },
    { code: 'everything', resource: 'Encounter', levels: ['instance'], canonical: `${canonical}/Encounter-everything`, byGet: true, handle: (call) => answer(parts, 'Encounter', call) },
  ];
}

async function answer({ database, cursorKey, bundleText }: EverythingParts, compartment: 'Patient' | 'Encounter', call: OperationCall): ReturnType<Operation['handle']> {
  const { context, id } = call;
  const wanted = readWanted(call, compartment === 'Patient');
  const binding = bindingOf(call, wanted);
  const position = wanted.cursor === undefined ? undefined : openPosition(cursorKey, binding, wanted.cursor);
  const page = id === undefined ? await pageOfAll(database, position, wanted, context) : await pageOfOne(database, compartment, id, position, wanted, context);

  const address = `${context.base}/${compartment}${id === undefined ? '' : `/${id}`}/$everything`;
  const links = pageLinks(address, [...wanted.used, ...call.presentation], page.next && sealPosition(cursorKey, binding, page.next), wanted.cursor);
  const whole = position === undefined && page.next === undefined;
  return { status: 200, mediaType: fhirAnswer, body: bundleText('searchset', links, entriesOf(page, context.base), whole ? page.matches.length : undefined) };
}

function entriesOf({ matches, supporting, incomplete }: EverythingPage, base: string): EntryText[] {
  const entry = (mode: 'match' | 'include') => ({ type, id, content }: StoredVersion): EntryText => ({ fullUrl: `${base}/${type}/${id}`, resource: content, search: { mode } });
  const entries = [...matches.map(entry('match')), ...supporting.map(entry('include'))];
  if (incomplete) entries.push({ resource: JSON.stringify(outcomeOfIssues([{ code: 'everything-incomplete', details: {}, severity: 'warning' }])), search: { mode: 'outcome' } });
  return entries;
}
