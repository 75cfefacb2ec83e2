/**
 * A delivery, mapped as it is read: each transaction set is checked against its guide when its SE has come, and mapped
 * unit by unit (a claim of an 837, a request of a 278). What is held is one transaction set and one Bundle, whatever
 * the size of the delivery.
 */
import type { Bundle } from '@medplum/fhirtypes';
import type { LedgerEntry, Mapping, MappingIssue, Unmapped } from '../ledger.ts';
import { acknowledgmentCode, transactionAcknowledgment } from './acknowledgment.ts';
import { placesBelow, placesOf } from './reading/piece.ts';
import { type Delivery, describe, describeGroup, isAcknowledgmentGroup, readTransaction, type ReceivedGroup, type ReceivedInterchange, type ReceivedTransaction, setError } from './delivery.ts';
import { type InterchangeControl, type InterchangeEnvelope, readControl, readEnvelope } from './envelope.ts';
import type { CompiledGuide } from './grammar/compile.ts';
import type { LoopOccurrence } from './grammar/definition.ts';
import { guideOf } from './grammar/guides.ts';
import type { EligibilityQuestion } from './eligibility/asked.ts';
import { MAPPERS } from './set-mappers.ts';
import type { SetOrigin, SetUnit, UnitKind } from './set-unit.ts';
import { walkGuide } from './grammar/walk.ts';
import { issueOf, mappingIssueOf, type X12Issue } from './issue.ts';
import type { MappedRequest, MappingOptions } from './request/frame.ts';
import { type ReadSegment, type Segment, valueAt } from './segment.ts';
import { TokenStream } from './token-stream.ts';
import type { TokenizedInterchange } from './tokenizer.ts';

/** What is said to the sender about a transaction set, in the 999 of its group. */
export interface SetAcknowledgement {
  /** IK501: A accepted, E accepted with errors noted, R refused. */
  code: 'A' | 'E' | 'R';
  /** AK2 to IK5. */
  segments: readonly Segment[];
}

/** A unit of a transaction set, mapped. */
export interface MappedUnit extends Mapping<SetAcknowledgement> {
  /** `refused` where the set has faults that refuse it or nobody maps it: then the Bundle is empty and the issues say why. */
  kind: UnitKind | MappedRequest['kind'] | 'refused';
  interchange: InterchangeControl;
  /** GS02, GS03, GS06 and GS08. */
  group: { senderCode: string; receiverCode: string; controlNumber: string; version: string };
  /** ST01, ST02 and ST03. */
  set: { identifier: string; controlNumber: string; guide: string };
  /** Ordinal in the transaction set, from 1. */
  ordinal: number;
  /** Bytes of the delivery from the ST to the beginning of the last segment of the set. */
  extent: { start: number; end: number };
  /** With a 278: what its answer needs. */
  request?: MappedRequest;
  /** With a 270: what its answer needs. */
  question?: EligibilityQuestion;
}

export interface InterchangeOptions extends MappingOptions {
  /** Most segments of one transaction set; a larger one is refused. */
  maximumSegments?: number;
}

/** Some five thousand claims, the most a guide advises for one set. */
const MAXIMUM_SEGMENTS = 250_000;

/** How much of a delivery that is there as a whole is read at once. */
const CHUNK = 64 * 1024;

/**
 * Maps a delivery. Units come in the order sent, at least one for every transaction set; the value returned at the end
 * is the delivery as it was received, out of which `writeAcknowledgment` makes TA1 and 999.
 *
 * Of bytes that are there as a whole the envelope is read beforehand: an interchange that is refused (TA1 R) has no
 * units. Of chunks it is known at the end only: a caller who streams commits nothing before the returned delivery says
 * that neither interchange nor group was refused. Faults are data; nothing throws.
 */
export function* mapInterchange(input: Uint8Array | Iterable<Uint8Array>, options: InterchangeOptions = {}): Generator<MappedUnit, Delivery> {
  const isWhole = input instanceof Uint8Array;
  const reader = new SetReader(options, isWhole ? envelopesOf(input) : undefined);
  for (const chunk of isWhole ? slices(input) : input) {
    reader.push(chunk);
    yield* reader.units();
  }
  reader.end();
  yield* reader.units();
  return reader.delivery();
}

/** The same for chunks that arrive one after the other. */
export async function* mapInterchangeStream(chunks: AsyncIterable<Uint8Array>, options: InterchangeOptions = {}): AsyncGenerator<MappedUnit, Delivery> {
  const reader = new SetReader(options, undefined);
  for await (const chunk of chunks) {
    reader.push(chunk);
    yield* reader.units();
  }
  reader.end();
  yield* reader.units();
  return reader.delivery();
}

function* slices(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += CHUNK) yield bytes.subarray(at, at + CHUNK);
}

