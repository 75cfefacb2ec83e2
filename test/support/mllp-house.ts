/** A server with MLLP on a port of its own and a client of it, for the tests of a file. */
import { openClient, type MllpClient } from '../channels/mllp/client.ts';
import { openHouse, type TestHouse, type TestHouseOptions } from './house.ts';

export interface MllpHouse {
  readonly house: TestHouse;
  readonly client: MllpClient;
  readonly close: () => Promise<void>;
}

export async function openMllpHouse(options: TestHouseOptions = {}): Promise<MllpHouse> {
  const house = await openHouse({ demo: true, ...options, environment: { PRIORA_MLLP_PORT: '0', ...options.environment } });
  const client = await openClient(house.server.mllp!.port);
  return {
    house, client,
    async close() {
      client.close();
      await house.close();
    },
  };
}
