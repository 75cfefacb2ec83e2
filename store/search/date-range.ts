/** `_lastUpdated` with its prefixes, as a range of instants (https://hl7.org/fhir/R4/search.html#prefix). */
import { Problem } from '../../fhir/problems.ts';
import type { Expression } from './expression.ts';

const shape = /^(eq|ne|gt|lt|ge|le|sa|eb|ap)?(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:\d\d)?)?)?)?$/;

/** @throws {Problem} `invalid-search-value`, `unsupported-modifier` for prefixes that mean nothing here */
export function dateRange(name: string, value: string): Expression {
  const parts = shape.exec(value);
  if (!parts) throw new Problem('invalid-search-value', { name, reason: 'a date such as 2026-01-31 or 2026-01-31T10:00:00Z is expected' });
  const { low, high } = bounds(name, parts);
  switch (parts[1] ?? 'eq') {
    case 'eq': return { kind: 'changed', from: low, to: high };
    case 'ne': return { kind: 'any', of: [{ kind: 'changed', to: low }, { kind: 'changed', from: high }] };
    case 'gt': case 'sa': return { kind: 'changed', from: high };
    case 'ge': return { kind: 'changed', from: low };
    case 'lt': case 'eb': return { kind: 'changed', to: low };
    case 'le': return { kind: 'changed', to: high };
    default: throw new Problem('invalid-search-value', { name, reason: 'the prefix ap is not supported' });
  }
}

function bounds(name: string, parts: RegExpExecArray): { low: Date; high: Date } {
  const [, , year, month, day, hour, minute, second, fraction, zone] = parts;
  const text = `${year}-${month ?? '01'}-${day ?? '01'}T${hour ?? '00'}:${minute ?? '00'}:${second ?? '00'}.${(fraction ?? '').padEnd(3, '0').slice(0, 3)}${zone ?? 'Z'}`;
  const low = new Date(text);
  const start = new Date(`${year}-${month ?? '01'}-${day ?? '01'}T00:00:00Z`);
  const exists = !Number.isNaN(low.getTime()) && start.getUTCMonth() + 1 === Number(month ?? 1) && start.getUTCDate() === Number(day ?? 1);
  if (!exists) throw new Problem('invalid-search-value', { name, reason: 'there is no such date' });
  const high = new Date(low);
  if (fraction !== undefined) high.setTime(low.getTime() + Math.max(1, 10 ** (3 - fraction.length)));
  else if (second !== undefined) high.setTime(low.getTime() + 1000);
  else if (minute !== undefined) high.setTime(low.getTime() + 60_000);
  else if (day !== undefined) high.setUTCDate(low.getUTCDate() + 1);
  else if (month !== undefined) high.setUTCMonth(low.getUTCMonth() + 1);
  else high.setUTCFullYear(low.getUTCFullYear() + 1);
  return { low, high };
}
