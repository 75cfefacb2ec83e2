/** Types of messages that HL7 version 2 has (table 0076): what calls itself otherwise is the sender's own, and nobody else can say what it means. */
import tables from '../rules/tables.json' with { type: 'json' };

const types: ReadonlySet<string> = new Set(tables['0076'].codes);

/** @param code MSH-9.1 */
export function isTypeOfStandard(code: string): boolean {
  return types.has(code);
}
