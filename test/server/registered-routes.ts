/** The routes that a server really has, read from its router, and what each of them is by its form alone. */
import type { FastifyInstance } from 'fastify';

export interface RegisteredRoute {
  readonly method: string;
  readonly url: string;
}

/** From fastify's printed tree of routes: the only list of what is mounted that does not come from the code under test. */
export function routesOf(server: FastifyInstance): readonly RegisteredRoute[] {
  const path: string[] = [];
  const routes: RegisteredRoute[] = [];
  for (const line of server.printRoutes({ commonPrefix: false }).split('\n')) {
    const parts = /^((?:│ {3}| {4})*)[├└]── ([^ ]*)(?: \(([^)]*)\))?/.exec(line);
    if (!parts) continue;
    const depth = parts[1]!.length / 4;
    path.splice(depth, path.length, parts[2]!);
    for (const method of (parts[3] ?? '').split(', ').filter((name) => name !== '' && name !== 'HEAD')) routes.push({ method, url: path.join('').replace(/(.)\/$/, '$1').replaceAll(/\([^)]*\)/g, '') });
  }
  return routes;
}

/** Undefined for a route that no FHIR client would expect. */
export function expectedInteraction({ method, url }: RegisteredRoute): string | undefined {
  const operation = /^\/fhir(?:\/(:type|[A-Z]\w*)(?:\/:id(?:\/_history\/:version)?)?)?\/(\$:?[\w-]+)$/.exec(url);
  if (operation?.[2] === '$:operation') return 'refused';
  if (operation) return `${operation[2]} of ${operation[1] === undefined ? 'the system' : operation[1] === ':type' ? 'every type' : operation[1]}`;
  // Binary has routes of its own for what every type has.
  return known[`${method} ${url.replace(/^\/fhir/, '').replace(/^\/Binary\b/, '/:type')}`];
}

/** What a route is for the whole system; a Bundle to the base is one of two things. */
export function systemInteractions(route: RegisteredRoute): readonly string[] {
  const interaction = expectedInteraction(route);
  return interaction === 'transaction' ? ['transaction', 'batch'] : interaction?.endsWith('-system') === true ? [interaction] : [];
}

const known: Readonly<Record<string, string>> = {
  'POST ': 'transaction',
  'POST /:type': 'create', 'GET /:type': 'search-type', 'POST /:type/_search': 'search-type', 'GET /:type/:id': 'read', 'PUT /:type/:id': 'update', 'DELETE /:type/:id': 'delete',
  'GET /:type/:id/_history': 'history-instance', 'GET /:type/:id/_history/:version': 'vread',
  'PUT /:type': 'update', 'DELETE /:type': 'delete', 'PATCH /:type': 'patch', 'PATCH /:type/:id': 'patch', 'GET /:type/_history': 'history-type', 'GET /_history': 'history-system', 'GET ': 'search-system',
  'POST /_search': 'search-system', 'GET /:type/:id/:member': 'search-type', 'POST /:type/:id/_search': 'search-type', 'POST /:type/:id/:member/_search': 'search-type',
};
