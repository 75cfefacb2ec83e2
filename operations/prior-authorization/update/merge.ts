/**
 * The request as it stands after an update, as one PAS request Bundle.
 *
 * By sequence (FHIR) an update is the whole request, said again; only items that it leaves out, which no sender should,
 * are taken over from the version before: what is not cancelled is not gone. By content (X12) an update says what
 * changes; the rest of the request stays, in the words and under the fullUrls of whoever sent it.
 * Source: PAS 2.2.1, spec-68. Pure.
 */
import type { Bundle, BundleEntry, Claim, ClaimItem, CodeableConcept, Resource } from '@medplum/fhirtypes';
import { copyOf } from '../../../fhir/copy.ts';
import { stringifyJson } from '../../../fhir/json.ts';
import { referencesIn, type IndexedEntry } from '../../../fhir/references.ts';
import { pasExtension, systemOf } from '../../../profiles/pas/names.ts';
import { readTaken, type RequestReading } from '../request/read-request.ts';
import { namesNoService, type AlignedItem, type Alignment } from './align.ts';

export interface MergedRequest {
  readonly request: RequestReading;
  /** True where it is the update as it was sent. */
  readonly isAsSent: boolean;
}

/** @param attached fullUrls of documents that came after the request: whoever says it again by sequence does not know them */
export function mergeRequest(by: Alignment, aligned: readonly AlignedItem[], update: RequestReading, before: RequestReading, attached: ReadonlySet<string>): MergedRequest {
  const touched = new Set(aligned.map(({ sequence }) => sequence));
  const untouched = before.items.filter(({ sequence }) => !touched.has(sequence));
  if (by === 'sequence') {
    const kept = keptInformation(before, update, attached);
    if (untouched.length === 0 && kept.length === 0) return { request: update, isAsSent: true };
    // An item may have been read from a prescription.
    const merger = new Merger({ ...update.claim, item: update.items.map(({ element }) => element) }, update, before);
    for (const { element } of untouched) merger.addItem(element, element.sequence, before);
    merger.addInformation(kept, before);
    return { request: readTaken(merger.bundle(update)), isAsSent: false };
  }
  const merger = new Merger({ ...before.claim, item: untouched.map(({ element }) => element) }, before, update);
  merger.addHead(update);
  for (const { sequence, sent, before: known } of aligned) merger.addItem(sent.element, sequence, update, known?.element);
  return { request: readTaken(merger.bundle(before)), isAsSent: false };
}

/** Sequences of supporting information that came after the request, and that the update does not say again. */
function keptInformation({ claim, claimEntry, index }: RequestReading, update: RequestReading, attached: ReadonlySet<string>): number[] {
  return (claim.supportingInfo ?? []).flatMap(({ sequence, valueReference }) => {
    const fullUrl = index.resolve(valueReference?.reference, claimEntry)?.fullUrl;
    return fullUrl !== undefined && attached.has(fullUrl) && update.index.resolve(fullUrl) === undefined ? [sequence] : [];
  });
}

/** A document or record that comes after the request. */
export interface Evidence {
  readonly fullUrl: string;
  readonly resource: Resource;
  /** What it is (LOINC), where its sender says so. */
  readonly code?: CodeableConcept;
  /** Items that it is about; all of them where there are none. */
  readonly items: readonly number[];
}

/** The request with more supporting information, and whom that refers to; nothing that was asked for changes. */
export function withEvidence(before: RequestReading, evidence: readonly Evidence[], others: readonly Pick<Evidence, 'fullUrl' | 'resource'>[]): MergedRequest {
  const claim = { ...before.claim };
  const information = [...claim.supportingInfo ?? []];
  for (const { fullUrl, code, items } of evidence) {
    const sequence = Math.max(0, ...information.map((each) => each.sequence)) + 1;
    information.push({
      extension: [{ url: pasExtension.infoChanged, valueCode: 'added' }], sequence, category: { coding: [{ system: systemOf.pasTemporary, code: 'additionalInformation' }] },
      ...(code && { code }), valueReference: { reference: fullUrl },
    });
    claim.item = (claim.item ?? []).map((item) => items.length === 0 || items.includes(item.sequence) ? { ...item, informationSequence: [...item.informationSequence ?? [], sequence] } : item);
  }
  const entry = (before.bundle.entry ?? []).map((each, index) => index === before.claimEntry.index ? { ...each, resource: { ...claim, supportingInfo: information } } : each);
  const added = [...evidence, ...others].map(({ fullUrl, resource }) => ({ fullUrl, resource }));
  return { request: readTaken({ ...before.bundle, entry: [...entry, ...added] }), isAsSent: false };
}