/** The control segments of an interchange, which is all its envelope is judged by. */
function isControl(id: string): boolean {
  return id === 'GS' || id === 'GE' || id === 'ST' || id === 'SE' || id === 'IEA' || id === 'TA1';
}

/** Reads the envelopes of a delivery before anything else. */
function envelopesOf(bytes: Uint8Array): InterchangeEnvelope[] {
  const outlines: Outline[] = [];
  const stream = new TokenStream({
    begin: (start) => void outlines.push(new Outline({ ...start, segments: [start.isa], issues: [] })),
    wants: (id) => outlines.at(-1)!.wants(id),
    segment: (segment) => outlines.at(-1)!.take(segment),
    issue: (issue, isOfInterchange) => void (isOfInterchange && outlines.at(-1)?.interchange.issues.push(issue)),
  });
  for (const slice of slices(bytes)) stream.push(slice);
  stream.end();
  return outlines.map(({ interchange }) => readEnvelope(interchange));
}

/** A copy that does not hold on to the chunk it was read from, as parts of a string do. */
function detached(segment: Segment): Segment {
  return JSON.parse(JSON.stringify(segment)) as Segment;
}

/** An interchange without the contents of its transaction sets. */
class Outline {
  readonly interchange: TokenizedInterchange;
  #isInside = false;
  #strays = 0;

  constructor(interchange: TokenizedInterchange) {
    this.interchange = interchange;
  }

  /** Whether it is a control segment, or one that stands outside of every transaction set. */
  wants(id: string): boolean {
    return !this.#isInside || isControl(id);
  }

  take(segment: Segment): boolean {
    if (isControl(segment.id)) {
      this.#isInside = segment.id === 'ST';
      this.interchange.segments.push(detached(segment));
    } else if (!this.#isInside) {
      // One segment that belongs nowhere is enough to refuse the interchange.
      if (this.#strays === 0) this.interchange.segments.push(detached(segment));
      this.#strays += 1;
    }
    return true;
  }
}

/** A transaction set that has come whole. */
interface PendingSet {
  segments: Segment[];
  control: InterchangeControl;
  group: ReceivedGroup;
  isRefused: boolean;
  isTooLong: boolean;
}

class SetReader {
  readonly #options: InterchangeOptions;
  readonly #envelopes: readonly InterchangeEnvelope[] | undefined;
  readonly #stream: TokenStream;
  readonly #received: { outline: Outline; control: InterchangeControl; groups: ReceivedGroup[] }[] = [];
  readonly #issues: X12Issue[] = [];
  /** ST02 of each group: there may be tens of thousands. */
  readonly #seen = new Map<ReceivedGroup, Set<string>>();
  #pending: PendingSet[] = [];
  #group: ReceivedGroup | undefined;
  #set: PendingSet | undefined;

  constructor(options: InterchangeOptions, envelopes: readonly InterchangeEnvelope[] | undefined) {
    this.#options = options;
    this.#envelopes = envelopes;
    this.#stream = new TokenStream({
      begin: (start) => {
        this.#close();
        this.#group = undefined;
        this.#received.push({ outline: new Outline({ ...start, segments: [start.isa], issues: [] }), control: readControl(start.isa), groups: [] });
      },
      segment: (segment) => this.#take(segment),
      issue: (issue, isOfInterchange) => void (isOfInterchange ? this.#received.at(-1)!.outline.interchange.issues : this.#issues).push(issue),
    });
  }

  push(chunk: Uint8Array): void {
    this.#stream.push(chunk);
  }

  end(): void {
    this.#stream.end();
    this.#close();
  }

  /** What was read and not yet mapped. */
  *units(): Generator<MappedUnit> {
    const pending = this.#pending;
    this.#pending = [];
    for (const set of pending) yield* this.#map(set);
  }

