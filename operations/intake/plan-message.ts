/**
 * From what a mapper made of a message to a list of changes: whose it is, what is stored of it already, what it changes
 * there, and whether that may be stored. Reads the store and writes nothing; where somebody else writes meanwhile, the
 * commit fails and all of this is done again.
 */
import type { Patient, Resource } from '@medplum/fhirtypes';
import { Problem } from '../../fhir/problems.ts';
import { wholeShapeIssues } from '../../fhir/shape.ts';
import type { LedgerEntry, Mapping } from '../../mappers/ledger.ts';
import type { Context } from '../../store/context.ts';
import type { Queryable } from '../../store/database.ts';
import { encodeLedger } from '../../store/ledger.ts';
import type { StoredVersion } from '../../store/read.ts';
import { readTogether } from '../../store/read-together.ts';
import type { Change, LandingKey, UpdateResource } from '../../store/write/changes.ts';
import { matchPatient } from '../match/match-patient.ts';
import type { Match } from '../match/judge.ts';
import type { WriteCheck } from '../validate/on-write.ts';
import { asStored, mappedResources, type Destination, type MappedResource } from './bundle-resources.ts';
import { registerDocument } from './document-versions.ts';
import { issuesOfProblem, sourceOf } from './issues.ts';
import { mergeTexts, mergeToJudge } from './judge-merge.ts';
import { isSubmitted, markOwn, markSubmitted, membership } from './origin.ts';
import { sendersWord } from './plan-person.ts';
import { mergeResource, replaceResource, type Merged } from './merge.ts';
import type { IncomingMessage, MessageIssue } from './message.ts';
import type { VersionName } from './message-provenance.ts';
import { landingUrn } from './message-task.ts';
import { placeApart } from './same-patient.ts';
import { namedByWords } from './same-words.ts';
import { resourceOf } from './stored-resource.ts';

export interface PlanParts {
  readonly database: Queryable;
  /** Refuses what base R4 does not allow, and what else the tenant enforces. */
  readonly checkWrite: WriteCheck;
}

export interface PlannedMessage {
  readonly state: 'accepted' | 'review' | 'quarantined';
  readonly issues: readonly MessageIssue[];
  /** Of resources alone. */
  readonly changes: readonly Change[];
  /** Versions that the changes make. */
  readonly made: readonly VersionName[];
  /** Every resource that the message speaks of, changed or not. */
  readonly resources: readonly { readonly type: string; readonly id: string }[];
  readonly patient?: string;
  /** Records that a person has to choose from. */
  readonly candidates: readonly string[];
}

/** Resources that several messages and rails speak of: none of them carries the whole of one. */
const shared: ReadonlySet<string> = new Set(['Patient', 'Organization', 'Practitioner', 'PractitionerRole', 'Location', 'RelatedPerson', 'HealthcareService', 'Endpoint', 'Device', 'Medication', 'Substance']);

/**
 * Those that grow from message to message: an admission, its transfers and the discharge; an order and its changes.
 * Anything else a message carries whole: a result or a diagnosis that is sent again replaces the one before (HL7v2 chapter 2,
 * snapshot mode), and half of each would be neither.
 */
const growing: ReadonlySet<string> = new Set([...shared, 'Encounter', 'EpisodeOfCare', 'Account', 'Appointment', 'Coverage', 'ServiceRequest']);

function isMerged(type: string, whole: boolean): boolean {
  return (whole ? shared : growing).has(type);
}

const reviewTexts = {
  'same-number-other-person': 'The number belongs to a record whose name or birth date is another.',
  'several-records': 'The numbers belong to several records.',
  'same-person-without-number': 'A record without this number has the same name and birth date.',
  'number-not-confirmed': 'The number may be shared, and neither name nor birth date confirm whose it is.',
} as const;

