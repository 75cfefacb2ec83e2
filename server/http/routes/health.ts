/** Is the process alive, is it able to serve, and what does it measure. No FHIR, no patient data. */
import type { FastifyInstance } from 'fastify';
import type { House } from '../../house.ts';

export function healthRoutes(server: FastifyInstance, house: House): void {
  server.get('/healthz', { config: { always: true } }, async (_request, reply) => reply.type('text/plain').send('alive\n'));

  server.get('/readyz', { config: { always: true } }, async (_request, reply) => {
    const ready = house.ready() && await storeAnswers(house);
    house.metrics.ready.set(ready ? 1 : 0);
    return reply.status(ready ? 200 : 503).type('text/plain').send(ready ? 'ready\n' : 'not ready\n');
  });

  server.get('/metrics', { config: { always: true } }, async (_request, reply) => reply.type(house.metrics.registry.contentType).send(await house.allMetrics()));
}

async function storeAnswers(house: House): Promise<boolean> {
  try {
    await house.database.query({ text: 'select 1' });
    return true;
  } catch {
    return false;
  }
}
