/** What a scenario is: operations on a loaded server, each judged when it is answered. */
import type { Done } from '../measure/closed-loop.ts';
import type { FhirClient } from './fhir-client.ts';
import type { World } from './world.ts';

export interface Setting {
  readonly world: World;
  readonly client: FhirClient;
  readonly clients: number;
  /** Another number writes other data. */
  readonly salt: number;
}

/** Ready to run: inputs are made before the clock starts. */
export interface Prepared {
  readonly operate: (client: number, turn: number) => Promise<Done>;
  /** After the window: looks whether what was written is there, and says how many it looked at. */
  readonly check?: () => Promise<number>;
}

export type Scenario = (setting: Setting) => Prepared;
