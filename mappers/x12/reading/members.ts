/**
 * Who a member is, by one rule for every transaction set: the payer by qualifier and number, the member by his number
 * with that payer. The same two lead to the same Patient and the same identifier system, whether they come with a claim,
 * a remittance, an enrollment, a document or a question.
 */
import type { Cursor } from './target.ts';
import { identifierSystem } from '../codes.ts';
import { type Segment, valueAt } from '../segment.ts';
import type { PartyNumber, Urns } from './frame.ts';
import type { Piece } from './piece.ts';

const IDENTIFIER_TYPES = 'http://terminology.hl7.org/CodeSystem/v2-0203';

/** Element 66: the payer's member number. II is what guides let stand in its place. */
export const MEMBER_NUMBER = 'MI';
const MEMBER_NUMBERS = new Set([MEMBER_NUMBER, 'II']);

/** The members of one payer. */
export class Members {
  readonly #urns: Urns;
  readonly #payer: string;
  /** System of the payer's member numbers. */
  readonly system: string;

  /** @param anchor names a payer without a number, by its place: nobody else's members are his then */
  constructor(urns: Urns, payer: PartyNumber | undefined, anchor: Segment) {
    this.#urns = urns;
    this.#payer = payer === undefined ? urns.ofPlace('members', anchor) : `${payer.qualifier}|${payer.number}`;
    this.system = payer === undefined ? this.#payer : urns.of('members', this.#payer);
  }

  /** fullUrl of the member with a number; undefined without one. A number of another kind, such as a social security number (34), is told apart by its qualifier. */
  named(own: PartyNumber | undefined): string | undefined {
    return own === undefined ? undefined : this.#urns.of('member', this.#payer, keyOf(own));
  }

  /** fullUrl of a dependent who was told by the number of the one through whom he is insured: his name tells him from him. */
  dependent(number: string, nm1: Segment): string {
    return this.#urns.of('dependent', this.#payer, number, valueAt(nm1, 3).trim(), valueAt(nm1, 4).trim(), valueAt(nm1, 5).trim());
  }

  /** fullUrl of the Coverage of a member who is insured himself. */
  coverage(own: PartyNumber): string {
    return this.#urns.of('coverage', this.#payer, keyOf(own));
  }

  /** An identifier for a member number, to be given its value. */
  identifier(patient: Cursor): Cursor {
    return patient.another('identifier').set('type', { coding: [{ system: IDENTIFIER_TYPES, code: 'MB' }] }).set('system', this.system);
  }

  /** NM108 and NM109: the member number, or a number that has a system of its own. */
  mapNumber(nm1: Piece, patient: Cursor): void {
    if (nm1.text(9) === '') return;
    const qualifier = nm1.qualifier(8);
    if (MEMBER_NUMBERS.has(qualifier)) nm1.put(this.identifier(patient), 'value', 9);
    else nm1.putIdentifier(patient, identifierSystem('66', qualifier), 9);
  }
}

function keyOf({ qualifier, number }: PartyNumber): string {
  return MEMBER_NUMBERS.has(qualifier) ? number : `${qualifier}|${number}`;
}
