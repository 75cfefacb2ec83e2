/** The MLLP listener: sockets, TLS, how many of them, and the way they end when the server stops. */
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { Connection, type Ending } from './connection.ts';
import type { Frame } from './frames.ts';
import { placesFor } from './places.ts';
import type { MllpSettings } from './settings.ts';

/** Who is at the other end, as far as the connection tells. */
export interface Peer {
  /** Common name of its client certificate, where it had to show one. */
  readonly certificate?: string;
}

export interface ListenerParts {
  readonly settings: MllpSettings;
  readonly receive: (frame: Frame, peer: Peer) => AsyncIterable<Uint8Array>;
  readonly observer: ListenerObserver;
}

/** Told to whoever counts and logs; nothing of what was sent. */
export interface ListenerObserver {
  opened(): void;
  ended(ending: Ending | 'refused' | 'tls'): void;
}

export interface MllpListener {
  readonly port: number;
  /** Takes no connection any more, answers what was read, ends. Safe to call twice. */
  stop(): Promise<void>;
}

/** @throws where it cannot listen (the port is taken), or the certificate cannot be read */
export async function listen({ settings, receive, observer }: ListenerParts): Promise<MllpListener> {
  const connections = new Set<Connection>();
  const places = placesFor(settings.concurrency);
  const memory = { held: 0 };
  const accept = (socket: Socket, peer: Peer): void => {
    if (connections.size >= settings.connections) {
      observer.ended('refused');
      socket.on('error', () => {});
      socket.destroy();
      return;
    }
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 60_000);
    const connection = new Connection({
      socket, settings, places, memory, receive: (frame) => receive(frame, peer),
      onEnd(ending) {
        connections.delete(connection);
        observer.ended(ending);
      },
    });
    connections.add(connection);
    observer.opened();
  };
  const server = serverFor(settings, accept, observer);
  // Also those whose TLS handshake goes on.
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => { sockets.delete(socket); });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: settings.host, port: settings.port }, () => {
      server.off('error', reject);
      // No more sockets to be had, say: connections that are there go on.
      server.on('error', () => { observer.ended('refused'); });
      resolve();
    });
  });
  const bound = server.address();
  let stopping: Promise<void> | undefined;
  return {
    port: typeof bound === 'object' && bound ? bound.port : settings.port,
    stop: () => (stopping ??= stop(server, connections, sockets, settings.drainTimeout)),
  };
}

function serverFor({ tls, connections, frameTimeout }: MllpSettings, accept: (socket: Socket, peer: Peer) => void, observer: ListenerObserver): Server {
  if (tls === undefined) return createServer({ allowHalfOpen: true }, (socket) => { accept(socket, {}); });
  const demanded = tls.clientAuthorities !== undefined;
  const server = createTlsServer({
    cert: tls.certificate, key: tls.key, minVersion: 'TLSv1.2', allowHalfOpen: true, handshakeTimeout: frameTimeout,
    ...(demanded && { ca: tls.clientAuthorities, requestCert: true, rejectUnauthorized: true }),
  }, (socket) => { accept(socket, demanded ? { certificate: commonName(socket) } : {}); });
  // Handshakes that are not finished are connections too.
  server.maxConnections = connections * 2;
  server.on('tlsClientError', (_, socket) => {
    observer.ended('tls');
    socket.destroy();
  });
  return server;
}

/** A subject may repeat its common name; the first is its own. */
function commonName(socket: TLSSocket): string {
  const name: string | string[] | undefined = socket.getPeerCertificate().subject.CN;
  return (Array.isArray(name) ? name[0] : name) ?? '';
}

async function stop(server: Server, connections: ReadonlySet<Connection>, sockets: ReadonlySet<Socket>, drainTimeout: number): Promise<void> {
  const closed = new Promise<void>((resolve) => { server.close(() => { resolve(); }); });
  const ended = Array.from(connections, (connection) => {
    connection.stop();
    return connection.ended;
  });
  const timer = setTimeout(() => { for (const socket of sockets) socket.destroy(); }, drainTimeout);
  await closed;
  await Promise.all(ended);
  clearTimeout(timer);
}
