/** An MLLP client for tests that does as it is told, wrong things included: it sends bytes, and waits for frames. */
import { connect, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { Framer } from '../../../channels/mllp/frames.ts';

export const VT = '\u000b';
export const FS = '\u001c';

export interface MllpClient {
  readonly socket: Socket;
  /** As they are. */
  write(bytes: string | Uint8Array): void;
  /** The content of the next frame; rejects when the connection ends before. */
  next(): Promise<string>;
  /** Content in a frame, and the answer to it. */
  ask(content: string | Uint8Array): Promise<string>;
  /** Resolves when the other side has closed. */
  readonly closed: Promise<void>;
  close(): void;
}

export async function openClient(port: number, tls?: ConnectionOptions): Promise<MllpClient> {
  const socket = tls ? connectTls({ host: '127.0.0.1', port, ...tls }) : connect({ host: '127.0.0.1', port });
  const framer = new Framer(1 << 26);
  const answers: string[] = [];
  const waiting: { resolve(text: string): void; reject(error: Error): void }[] = [];
  let isClosed = false;
  socket.on('data', (chunk: Buffer) => {
    for (const frame of framer.push(chunk)) {
      const text = frame.kind === 'content' ? frame.bytes.toString('utf8') : 'too large';
      const first = waiting.shift();
      if (first) first.resolve(text);
      else answers.push(text);
    }
  });
  const closed = new Promise<void>((resolve) => {
    socket.on('close', () => {
      isClosed = true;
      for (const one of waiting) one.reject(new Error('the connection was closed'));
      resolve();
    });
  });
  await new Promise<void>((resolve, reject) => {
    socket.once(tls ? 'secureConnect' : 'connect', resolve);
    socket.once('error', reject);
  });
  socket.on('error', () => {});
  const next = (): Promise<string> => {
    const text = answers.shift();
    if (text !== undefined) return Promise.resolve(text);
    return isClosed ? Promise.reject(new Error('the connection was closed')) : new Promise((resolve, reject) => { waiting.push({ resolve, reject }); });
  };
  return {
    socket, closed, next,
    write: (bytes) => { socket.write(bytes); },
    ask(content) {
      socket.write(framed(content));
      return next();
    },
    close: () => { socket.destroy(); },
  };
}

export function framed(content: string | Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(VT), Buffer.from(content as string), Buffer.from(`${FS}\r`)]);
}
