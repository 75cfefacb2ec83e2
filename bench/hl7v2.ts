/**
 * `npm run bench -- hl7v2`: messages mapped in a second, bytes to Bundle with its account: an ADT as most systems send
 * it, one with everything in it, and results. Best of five rounds in one process.
 */
import { mapMessage } from '../mappers/hl7v2/map.ts';
import { parseMessage } from '../mappers/hl7v2/syntax/parse.ts';
import { messages } from './hl7v2/messages.ts';

const ROUNDS = 5;
const SECONDS = 2;

export function run(words: readonly string[]): boolean {
  let isRight = true;
  for (const [name, lines] of Object.entries(messages)) {
    if (words.length > 0 && !words.includes(name)) continue;
    const bytes = Buffer.from(`${lines.join('\r')}\r`, 'utf8');
    const map = (): number => mapMessage(parseMessage(bytes).message!, { timeZone: 'America/New_York' }).bundle.entry!.length;
    for (let warm = 0; warm < 500; warm += 1) map();
    let best = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const began = performance.now();
      let count = 0;
      while (performance.now() - began < (SECONDS * 1000) / ROUNDS) {
        map();
        count += 1;
      }
      best = Math.max(best, (count / (performance.now() - began)) * 1000);
    }
    const result = mapMessage(parseMessage(bytes).message!, { timeZone: 'America/New_York' });
    isRight &&= result.ledger.length > 20 && result.acknowledgement.code === 'AA';
    process.stdout.write(`${JSON.stringify({ bench: 'hl7v2', case: name, bytes: bytes.length, resources: result.bundle.entry!.length, values: result.ledger.length + result.unmapped.length, messagesPerSecond: Math.round(best) })}\n`);
  }
  return isRight;
}
