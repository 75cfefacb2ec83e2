/** Issues of a message: those of the catalogue told of the place in the message, and all of them as an OperationOutcome. */
import type { OperationOutcome, OperationOutcomeIssue } from '@medplum/fhirtypes';
import { catalogue, textOf, type Problem, type ProblemCode, type ProblemIssue } from '../../fhir/problems.ts';
import { problemCodeSystem } from '../../fhir/outcome.ts';
import type { LedgerEntry, SourceRef } from '../../mappers/ledger.ts';
import type { MessageIssue } from './message.ts';

/** Codes that the inbox itself gives, and those of mappers. */
export const messageIssueSystem = 'https://priora.health/fhir/CodeSystem/message-issue';

/** More is not kept of one message; it has to be mended before anybody looks on. */
export const mostIssues = 200;

/** @param ledger of the Bundle, by which an issue of the Bundle is told of the place where its value was read */
export function issuesOfProblem(problem: Pick<Problem, 'issues'>, ledger: readonly LedgerEntry[] = []): MessageIssue[] {
  return problem.issues.map((issue) => issueOfProblem(issue, ledger));
}

function issueOfProblem(issue: ProblemIssue, ledger: readonly LedgerEntry[]): MessageIssue {
  const { expression } = issue;
  return {
    severity: issue.severity ?? 'error', code: issue.code, text: textOf(issue),
    ...(expression !== undefined && { expression, ...sourceOf(expression, ledger) }),
  };
}

/** Where the value at a path was read; of an element that holds several, or is missing, the first of what is nearest to it. */
export function sourceOf(expression: string, ledger: readonly LedgerEntry[]): SourceRef | undefined {
  let at = expression;
  for (;;) {
    const found = ledger.find(({ path }) => path === at) ?? ledger.find(({ path }) => path.startsWith(`${at}.`) || path.startsWith(`${at}[`));
    if (found) {
      const { source, segment, line, column } = found;
      return { source, ...(segment !== undefined && { segment }), ...(line !== undefined && { line }), ...(column !== undefined && { column }) };
    }
    const cut = Math.max(at.lastIndexOf('.'), at.lastIndexOf('['));
    // Not beyond the resource: another one's values say nothing about this one.
    if (cut <= 0 || !at.slice(0, cut).includes('.resource')) return undefined;
    at = at.slice(0, cut);
  }
}

export function outcomeOfMessage(issues: readonly MessageIssue[]): OperationOutcome {
  const told = issues.length > 0 ? issues : [{ severity: 'information' as const, code: 'accepted', text: 'The message was taken.' }];
  return { resourceType: 'OperationOutcome', issue: told.map(outcomeIssue) };
}

function outcomeIssue(issue: MessageIssue): OperationOutcomeIssue {
  const { severity, code, text, expression } = issue;
  const ofCatalogue = Object.hasOwn(catalogue, code);
  const place = placeText(issue);
  return {
    severity, code: ofCatalogue ? catalogue[code as ProblemCode].issue : severity === 'information' ? 'informational' : 'processing',
    details: { coding: [{ system: ofCatalogue ? problemCodeSystem : messageIssueSystem, code }], text },
    ...(place !== undefined && { diagnostics: place }),
    ...(expression !== undefined && { expression: [expression] }),
  };
}

/** `PID-7, segment 3`; undefined where it is of no place. */
export function placeText({ source, segment, line, column }: Partial<SourceRef>): string | undefined {
  if (source === undefined) return undefined;
  return [source, ...(segment === undefined ? [] : [`segment ${segment}`]), ...(line === undefined ? [] : [`line ${line}`]), ...(column === undefined ? [] : [`column ${column}`])].join(', ');
}