export async function planMessage(
  parts: PlanParts, message: Pick<IncomingMessage, 'carries' | 'document' | 'speaksForPlan'>, mapping: Mapping<unknown>, key: { readonly message: LandingKey; readonly landing: LandingKey; readonly chosenPatient?: string }, context: Context,
): Promise<PlannedMessage> {
  const { resources: mapped, issues } = mappedResources(mapping.bundle);
  if (issues.length > 0) return refused(issues);
  const resources = namedByWords(mapped, mapping.unnumbered);
  const stored = resources.filter(({ resource }) => !isDecision(resource));
  // What a resource is stored as follows from the message, but for people: whoever matches is read after that.
  const ownNames = stored.map(({ id, resource }) => ({ type: resource.resourceType as string, id }));
  const own = await readTogether(parts.database, ownNames, context);
  const matches = await matchPatients(parts.database, stored, own, key.chosenPatient, context);
  const open = [...matches].flatMap(([index, match]) => match.outcome === 'review' ? [{ index, match }] : []);
  const patient = matchedPatient(stored, matches);
  if (open.length > 0) {
    return {
      ...refused(open.map(({ index, match }) => ({ severity: 'warning', code: match.reason, text: reviewTexts[match.reason], expression: `Bundle.entry[${index}].resource`, ...sourceOf(`Bundle.entry[${index}].resource.identifier`, mapping.ledger) }))),
      state: 'review', candidates: [...new Set(open.flatMap(({ match }) => match.candidates))],
    };
  }
  const byKey = destinationsOf(resources, matches);
  const whole = message.carries === 'whole';
  const matched = [...matches.values()].flatMap((match) => match.outcome === 'match' ? [{ type: 'Patient', id: match.patient }] : []);
  const others = matched.filter(({ id }) => !ownNames.some((name) => name.type === 'Patient' && name.id === id));
  const known = new Map([...own, ...await readTogether(parts.database, others, context)]);
  const merge = message.speaksForPlan === true ? undefined : mergeToJudge(stored, ({ fullUrl }) => storedAt(known, byKey.get(fullUrl)), key.chosenPatient);
  if (merge) {
    const at = `Bundle.entry[${merge.index}].resource`;
    return { ...refused([{ severity: 'warning', code: merge.reason, text: mergeTexts[merge.reason], expression: at, ...sourceOf(`${at}.identifier`, mapping.ledger) }]), state: 'review', candidates: merge.candidates };
  }
  const { destinations, there, issues: apart } = await placeApart(parts.database, { stored, ledger: mapping.ledger, replaces: (type) => !isMerged(type, whole) }, { destinations: byKey, there: known }, context);
  const planned = await changesOf({ parts, mapping, key, whole, forPlan: message.speaksForPlan === true, stored, destinations, there, patient, decisions: resources.length - stored.length }, context);
  if (planned.state !== 'accepted' || message.document === undefined || patient === undefined) return { ...planned, issues: [...planned.issues, ...apart] };
  const document = await registerDocument(parts.database, { bundle: mapping.bundle, mediaType: message.document.mediaType, landing: key.landing, patient, destinations, resources: planned.resources }, context);
  return {
    ...planned, changes: [...planned.changes, ...document.changes], made: [...planned.made, ...document.made],
    resources: [...planned.resources, ...document.resources], issues: [...planned.issues, ...document.issues, ...apart],
  };
}

function storedAt(there: ReadonlyMap<string, StoredVersion>, target: Destination): Resource | undefined {
  const found = target && there.get(`${target.type}/${target.id}`);
  return found && resourceOf(found);
}

function refused(issues: readonly MessageIssue[]): PlannedMessage {
  return { state: 'quarantined', issues, changes: [], made: [], resources: [], candidates: [] };
}

/** The plan decides on prior authorizations; what a message says that others decided is no decision here. */
function isDecision(resource: Resource): boolean {
  return resource.resourceType === 'ClaimResponse' && resource.use === 'preauthorization';
}

async function matchPatients(database: Queryable, resources: readonly MappedResource[], stored: ReadonlyMap<string, StoredVersion>, chosen: string | undefined, context: Context): Promise<Map<number, Match>> {
  const matches = new Map<number, Match>();
  const patients = resources.filter(({ resource }) => resource.resourceType === 'Patient');
  for (const { index, id, resource } of patients) {
    const asked = resource as Patient;
    const isReplaced = asked.link?.some(({ type }) => type === 'replaced-by') ?? false;
    const match = await matchPatient(database, asked, { id, stored: stored.get(`Patient/${id}`) }, !isReplaced, context);
    // A person's word is about what could not be told without one.
    matches.set(index, match.outcome !== 'review' || chosen === undefined ? match : chosen === 'new' ? { outcome: 'new' } : { outcome: 'match', patient: chosen });
  }
  return matches;
}

