/** The issues that definitions lead to: their severity, and what is told of the definition. */
import type { ProblemCode, ProblemDetails } from '../../fhir/problems.ts';
import type { ElementRow, StructureTable } from '../tables/structure-table.ts';
import type { Template } from './findings.ts';

export type Severity = Template['severity'];

export interface Issuer {
  issue(code: ProblemCode, details: ProblemDetails, severity?: Severity, constraint?: string): Template;
  readonly canonical: string;
}

/** Issues that say of which definition they are. */
export function issuerOf(table: Pick<StructureTable, 'url' | 'version'>): Issuer {
  const canonical = table.version === '' ? table.url : `${table.url}|${table.version}`;
  return {
    canonical,
    issue: (code, details, severity = 'error', constraint) => ({ code, details, severity, profile: canonical, ...(constraint !== undefined && { constraint }) }),
  };
}

/** `Claim.careTeam` with its slice: `careTeam:overall`. */
export function nameOf(row: ElementRow): string {
  const name = row.path.slice(row.path.lastIndexOf('.') + 1);
  return row.slice === undefined ? name : `${name}:${row.slice}`;
}

/** `there is none`, `there is 1`, `there are 3`. */
export function thereAre(count: number): string {
  return count === 0 ? 'there is none' : count === 1 ? 'there is 1' : `there are ${count}`;
}
