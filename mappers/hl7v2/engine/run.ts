/** The mapping of one message while it runs: what is being written, what was noticed, and what the header says of all. */
import { nameBasedUuid } from '../../../fhir/ids.ts';
import { Draft } from '../../draft.ts';
import type { MappingIssue, SourceRef } from '../../ledger.ts';
import { type Hl7Message, type Hl7Segment, valueAt } from '../syntax/message.ts';
import type { RuleSet } from '../rules/rule.ts';

/** What is known of a sender and does not stand in its messages. */
export interface Hl7MappingOptions {
  /** IANA name of the zone that times without an offset are in, unless MSH-7 has one. */
  readonly timeZone?: string;
  /** URIs of assigning authorities, by the namespace that HD.1 has. */
  readonly authorities?: Readonly<Record<string, string>>;
  /** URIs of code systems, by the name that CWE.3 has. */
  readonly codeSystems?: Readonly<Record<string, string>>;
  /** Rules for Z-segments, such as `ZPI[Patient]`; the resource is the one its group is about, or one of its own. */
  readonly rules?: RuleSet;
}

/** Namespace of the addresses of resources in Bundles made of HL7 version 2: a UUID of its own. */
const ADDRESSES = '2b8f6f3e-5f3c-5c55-9f1d-6f0a51c8a1c2';

/** What was sent: of a component, a repetition, a field or a segment. */
export type Values = string | readonly Values[];

/** Whether two were sent alike, value by value. */
export function isSame(one: Values, other: Values): boolean {
  if (typeof one === 'string' || typeof other === 'string') return one === other;
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at += 1) if (!isSame(one[at]!, other[at]!)) return false;
  return true;
}

export class Run {
  readonly draft = new Draft();
  readonly issues: MappingIssue[] = [];
  readonly message: Hl7Message;
  readonly options: Hl7MappingOptions;
  readonly header: Hl7Segment;
  /** Who sent it, as far as keys need to know: application and facility. */
  readonly sender: string;
  /** Sender and control id: what a resource without a number of its own is named by. */
  readonly messageKey: string;
  /** The offset of MSH-7, which holds for all times without one (2.16.22, DTM). */
  readonly offset: string | undefined;
  /** Segments that conditions may ask for, beside the one that is read. */
  beside: Record<string, Hl7Segment | undefined> = {};
  /** Fields that may not be mapped although there are rules for them, as `position|field`. */
  readonly withheld = new Set<string>();
  /** Addresses of what has no number of its own. */
  readonly placed = new Set<string>();
  readonly #told = new Set<string>();
  readonly #contents = new Map<string, Values>();
  /** Addresses that were made: the same party is often spoken of several times. */
  readonly #urls = new Map<string, string>();

  constructor(message: Hl7Message, options: Hl7MappingOptions) {
    this.message = message;
    this.options = options;
    this.header = message.segments[0] ?? { id: 'MSH', position: 1, fields: [] };
    const authority = (field: number): string => [valueAt(this.header, field, 1, 2) ?? valueAt(this.header, field), valueAt(this.header, field, 1, 3)].join('&');
    this.sender = `${authority(3)}|${authority(4)}`;
    this.messageKey = `${this.sender}|${valueAt(this.header, 10) ?? ''}`;
    this.offset = /[+-]\d{4}$/.exec(valueAt(this.header, 7) ?? '')?.[0];
  }

  /** The address of what a business key names. */
  url(...key: readonly (string | number)[]): string {
    let name = String(key[0]);
    for (let at = 1; at < key.length; at += 1) name += `\u001f${key[at]}`;
    let url = this.#urls.get(name);
    if (url === undefined) this.#urls.set(name, url = `urn:uuid:${nameBasedUuid(ADDRESSES, name)}`);
    return url;
  }

  /** The address of what has no number of its own: by its place in the message. */
  placeUrl(kind: string, segment: Hl7Segment, ...place: readonly (string | number)[]): string {
    const url = this.url(kind, this.messageKey, segment.position, ...place);
    this.placed.add(url);
    return url;
  }

  /** Whether an address stands for other content than before; the first content is kept. */
  differs(url: string, content: Values): boolean {
    const known = this.#contents.get(url);
    if (known === undefined) this.#contents.set(url, content);
    return known !== undefined && !isSame(known, content);
  }

  issue(severity: MappingIssue['severity'], code: string, text: string, from?: SourceRef): void {
    this.issues.push({ severity, code, text, ...from });
  }

  /** An issue that is told once for a message, however often it arises. */
  issueOnce(severity: MappingIssue['severity'], code: string, text: string, from?: SourceRef): void {
    if (this.#told.has(code)) return;
    this.#told.add(code);
    this.issue(severity, code, text, from);
  }
}
