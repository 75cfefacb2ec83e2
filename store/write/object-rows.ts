/** Which version of a Binary has which object as its content: written with the version, so that neither is there without the other. */
import sql from 'sql-template-tag';
import type { ObjectReference } from './changes.ts';
import { bigints, integers, smallints, texts } from './columns.ts';
import type { Part } from './part.ts';
import type { ResourceRow } from './row.ts';

interface RowWithObject extends ResourceRow {
  readonly object: ObjectReference;
}

const hasObject = (row: ResourceRow): row is RowWithObject => typeof row.object === 'object';

/** Of rows with content of their own, and of those that keep what the version before had. Nothing, nearly always. */
export function objectParts(rows: readonly ResourceRow[]): readonly Part[] {
  const own = rows.filter(hasObject);
  const kept = rows.filter((row) => row.object === 'kept' && row.version > 1);
  return [...(own.length > 0 ? [ownPart(own)] : []), ...(kept.length > 0 ? [keptPart(kept)] : [])];
}

function ownPart(rows: readonly RowWithObject[]): Part {
  return {
    name: 'objects',
    expressions: [sql`new_objects as (
      insert into resource_object (tenant, shard, type, id, version, sha256, size)
      select row.tenant, row.shard, row.type, row.id, row.version, decode(row.sha256, 'hex'), row.size
      from unnest(${smallints(rows.map((row) => row.tenant))}, ${smallints(rows.map((row) => row.shard))}, ${smallints(rows.map((row) => row.typeCode))}, ${texts(rows.map((row) => row.id))},
                  ${integers(rows.map((row) => row.version))}, ${texts(rows.map((row) => row.object.sha256))}, ${bigints(rows.map((row) => BigInt(row.object.size)))})
        as row (tenant, shard, type, id, version, sha256, size)
    )`],
  };
}

function keptPart(rows: readonly ResourceRow[]): Part {
  return {
    name: 'kept-objects',
    expressions: [sql`kept_objects as (
      insert into resource_object (tenant, shard, type, id, version, sha256, size)
      select o.tenant, row.shard, o.type, o.id, row.version, o.sha256, o.size
      from unnest(${smallints(rows.map((row) => row.tenant))}, ${smallints(rows.map((row) => row.shard))}, ${smallints(rows.map((row) => row.typeCode))}, ${texts(rows.map((row) => row.id))},
                  ${integers(rows.map((row) => row.version))}) as row (tenant, shard, type, id, version)
      join resource_object o on o.tenant = row.tenant and o.type = row.type and o.id = row.id and o.version = row.version - 1
    )`],
  };
}
