/** Four reads for each write: `mixed`. Of a hundred operations 50 read by id, 20 ask for findings, 10 for a patient, 12 create, 8 update. */
import { randomOf } from '../random.ts';
import type { Prepared, Setting } from '../scenario.ts';
import { createOne, newBodies } from './create.ts';
import { readOne } from './read.ts';
import { searchOnce } from './search.ts';
import { checkTargets, targetsOf, turnsOf, updateOne } from './update.ts';

export function mixed(setting: Setting): Prepared {
  const { world, client, clients, salt } = setting;
  const random = randomOf(world.seed, 6, clients, salt);
  const bodies = newBodies(world, 500 + clients + 1000 * salt, 3000);
  const targets = targetsOf(world, 400 + clients + 7 * salt, 2000);
  const nextOf = turnsOf(targets, clients);
  return {
    operate: async (worker, turn) => {
      const share = random.share();
      const patient = random.pick(world.subjects);
      if (share < 0.5) return { kind: 'read', bytes: await readOne(client, random.pick(patient.addresses)) };
      if (share < 0.7) return { kind: 'obs-patient-code-sort', ...await searchOnce(setting, 'obs-patient-code-sort', patient, random) };
      if (share < 0.8) return { kind: 'patient-identifier', ...await searchOnce(setting, 'patient-identifier', patient, random) };
      if (share < 0.92) {
        const body = bodies[turn % bodies.length]!;
        await createOne(client, body);
        return { kind: 'create', bytes: body.bytes.length };
      }
      return { kind: 'update', bytes: await updateOne(client, nextOf(worker), `mixed-${salt}-${clients}-${turn}`) };
    },
    check: () => checkTargets(client, targets),
  };
}
