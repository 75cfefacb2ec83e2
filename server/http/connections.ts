/**
 * Connections when the server stops: those without a request are closed at once, the others when their answers are
 * out. Node closes by itself only connections that have had a request; one that was opened ahead, as browsers and
 * load balancers do, would keep the server from ending.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

export function closeConnectionsOnStop(server: FastifyInstance): void {
  /** Requests under way on each open connection. */
  const open = new Map<Socket, number>();
  let stopping = false;
  server.server.on('connection', (socket: Socket) => {
    open.set(socket, 0);
    socket.once('close', () => { open.delete(socket); });
  });
  server.server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    open.set(socket, (open.get(socket) ?? 0) + 1);
    response.once('close', () => {
      if (!open.has(socket)) return;
      const left = (open.get(socket) ?? 1) - 1;
      open.set(socket, left);
      if (stopping && left === 0) socket.destroySoon();
    });
  });
  server.addHook('preClose', async () => {
    stopping = true;
    for (const [socket, requests] of open) if (requests === 0) socket.destroy();
  });
}
