/** Which methods an address has, for those that come with another one (RFC 9110, section 15.5.6). */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../../fhir/problems.ts';

/**
 * Notes the routes as they are added; to be called before. The answer says what is wrong with a request that has no
 * route: `method-not-allowed`, with Allow in the reply, or `no-such-route`.
 */
export function noteMethods(server: FastifyInstance): (request: FastifyRequest, reply: FastifyReply) => Problem {
  const patterns = new Map<string, { readonly shape: RegExp; readonly methods: Set<string> }>();
  server.addHook('onRoute', ({ url, method }) => {
    const address = url.replace(/(.)\/$/, '$1');
    let pattern = patterns.get(address);
    if (pattern === undefined) patterns.set(address, pattern = { shape: shapeOf(address), methods: new Set() });
    for (const one of [method].flat()) pattern.methods.add(one);
  });
  return (request, reply) => {
    const path = request.url.replace(/\?.*$/s, '').replace(/(.)\/$/, '$1');
    const allowed = new Set([...patterns.values()].flatMap(({ shape, methods }) => shape.test(path) ? [...methods] : []));
    if (allowed.size === 0 || allowed.has(request.method)) return new Problem('no-such-route');
    const names = [...allowed].toSorted().join(', ');
    reply.header('allow', names);
    return new Problem('method-not-allowed', { method: /^[A-Z]{1,20}$/.test(request.method) ? request.method : 'That method', allowed: names });
  };
}

/** Parameters of an address stand for one step each. */
function shapeOf(address: string): RegExp {
  return new RegExp(`^${address.split('/').map((step) => step.startsWith(':') ? '[^/]+' : step.replace(/:\w+/g, '\u0000').replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('\u0000', '[^/]+')).join('/')}$`);
}
