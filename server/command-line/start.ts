/** `priora start`: starts the server, tells what to try, and stops cleanly on SIGTERM and SIGINT. */
import cluster from 'node:cluster';
import type { Logger } from 'pino';
import { startCluster } from '../cluster/primary.ts';
import { startWorker } from '../cluster/worker.ts';
import { readConfiguration, type Configuration } from '../configuration.ts';
import { demoMembers, demoPlans } from '../demo/records.ts';
import { written } from '../log.ts';
import { noRulePacks, startServer } from '../main.ts';
import { personalMessage } from './personal-message.ts';

export async function start(words: readonly string[]): Promise<number> {
  const unknown = words.find((word) => word !== '--demo');
  if (unknown !== undefined) return complain(`start takes no ${unknown}`);
  let server: Started;
  let configuration: Configuration | undefined;
  try {
    configuration = readConfiguration({ ...(words.includes('--demo') && { PRIORA_DEMO: '1' }), ...process.env });
    server = await startAs(configuration);
  } catch (error) {
    const message = personalMessage(error, configuration);
    if (message === undefined) throw error;
    return leave(complain(message));
  }
  if (!cluster.isWorker) {
    await written(server.log);
    process.stdout.write(greeting(server, configuration));
  }
  await toldToStop();
  server.log.info('stopping');
  await server.stop();
  return leave(0);
}

/** The channel to the primary process would keep a worker alive. */
function leave(code: number): number {
  if (cluster.isWorker) process.disconnect();
  return code;
}

/** What the command line needs of what it started: a server in this process, or several processes. */
interface Started {
  readonly address: string;
  readonly rulePacks: number;
  readonly log: Logger;
  stop(): Promise<void>;
}

async function startAs(configuration: Configuration): Promise<Started> {
  if (!cluster.isWorker && configuration.workers > 1) return startCluster(configuration);
  const server = await (cluster.isWorker ? startWorker(configuration) : startServer(configuration));
  return { address: server.address, rulePacks: server.rulePacks, log: server.house.log, stop: () => server.stop() };
}

/** A signal, or the end of the npm that started us: npm passes a signal to its shell, and the shell to nobody. */
function toldToStop(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, resolve);
    if (process.env['npm_lifecycle_event'] === undefined) return;
    const parent = process.ppid;
    setInterval(() => { if (process.ppid !== parent) resolve(); }, 250).unref();
  });
}

function complain(text: string): number {
  process.stderr.write(`priora: ${text}\n`);
  return 1;
}

function greeting({ address, rulePacks }: Started, configuration: Configuration): string {
  const base = configuration.baseUrl ?? `${address}/fhir`;
  const lines = ['', `Priora is ready (loopback only: there is no access control yet).`, '', `  FHIR base   ${base}`, `  X12         POST ${address}/x12`, `  HL7v2       POST ${address}/inbox/hl7v2`, `  C-CDA       POST ${address}/inbox/ccda`];
  if (rulePacks === 0) lines.push('', `  Warning     ${noRulePacks(configuration)}`);
  if (configuration.demo) {
    lines.push('', `  Demo payer  Demo Health Plan (NPI 1234567893): plans ${demoPlans.map((plan) => plan.id).join(', ')}`);
    for (const member of demoMembers) lines.push(`    ${member.number.padEnd(12)} ${`${member.given} ${member.family}`.padEnd(18)} ${member.plan.padEnd(13)} ${member.shows}`);
    lines.push(
      '', 'Try next, in another terminal:',
      '  npm run demo',
      `  curl -s '${base}/Patient?identifier=PD1000002'`,
      `  curl -s '${base}/ClaimResponse?patient=Patient/demo-daniel-reyes'`,
    );
  }
  return `${lines.join('\n')}\n\n`;
}
