/**
 * Keys: what a token or reference search looks for, as 64-bit hashes in `resource.keys`.
 *
 * One hash stands for tenant, type, parameter and one of the forms in which the value can be asked for, so one
 * array under one index answers every combination of tokens and references. The hash is cryptographic (the first
 * 64 bits of SHA-256): a sender must not be able to choose a value that is found in another value's place. It is one
 * that PostgreSQL has as well, over text that SQL can build, so that a chain can make the key of what it found.
 */
import { hash } from 'node:crypto';

/** Forms of a token in a search (https://hl7.org/fhir/R4/search.html#token): `system|code`, `|code`, `code`, `system|`. */
export type TokenForm =
  | { readonly form: 'system-and-code'; readonly system: string; readonly code: string }
  | { readonly form: 'code-without-system'; readonly code: string }
  | { readonly form: 'code'; readonly code: string }
  | { readonly form: 'system'; readonly system: string };

/** Makes the keys of one resource type in one tenant. */
export interface KeyMaker {
  token(parameter: string, form: TokenForm): bigint;
  /** A literal reference to a resource of this server. */
  reference(parameter: string, type: string, id: string): bigint;
  /** A reference to somewhere else, or a canonical, as it is written. */
  url(parameter: string, url: string): bigint;
}

/** U+001F, which FHIR text cannot hold. */
const separator = '\u001f';

export function keyMaker(tenant: number, type: number): KeyMaker {
  const key = (parameter: string, kind: string, value: string): bigint =>
    hash('sha256', `${tenant}${separator}${type}${separator}${parameter}${separator}${kind}${separator}${value}`, 'buffer').readBigInt64BE(0);

  return {
    token(parameter, form) {
      switch (form.form) {
        case 'system-and-code': return key(parameter, 'sc', `${form.system}${separator}${form.code}`);
        case 'code-without-system': return key(parameter, 'nc', form.code);
        case 'code': return key(parameter, 'c', form.code);
        case 'system': return key(parameter, 's', form.system);
      }
    },
    reference: (parameter, targetType, id) => key(parameter, 'r', `${targetType}/${id}`),
    url: (parameter, url) => key(parameter, 'u', url),
  };
}
