/** One of several processes that serve HTTP on one port; what is done once for all of them is the primary process's. */
import cluster from 'node:cluster';
import type { Registry } from 'prom-client';
import type { Configuration } from '../configuration.ts';
import { createLog } from '../log.ts';
import { startServer, type RunningServer } from '../main.ts';
import { measurementsOfAll } from './measurements.ts';

export async function startWorker(configuration: Configuration): Promise<RunningServer> {
  let registry: Registry | undefined;
  const allMetrics = measurementsOfAll(() => registry);
  const server = await startServer(configuration, { part: 'http', log: createLog(configuration.logLevel).child({ worker: cluster.worker?.id }), allMetrics });
  registry = server.house.metrics.registry;
  return server;
}