function destinationsOf(resources: readonly MappedResource[], matches: ReadonlyMap<number, Match>): Map<string, Destination> {
  return new Map(resources.map(({ index, fullUrl, id, resource }) => {
    const match = matches.get(index);
    if (isDecision(resource)) return [fullUrl, undefined];
    return [fullUrl, { type: resource.resourceType, id: match?.outcome === 'match' ? match.patient : id }];
  }));
}

function matchedPatient(resources: readonly MappedResource[], matches: ReadonlyMap<number, Match>): string | undefined {
  const first = resources.find(({ resource }) => resource.resourceType === 'Patient');
  const match = first && matches.get(first.index);
  return match?.outcome === 'match' ? match.patient : first?.id;
}

interface Changing {
  readonly parts: PlanParts;
  readonly mapping: Mapping<unknown>;
  readonly key: { readonly message: LandingKey; readonly landing: LandingKey };
  readonly whole: boolean;
  readonly forPlan: boolean;
  readonly stored: readonly MappedResource[];
  readonly destinations: ReadonlyMap<string, Destination>;
  readonly there: ReadonlyMap<string, StoredVersion>;
  readonly patient: string | undefined;
  /** How many entries are left out because they say what others decided. */
  readonly decisions: number;
}

async function changesOf({ parts, mapping, key, whole, forPlan, stored, destinations, there, patient, decisions }: Changing, context: Context): Promise<PlannedMessage> {
  const issues: MessageIssue[] = decisions === 0 ? [] : [{ severity: 'information', code: 'decision-not-stored', text: 'What others decided on a prior authorization is not stored: this plan decides for itself.' }];
  const ledgers = ledgerByEntry(mapping.ledger);
  const changes: UpdateResource[] = [];
  const made: VersionName[] = [];
  const resources: { type: string; id: string }[] = [];
  const source = landingUrn(key.landing);
  for (const mapped of stored) {
    const target = destinations.get(mapped.fullUrl)!;
    const at = `Bundle.entry[${mapped.index}].resource`;
    // Two records of the message are one record here: the first has said what there is to say.
    if (resources.some(({ type, id }) => type === target.type && id === target.id)) {
      issues.push({ severity: 'information', code: 'same-record', text: 'The message speaks of two records that are one here.', expression: at });
      continue;
    }
    const { resource: mine, dangling } = asStored(mapped, target.id, destinations);
    if (dangling.length > 0) {
      issues.push(...dangling.map((path): MessageIssue => ({ severity: 'error', code: 'mapping-failed', text: 'The mapper made a reference that leads nowhere.', expression: `${at}.${path}` })));
      continue;
    }
    const before = there.get(`${target.type}/${target.id}`);
    resources.push(target);
    const { resource, entries, leftOut } = isPlansPerson(before, forPlan) ? sendersWord(resourceOf(before!) as Patient, mine as Patient & { id: string }, ledgers.get(mapped.index) ?? []) : { resource: mine, entries: ledgers.get(mapped.index) ?? [], leftOut: [] };
    issues.push(...leftOut.map((element): MessageIssue => ({ severity: 'information', code: 'plan-record-kept', text: `The plan's own record of the person keeps its ${element}: what a sender says of it changes nothing there.`, expression: `${at}.${element}` })));
    if (isPlansAlone(before, forPlan)) {
      issues.push({ severity: 'information', code: 'plan-record-kept', text: "The plan's own record of the coverage stays as it is: what a sender says of it changes nothing there.", expression: at });
      continue;
    }
    const merged = ofWhoseWord(before, mergedWith(before, { ...resource, meta: { ...resource.meta, source } }, entries, whole), { forPlan, source });
    if (!merged.changed) continue;
    issues.push(...await checked(withoutSelfLinks(merged.resource), at, parts.checkWrite, mapping.ledger, context));
    made.push({ ...target, version: (before?.version ?? 0) + 1 });
    changes.push({
      kind: 'update', resource: withoutSelfLinks(merged.resource), ifMatch: before?.version ?? 'absent',
      ledger: { message: key.message, entries: encodeLedger(entries.map((entry) => ({ ...entry, path: merged.placeOf(entry.path) }))) },
    });
  }
  if (issues.some(({ severity }) => severity === 'error')) return { ...refused(issues), ...(patient !== undefined && { patient }) };
  return { state: 'accepted', issues, changes, made, resources, candidates: [], ...(patient !== undefined && { patient }) };
}

