/**
 * The record of a patient as the Bundle that a clinical document is written from: what of the compartment documents
 * speak of, who wrote it, and what it refers to, the newest first. All of it or nothing: a document that silently leaves
 * out a part of a record would be read as the whole.
 */
import type { Bundle, BundleEntry, DocumentReference, Provenance, Resource } from '@medplum/fhirtypes';
import { parseJson } from '../../fhir/json.ts';
import { Problem } from '../../fhir/problems.ts';
import type { DateRange } from '../../fhir/search-values/dates.ts';
import { statementTypes } from '../../mappers/ccda/index.ts';
import type { Context } from '../../store/context.ts';
import type { Queryable } from '../../store/database.ts';
import { findRecord, findReferring } from '../../store/find.ts';
import { readResource, type StoredVersion } from '../../store/read.ts';
import { recordQuery } from '../everything/compartment.ts';
import { findSupporting } from '../everything/supporting.ts';

/** A document is one text that is made at once: 2 MB of resources, which 2000 usually come to, take about a fifth of a second. */
export const mostResources = 2000;
export const mostBytes = 2 * 1024 * 1024;

/** Who and what statements name. */
const supportTypes: ReadonlySet<string> = new Set(['Practitioner', 'PractitionerRole', 'Organization', 'RelatedPerson', 'Device', 'Location', 'Medication', 'Specimen', 'Substance']);

export const clinicalDocumentType = 'application/cda+xml';

export interface CareDates {
  readonly start: DateRange | undefined;
  readonly end: DateRange | undefined;
}

/** @throws {Problem} `not-found`, `gone`, `record-too-large`, `too-costly` */
export async function recordBundle(database: Queryable, patient: string, { start, end }: CareDates, context: Context): Promise<Bundle> {
  const query = recordQuery(context.tenant.id, 'Patient', patient, { types: statementTypes, since: undefined, start, end, count: mostResources, cursor: undefined, used: [] }, undefined, mostResources);
  const [subject, record] = await Promise.all([
    readResource(database, 'Patient', patient, context),
    findRecord(database, { ...query, bytes: mostBytes }, context),
  ]);
  if (record.next !== undefined || sizeOf(record.resources) > mostBytes) throw tooLarge();
  const authorship = await findReferring(database, { source: 'Provenance', parameter: 'target' }, record.resources, context);
  const stated = [subject, ...record.resources.filter((stored) => !isDocument(stored)), ...authorship.resources.filter(namesAuthor)];
  const supporting = await findSupporting(database, stated, { types: supportTypes, patients: new Set([patient]) }, context);
  const all = [...stated, ...supporting.resources];
  if (authorship.cut || supporting.more || sizeOf(all) > mostBytes) throw tooLarge();
  const entries = all.map((stored): BundleEntry => ({ fullUrl: fullUrlOf(stored, context), resource: parseJson(stored.content) as Resource }));
  return { resourceType: 'Bundle', type: 'collection', entry: [entries[0]!, ...newestFirst(entries.slice(1))] };
}

function tooLarge(): Problem {
  return new Problem('record-too-large', { resources: mostResources, bytes: mostBytes });
}

function sizeOf(resources: readonly StoredVersion[]): number {
  return resources.reduce((sum, { content }) => sum + content.length, 0);
}

const uuidForm = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** An id that is a UUID is what the statement is known by in every document; another one means something here alone. */
function fullUrlOf({ type, id }: StoredVersion, { base }: Context): string {
  return uuidForm.test(id) ? `urn:uuid:${id}` : `${base}/${type}/${id}`;
}

/** A document that came in is what the record was made of: nothing that a further one would lack. */
function isDocument({ type, content }: StoredVersion): boolean {
  return type === 'DocumentReference' && (parseJson(content) as DocumentReference).content.every(({ attachment }) => attachment.contentType === clinicalDocumentType);
}

/** Says who wrote it. The Provenance of a message (`operations/intake`) names its sender in words alone, who wrote none of it. */
function namesAuthor({ content }: StoredVersion): boolean {
  return (parseJson(content) as Provenance).agent.some(({ who }) => who?.reference !== undefined);
}

/** Elements that tell when something was, the first that is there. */
const times = ['effectiveDateTime', 'effectivePeriod', 'performedDateTime', 'performedPeriod', 'occurrenceDateTime', 'occurrencePeriod', 'onsetDateTime', 'onsetPeriod', 'period', 'effectiveInstant', 'authoredOn', 'recordedDate', 'assertedDate', 'issued', 'date', 'created'] as const;

/** As a reader expects the tables; what has no time stands last, by its address. */
function newestFirst(entries: readonly BundleEntry[]): BundleEntry[] {
  return entries.map((entry) => ({ entry, time: timeOf(entry.resource as unknown as Readonly<Record<string, unknown>>) }))
    .toSorted((a, b) => (a.time < b.time ? 1 : a.time > b.time ? -1 : a.entry.fullUrl! < b.entry.fullUrl! ? -1 : 1))
    .map(({ entry }) => entry);
}

function timeOf(resource: Readonly<Record<string, unknown>>): string {
  for (const name of times) {
    const value = resource[name];
    if (typeof value === 'string') return value;
    const { start, end } = (typeof value === 'object' && value !== null ? value : {}) as { readonly start?: unknown; readonly end?: unknown };
    if (typeof start === 'string') return start;
    if (typeof end === 'string') return end;
  }
  return '';
}
