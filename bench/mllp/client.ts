/** An MLLP sender that waits for the answer to each message. */
import { connect } from 'node:net';
import { Framer, frameOf } from '../../channels/mllp/frames.ts';

export interface Sender {
  /** Sends, and resolves with MSA-1 of the next answer. */
  ask(message: Buffer): Promise<string>;
  close(): void;
}

export async function openSender(port: number): Promise<Sender> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  const framer = new Framer(1 << 20);
  let answered: ((text: string) => void) | undefined;
  let failed: ((error: Error) => void) | undefined;
  socket.on('data', (chunk: Buffer) => {
    for (const frame of framer.push(chunk)) answered?.(frame.kind === 'content' ? frame.bytes.toString('latin1') : '');
  });
  socket.on('close', () => { failed?.(new Error('the connection was closed')); });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  socket.on('error', (error) => { failed?.(error); });
  return {
    async ask(message) {
      const answer = new Promise<string>((resolve, reject) => {
        answered = resolve;
        failed = reject;
      });
      socket.write(frameOf(message));
      return /\rMSA\|(..)/.exec(await answer)?.[1] ?? '';
    },
    close: () => { socket.destroy(); },
  };
}
