/**
 * Interactions of FHIR REST that are not there, refused by name: a client learns what is missing, and no conditional
 * form is taken for the unconditional one.
 */
import type { FastifyInstance, HTTPMethods } from 'fastify';
import { Problem } from '../../../fhir/problems.ts';

const refused: readonly (readonly [method: HTTPMethods, url: string, what: string])[] = [
  ['GET', '/:type/_history', 'The history of a type'],
  ['GET', '/_history', 'The history of the whole server'],
];

export function refusalRoutes(server: FastifyInstance): void {
  for (const [method, url, what] of refused) {
    server.route({ method, url, config: { refuses: what }, handler: async () => { throw new Problem('not-supported', { what }); } });
  }
}
