/**
 * Documents that came before the request that waits for them. A request says by control numbers (PWK06) which documents
 * come by another way; what the record of the member has under these numbers from the requester (a 275, or attachments
 * that nobody had asked for) becomes its evidence, without being copied.
 * Source: CDex 2.1.0, "Unsolicited Attachments"; X12 PWK of 2000E and 2000F.
 */
import type { ClaimSupportingInfo, Identifier, Resource } from '@medplum/fhirtypes';
import { parseJson } from '../../../fhir/json.ts';
import { resourceTypeCode } from '../../../fhir/resource-types.ts';
import { recordedOfMember } from '../../../store/authorizations.ts';
import { findSome } from '../../../store/find.ts';
import { keyMaker } from '../../../store/search-keys.ts';
import type { Work } from '../plan.ts';
import type { Change } from '../../../store/write/changes.ts';
import { addressMaker } from './addresses.ts';
import { settled } from './keeping.ts';
import { peopleIn } from './people.ts';
import { differenceOf, type KnownPerson } from './same-person.ts';
import { ofRequester, sendersOf } from './senders.ts';
import { controlNumbersOf, readTaken, type RequestReading } from '../request/read-request.ts';
import type { MergedRequest } from '../update/merge.ts';

export interface HeldRequest extends MergedRequest {
  /** `Type/id` by fullUrl of what the record has already. */
  readonly held: ReadonlyMap<string, string>;
  /** What no longer waits, and on what it was looked for. */
  readonly settled: readonly Change[];
}

/** Types that documents are kept as, with the parameter that names their patient. */
const heldTypes = { DocumentReference: 'patient', QuestionnaireResponse: 'patient' } as const;

/** More documents under the numbers of one request than anybody sends. */
const mostDocuments = 50;

export async function withHeld(merged: MergedRequest, { database, patient, shard, context, takeTurn }: Pick<Work, 'database' | 'patient' | 'shard' | 'context' | 'takeTurn'>): Promise<HeldRequest> {
  const numbers = announced(merged.request);
  if (numbers.length === 0) return { ...merged, held: new Map(), settled: [] };
  await takeTurn();
  // A document that is kept meanwhile (`hold.ts`) would wait for a request that is here already: then this one looks again.
  const looked: Change = { kind: 'recorded', member: patient.id, shard, before: await recordedOfMember(database, { member: patient.id, shard }, context) };
  const found = (await Promise.all(Object.entries(heldTypes).map(async ([type, parameter]) => {
    const keys = keyMaker(context.tenant.id, resourceTypeCode(type));
    const stored = await findSome(database, {
      type, limit: mostDocuments,
      where: {
        kind: 'all', of: [
          { kind: 'key', anyOf: numbers.map((code) => keys.token('identifier', { form: 'code', code })), selective: true },
          { kind: 'key', anyOf: [keys.reference(parameter, 'Patient', patient.id)], selective: true },
        ],
      },
    }, context);
    return stored.map(({ id, version, content }) => ({ id, version, address: `${type}/${id}`, resource: parseJson(content) as Resource & { identifier?: Identifier | Identifier[] } }));
  }))).flat().filter(({ resource }) => isAbout(resource, { patient, member: '', base: context.base }));
  const senders = await sendersOf(database, found.map(({ resource }) => resource), context);
  const ours = ofRequester(found.map((each, index) => ({ ...each, numbers: identifiersIn(each.resource), senders: senders[index]! })), merged.request.requesterIdentifiers);
  if (ours.length === 0) return { ...merged, held: new Map(), settled: [looked] };
  const make = addressMaker(merged.request);
  const member = { reference: merged.request.patient.fullUrl! };
  // Under an address of ours and without its id, as what comes later (`addresses.ts`).
  const held = ours.map(({ address, resource: { id: _ours, ...resource } }) => ({ address, fullUrl: make(address), resource: { ...resource, subject: member } as HeldDocument['resource'] }));
  return { request: pointing(merged.request, held), isAsSent: false, held: new Map(held.map(({ fullUrl, address }) => [fullUrl, address])), settled: [looked, ...ours.flatMap(({ id, version, resource }) => settled({ ...resource, id }, version, context))] };
}

/** Asked again: it may have been kept by another rail, or changed since. */
function isAbout(resource: Resource, known: KnownPerson): boolean {
  const { subject: _ours, ...rest } = resource as Resource & { subject?: unknown };
  return peopleIn(rest as Resource, '').every((person) => differenceOf(person, known) === undefined);
}

interface HeldDocument {
  readonly fullUrl: string;
  readonly resource: Resource & { identifier?: Identifier | Identifier[] };
}

/** Control numbers of documents that the Bundle does not hold itself, as many as are looked for. */
function announced({ claim, index, claimEntry }: RequestReading): string[] {
  const waiting = (claim.supportingInfo ?? []).filter(({ valueReference }) => index.resolve(valueReference?.reference, claimEntry) === undefined);
  return [...new Set(controlNumbersOf({ ...claim, supportingInfo: waiting }))].slice(0, mostDocuments);
}

/** The supporting information of a number points to its document; where there are several, each further one has its own. */
function pointing(request: RequestReading, documents: readonly HeldDocument[]): RequestReading {
  const { claim, claimEntry, bundle } = request;
  const given = new Set<string>();
  const information = (claim.supportingInfo ?? []).map((each): ClaimSupportingInfo => {
    const numbers = controlNumbersOf({ ...claim, supportingInfo: [each] });
    const document = documents.find(({ fullUrl, resource }) => !given.has(fullUrl) && identifiersIn(resource).some((value) => numbers.includes(value)));
    if (!document) return each;
    given.add(document.fullUrl);
    return { ...each, valueReference: { ...each.valueReference, reference: document.fullUrl } };
  });
  for (const { fullUrl } of documents.filter((document) => !given.has(document.fullUrl))) {
    information.push({ sequence: Math.max(0, ...information.map(({ sequence }) => sequence)) + 1, category: information[0]!.category, valueReference: { reference: fullUrl } });
  }
  const entry = (bundle.entry ?? []).map((each, index) => index === claimEntry.index ? { ...each, resource: { ...claim, supportingInfo: information } } : each);
  return readTaken({ ...bundle, entry: [...entry, ...documents.map(({ fullUrl, resource }) => ({ fullUrl, resource }))] });
}

function identifiersIn({ identifier }: HeldDocument['resource']): string[] {
  return [identifier ?? []].flat().flatMap(({ value }) => value ?? []);
}