/** A coverage is what the plan says it is. Of people, senders know addresses and numbers that the plan does not. */
function isPlansAlone(before: StoredVersion | undefined, forPlan: boolean): boolean {
  return before?.type === 'Coverage' && !forPlan && !isSubmitted(resourceOf(before));
}

function isPlansPerson(before: StoredVersion | undefined, forPlan: boolean): boolean {
  return before?.type === 'Patient' && !forPlan && !isSubmitted(resourceOf(before));
}

/** What a sender tells of first is marked as his word, until the plan speaks of it. */
function ofWhoseWord(before: StoredVersion | undefined, merged: Merged<Resource & { id: string }>, { forPlan, source }: { readonly forPlan: boolean; readonly source: string }): Merged<Resource & { id: string }> {
  if (!membership.has(merged.resource.resourceType)) return merged;
  if (forPlan && isSubmitted(merged.resource)) return { ...merged, resource: markOwn(merged.resource), changed: true };
  return before === undefined && !forPlan ? { ...merged, resource: markSubmitted(merged.resource, source) } : merged;
}

function mergedWith(before: StoredVersion | undefined, resource: Resource & { id: string }, entries: readonly LedgerEntry[], whole: boolean): Merged<Resource & { id: string }> {
  if (before === undefined) return { resource, changed: true, placeOf: (path) => path };
  const current = resourceOf(before);
  if (!isMerged(resource.resourceType, whole)) return replaceResource(current, resource);
  return mergeResource(current, resource, entries.flatMap(({ path, deletes }) => deletes ? [path] : []));
}

/** A record that was replaced by itself: both numbers of a merge are on one record already. */
function withoutSelfLinks(resource: Resource & { id: string }): Resource & { id: string } {
  if (resource.resourceType !== 'Patient' || resource.link === undefined) return resource;
  const { link, ...rest } = resource;
  const others = link.filter(({ other }) => other.reference !== `Patient/${resource.id}`);
  return others.length === 0 ? rest : { ...rest, link: others };
}

async function checked(resource: Resource, at: string, checkWrite: WriteCheck, ledger: readonly LedgerEntry[], context: Context): Promise<MessageIssue[]> {
  const [first, ...more] = wholeShapeIssues(resource, at);
  if (first) return issuesOfProblem(Problem.of([first, ...more].map(({ expression, reason }) => ({ code: 'invalid-element' as const, details: { element: expression, reason }, expression })) as [never]), ledger);
  try {
    await checkWrite(resource, context, at.slice(0, -'.resource'.length));
    return [];
  } catch (error) {
    if (!(error instanceof Problem) || error.status >= 500) throw error;
    return issuesOfProblem(error, ledger);
  }
}

/** By entry, with paths that begin at the resource. */
function ledgerByEntry(ledger: readonly LedgerEntry[]): Map<number, LedgerEntry[]> {
  const entries = new Map<number, LedgerEntry[]>();
  for (const entry of ledger) {
    const end = entry.path.indexOf(resourcePart);
    if (!entry.path.startsWith(entryPart) || end === -1) continue;
    const index = Number(entry.path.slice(entryPart.length, end));
    const list = entries.get(index) ?? [];
    list.push({ ...entry, path: entry.path.slice(end + resourcePart.length) });
    entries.set(index, list);
  }
  return entries;
}

/** Around the number of an entry, in a path from the Bundle. */
const [entryPart, resourcePart] = ['Bundle.entry[', '].resource.'] as const;
