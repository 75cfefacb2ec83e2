/** `priora start`: starts the server, tells what to try, and stops cleanly on SIGTERM and SIGINT. */
import { PolicyPackError } from '../../review/policies/load.ts';
import { EmbeddedPostgresError } from '../../store/embedded/errors.ts';
import { ConfigurationError, readConfiguration, type Configuration } from '../configuration.ts';
import { demoMembers, demoPlans } from '../demo/records.ts';
import { startServer, type RunningServer } from '../main.ts';

export async function start(words: readonly string[]): Promise<number> {
  const unknown = words.find((word) => word !== '--demo');
  if (unknown !== undefined) return complain(`start takes no ${unknown}`);
  let server: RunningServer;
  let configuration: Configuration;
  try {
    configuration = readConfiguration({ ...(words.includes('--demo') && { PRIORA_DEMO: '1' }), ...process.env });
    server = await startServer(configuration);
  } catch (error) {
    if (isForPerson(error)) return complain(error.message);
    throw error;
  }
  process.stdout.write(greeting(server, configuration));
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, resolve);
  });
  server.house.log.info('stopping');
  await server.stop();
  return 0;
}

/** Errors that a person can do something about get one line; everything else is a fault and keeps its stack. */
function isForPerson(error: unknown): error is Error {
  if (error instanceof ConfigurationError || error instanceof PolicyPackError || error instanceof EmbeddedPostgresError) return true;
  return error instanceof Error && 'code' in error && ['EADDRINUSE', 'EACCES', 'ECONNREFUSED', 'ENOTFOUND', '28P01', '3D000'].includes(String(error.code));
}

function complain(text: string): number {
  process.stderr.write(`priora: ${text}\n`);
  return 1;
}

function greeting({ address, house }: RunningServer, configuration: Configuration): string {
  const lines = ['', `Priora is ready (loopback only: there is no access control yet).`, '', `  FHIR base   ${house.baseUrl()}`, `  X12 278     POST ${address}/x12`];
  if (configuration.demo) {
    lines.push('', `  Demo payer  Demo Health Plan (NPI 1234567893): plans ${demoPlans.map((plan) => plan.id).join(', ')}`);
    for (const member of demoMembers) lines.push(`    ${member.number.padEnd(12)} ${`${member.given} ${member.family}`.padEnd(18)} ${member.plan.padEnd(11)} ${member.shows}`);
    lines.push(
      '', 'Try next, in another terminal:',
      '  npm run demo',
      `  curl -s ${house.baseUrl()}/Task?status=requested`,
      `  curl -s ${house.baseUrl()}/Claim?patient=Patient/demo-amara-okafor`,
    );
  }
  return `${lines.join('\n')}\n\n`;
}
