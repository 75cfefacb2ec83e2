/** Two versions of a request made one: what is taken over, what stays, and that nothing then refers to nowhere. */
import type { Bundle, Claim, Resource } from '@medplum/fhirtypes';
import { referencesIn, indexBundle } from '../../fhir/references.ts';
import { readTaken, type RequestReading } from '../../operations/prior-authorization/request/read-request.ts';
import { alignItems } from '../../operations/prior-authorization/update/align.ts';
import { mergeRequest } from '../../operations/prior-authorization/update/merge.ts';
import { claimOf, pendingRequest } from '../support/pas-requests.ts';

const house = { clock: { now: new Date('2026-03-02T09:00:00.000Z'), advance: () => {} } };
const absent = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/data-absent-reason', code: 'unknown' }] };

/** The same request by a rail that calls its parties otherwise. */
function byOtherRail(bundle: Bundle, change: (claim: Claim) => void): RequestReading {
  const urls = new Map(bundle.entry!.map(({ fullUrl }, index) => [fullUrl!, `urn:uuid:00000000-0000-4000-8000-${String(index).padStart(12, '0')}`]));
  const index = indexBundle(bundle);
  const copy = structuredClone(bundle);
  for (const [at, entry] of copy.entry!.entries()) {
    for (const found of referencesIn(entry.resource!, '')) found.set(urls.get(index.resolve(found.value, index.entries[at])?.fullUrl ?? '') ?? found.value);
    entry.fullUrl = urls.get(entry.fullUrl!)!;
  }
  change(claimOf(copy));
  return readTaken(copy);
}

function dangling(request: RequestReading): string[] {
  return request.index.entries.flatMap((entry) => [...referencesIn(entry.resource, entry.resource.resourceType)].filter(({ value }) => request.index.resolve(value, entry) === undefined).map(({ expression, value }) => `${expression} ${value}`));
}

function merged(change: (claim: Claim) => void): { before: RequestReading; request: RequestReading } {
  const bundle = pendingRequest(house);
  const before = readTaken(bundle);
  const update = byOtherRail(bundle, change);
  const aligned = alignItems('content', update, before, new Map());
  if (!Array.isArray(aligned)) throw new Error('not aligned');
  return { before, request: mergeRequest('content', aligned, update, before, new Set()).request };
}

test('evidence of the other rail is about the patient of the request, whatever its sender calls him', () => {
  const { before, request } = merged(() => {});
  expect(dangling(request)).toEqual(dangling(before));
  const subjects = request.index.entries.flatMap(({ resource }) => resource.resourceType === 'Observation' ? [(resource as Resource & { subject?: { reference?: string } }).subject?.reference] : []);
  expect(subjects.length).toBeGreaterThan(0);
  for (const subject of subjects) expect(request.index.resolve(subject, request.claimEntry)?.fullUrl).toBe(request.patient.fullUrl);
});

test('that a category or place is unknown is no word about it', () => {
  const { before, request } = merged(({ item }) => { item![0]!.category = absent; item![0]!.locationCodeableConcept = absent; });
  const [was, is] = [before.claim.item![0]!, request.claim.item![0]!];
  expect([is.category, is.locationCodeableConcept]).toEqual([was.category, was.locationCodeableConcept]);
});

test('a level of service that is not said again stays, and the priority with it', () => {
  const { before, request } = merged((claim) => {
    delete claim.extension;
    claim.priority = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/processpriority', code: 'deferred' }] };
  });
  expect([request.claim.priority, request.claim.extension]).toEqual([before.claim.priority, before.claim.extension]);
});