/** Said of one version only, or by each sender for itself. */
const ownOfVersion: ReadonlySet<string> = new Set([pasExtension.transmissionIdentifiers, pasExtension.authorizationNumber, pasExtension.administrationReferenceNumber]);

type Numbered = { sequence: number };
type ListName = 'careTeam' | 'diagnosis' | 'supportingInfo' | 'procedure';

/** Items name the members of these lists by sequence. */
const pointers = { careTeamSequence: 'careTeam', diagnosisSequence: 'diagnosis', informationSequence: 'supportingInfo', procedureSequence: 'procedure' } as const satisfies Record<string, ListName>;

/** An item that says only what changed, laid over what it said before. Extensions replace those of the same kind. */
function overlaid(beneath: ClaimItem, element: ClaimItem): ClaimItem {
  const { productOrService, extension, servicedDate, servicedPeriod, locationCodeableConcept, locationAddress, ...rest } = element;
  const said = new Set((extension ?? []).map(({ url }) => url));
  // A cancellation is said anew by each version that means it.
  const { servicedDate: dateBefore, servicedPeriod: periodBefore, modifierExtension: _flags, ...held } = beneath;
  return {
    ...held, ...rest,
    extension: [...(beneath.extension ?? []).filter(({ url }) => !said.has(url) && url !== pasExtension.infoChanged), ...extension ?? []],
    productOrService: namesNoService(element) ? beneath.productOrService : productOrService,
    ...(saysNothing(rest.category) && beneath.category && { category: beneath.category }),
    ...(servicedDate === undefined && servicedPeriod === undefined
      ? { ...(dateBefore !== undefined && { servicedDate: dateBefore }), ...(periodBefore && { servicedPeriod: periodBefore }) }
      : { ...(servicedDate !== undefined && { servicedDate }), ...(servicedPeriod && { servicedPeriod }) }),
    ...(locationAddress && { locationAddress }), ...(locationCodeableConcept && !saysNothing(locationCodeableConcept) && { locationCodeableConcept }),
  };
}

/** That it is not known is no word about what it was. */
function saysNothing(concept: CodeableConcept | undefined): boolean {
  return concept?.coding?.every(({ system }) => system === systemOf.dataAbsent) ?? true;
}

class Merger {
  #claim: Claim;
  readonly #base: RequestReading;
  readonly #adopted = new Map<string, BundleEntry>();
  /** FullUrls of parties of the other version, and what they are called here. */
  readonly #same = new Map<string, string>();

  /** @param other the version that parts are taken from */
  constructor(claim: Claim, base: RequestReading, other: RequestReading) {
    this.#claim = claim;
    this.#base = base;
    for (const party of ['patient', 'coverage', 'subscriber', 'insurer', 'requester'] as const) {
      const [there, here] = [other[party]?.fullUrl, base[party]?.fullUrl];
      if (there !== undefined && here !== undefined && there !== here) this.#same.set(there, here);
    }
  }

