/**
 * Which version of PAS a request is for: `/pas/VERSION` is taken off the front of its address before it is routed, so
 * that every version has the whole FHIR base, over the same records. Nothing but a FHIR base is under it.
 * Source: PAS 2.2.1, conf-1 to conf-3: an endpoint for each version that is not compatible with another.
 */
import type { IncomingMessage } from 'node:http';
import type { FastifyRequest } from 'fastify';
import { pasVersionNamed, type PasVersion } from '../../operations/prior-authorization/versions/pas-version.ts';

const prefix = /^\/pas\/([^/?]*)(?=\/fhir(?:[/?]|$))/;

/** Versions as the addresses name them; undefined where there is none of that name. */
const named = new WeakMap<IncomingMessage, PasVersion | undefined>();

/** @param url within the tenant */
export function withoutPasVersion(request: IncomingMessage, url: string): string {
  const name = prefix.exec(url)?.[1];
  if (name === undefined) return url;
  named.set(request, pasVersionNamed(name));
  return url.slice('/pas/'.length + name.length);
}

/** Undefined where the address says none: the current version. */
export function pasVersionOf({ raw }: Pick<FastifyRequest, 'raw'>): PasVersion | undefined {
  return named.get(raw);
}

/** Whether the version that the address names is served, if it names one. */
export function isPasAddress({ raw }: Pick<FastifyRequest, 'raw'>): boolean {
  return !named.has(raw) || named.get(raw) !== undefined;
}

/** The FHIR base of a version, where that of the tenant is `base`. */
export function pasBaseOf({ name }: PasVersion, base: string): string {
  return `${base.slice(0, base.lastIndexOf('/'))}/pas/${name}/fhir`;
}
