/** Reads a client's FHIR server with the token of the call, by the house's one way out. */
import { parseJson } from '../../fhir/json.ts';
import { Problem } from '../../fhir/problems.ts';
import type { Outbound, OutboundAnswer } from '../outbound/call.ts';
import { ClientUnreadable, type OpenClient } from './client-server.ts';

/** Of one answer, in bytes, unless less is said. */
const largestOfAny = 4 * 1024 * 1024;

/** @param timeout of one question, in milliseconds; the call that it is asked for ends it sooner */
export function clientReader(outbound: Outbound, timeout: number): OpenClient {
  return ({ base, token }, signal) => ({
    async read(query, largest = largestOfAny) {
      const headers = [{ name: 'accept', value: 'application/fhir+json' }, ...(token === undefined ? [] : [{ name: 'authorization', value: `Bearer ${token}` }])];
      const { status, body } = await asked(outbound.call({ url: `${base}/${query}`, method: 'GET', headers, timeout, answerLimit: largest, signal }));
      if (status === 404 || status === 410) throw new ClientUnreadable('there is none');
      if (status !== 200) throw new ClientUnreadable(status >= 500 ? 'it did not answer' : 'it refused');
      return parsed(body);
    },
  });
}

async function asked(answer: Promise<OutboundAnswer>): Promise<OutboundAnswer> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    throw new ClientUnreadable(error.code === 'outbound-refused' ? 'it may not be asked' : 'it did not answer', { cause: error });
  }
}

function parsed(body: Buffer): unknown {
  try {
    return parseJson(body.toString('utf8'));
  } catch (error) {
    if (error instanceof Problem) throw new ClientUnreadable('it answered with something else');
    throw error;
  }
}
