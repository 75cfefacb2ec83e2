/**
 * `npm run bench -- hl7v2`: messages mapped in a second, bytes to Bundle with its account: an ADT as most systems send
 * it, one with everything in it, and results. Best of five rounds in one process: by the clock, and by the processor time
 * that the process took (microseconds of a message, of which so many to read it), which others on the machine do not change.
 */
import { mapMessage } from '../mappers/hl7v2/map.ts';
import { parseMessage } from '../mappers/hl7v2/syntax/parse.ts';
import { messages } from './hl7v2/messages.ts';

const ROUNDS = 5;
const SECONDS = 2;
const WARM_UP = 2000;

export function run(words: readonly string[]): boolean {
  let isRight = true;
  for (const [name, lines] of Object.entries(messages)) {
    if (words.length > 0 && !words.includes(name)) continue;
    const bytes = Buffer.from(`${lines.join('\r')}\r`, 'utf8');
    const map = (): number => mapMessage(parseMessage(bytes).message!, { timeZone: 'America/New_York' }).bundle.entry!.length;
    const whole = measure(map);
    const read = measure(() => parseMessage(bytes).message!.segments.length);
    const result = mapMessage(parseMessage(bytes).message!, { timeZone: 'America/New_York' });
    isRight &&= result.ledger.length > 20 && result.acknowledgement.code === 'AA';
    process.stdout.write(`${JSON.stringify({ bench: 'hl7v2', case: name, bytes: bytes.length, resources: result.bundle.entry!.length, values: result.ledger.length + result.unmapped.length, messagesPerSecond: Math.round(whole.perSecond), cpuMicroseconds: Math.round(whole.cpu), ofThemToRead: Math.round(read.cpu) })}\n`);
  }
  return isRight;
}

function measure(operate: () => number): { perSecond: number; cpu: number } {
  for (let warm = 0; warm < WARM_UP; warm += 1) operate();
  let [perSecond, cpu] = [0, Infinity];
  for (let round = 0; round < ROUNDS; round += 1) {
    const [began, spent] = [performance.now(), process.cpuUsage()];
    let count = 0;
    while (performance.now() - began < (SECONDS * 1000) / ROUNDS) {
      operate();
      count += 1;
    }
    perSecond = Math.max(perSecond, (count / (performance.now() - began)) * 1000);
    const { user, system } = process.cpuUsage(spent);
    cpu = Math.min(cpu, (user + system) / count);
  }
  return { perSecond, cpu };
}
