/**
 * A document that came in as one, as FHIR lists documents: a DocumentReference to the bytes that landed. A later version,
 * or a document that says so, replaces the earlier one, which is then `superseded`; what the earlier one stated and the
 * later one does not is told and stays: that something is not mentioned does not say that it is over.
 * Source: CDA R2, 4.2.3.1 (relatedDocument, setId, versionNumber); https://hl7.org/fhir/R4/documentreference.html
 */
import type { Bundle, Composition, DocumentReference, Identifier, Reference } from '@medplum/fhirtypes';
import { nameBasedUuid } from '../../fhir/ids.ts';
import { parseJson, stringifyJson } from '../../fhir/json.ts';
import { readReference } from '../../fhir/references.ts';
import { resourceTypeCode } from '../../fhir/resource-types.ts';
import type { Context } from '../../store/context.ts';
import type { Queryable } from '../../store/database.ts';
import { findSome } from '../../store/find.ts';
import { readMany, type StoredVersion } from '../../store/read.ts';
import { keyMaker } from '../../store/search-keys.ts';
import type { Change, LandingKey } from '../../store/write/changes.ts';
import type { Destination } from './bundle-resources.ts';
import { replaceResource } from './merge.ts';
import type { MessageIssue } from './message.ts';
import type { VersionName } from './message-provenance.ts';
import { landingUrl, landingUrn } from './message-task.ts';

/** Versions of one document that are looked at, the newest. */
const mostVersions = 50;
/** More statements that are missing are told by their number. */
const mostTold = 100;

export interface ArrivedDocument {
  /** As it was mapped: a Bundle with a Composition as its first entry. */
  readonly bundle: Bundle;
  readonly mediaType: string;
  readonly landing: LandingKey;
  readonly patient: string;
  readonly destinations: ReadonlyMap<string, Destination>;
  /** Every resource that it speaks of. */
  readonly resources: readonly { readonly type: string; readonly id: string }[];
}

export interface RegisteredDocument {
  readonly changes: readonly Change[];
  readonly made: readonly VersionName[];
  readonly resources: readonly { readonly type: string; readonly id: string }[];
  readonly issues: readonly MessageIssue[];
}

type Stored = DocumentReference & { readonly id: string };

/** The changes by which a document is listed and those before it are superseded; nothing for what is no document. */
export async function registerDocument(database: Queryable, document: ArrivedDocument, context: Context): Promise<RegisteredDocument> {
  const [first] = document.bundle.entry ?? [];
  const composition = first?.resource;
  const masterIdentifier = document.bundle.identifier;
  if (composition?.resourceType !== 'Composition' || masterIdentifier?.value === undefined) return { changes: [], made: [], resources: [], issues: [] };
  const id = nameBasedUuid('https://priora.health/inbox/document', stringifyJson([masterIdentifier.system ?? '', masterIdentifier.value]));
  const [own, earlier] = await Promise.all([
    readMany(database, [{ type: 'DocumentReference', id }], context).then((found) => found.get(`DocumentReference/${id}`)),
    earlierOnes(database, composition, context),
  ]);
  const kept = own && parseJson(own.content) as Stored;
  const known = new Set(kept?.relatesTo?.map(({ target }) => target.reference));
  const others = earlier.filter(({ resource }) => resource.id !== id);
  const ofPatient = others.filter(({ resource }) => resource.subject?.reference === `Patient/${document.patient}`);
  const replaced = ofPatient.filter(({ resource }) => resource.status === 'current' || known.has(`DocumentReference/${resource.id}`));
  const gone = await noLongerStated(database, replaced, document, context);
  const made = referenceOf(id, composition, first?.fullUrl, replaced.map(({ resource: { id: replacedId } }) => replacedId), document, masterIdentifier, context);
  const merged = kept === undefined ? { resource: made, changed: true } : replaceResource(kept, made);
  const changed: Registered[] = [
    ...(merged.changed ? [{ resource: merged.resource, version: own?.version }] : []),
    ...[...replaced, ...gone.bodies].flatMap((one) => one.resource.status === 'current' ? [{ ...one, resource: { ...one.resource, status: 'superseded' as const } }] : []),
  ];
  return {
    changes: changed.map((one) => ({ kind: 'update', resource: one.resource, ifMatch: one.version ?? 'absent' })),
    made: changed.map(({ resource: { id: changedId }, version }) => ({ type: 'DocumentReference', id: changedId, version: (version ?? 0) + 1 })),
    resources: [{ type: 'DocumentReference', id }, ...[...replaced, ...gone.bodies].map((one) => ({ type: 'DocumentReference', id: one.resource.id }))],
    issues: [
      // Whose it is is nothing to the sender, who is told no information.
      ...(others.length > ofPatient.length ? [{ severity: 'information' as const, code: 'replaces-other-patient', text: 'The document names one as its earlier version that is about another patient: that one stays as it is.' }] : []),
      ...issuesOf(gone.statements),
    ],
  };
}

interface Registered {
  readonly resource: Stored;
  /** Undefined where it is new. */
  readonly version: number | undefined;
}

interface Earlier extends Registered {
  readonly version: number;
}

