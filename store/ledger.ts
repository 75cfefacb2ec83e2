/**
 * The ledger as it is kept: for each version of a resource that a message made, where its values came from. Entries are
 * lines of a text, because all of a version are written at once and read at once, and half a hundred rows for each
 * resource would be more than the resource.
 *
 * A line is path, source, rule, segment, line, column, and `-` where the sender erased the value, between tabs; what is
 * empty at its end is left out. The path begins at the resource: `name[0].family`. A rule that begins with its source is
 * written as `=` and what is left of it.
 */
import sql from 'sql-template-tag';
import { resourceTypeCode } from '../fhir/resource-types.ts';
import type { LedgerEntry } from '../mappers/ledger.ts';
import type { Context } from './context.ts';
import type { Queryable } from './database.ts';
import type { LandingKey } from './write/changes.ts';

export function encodeLedger(entries: readonly LedgerEntry[]): string {
  return entries.map(({ path, source, rule, segment, line, column, deletes }) => {
    const places = deletes ? [segment ?? '', line ?? '', column ?? '', '-'] : column !== undefined ? [segment ?? '', line ?? '', column] : line !== undefined ? [segment ?? '', line] : segment !== undefined ? [segment] : [];
    return [oneLine(path), oneLine(source), oneLine(rule.startsWith(source) ? `=${rule.slice(source.length)}` : rule), ...places].join('\t');
  }).join('\n');
}

const control = /\p{Cc}/u;

function oneLine(field: string): string {
  return control.test(field) ? field.replaceAll(/\p{Cc}/gu, ' ') : field;
}

export function decodeLedger(text: string): LedgerEntry[] {
  return text.split('\n').filter((line) => line !== '').map((each) => {
    const [path = '', source = '', rule = '', segment, line, column, deletes] = each.split('\t');
    return {
      path, source, rule: rule.startsWith('=') ? source + rule.slice(1) : rule,
      ...(segment && { segment: Number(segment) }), ...(line && { line: Number(line) }), ...(column && { column: Number(column) }),
      ...(deletes && { deletes: true as const }),
    };
  });
}

export interface VersionLedger {
  readonly version: number;
  readonly message: LandingKey;
  readonly entries: readonly LedgerEntry[];
}

/** Of the newest versions at or below `version` that a message made. Who may see the resource is asked before (`read.ts`). */
export async function readLedger(database: Queryable, type: string, id: string, version: number, limit: number, context: Context): Promise<readonly VersionLedger[]> {
  const { text, values } = sql`
    select version, message_id, message_shard, entries from ledger
    where tenant = ${context.access.tenant} and type = ${resourceTypeCode(type)} and id = ${id} and version <= ${version}
    order by version desc
    limit ${limit}`;
  const { rows } = await database.query<{ version: number; message_id: string; message_shard: number; entries: string }>({ text, values: [...values] });
  return rows.map((row) => ({ version: row.version, message: { id: row.message_id, shard: row.message_shard }, entries: decodeLedger(row.entries) }));
}