  /** The parties of the other version are those of this one, whatever each of their senders calls them. */
  #pointingHere<R extends Resource>(resource: R): R {
    if (![...referencesIn(resource, '')].some(({ value }) => this.#same.has(value))) return resource;
    const copy = copyOf(resource);
    for (const found of referencesIn(copy, '')) found.set(this.#same.get(found.value) ?? found.value);
    return copy;
  }

  #elementHere<T extends object>(element: T): T {
    const copy = copyOf(element);
    for (const found of referencesIn(copy, '')) found.set(this.#same.get(found.value) ?? found.value);
    return copy;
  }

  /** What an update says of the request as a whole, added to what was said before. */
  addHead(from: RequestReading): void {
    const { claim } = from;
    const said = new Set((claim.extension ?? []).map(({ url }) => url));
    const replaced = (this.#claim.extension ?? []).filter(({ url }) => !said.has(url) || ownOfVersion.has(url ?? ''));
    const extension = [...replaced, ...(claim.extension ?? []).filter(({ url }) => !ownOfVersion.has(url ?? ''))];
    this.#claim = {
      ...this.#claim, ...(extension.length > 0 && { extension }), created: claim.created, ...(said.has(pasExtension.levelOfServiceCode) && { priority: claim.priority }), ...(claim.related && { related: claim.related }),
      ...(claim.meta?.profile && { meta: { ...this.#claim.meta, profile: claim.meta.profile } }), ...(claim.accident && { accident: claim.accident }),
    };
    for (const list of new Set(Object.values(pointers))) this.#sequences(list, (claim[list] ?? []).map(({ sequence }) => sequence), from);
    for (const found of referencesIn(claim.extension ?? [], '')) this.#adopt(found.value, from.claimEntry, from);
  }

  /** @param beneath what the item said before, which holds where it says nothing now */
  addItem(element: ClaimItem, sequence: number, from: RequestReading, beneath?: ClaimItem): void {
    const item: ClaimItem = { ...(beneath ? overlaid(beneath, element) : element), sequence };
    for (const [pointer, list] of Object.entries(pointers) as [keyof typeof pointers, ListName][]) {
      const pointed = element[pointer];
      if (pointed) item[pointer] = this.#sequences(list, pointed, from);
    }
    for (const found of referencesIn(element, '')) this.#adopt(found.value, from.claimEntry, from);
    this.#claim = { ...this.#claim, item: [...this.#claim.item ?? [], item].toSorted((a, b) => a.sequence - b.sequence) };
  }

  /** Supporting information of `from`, and the items here that it was about there. */
  addInformation(sequences: readonly number[], from: RequestReading): void {
    for (const sequence of sequences) {
      const [here] = this.#sequences('supportingInfo', [sequence], from);
      if (here === undefined) continue;
      const about = new Set(from.items.filter(({ element }) => element.informationSequence?.includes(sequence)).map((item) => item.sequence));
      this.#claim = { ...this.#claim, item: (this.#claim.item ?? []).map((item) => about.has(item.sequence) && !item.informationSequence?.includes(here) ? { ...item, informationSequence: [...item.informationSequence ?? [], here] } : item) };
    }
  }

  /** Members of a list of `from`, under the sequences that they have here; a member that is here already is not doubled. */
  #sequences(list: ListName, sequences: readonly number[], from: RequestReading): number[] {
    return sequences.flatMap((sequence) => {
      const members: readonly Numbered[] = from.claim[list] ?? [];
      const member = members.find((each) => each.sequence === sequence);
      if (!member) return [];
      const here: readonly Numbered[] = this.#claim[list] ?? [];
      const known = here.find((each) => this.#isSame(each, member));
      if (known) return [known.sequence];
      for (const found of referencesIn(member, '')) this.#adopt(found.value, from.claimEntry, from);
      const next = Math.max(0, ...here.map((each) => each.sequence)) + 1;
      this.#claim = { ...this.#claim, [list]: [...here, this.#elementHere({ ...member, sequence: next })] };
      return [next];
    });
  }

  #isSame(a: Numbered, b: Numbered): boolean {
    return stringifyJson({ ...a, sequence: 0 }) === stringifyJson({ ...b, sequence: 0 });
  }

  /** The entry that a part of `source` refers to, with all that it refers to. */
  #adopt(reference: string, from: IndexedEntry, source: RequestReading): void {
    const entry = source.index.resolve(reference, from);
    if (!entry || entry.fullUrl === undefined || this.#same.has(entry.fullUrl) || entry === source.claimEntry || this.#adopted.has(entry.fullUrl)) return;
    if (source === this.#base || this.#base.index.resolve(entry.fullUrl)) return;
    this.#adopted.set(entry.fullUrl, { fullUrl: entry.fullUrl, resource: entry.resource });
    for (const found of referencesIn(entry.resource, '')) this.#adopt(found.value, entry, source);
  }

  bundle({ bundle, claimEntry }: RequestReading): Bundle {
    const adopted = [...this.#adopted.values()].map((each) => ({ ...each, resource: this.#pointingHere(each.resource!) }));
    const entry = (bundle.entry ?? []).map((each, index) => index === claimEntry.index ? { ...each, resource: this.#claim } : each);
    return { ...bundle, entry: [...entry, ...adopted] };
  }
}