/** Documents of the same set, and those that this one says to replace. */
async function earlierOnes(database: Queryable, composition: Composition, context: Context): Promise<Earlier[]> {
  const keys = keyMaker(context.tenant.id, resourceTypeCode('DocumentReference'));
  const names = [composition.identifier, ...composition.relatesTo?.flatMap(({ code, targetIdentifier }) => code === 'replaces' ? [targetIdentifier] : []) ?? []];
  const anyOf = names.flatMap((name) => name?.system === undefined || name.value === undefined ? [] : [keys.token('identifier', { form: 'system-and-code', system: name.system, code: name.value })]);
  if (anyOf.length === 0) return [];
  const found = await findSome(database, { type: 'DocumentReference', limit: mostVersions, where: { kind: 'key', anyOf, selective: true } }, context);
  return found.map(({ content, version }) => ({ resource: parseJson(content) as Stored, version })).filter(({ resource }) => resource.masterIdentifier !== undefined);
}

function referenceOf(id: string, composition: Composition, fullUrl: string | undefined, replaces: readonly string[], { patient, destinations, landing, mediaType }: ArrivedDocument, masterIdentifier: Identifier, context: Context): Stored {
  const stored = (reference: Reference | undefined): { reference: string } | undefined => {
    const target = reference?.reference === undefined ? undefined : destinations.get(reference.reference);
    return target && { reference: `${target.type}/${target.id}` };
  };
  const set = composition.identifier;
  const authors = composition.author?.flatMap((author) => stored(author) ?? []) ?? [];
  const custodian = stored(composition.custodian);
  const encounter = stored(composition.encounter);
  const own = stored({ reference: fullUrl ?? '' });
  return {
    resourceType: 'DocumentReference',
    id,
    meta: { source: landingUrn(landing) },
    masterIdentifier,
    ...(set && stringifyJson(set) !== stringifyJson(masterIdentifier) && { identifier: [set] }),
    status: 'current',
    docStatus: 'final',
    ...(composition.type?.coding && { type: composition.type }),
    subject: { reference: `Patient/${patient}` },
    // An instant, which a document need not have.
    ...(/T\d\d:\d\d:\d\d/.test(composition.date ?? '') && { date: composition.date }),
    ...(authors.length > 0 && { author: authors }),
    ...(custodian && { custodian }),
    ...(replaces.length > 0 && { relatesTo: replaces.map((replaced) => ({ code: 'replaces' as const, target: { reference: `DocumentReference/${replaced}` } })) }),
    content: [{ attachment: { contentType: mediaType, url: landingUrl(landing, context), ...(composition.title !== undefined && { title: composition.title }) } }],
    context: { ...(encounter && { encounter: [encounter] }), ...(own && { related: [own] }) },
  };
}

interface Gone {
  /** `Type/id` of what replaced versions stated, this one does not, and is still there. */
  readonly statements: readonly string[];
  /** Files that replaced versions consisted of. */
  readonly bodies: readonly Earlier[];
}

async function noLongerStated(database: Queryable, replaced: readonly Earlier[], { resources }: ArrivedDocument, context: Context): Promise<Gone> {
  const names = replaced.flatMap(({ resource: { context: around } }) => around?.related?.flatMap(({ reference }) => readReference(reference ?? '') ?? []) ?? []).filter(({ type }) => type === 'Composition');
  const compositions = [...(await readMany(database, names, context)).values()].map(({ content }) => parseJson(content) as Composition);
  const now = new Set(resources.map(({ type, id }) => `${type}/${id}`));
  const before = [...new Set(compositions.flatMap(({ section }) => entriesOf(section)))].filter((reference) => !now.has(reference));
  const there = [...(await readMany(database, before.flatMap((reference) => readReference(reference) ?? []), context)).values()].filter((stored) => !isMistake(stored));
  const files = new Set(compositions.flatMap(({ section }) => bodiesOf(section)));
  const isBody = ({ type, id }: StoredVersion): boolean => files.has(`${type}/${id}`);
  return {
    statements: there.filter((stored) => !isBody(stored)).map(({ type, id }) => `${type}/${id}`).toSorted(),
    bodies: there.filter(isBody).map(({ content, version }) => ({ resource: parseJson(content) as Stored, version })),
  };
}

function issuesOf(statements: readonly string[]): MessageIssue[] {
  const told = statements.slice(0, mostTold).map((name): MessageIssue => ({ severity: 'information', code: 'no-longer-mentioned', text: `The version before stated ${name}; this one does not speak of it. It stays as it is.` }));
  const more = statements.length - told.length;
  return more === 0 ? told : [...told, { severity: 'information', code: 'no-longer-mentioned', text: `${more} further resources of the version before are not spoken of. They stay as they are.` }];
}

/** A body that is a file is the only entry of a section that has nothing else. */
function bodiesOf(sections: Composition['section']): string[] {
  return (sections ?? []).flatMap(({ code, text, entry }) => (code === undefined && text === undefined ? entryAddresses(entry) : [])).filter((reference) => reference.startsWith('DocumentReference/'));
}

function entryAddresses(entry: readonly Reference[] | undefined): string[] {
  return entry?.flatMap(({ reference }) => reference ?? []) ?? [];
}

function entriesOf(sections: Composition['section']): string[] {
  return (sections ?? []).flatMap(({ entry, section }) => [...entryAddresses(entry), ...entriesOf(section)]);
}

function isMistake({ content }: StoredVersion): boolean {
  const { status, verificationStatus } = parseJson(content) as { status?: unknown; verificationStatus?: { coding?: readonly { code?: string }[] } };
  return status === 'entered-in-error' || verificationStatus?.coding?.some(({ code }) => code === 'entered-in-error') === true;
}