  /** What was received, without the contents. */
  delivery(): Delivery {
    const interchanges = this.#received.map(({ outline, control, groups }, index): ReceivedInterchange => {
      const envelope = this.#envelopes?.[index] ?? readEnvelope(outline.interchange);
      for (const [at, group] of groups.entries()) {
        const found = envelope.groups[at];
        if (found === undefined) continue;
        const { declaredTransactions, errors } = describeGroup(found);
        group.declaredTransactions = declaredTransactions;
        group.errors = [...new Set([...errors, ...group.errors])];
      }
      return {
        control, delimiters: outline.interchange.delimiters,
        ...(envelope.rejection !== undefined && { rejection: envelope.rejection }),
        groups: envelope.rejection === undefined ? groups : [],
        acknowledgments: envelope.acknowledgments.map((ta1) => ({ controlNumber: valueAt(ta1, 1), code: valueAt(ta1, 4), noteCode: valueAt(ta1, 5) })),
        issues: envelope.issues,
      };
    });
    if (interchanges.length === 0 && this.#issues.length === 0) this.#issues.push({ severity: 'error', code: 'not-an-interchange', text: 'The delivery is empty.' });
    const severity = interchanges.length > 0 ? 'warning' : 'error';
    return { interchanges, issues: this.#issues.map((issue) => ({ ...issue, severity })) };
  }

  #take(segment: ReadSegment): boolean {
    const current = this.#received.at(-1)!;
    current.outline.take(segment);
    switch (segment.id) {
      case 'GS':
        this.#close();
        this.#group = describeGroup({ header: detached(segment), transactions: [], errorCodes: [] });
        current.groups.push(this.#group);
        break;
      case 'GE':
      case 'IEA':
        this.#close();
        this.#group = undefined;
        break;
      case 'ST':
        this.#close();
        if (this.#group !== undefined) this.#set = { segments: [segment], control: current.control, group: this.#group, isRefused: this.#isRefused(), isTooLong: false };
        break;
      default: {
        const set = this.#set;
        if (set === undefined) break;
        if (set.segments.length < (this.#options.maximumSegments ?? MAXIMUM_SEGMENTS)) set.segments.push(segment);
        else set.isTooLong = true;
        if (segment.id === 'SE') this.#close();
      }
    }
    return true;
  }

  /** Whether the envelope, where it is known, refuses the interchange or the group. */
  #isRefused(): boolean {
    const envelope = this.#envelopes?.[this.#received.length - 1];
    return envelope !== undefined && (envelope.rejection !== undefined || (envelope.groups[this.#received.at(-1)!.groups.length - 1]?.errorCodes.length ?? 0) > 0);
  }

  #close(): void {
    if (this.#set !== undefined) this.#pending.push(this.#set);
    this.#set = undefined;
  }

  /** Whether no set of the group had this ST02 before. */
  #isNew(group: ReceivedGroup, controlNumber: string): boolean {
    const seen = this.#seen.get(group) ?? new Set();
    this.#seen.set(group, seen);
    const { size } = seen;
    return seen.add(controlNumber).size > size;
  }

  *#map(pending: PendingSet): Generator<MappedUnit> {
    const { segments, control, group } = pending;
    const isDuplicate = !this.#isNew(group, valueAt(segments[0], 2));
    const read = readSet(pending, this.#options);
    const { received } = read;
    if (isDuplicate && !isAcknowledgmentGroup(group.functionalIdentifier)) received.errors.push(setError('23', 'ST02 is not unique in its group.', 1));
    if (pending.isTooLong) received.errors.push(setError('5', `The transaction set holds more than ${this.#options.maximumSegments ?? MAXIMUM_SEGMENTS} segments.`, 1));
    received.issues.push(...received.errors.map(issueOf));
    group.transactions.push(received);
    const { request, ...kept } = received;
    group.transactions[group.transactions.length - 1] = JSON.parse(JSON.stringify(kept)) as ReceivedTransaction;
    const about = {
      interchange: control, group: { senderCode: group.senderCode, receiverCode: group.receiverCode, controlNumber: group.controlNumber, version: group.version },
      set: { identifier: received.setIdentifier, controlNumber: received.controlNumber, guide: received.guide },
      acknowledgement: { code: acknowledgmentCode(received), segments: transactionAcknowledgment(received) },
      extent: { start: segments[0]?.offset ?? 0, end: segments.at(-1)?.offset ?? 0 },
    };
    if (pending.isRefused || group.errors.length > 0 || about.acknowledgement.code === 'R' || (request === undefined && (read.tree === undefined || !MAPPERS.has(received.setIdentifier)))) {
      yield refusedUnit(about, received, segments, read.tree);
    } else if (request !== undefined) {
      const { kind, bundle, ledger, unmapped } = request;
      yield { ...about, kind, ordinal: 1, bundle, ledger, unmapped, issues: [...received.issues, ...request.issues].map(mappingIssueOf), request };
    } else yield* mappedUnits(about, received, read.tree!, { interchange: control, group, transactionControlNumber: received.controlNumber, guide: received.guide }, this.#options);
  }
}

type About = Pick<MappedUnit, 'interchange' | 'group' | 'set' | 'acknowledgement' | 'extent'>;

/** Checks a set against its guide. */
function readSet({ segments, control, group }: PendingSet, options: InterchangeOptions): { received: ReceivedTransaction; tree?: LoopOccurrence } {
  const envelope = { segments };
  if (isAcknowledgmentGroup(group.functionalIdentifier)) return { received: describe(envelope, group) };
  if (valueAt(segments[0], 1) === '278') {
    if (!/^(HI|HC)$/.test(group.functionalIdentifier) && !group.errors.includes('1')) group.errors.push('1');
    return { received: readTransaction(envelope, group, control, options) };
  }
  const received = describe(envelope, group);
  const guide = guideOf(received.setIdentifier, received.guide);
  if (guide === undefined) {
    received.errors.push(MAPPERS.has(received.setIdentifier) ? setError('I6', 'The implementation guide is not supported.', 1) : setError('1', 'The transaction set is not supported.', 1));
    return { received };
  }
  if (group.functionalIdentifier !== guide.functionalIdentifier && !group.errors.includes('1')) group.errors.push('1');
  const { errors, root } = walkGuide(segments, guide);
  received.errors = errors;
  received.businessUnits = unitsOf(segments, guide, errors.length > 0);
  return { received, tree: root };
}

/** Where the 999 has faults to tell, the business units they are in. */
function unitsOf(segments: readonly Segment[], { businessUnit }: CompiledGuide, isNeeded: boolean): ReceivedTransaction['businessUnits'] {
  if (!isNeeded || businessUnit === undefined) return [];
  return segments.filter(({ id }) => id === businessUnit.segment).map((segment) => ({ name: businessUnit.name, value: valueAt(segment, businessUnit.element), from: segment.position }));
}

function mappedUnits(about: About, received: ReceivedTransaction, tree: LoopOccurrence, origin: SetOrigin, options: InterchangeOptions): Iterable<MappedUnit> {
  return new Units(about, received.issues, MAPPERS.get(received.setIdentifier)?.(tree, origin, options) ?? []);
}

/** The units of a set. An iterator and no generator, for the reason that `claim/map.ts` tells. */
class Units implements IterableIterator<MappedUnit> {
  readonly #about: About;
  readonly #issues: readonly X12Issue[];
  readonly #units: Iterator<SetUnit>;
  #ordinal = 0;
  #told = 0;

  constructor(about: About, issues: readonly X12Issue[], units: Iterable<SetUnit>) {
    this.#about = about;
    this.#issues = issues;
    this.#units = units[Symbol.iterator]();
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<MappedUnit> {
    const next = this.#units.next();
    if (next.done === true) return { done: true, value: undefined };
    this.#ordinal += 1;
    // A fault belongs to the unit it stands in; what stands before the first is told with the first.
    const found: MappingIssue[] = [];
    for (; this.#told < this.#issues.length && (this.#issues[this.#told]!.location?.position ?? 0) < next.value.until; this.#told += 1) found.push(mappingIssueOf(this.#issues[this.#told]!));
    return { done: false, value: new Unit(this.#about, next.value, this.#ordinal, found) };
  }
}

/** A class, because every object literal with accessors has a hidden class of its own, which outlives it. */
class Unit implements MappedUnit {
  readonly kind: UnitKind;
  readonly interchange: About['interchange'];
  readonly group: About['group'];
  readonly set: About['set'];
  readonly acknowledgement: About['acknowledgement'];
  readonly extent: About['extent'];
  readonly ordinal: number;
  readonly bundle: Bundle;
  readonly issues: readonly MappingIssue[];
  readonly question?: EligibilityQuestion;
  readonly #mapping: SetUnit['mapping'];

  constructor(about: About, { kind, mapping, question }: SetUnit, ordinal: number, found: readonly MappingIssue[]) {
    this.kind = kind;
    this.interchange = about.interchange;
    this.group = about.group;
    this.set = about.set;
    this.acknowledgement = about.acknowledgement;
    this.extent = about.extent;
    this.ordinal = ordinal;
    this.bundle = mapping.bundle;
    this.issues = [...found, ...mapping.issues];
    if (question !== undefined) this.question = question;
    this.#mapping = mapping;
  }

  get ledger(): readonly LedgerEntry[] {
    return this.#mapping.ledger;
  }

  get unmapped(): readonly Unmapped[] {
    return this.#mapping.unmapped;
  }
}

const NOTHING: Bundle = { resourceType: 'Bundle', type: 'collection' };

const notMapped: MappingIssue = { severity: 'information', code: 'set-not-mapped', text: 'Transaction sets of this kind are read and kept, and not mapped: they are answers.', segment: 1 };

/** A set that is not mapped: nothing of it has a place, and the issues say why. */
function refusedUnit(about: About, received: ReceivedTransaction, segments: readonly Segment[], tree: LoopOccurrence | undefined): MappedUnit {
  let unmapped: readonly Unmapped[] | undefined;
  const ledger: readonly LedgerEntry[] = [];
  return {
    ...about, kind: 'refused', ordinal: 1, bundle: NOTHING, issues: received.issues.length > 0 ? received.issues.map(mappingIssueOf) : [notMapped], ledger,
    get unmapped() {
      return (unmapped ??= Array.from(tree === undefined ? placesOf(received.setIdentifier, segments) : placesBelow(tree), (from) => ({ ...from, reason: 'The transaction set was not mapped.' })));
    },
  };
}
