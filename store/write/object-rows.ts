/** Which version of a Binary has which object as its content: written with the version, so that neither is there without the other. */
import sql from 'sql-template-tag';
import { resourceTypeCode } from '../../fhir/resource-types.ts';
import type { Context } from '../context.ts';
import type { Queryable } from '../database.ts';
import type { ObjectReference } from './changes.ts';
import { statementOf, type Part } from './part.ts';
import type { ResourceRow } from './resource-rows.ts';

interface RowWithObject extends ResourceRow {
  readonly object: ObjectReference;
}

const hasObject = (row: ResourceRow): row is RowWithObject => typeof row.object === 'object';

/** Nothing where no row has content of its own, which is nearly always. */
export function objectsPart(context: Context, rows: readonly ResourceRow[]): readonly Part[] {
  const found = rows.filter(hasObject);
  if (found.length === 0) return [];
  return [{
    name: 'objects',
    expressions: [sql`new_objects as (
      insert into resource_object (tenant, shard, type, id, version, sha256, size)
      select ${context.tenant.id}::smallint, row.shard, row.type, row.id, row.version, decode(row.sha256, 'hex'), row.size
      from unnest(${found.map((row) => row.shard)}::smallint[], ${found.map((row) => row.typeCode)}::smallint[], ${found.map((row) => row.id)}::text[],
                  ${found.map((row) => row.version)}::integer[], ${found.map((row) => row.object.sha256)}::text[], ${found.map((row) => row.object.size)}::bigint[])
        as row (shard, type, id, version, sha256, size)
    )`],
  }];
}

const keep = `
insert into resource_object (tenant, shard, type, id, version, sha256, size)
select o.tenant, o.shard, o.type, o.id, o.version + 1, o.sha256, o.size
from unnest($3::text[], $4::integer[]) as row (id, version)
join resource_object o on o.tenant = $1 and o.type = $2 and o.id = row.id and o.version = row.version - 1`;

/** The same for versions that follow others: those with content of their own, and those that keep what the version before had. */
export async function keepObjects(connection: Queryable, context: Context, rows: readonly ResourceRow[]): Promise<void> {
  const [own] = objectsPart(context, rows);
  if (own) await connection.query(statementOf([own]));
  const kept = rows.filter((row) => row.object === 'kept' && row.version > 1);
  if (kept.length === 0) return;
  await connection.query({ name: 'keep-objects', text: keep, values: [context.tenant.id, resourceTypeCode('Binary'), kept.map((row) => row.id), kept.map((row) => row.version)] });
}
