/** Answers in a form that is not FHIR, for whoever asks for it by name: `Accept: text/csv`, `_format=csv`. */
import type { FastifyRequest } from 'fastify';
import { queryOf } from './media-types.ts';

/** The first of `types` that the request names; a form that it names beside FHIR is not asked for. */
export function otherTypeOf(request: FastifyRequest, types: readonly string[]): string | undefined {
  const formats = queryOf(request).flatMap(([name, value]) => name === '_format' ? [value.trim().toLowerCase()] : []);
  const [format, ...more] = formats;
  if (format !== undefined) return more.length > 0 ? undefined : types.find((type) => format === type || format === shortName(type));
  const accepted = (request.headers.accept ?? '').toLowerCase().split(',').map((range) => range.split(';').map((part) => part.trim()))
    .filter(([, ...parameters]) => !parameters.some((parameter) => /^q\s*=\s*0(\.0*)?$/.test(parameter))).map(([name]) => name);
  return accepted.some((name) => name?.startsWith('application/fhir+') && !types.includes(name)) ? undefined : types.find((type) => accepted.includes(type));
}

/** `csv` of `text/csv`, `ndjson` of `application/fhir+ndjson`. */
function shortName(type: string): string {
  return type.slice(type.indexOf('/') + 1).replace(/^(?:fhir\+|x-)/, '');
}
