/** What the two stores behind HTTP have in common in tests: a real server on a free port, objects in memory, faults on demand. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface StoredObject {
  readonly bytes: Buffer;
  readonly putAt: Date;
}

/** How a server misbehaves for its next requests. */
export interface Fault {
  status?: number;
  /** The connection is closed instead of an answer. */
  hangUp?: boolean;
  /** Requests left that it concerns. */
  times: number;
}

export interface StoreServer {
  readonly origin: string;
  readonly objects: Map<string, StoredObject>;
  readonly fault: Fault;
  /** `METHOD path` of each request, refused ones included. */
  readonly requests: string[];
  close(): Promise<void>;
}

export async function startStoreServer(answer: (request: IncomingMessage, response: ServerResponse, body: Buffer, server: StoreServer) => void): Promise<StoreServer> {
  const http = createServer((request, response) => {
    void buffer(request).then((body) => {
      store.requests.push(`${request.method} ${request.url}`);
      if (store.fault.times > 0) {
        store.fault.times -= 1;
        if (store.fault.hangUp === true) return void request.socket.destroy();
        return void response.writeHead(store.fault.status!).end('<Error/>');
      }
      return answer(request, response, body, store);
    }, () => {});
  });
  await new Promise<void>((resolve) => { http.listen(0, '127.0.0.1', resolve); });
  const store: StoreServer = {
    origin: `http://127.0.0.1:${(http.address() as AddressInfo).port}`, objects: new Map(), fault: { times: 0 }, requests: [],
    close: () => new Promise((resolve) => {
      http.close(() => resolve());
      http.closeAllConnections();
    }),
  };
  return store;
}

/** Sends an object or the range that was asked for. */
export function sendBytes(request: IncomingMessage, response: ServerResponse, { bytes }: StoredObject): void {
  const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
  if (!range) return void response.writeHead(200, { 'content-length': bytes.length }).end(request.method === 'HEAD' ? undefined : bytes);
  const [first, last] = [Number(range[1]), Math.min(Number(range[2]), bytes.length - 1)];
  if (first >= bytes.length) return void response.writeHead(416).end();
  return void response.writeHead(206, { 'content-length': last - first + 1, 'content-range': `bytes ${first}-${last}/${bytes.length}` }).end(bytes.subarray(first, last + 1));
}
