/**
 * Rules that put a value of a segment in its place in a resource, as they stand in tables: those generated from the
 * mappings of HL7 (segments.json), this project's own (own/) and those of a tenant for Z-segments all have this form.
 */

/**
 * `[id, source, target, map, condition, codes, value]`; what follows the last that is told is left out.
 * - id: names the rule within its map; for generated rules the row of the table
 * - source: `PID-5`, a component `PID-5.3`, or the bare segment for what follows from its being there
 * - target: path in the resource. `name[2]` is a slot: all rules that name it fill the same object, one for each
 *   repetition of the field. `requester(PractitionerRole.code)` goes through a reference into another resource
 * - map: how the data type is read, `XPN[HumanName]`; empty where the type of the target tells it
 * - condition: in the language of condition.ts
 * - codes: name of the table in codes.json that translates the code
 * - value: what is put there in place of the value that was sent
 */
export type Rule = readonly [id: string | number, source: string, target: string, map?: string, condition?: string, codes?: string, value?: string];

/** Rules by the segment and what becomes of it: `PID[Patient]`. */
export type RuleSet = Readonly<Record<string, readonly Rule[]>>;

/** A table of codes: what each becomes, in the system that `to` names unless it names one itself. */
export interface CodeTable {
  /** System of the codes that are translated. */
  readonly from?: string;
  /** System of what they become; absent where the target is a plain code. */
  readonly to?: string;
  readonly codes: Readonly<Record<string, string | readonly [code: string, system: string]>>;
}

/** A rule that cannot be used, and why. */
export class RuleFault extends Error {
  override name = 'RuleFault';
}
