/**
 * What a message must say before it is taken: which type it is, what its sender calls it, a version of this standard.
 * Without these it could be neither mapped nor told from others (HL7 v2.5.1, 2.9.2.1 and 2.15.9).
 */
import type { MappingIssue } from '../../ledger.ts';
import { issueFor, type SyntaxCode } from './issue.ts';
import { type Hl7Segment, sourceOf, valueAt } from './message.ts';

/** MSH-10 has 20 characters before version 2.7 and 199 from then on; senders do not always know theirs. */
const LONGEST_CONTROL_ID = 199;

/** What stands against taking a message with such a header; nothing in most cases. */
export function headerIssues(header: Hl7Segment): readonly MappingIssue[] {
  const issues: MappingIssue[] = [];
  const tell = (code: SyntaxCode, field: number): void => { issues.push(issueFor(code, sourceOf(header, field))); };
  if (valueAt(header, 9) === undefined) tell('type-missing', 9);
  const controlId = valueAt(header, 10);
  if (controlId === undefined) tell('control-id-missing', 10);
  else if (controlId.length > LONGEST_CONTROL_ID) tell('control-id-long', 10);
  const version = valueAt(header, 12);
  if (version !== undefined && !/^2(\.\d+){0,3}$/.test(version.trim())) tell('version-unknown', 12);
  return issues;
}
