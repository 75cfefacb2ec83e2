/** What arrived, as it arrived: the record of a delivery and its bytes, for those who must find out what happened. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Problem } from '../../../fhir/problems.ts';
import { describeLanding, readLanded } from '../../../store/landing.ts';
import { shardInId } from '../../../store/shard.ts';
import type { LandingKey } from '../../../store/write/changes.ts';
import type { House } from '../../house.ts';
import { pathOf } from '../../tenants.ts';
import { contextOf } from '../request-context.ts';
import { tenantOf } from '../tenant-address.ts';

type Address = { Params: { id: string } };

export function landingRoutes(server: FastifyInstance, house: House): void {
  server.get<Address>('/landing/:id', async (request, reply) => {
    const record = await describeLanding(house.database, keyOf(request), contextOf(request, house));
    if (!record) throw new Problem('no-such-route');
    return reply.type('application/json').send(JSON.stringify({ ...record, raw: `${pathOf(tenantOf(request, house))}/landing/${record.id}/raw` }));
  });

  server.get<Address>('/landing/:id/raw', async (request, reply) => {
    const landed = await readLanded(house.database, keyOf(request), contextOf(request, house));
    if (!landed) throw new Problem('no-such-route');
    // The bytes are a stranger's: they are handed out as a file and never shown as a page.
    return reply.header('content-disposition', 'attachment').type(/^[\w.+-]+\/[\w.+-]+$/.test(landed.mediaType) ? landed.mediaType : 'application/octet-stream').send(landed.body);
  });
}

function keyOf(request: FastifyRequest<Address>): LandingKey {
  const { id } = request.params;
  const shard = shardInId(id);
  if (shard === undefined) throw new Problem('no-such-route');
  return { id, shard };
}
