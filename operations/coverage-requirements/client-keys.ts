/**
 * Keys of clients that keep them at an address: fetched by the house's one way out, kept for some minutes, and fetched
 * again for a key that is not known yet. A caller who invents keys cannot make this server ask more than once a minute.
 */
import type { JWK } from 'jose';
import { parseJson } from '../../fhir/json.ts';
import { Problem } from '../../fhir/problems.ts';
import type { Outbound } from '../outbound/call.ts';
import { keysIn } from './trusted-clients.ts';

export interface ClientKeys {
  /** Keys of this id. Undefined where the address does not answer with keys. */
  find(url: string, kid: string, now: Date): Promise<readonly JWK[] | undefined>;
}

/** In milliseconds. */
const keptFor = 600_000;
const askedAgainAfter = 60_000;
const timeout = 3000;
/** In bytes. */
const largest = 256 * 1024;

interface Kept { readonly at: number; readonly keys: Promise<readonly JWK[] | undefined> }

export function clientKeys(outbound: Outbound): ClientKeys {
  // As many entries as the operator has listed addresses.
  const kept = new Map<string, Kept>();
  const fetched = (url: string, now: Date): Kept => {
    const fresh = { at: now.getTime(), keys: fetchKeys(outbound, url) };
    kept.set(url, fresh);
    return fresh;
  };
  return {
    async find(url, kid, now) {
      const before = kept.get(url);
      const age = before && now.getTime() - before.at;
      const current = before !== undefined && age! >= 0 && age! < keptFor ? before : fetched(url, now);
      const found = (await current.keys)?.filter((key) => key.kid === kid);
      if (found !== undefined && found.length > 0) return found;
      if (now.getTime() - current.at < askedAgainAfter) return found;
      // Somebody else may have asked again while we waited.
      const latest = kept.get(url) === current ? fetched(url, now) : kept.get(url)!;
      return (await latest.keys)?.filter((key) => key.kid === kid);
    },
  };
}

async function fetchKeys(outbound: Outbound, url: string): Promise<readonly JWK[] | undefined> {
  try {
    const { status, body } = await outbound.call({ url, method: 'GET', headers: [{ name: 'accept', value: 'application/json' }], timeout, answerLimit: largest });
    return status === 200 ? keysIn(parseJson(body.toString('utf8'))) : undefined;
  } catch (error) {
    if (error instanceof Problem) return undefined;
    throw error;
  }
}
