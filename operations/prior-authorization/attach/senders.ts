/**
 * Who sent a document. Control numbers are each sender's own, so two may give the same one: a document and a request
 * belong together by the number and by who gave it. By FHIR the sender says who he is (OrganizationId, ProviderId), and
 * it is kept with the document; of a 275 it is the author (NM1*1P).
 * Source: CDex 2.1.0, OperationDefinition submit-attachment; X12 275, loop 1000C.
 */
import type { Extension, Identifier, Reference, Resource } from '@medplum/fhirtypes';
import { parseJson } from '../../../fhir/json.ts';
import { readReference } from '../../../fhir/references.ts';
import type { Context } from '../../../store/context.ts';
import type { Queryable } from '../../../store/database.ts';
import { readMany } from '../../../store/read.ts';

/** On a document that is kept: an identifier of whom it came from. */
const sender = 'https://priora.health/fhir/StructureDefinition/attachment-sender';

interface Extended {
  readonly extension?: readonly Extension[];
}

/** The document as it is kept; nobody but the delivery says who sent it. */
export function withSenders<R extends Resource>(resource: R, senders: readonly Identifier[]): R {
  const extension = [
    ...((resource as Extended).extension ?? []).filter(({ url }) => url !== sender),
    ...senders.map(({ system, value }): Extension => ({ url: sender, valueIdentifier: { ...(system !== undefined && { system }), ...(value !== undefined && { value }) } })),
  ];
  return { ...resource, ...(extension.length > 0 && { extension }) };
}

/** By document: whom each came from; nobody where that was not said. */
export async function sendersOf(database: Queryable, documents: readonly Resource[], context: Context): Promise<(readonly Identifier[])[]> {
  const marked = documents.map((document) => ((document as Extended).extension ?? []).flatMap(({ url, valueIdentifier }) => url === sender && valueIdentifier ? [valueIdentifier] : []));
  const authors = documents.map((document, index) => marked[index]!.length > 0 ? [] : [(document as { author?: Reference | Reference[] }).author ?? []].flat());
  const keys = authors.flat().flatMap(({ reference }) => readReference(reference ?? '') ?? []).filter(({ base, type }) => base === undefined && providers.has(type));
  const read = await readMany(database, keys, context);
  return marked.map((own, index) => own.length > 0 ? own : authors[index]!.flatMap(({ reference, identifier }) => {
    const stored = read.get(reference ?? '');
    return [...identifier ? [identifier] : [], ...stored ? (parseJson(stored.content) as { identifier?: Identifier[] }).identifier ?? [] : []];
  }));
}

const providers: ReadonlySet<string> = new Set(['Organization', 'Practitioner']);

/** @param requester `system|value` of who asked, or is named on the request */
export function isOneOf(senders: readonly Identifier[], requester: readonly string[]): boolean {
  return senders.some(({ system, value }) => value !== undefined && requester.some((each) => {
    const at = each.lastIndexOf('|');
    return each.slice(at + 1) === value && (system === undefined || at <= 0 || each.slice(0, at) === system);
  }));
}

/**
 * Of what goes by one number, what is the requester's: where nobody says who sent it, all of it; but as soon as somebody
 * has, a number alone says nothing any more.
 */
export function ofRequester<T extends { readonly senders: readonly Identifier[]; readonly numbers: readonly string[] }>(documents: readonly T[], requester: readonly string[]): T[] {
  const claimed = new Set(documents.filter(({ senders }) => senders.length > 0).flatMap(({ numbers }) => numbers));
  return documents.filter(({ senders, numbers }) => senders.length > 0 ? isOneOf(senders, requester) : !numbers.some((number) => claimed.has(number)));
}
