/**
 * Keys: what a token or reference search looks for, as 64-bit hashes in `resource.keys`.
 *
 * One hash stands for tenant, type, parameter and one of the forms in which the value can be asked for, so one
 * array under one index answers every combination of tokens and references. The hash is cryptographic (the first
 * 64 bits of SHA-256): a sender must not be able to choose a value that is found in another value's place. It is one
 * that PostgreSQL has as well, over text that SQL can build, so that a chain can make the key of what it found.
 */
import { hash } from 'node:crypto';

/** U+001F, which FHIR text cannot hold. */
const separator = '\u001f';

/** Forms of a token in a search (https://hl7.org/fhir/R4/search.html#token): `system|code`, `|code`, `code`, `system|`. */
export type TokenForm =
  | { readonly form: 'system-and-code'; readonly system: string; readonly code: string }
  | { readonly form: 'code-without-system'; readonly code: string }
  | { readonly form: 'code'; readonly code: string }
  | { readonly form: 'system'; readonly system: string }
  /** Of an identifier: one coding of its type, and its value (`:of-type`). */
  | { readonly form: 'of-type'; readonly system: string; readonly code: string; readonly value: string };

/** Makes the keys of one resource type in one tenant. */
export interface KeyMaker {
  token(parameter: string, form: TokenForm): bigint;
  /** A literal reference to a resource of this server. */
  reference(parameter: string, type: string, id: string): bigint;
  /** A reference to somewhere else, or a canonical, as it is written. */
  url(parameter: string, url: string): bigint;
  /** A canonical with its version. */
  versioned(parameter: string, url: string, version: string): bigint;
  /** The uri or one that begins with it and goes on behind a slash, a hash sign or (of a urn) a colon: `:below`. */
  uriBelow(parameter: string, prefix: string): bigint;
  /** Texts of a parameter's codes (`:text`): the key that the resources with this text have. */
  display(parameter: string, normalized: string): bigint;
  /** A composite of tokens, references and uris: the keys of its parts, made under the composite's name. */
  composite(parameter: string, parts: readonly bigint[]): bigint;
  /** Where a parameter's dates, strings and numbers are in the index tables. */
  scope(parameter: string): bigint;
  /** The same for a composite whose first part is a token of this code. */
  compositeScope(parameter: string, code: string): bigint;
  /** What `resource.code` has for this code (fhir/principal-code.ts). */
  principalCode(parameter: string, code: string): bigint;
  /** The number by which a row says that it has a value for the parameter. */
  present(parameter: string): number;
}

/** The key of what is in the compartment of a patient besides the one of its row; the same for all types. */
export function compartmentKey(tenant: number, patient: string): bigint {
  return hashOf(`${tenant}${separator}compartment${separator}Patient/${patient}`);
}

/** What stands for a system beside the code of a composite. */
export function systemKey(system: string): bigint {
  return hashOf(`system${separator}${system}`);
}

/** What stands before the target's id in the text whose hash is `KeyMaker.reference`; for keys that SQL makes. Without a type, before `Type/id`. */
export function referenceKeyPrefix(tenant: number, type: number, parameter: string, targetType: string | undefined): string {
  return [tenant, type, parameter, 'r', targetType === undefined ? '' : `${targetType}/`].join(separator);
}

/** What stands before a code in the text whose hash is `KeyMaker.token`, with its system or without any; for keys that SQL makes. */
export function tokenKeyPrefix(tenant: number, type: number, parameter: string, system: string | undefined): string {
  return [tenant, type, parameter, ...(system === undefined ? ['nc'] : ['sc', system]), ''].join(separator);
}

/**
 * Hashes that were made: codes, systems and scopes come again with nearly every resource, and looking one up costs a
 * tenth of making it. Full, it starts anew; what comes often is soon back.
 */
const made = new Map<string, bigint>();
const mostMade = 65_536;

/** The first eight bytes of a hash, on their way to a number. */
const first = Buffer.alloc(8);

function hashOf(text: string): bigint {
  let key = made.get(text);
  if (key === undefined) {
    // As a string it costs a third of what a buffer of its own costs.
    first.write(hash('sha256', text, 'binary'), 'latin1');
    key = first.readBigInt64BE(0);
    if (made.size >= mostMade) made.clear();
    // A long text is rare, and would be kept for nothing.
    if (text.length <= 256) made.set(text, key);
  }
  return key;
}

/** Makers that were made, by tenant and type: each knows the scopes of its parameters. */
const makers = new Map<number, KeyMaker>();
const mostMakers = 4096;

export function keyMaker(tenant: number, type: number): KeyMaker {
  const number = tenant * 1024 + type;
  let maker = makers.get(number);
  if (maker === undefined) {
    if (makers.size >= mostMakers) makers.clear();
    makers.set(number, maker = newKeyMaker(tenant, type));
  }
  return maker;
}

function newKeyMaker(tenant: number, type: number): KeyMaker {
  const places = new Map<string, { scope: bigint; present: number }>();
  const placeOf = (parameter: string): { scope: bigint; present: number } => {
    let place = places.get(parameter);
    if (place === undefined) {
      const scope = key(parameter, 'scope', '');
      place = { scope, present: Number(BigInt.asIntN(32, scope)) };
      // Names come from definitions, and there are few; what a request made up is not kept.
      if (places.size < 1024) places.set(parameter, place);
    }
    return place;
  };
  const key = (parameter: string, kind: string, value: string): bigint =>
    hashOf(`${tenant}${separator}${type}${separator}${parameter}${separator}${kind}${separator}${value}`);

  return {
    token(parameter, form) {
      switch (form.form) {
        case 'system-and-code': return key(parameter, 'sc', `${form.system}${separator}${form.code}`);
        case 'code-without-system': return key(parameter, 'nc', form.code);
        case 'code': return key(parameter, 'c', form.code);
        case 'system': return key(parameter, 's', form.system);
        case 'of-type': return key(parameter, 'ot', `${form.system}${separator}${form.code}${separator}${form.value}`);
      }
    },
    reference: (parameter, targetType, id) => key(parameter, 'r', `${targetType}/${id}`),
    url: (parameter, url) => key(parameter, 'u', url),
    versioned: (parameter, url, version) => key(parameter, 'v', `${url}${separator}${version}`),
    uriBelow: (parameter, prefix) => key(parameter, 'b', prefix),
    display: (parameter, normalized) => key(parameter, 't', normalized),
    composite: (parameter, parts) => key(parameter, 'm', parts.join(separator)),
    scope: (parameter) => placeOf(parameter).scope,
    compositeScope: (parameter, code) => key(parameter, 'scope', code),
    principalCode: (parameter, code) => key(parameter, 'pc', code),
    present: (parameter) => placeOf(parameter).present,
  };
}
