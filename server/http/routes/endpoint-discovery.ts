/**
 * Where the services of a payer are (HRex, ep-2): read by everybody, from pages of any origin too, since it is how clients
 * begin. Of another tenant under /tenant/NAME.
 */
import type { FastifyInstance } from 'fastify';
import { davinciConfiguration, davinciConfigurationPath } from '../../../operations/endpoint-discovery/davinci-configuration.ts';
import { payersOf } from '../../../operations/prior-authorization/member.ts';
import { currentPas } from '../../../operations/prior-authorization/versions/pas-version.ts';
import type { House } from '../../house.ts';
import { pasBaseOf } from '../pas-address.ts';
import { contextOf } from '../request-context.ts';

export function endpointDiscoveryRoutes(server: FastifyInstance, house: House): void {
  server.get(davinciConfigurationPath, async (request, reply) => {
    const context = contextOf(request, house);
    const { base } = context;
    const configuration = davinciConfiguration(await payersOf(house.database, context), {
      root: base.slice(0, base.lastIndexOf('/')), baseOf: (version) => version === currentPas ? base : pasBaseOf(version, base),
    });
    return reply.header('access-control-allow-origin', '*').type('application/json; charset=utf-8').send(JSON.stringify(configuration));
  });
}
