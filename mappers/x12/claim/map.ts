/**
 * An 837 claim (P, I or D) to FHIR: Claim with its patient, coverages, payers, providers, places, forms and what other
 * payers decided. One Bundle per claim, whatever the number of claims in a transaction set.
 *
 * No official crosswalk exists. Rules follow CARIN Blue Button's supporting information where it has a name; anything
 * else that X12 tells by a qualifier becomes supporting information under the qualifier's own code list. What FHIR asks
 * for and X12 lacks: `priority` is normal, the currency is the dollar unless CUR says otherwise.
 */
import type { Bundle } from '@medplum/fhirtypes';
import { Draft } from '../../draft.ts';
import type { LedgerEntry, MappingIssue, SourceRef, Unmapped } from '../../ledger.ts';
import { isTime, toFhirDate } from '../grammar/dates.ts';
import type { LoopOccurrence } from '../grammar/definition.ts';
import { mapCodes } from './diagnoses.ts';
import { type SetOrigin, Urns } from '../reading/frame.ts';
import { mapAddress, mapParty } from '../reading/parties.ts';
import { loopOf, loopsOf, type Piece, pieceOf, placesBelow, placesOf } from '../reading/piece.ts';
import { QuietDraft } from '../reading/quiet.ts';
import { forgetSplits } from '../segment.ts';
import type { SetMapperOptions, SetUnit } from '../set-unit.ts';
import { type ClaimKind, type ClaimLoops, type Frame, Information, Team } from './frame.ts';
import { mapHeader } from './header.ts';
import { mapInsured, nameInsured } from './insured.ts';
import { mapLines } from './lines.ts';
import { mapOtherPayers } from './other-payers.ts';
import { mapProviders, mapSpecialty } from './team.ts';
import { reasonFor } from './unmapped-reasons.ts';

/** The claims of a transaction set, each with the loops it stands in. */
function* claimsOf(set: LoopOccurrence): Generator<ClaimLoops> {
  for (const billing of loopsOf(set, '2000A')) {
    for (const subscriber of loopsOf(billing, '2000B')) {
      for (const below of subscriber.loops) {
        if (below.id === '2300') yield { set, billing, subscriber, patient: undefined, claim: below };
        else if (below.id === '2000C') for (const claim of loopsOf(below, '2300')) yield { set, billing, subscriber, patient: below, claim };
      }
    }
  }
}

const KINDS: ReadonlyMap<string, ClaimKind> = new Map(Object.entries({ '005010X222': 'professional', '005010X223': 'institutional', '005010X224': 'oral' }));

/** What a claim is by its guide (ST03). */
function kindOf(guide: string): ClaimKind {
  return KINDS.get(guide.slice(0, 10)) ?? 'professional';
}

/** The claims of a transaction set, mapped one by one. */
export function mapClaims(set: LoopOccurrence, origin: SetOrigin, options: SetMapperOptions): Iterable<SetUnit> {
  return new Claims([...claimsOf(set)], origin, options);
}

/**
 * An iterator and no generator: each yield of a generator that has grown old left a Bundle to the old generation of the
 * collector, which made up half of the time.
 */
class Claims implements IterableIterator<SetUnit> {
  readonly #claims: readonly ClaimLoops[];
  readonly #origin: SetOrigin;
  readonly #options: SetMapperOptions;
  readonly #urns: Urns;
  #index = 0;

