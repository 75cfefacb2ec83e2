/**
 * Why our Bundles differ from CDC's, element by element: where FHIR R4 does not have what theirs says, where both say it
 * and build the record otherwise, and what we do not map. What was a fault of ours is mended; there is no such verdict.
 */
import type { Difference } from './cdc-score.ts';

/** `theirs`: R4 has no such value there. `otherwise`: we say it at another element, by a rule of HL7's or a decision of ours. `unmapped`: we do not say it. */
export type Verdict = 'theirs' | 'otherwise' | 'unmapped';

interface Reason {
  readonly verdict: Verdict;
  readonly why: string;
  readonly is: (difference: Difference) => boolean;
}

const at = (pattern: RegExp, where?: Difference['where']) => (difference: Difference): boolean => pattern.test(difference.element) && (where === undefined || difference.where === where);

/** The first that fits. */
const reasons: readonly Reason[] = [
  { verdict: 'theirs', why: 'The whole of MSH-9 as the display of its event, whose words R4 fixes', is: at(/^(?:MessageHeader\.eventCoding|Provenance\.activity\.coding)\.display$/) },
  { verdict: 'theirs', why: 'A name, or a coding system of a unit, where R4 wants a URI (`system`)', is: ({ element, value }) => /\.(?:identifier|valueQuantity|numerator|denominator)\.system$/.test(element) && !/^[a-z][\w+.-]*:/i.test(value) },
  { verdict: 'theirs', why: 'Check digit schemes as codes of an extension that has a string', is: at(/identifier\.extension\.valueCode$/) },
  { verdict: 'theirs', why: 'The census tract on an address; the extension is of a line of it', is: ({ element, value }) => element.endsWith('address.extension.valueCode') && value !== 'HV' },
  { verdict: 'theirs', why: 'The time of their own conversion (`Provenance.recorded`), which some message happens to hold', is: at(/^Provenance\.recorded$/) },
  { verdict: 'theirs', why: 'Values that R4 refuses: a time with a zone or without colons, a year as an instant, a rank below one, the mark of deletion as text', is: ({ element, value }) => /^(?:Observation\.valueTime|DiagnosticReport\.issued|RelatedPerson\.telecom\.rank)$/.test(element) || value === '""' },
  { verdict: 'otherwise', why: 'The status of a bed (PL.5) is that of a moment; CDC has it, or a fixed `active`, as that of the Location', is: at(/^Location\.status$/) },
  { verdict: 'otherwise', why: 'Places are one chain of Locations, and their numbers have assigners; CDC has a Location for each component', is: ({ element, where }) => element.startsWith('Location.') && where !== 'absent' },
  { verdict: 'otherwise', why: 'Assigning authorities are `Identifier.assigner`; CDC has an Organization for each', is: ({ element, where }) => element.startsWith('Organization.identifier.') && where !== 'absent' },
  { verdict: 'otherwise', why: 'The address and telephone of the contact person of a next of kin (NK1-31, NK1-32) are those of the organization that is the next of kin, or of Patient.contact', is: ({ element, where }) => /^(?:RelatedPerson|Patient\.contact|Organization\.contact)\./.test(element) && where !== 'absent' },
  { verdict: 'otherwise', why: 'PV1-50 and PV1-54 in an EpisodeOfCare; we have the numbers of the account with the visit', is: ({ element, where }) => element.startsWith('EpisodeOfCare.') && where !== 'absent' },
  { verdict: 'otherwise', why: 'Other elements of the same content: `requisition`, `text` in place of `display`, the time of a report', is: ({ where }) => where !== 'absent' },
  { verdict: 'unmapped', why: 'Places of those who interpret, perform or write down a report (NDL.4 to NDL.11)', is: at(/^Location\.(?:identifier|physicalType)/) },
  { verdict: 'unmapped', why: 'Check digits of numbers of organizations (XON.4)', is: at(/^Organization\.identifier\.extension\.valueString$/) },
  { verdict: 'unmapped', why: 'Assigning facilities of numbers and locations (CX.6, XON.8, PL.11)', is: at(/^(?:Organization\.identifier|Location\.name|Location\.description)/) },
  { verdict: 'unmapped', why: 'Further people of an order: who entered, verified and acted on it (ORC-10, ORC-11, ORC-19), who gets copies (OBR-28), who helped (OBR-33, OBR-35), a second collector', is: at(/^Practitioner\./) },
  { verdict: 'unmapped', why: 'Clinic, ordering facility and primary facility as Organizations (PV2-23, ORC-21, PD1-14)', is: at(/^(?:Organization\.name|Patient\.extension)/) },
  { verdict: 'unmapped', why: 'Everything else', is: () => true },
];

export interface ReasonedCount {
  readonly verdict: Verdict;
  readonly why: string;
  readonly values: number;
}

/** In the order of the reasons; those that nothing has are left out. */
export function splitOf(differences: readonly Difference[]): readonly ReasonedCount[] {
  const counts = new Map<Reason, number>();
  for (const difference of differences) {
    const reason = reasons.find(({ is }) => is(difference))!;
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return reasons.flatMap((reason) => counts.has(reason) ? [{ verdict: reason.verdict, why: reason.why, values: counts.get(reason)! }] : []);
}
