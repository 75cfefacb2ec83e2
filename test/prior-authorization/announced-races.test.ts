/** A request that names a document and the document itself, at the same instant, on one server and on two: they meet. */
import { randomBytes } from 'node:crypto';
import type { Claim } from '@medplum/fhirtypes';
import { pino } from 'pino';
import { readConfiguration } from '../../server/configuration.ts';
import { startServer, type RunningServer } from '../../server/main.ts';
import { openHouse, send, type TestHouse } from '../support/house.ts';
import { announcing, parametersOf } from '../support/pas-attachments.ts';
import { resourceOf, storedClaimId, submitted } from '../support/pas-requests.ts';
import { setQuantity, update } from '../support/pas-updates.ts';

let house: TestHouse;
let other: RunningServer;
beforeAll(async () => {
  house = await openHouse({ demo: true });
  other = await startServer(readConfiguration({ PORT: '0', DATABASE_URL: house.databaseUrl, PRIORA_DEMO: '1', PRIORA_DATABASE_CONNECTIONS: '8' }), {
    clock: { now: () => new Date(house.clock.now), monotonic: () => 0, random: (count) => randomBytes(count) }, log: pino({ level: 'silent' }),
  });
});
afterAll(async () => {
  await other.stop();
  await house.close();
});

const rounds = 8;

describe.each(['one server', 'two servers'] as const)('at %s', (where) => {
  const servers = (): readonly [string, string] => [house.origin, where === 'one server' ? house.origin : other.address];

  test.each(['a request', 'an update'])('%s and its document', async (what) => {
    for (let round = 0; round < rounds; round++) {
      const number = `${where} ${what} ${round}`.replaceAll(' ', '-');
      const asked = announcing(house, number);
      let bundle = asked;
      if (what === 'an update') {
        const prior = structuredClone(asked);
        const before = resourceOf(prior, 'Claim');
        before.supportingInfo = before.supportingInfo!.filter(({ sequence }) => sequence !== 40);
        await submitted(house, prior);
        bundle = update(prior, (claim) => {
          setQuantity(claim.item![0]!, 2);
          claim.supportingInfo = [...claim.supportingInfo!, resourceOf(asked, 'Claim').supportingInfo!.at(-1)!];
        });
      }
      const document = parametersOf({ tracking: number, member: resourceOf(bundle, 'Coverage').identifier![0]!.value! });
      const [first, second] = round % 2 === 0 ? servers() : servers().toReversed() as [string, string];
      const answers = await Promise.all([send('POST', `${first}/fhir/Claim/$submit`, bundle), send('POST', `${second}/fhir/$submit-attachment`, document)]);
      expect(answers.map(({ status }) => status)).toEqual([200, 200]);
      const claim = (await send('GET', `${house.fhir}/Claim/${await storedClaimId(house, answers[0].json)}`)).json as Claim;
      expect(claim.supportingInfo!.filter(({ valueReference }) => valueReference?.reference?.startsWith('DocumentReference/'))).toHaveLength(1);
    }
  });
});
