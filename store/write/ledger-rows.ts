/** The ledger of versions that a message made: written with the version, so that neither is there without the other. */
import sql from 'sql-template-tag';
import type { LedgerRow } from './changes.ts';
import { integers, smallints, texts, uuids } from './columns.ts';
import type { Part } from './part.ts';
import type { ResourceRow } from './row.ts';

interface RowWithLedger extends ResourceRow {
  readonly ledger: LedgerRow;
}

const hasLedger = (row: ResourceRow): row is RowWithLedger => row.ledger !== undefined && row.ledger.entries !== '';

/** Nothing, but for what comes through the inbox. */
export function ledgerParts(all: readonly ResourceRow[]): readonly Part[] {
  const rows = all.filter(hasLedger);
  if (rows.length === 0) return [];
  return [{
    name: 'ledger',
    expressions: [sql`new_ledger as (
      insert into ledger (tenant, shard, type, id, version, message_id, message_shard, entries)
      select *
      from unnest(${smallints(rows.map((row) => row.tenant))}, ${smallints(rows.map((row) => row.shard))}, ${smallints(rows.map((row) => row.typeCode))}, ${texts(rows.map((row) => row.id))},
                  ${integers(rows.map((row) => row.version))}, ${uuids(rows.map((row) => row.ledger.message.id))}, ${smallints(rows.map((row) => row.ledger.message.shard))},
                  ${texts(rows.map((row) => row.ledger.entries))})
    )`],
  }];
}
