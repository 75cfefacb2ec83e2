/** What is at hand while a claim is mapped: the loops it stands in, the Bundle under way, and the names of its entries. */
import type { Cursor } from '../reading/target.ts';
import type { MappingIssue } from '../../ledger.ts';
import type { LoopOccurrence } from '../grammar/definition.ts';
import type { Reading, SetOrigin } from '../reading/frame.ts';
import type { Party } from '../reading/parties.ts';
import type { Piece } from '../reading/piece.ts';

/** A claim with everything above it. */
export interface ClaimLoops {
  set: LoopOccurrence;
  billing: LoopOccurrence;
  subscriber: LoopOccurrence;
  /** 2000C, where the patient is not the subscriber. */
  patient: LoopOccurrence | undefined;
  /** 2300. */
  claim: LoopOccurrence;
}

export type ClaimKind = 'professional' | 'institutional' | 'oral';

export interface Frame extends Reading {
  origin: SetOrigin;
  loops: ClaimLoops;
  kind: ClaimKind;
  /** The Claim, its fullUrl, and those of the patient, the payer and the billing provider. */
  claim: Cursor;
  /** The claim's own insurance among Claim.insurance. */
  insurance: Cursor;
  claimUrl: string;
  patient: string;
  insurer: string;
  provider: Party;
  /** CUR02, or the dollar the guides assume. */
  currency: string;
  issues: MappingIssue[];
  information: Information;
  careTeam: Team;
}

/** Claim.supportingInfo, numbered as it grows. */
export class Information {
  readonly #claim: Cursor;
  #count = 0;

  constructor(claim: Cursor) {
    this.#claim = claim;
  }

  /**
   * One more: `fill` puts its values and tells whether it did. Gives the sequence; undefined when nothing came of it.
   */
  add(category: { system: string; code: string }, fill: (info: Cursor) => boolean): number | undefined {
    const info = this.#claim.another('supportingInfo');
    if (!fill(info)) return undefined;
    this.#count += 1;
    info.set('sequence', this.#count);
    if (info.peek('category') === undefined) info.set('category', { coding: [{ system: category.system, code: category.code }] });
    else if (info.within('category').peek('coding') === undefined) info.within('category').setItem('coding', { system: category.system, code: category.code });
    return this.#count;
  }

  /** The same with the category read from the segment's qualifier. */
  addQualified(piece: Piece, system: string, fill: (info: Cursor) => boolean): number | undefined {
    const code = piece.text(1);
    const sequence = this.add({ system, code }, fill);
    if (sequence !== undefined) piece.consult(1);
    return sequence;
  }
}

/** Claim.careTeam: the same provider in the same role is told once. */
export class Team {
  readonly #claim: Cursor;
  readonly #members = new Map<string, number>();

  constructor(claim: Cursor) {
    this.#claim = claim;
  }

  /** The sequence of a member, made by `fill` when he is not there yet. */
  add(key: string, fill: (member: Cursor) => void): number {
    const known = this.#members.get(key);
    if (known !== undefined) return known;
    const sequence = this.#members.size + 1;
    this.#members.set(key, sequence);
    const member = this.#claim.another('careTeam').set('sequence', sequence);
    fill(member);
    return sequence;
  }
}

export function warn(frame: Pick<Frame, 'issues'>, severity: MappingIssue['severity'], code: string, text: string, piece: Piece, element?: number): void {
  frame.issues.push({ severity, code, text, source: element === undefined ? `${piece.loop}.${piece.segment.id}` : piece.from(element).source, segment: piece.segment.position });
}
