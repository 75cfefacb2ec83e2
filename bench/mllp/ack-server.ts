/** The listener with everything before landing: framing, the header read, an acknowledgement made and sent. */
import { randomBytes } from 'node:crypto';
import { newControlId } from '../../channels/hl7v2/control-id.ts';
import { listen } from '../../channels/mllp/listener.ts';
import { acknowledge } from '../../mappers/hl7v2/syntax/acknowledgement.ts';
import { headerIssues } from '../../mappers/hl7v2/syntax/accept.ts';
import { headerOf } from '../../mappers/hl7v2/syntax/parse.ts';
import { writeMessage } from '../../mappers/hl7v2/syntax/write.ts';

const clock = { now: () => new Date(), random: (count: number) => randomBytes(count) };

/** Serves until SIGTERM. */
export async function run(): Promise<void> {
  const listener = await listen({
    settings: { host: '127.0.0.1', port: 0, tls: undefined, connections: 1000, concurrency: 64, queue: 8, messageLimit: 1 << 24, memory: 1 << 28, frameTimeout: 30_000, idleTimeout: 60_000, drainTimeout: 1000 },
    // oxlint-disable-next-line require-await -- the listener takes what waits for a store
    async *receive(frame) {
      const { header } = headerOf(frame.kind === 'content' ? frame.bytes : frame.head);
      if (!header) return;
      const issues = headerIssues(header.segments[0]!);
      yield writeMessage(acknowledge(header, issues.length === 0 ? 'AA' : 'AR', issues, { controlId: newControlId(clock), now: clock.now() }))!;
    },
    observer: { opened: () => {}, ended: () => {} },
  });
  process.stdout.write(`mllp at ${listener.port}\n`);
  await new Promise<void>((resolve) => { process.once('SIGTERM', resolve); });
  await listener.stop();
}