  constructor(claims: readonly ClaimLoops[], origin: SetOrigin, options: SetMapperOptions) {
    this.#claims = claims;
    this.#origin = origin;
    this.#options = options;
    this.#urns = new Urns(origin);
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<SetUnit> {
    const before = this.#claims[this.#index - 1];
    if (before !== undefined) forgetClaim(before);
    const loops = this.#claims[this.#index];
    if (loops === undefined) return { done: true, value: undefined };
    this.#index += 1;
    const until = this.#claims[this.#index]?.claim.segments[0]?.position ?? Number.POSITIVE_INFINITY;
    return { done: false, value: { kind: 'claim', mapping: new MappedClaim(loops, this.#origin, this.#urns, this.#options), until } };
  }
}

/** What was split for a claim is of no use to the next one. */
function forgetClaim({ claim, subscriber, patient }: ClaimLoops): void {
  forgetBelow(claim);
  for (const level of [subscriber, patient]) {
    if (level === undefined) continue;
    forgetSplits(level.segments);
    for (const loop of level.loops) if (loop.id !== '2300' && loop.id !== '2000C') forgetBelow(loop);
  }
}

function forgetBelow(loop: LoopOccurrence): void {
  forgetSplits(loop.segments);
  for (const each of loop.loops) forgetBelow(each);
}

/** One claim: the Bundle at once, the account of its values when it is asked for. */
class MappedClaim {
  readonly bundle: Bundle;
  readonly issues: MappingIssue[];
  readonly #loops: ClaimLoops;
  readonly #origin: SetOrigin;
  readonly #urns: Urns;
  readonly #options: SetMapperOptions;
  #account: { ledger: readonly LedgerEntry[]; unmapped: readonly Unmapped[] } | undefined;

  constructor(loops: ClaimLoops, origin: SetOrigin, urns: Urns, options: SetMapperOptions) {
    const { bundle, issues } = writeClaim(loops, origin, urns, options, new QuietDraft());
    this.bundle = bundle;
    this.issues = issues;
    this.#loops = loops;
    this.#origin = origin;
    this.#urns = urns;
    this.#options = options;
  }

  get ledger(): readonly LedgerEntry[] {
    return this.#told().ledger;
  }

  get unmapped(): readonly Unmapped[] {
    return this.#told().unmapped;
  }

  #told(): { ledger: readonly LedgerEntry[]; unmapped: readonly Unmapped[] } {
    if (this.#account === undefined) {
      const draft = new Draft();
      const { own } = writeClaim(this.#loops, this.#origin, this.#urns, this.#options, draft);
      this.#account = { ledger: [...own, ...draft.ledger()], unmapped: draft.unmapped(sentIn(this.#loops), ({ source }) => reasonFor(source)) };
    }
    return this.#account;
  }
}

interface WrittenClaim {
  bundle: Bundle;
  issues: MappingIssue[];
  /** Ledger entries of the Bundle's own elements. */
  own: LedgerEntry[];
}

function writeClaim(loops: ClaimLoops, origin: SetOrigin, urns: Urns, options: SetMapperOptions, draft: Frame['draft']): WrittenClaim {
  const insured = nameInsured(urns, loops.subscriber, loops.patient);
  const claimUrl = urns.ofPlace('claim', loops.claim.segments[0]!);
  const claim = draft.resource('Claim', claimUrl);
  const billing = loopOf(loops.billing, '2010AA');
  const issues: MappingIssue[] = [];
  const own: LedgerEntry[] = [];
  const bundle: Bundle = { resourceType: 'Bundle', type: 'collection' };
  const cur = pieceOf(draft, loops.billing, 'CUR');
  const currency = cur?.qualifier(2) || 'USD';
  cur?.consult(1);
  const provider = billing === undefined ? { url: insured.payer, type: 'Organization' as const } : mapParty({ draft, urns }, billing);
  const frame: Frame = { draft, urns, origin, loops, kind: kindOf(origin.guide), claim, insurance: claim.another('insurance'), claimUrl, patient: insured.patient, insurer: insured.payer, currency, issues, information: new Information(claim), careTeam: new Team(claim), provider };
  stampBundle(bundle, frame, own, options);
  mapBilling(frame, billing);
  mapInsured(frame, insured);
  mapHeader(frame);
  mapCodes(frame);
  const { facility } = mapProviders(frame, loops.claim, '2310');
  if (facility !== undefined) claim.set('facility', { reference: facility });
  mapLines(frame);
  mapOtherPayers(frame);
  if (claim.peek('provider') === undefined) claim.set('provider', { reference: provider.url });
  bundle.entry = draft.entries(claimUrl);
  return { bundle, issues, own };
}

/** BHT03 to BHT05 are the Bundle's own. */
function stampBundle(bundle: Bundle, frame: Frame, ledger: LedgerEntry[], options: SetMapperOptions): void {
  const bht = pieceOf(frame.draft, frame.loops.set, 'BHT');
  if (bht === undefined) return;
  const { sender } = frame.origin.interchange;
  const value = bht.text(3);
  if (value !== '') {
    bundle.identifier = { system: frame.urns.of('submitter', sender.qualifier, sender.id), value };
    note(ledger, bht, 'identifier.value', 3);
  }
  const day = toFhirDate(bht.text(4));
  const time = bht.text(5);
  if (day === undefined || !isTime(time)) return;
  if (options.utcOffset === undefined) frame.issues.push({ severity: 'information', code: 'assumed-utc', text: 'BHT05 has no offset; UTC is assumed.', ...bht.from(5) });
  bundle.timestamp = `${day}T${time.slice(0, 2)}:${time.slice(2, 4)}:${time.slice(4, 6) || '00'}.000${options.utcOffset ?? 'Z'}`;
  note(ledger, bht, 'timestamp', 4);
  note(ledger, bht, 'timestamp', 5);
}

function note(ledger: LedgerEntry[], bht: Piece, path: string, element: number): void {
  if (bht.isQuiet) return;
  bht.consult(element);
  ledger.push({ path: `Bundle.${path}`, rule: bht.rule(path, element), ...bht.from(element) });
}

/** The billing provider's specialty and where he is paid. */
function mapBilling(frame: Frame, billing: LoopOccurrence | undefined): void {
  const { draft, loops, provider, claim } = frame;
  if (billing !== undefined) pieceOf(draft, billing, 'NM1')?.consult(1);
  const cursor = draft.resource(provider.type, provider.url);
  mapSpecialty(frame, loops.billing, () => (provider.type === 'Organization' ? cursor.another('type') : cursor.another('qualification').within('code')));
  const address = loopOf(loops.billing, '2010AB');
  if (address !== undefined) {
    const nm1 = pieceOf(draft, address, 'NM1')!;
    nm1.consult(1);
    nm1.consult(2);
    if (provider.type === 'Practitioner') mapAddress(frame, address, cursor.another('address').set('use', 'billing'));
    else mapAddress(frame, address, cursor.another('contact').set('purpose', { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/contactentity-type', code: 'BILL' }] }).within('address'));
  }
  const plan = loopOf(loops.billing, '2010AC');
  if (plan === undefined) return;
  const nm1 = pieceOf(draft, plan, 'NM1')!;
  nm1.consult(1);
  claim.within('payee').set('party', { reference: mapParty(frame, plan).url });
}

/** Every value the claim was made of, its own and those above it. */
function* sentIn({ set, billing, subscriber, patient, claim }: ClaimLoops): Generator<SourceRef> {
  yield* placesOf(set.id, set.segments);
  for (const loop of set.loops) if (loop.id.startsWith('1000')) yield* placesBelow(loop);
  for (const level of [billing, subscriber, ...(patient === undefined ? [] : [patient])]) {
    yield* placesOf(level.id, level.segments);
    for (const loop of level.loops) if (loop.id.startsWith('2010')) yield* placesBelow(loop);
  }
  yield* placesBelow(claim);
}
