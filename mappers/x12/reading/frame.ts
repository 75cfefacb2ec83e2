/** What is at hand while any transaction set is mapped: the Bundle under way, and the names of its entries. */
import { nameBasedUuid } from '../../../fhir/ids.ts';
import type { InterchangeControl } from '../envelope.ts';
import { type Segment, textAt } from '../segment.ts';
import type { Draft } from './target.ts';

/** Control values around a transaction set. */
export interface SetOrigin {
  interchange: InterchangeControl;
  group: { senderCode: string; receiverCode: string; controlNumber: string };
  transactionControlNumber: string;
  guide: string;
}

/** Keys that were named, one after the other. */
class Names {
  readonly further = new Map<string, Names>();
  urn: string | undefined;
}

/** Most keys remembered: those of payers and providers come first. */
const MAXIMUM_NAMES = 4096;

/** UUID URNs by business key. Payers and providers come again with every claim: a set remembers their names. */
export class Urns {
  readonly #names = new Names();
  #count = 0;
  readonly #message: string;

  constructor({ interchange, group, transactionControlNumber }: SetOrigin) {
    const { sender, receiver, controlNumber } = interchange;
    this.#message = JSON.stringify([sender.qualifier, sender.id, receiver.qualifier, receiver.id, controlNumber, group.controlNumber, transactionControlNumber]);
  }

  /** Same keys, same URN. */
  of(...keys: readonly string[]): string {
    let names = this.#names;
    for (const key of keys) {
      let next = names.further.get(key);
      if (next === undefined) {
        if (this.#count >= MAXIMUM_NAMES) return urnOf(keys);
        this.#count += 1;
        names.further.set(key, (next = new Names()));
      }
      names = next;
    }
    return (names.urn ??= urnOf(keys));
  }

  /** What has no number of its own is named by its message and its place in it. */
  ofPlace(kind: string, segment: Segment): string {
    return `urn:uuid:${nameBasedUuid('priora:x12:837', `${kind}|${this.#message}|${segment.position}`)}`;
  }

  /** By its number, else by the place of the segment that names it. */
  ofParty(kind: string, segment: Segment, party = numberOf(segment)): string {
    return party === undefined ? this.ofPlace(kind, segment) : this.of(kind, party.qualifier, party.number);
  }
}

/** No value holds a control character: its guide has seen to that. */
function urnOf(keys: readonly string[]): string {
  return `urn:uuid:${nameBasedUuid('priora:x12:837', keys.join('\u0000'))}`;
}

/** What a person or an organization is known by. */
export interface PartyNumber {
  /** Element 66. */
  qualifier: string;
  number: string;
}

/** The number of an NM1 (NM108, NM109) or an N1 (N103, N104); undefined where it has none. */
export function numberOf(segment: Segment | undefined): PartyNumber | undefined {
  const at = segment?.id === 'N1' ? 3 : 8;
  const number = textAt(segment, at + 1);
  return number === '' ? undefined : { qualifier: textAt(segment, at), number };
}

/** A Bundle while it is written, and how its entries are named. */
export interface Reading {
  draft: Draft;
  urns: Urns;
}
