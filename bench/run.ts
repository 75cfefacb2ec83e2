/** `npm run bench -- NAME`: measurements, one JSON line per case on standard output. Exit code 1 when an answer was wrong. */
import { run as ccda } from './ccda.ts';
import { engineNames, runEngine } from './engine.ts';
import { run as floorServer } from './engine/floor-server.ts';
import { run as fhirpath } from './fhirpath.ts';
import { run as footprint } from './footprint.ts';
import { run as growth } from './growth.ts';
import { run as hl7v2Syntax } from './hl7v2-syntax.ts';
import { run as hl7v2 } from './hl7v2.ts';
import { run as crd } from './crd.ts';
import { run as dtr } from './dtr.ts';
import { run as inquire } from './inquire.ts';
import { run as mllp } from './mllp.ts';
import { run as mllpServer } from './mllp/ack-server.ts';
import { run as searchPlans } from './search-plans.ts';
import { run as searchValues } from './search-values.ts';
import { run as submit } from './submit.ts';
import { run as subscriptions } from './subscriptions.ts';
import { run as terminology } from './terminology.ts';
import { run as validate } from './validate.ts';
import { run as x12 } from './x12.ts';

const benches: Readonly<Record<string, (words: readonly string[]) => unknown>> = {
  ...Object.fromEntries(engineNames.map((name) => [name, (words: readonly string[]) => runEngine(name, words)])),
  ccda, crd, dtr, fhirpath, footprint, growth, hl7v2, inquire, mllp, submit, subscriptions, terminology, validate, x12, 'hl7v2-syntax': hl7v2Syntax, 'search-plans': searchPlans, 'search-values': searchValues,
};

export async function bench(words: readonly string[]): Promise<number> {
  const [name, ...rest] = words;
  // Processes that something is measured in; nobody asks for them by hand.
  if (name === 'floor-server' || name === 'mllp-ack-server') {
    await (name === 'floor-server' ? floorServer() : mllpServer());
    return 0;
  }
  const chosen = name === undefined ? undefined : benches[name];
  if (!chosen) {
    process.stderr.write(`bench: takes one of ${Object.keys(benches).join(', ')}\n`);
    return 2;
  }
  try {
    return await chosen(rest) === false ? 1 : 0;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    process.stderr.write(`bench: ${name} ${error.message}\n`);
    return 2;
  }
}
