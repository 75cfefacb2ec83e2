/**
 * Who calls a CDS service: the JWT that a client signs for each call, with a key that the operator has listed. It is for
 * one address, lives five minutes at most and counts once. Only signatures of key pairs are taken: one without a key, or
 * made with a key that everybody can read, says nothing.
 * Source: CDS Hooks 2.0, "Trusting CDS Clients" (https://cds-hooks.hl7.org/2.0/#trusting-cds-clients); RFC 7519; RFC 8725.
 */
import { decodeJwt, decodeProtectedHeader, errors, importJWK, jwtVerify, type JWK, type JWTPayload, type ProtectedHeaderParameters } from 'jose';
import { Problem } from '../../fhir/problems.ts';
import type { Context } from '../../store/context.ts';
import type { Queryable } from '../../store/database.ts';
import { spendToken } from '../../store/spent-tokens.ts';
import type { ClientKeys } from './client-keys.ts';
import type { TrustedClient } from './trusted-clients.ts';

export interface AuthenticationParts {
  readonly database: Queryable;
  /** By issuer. */
  readonly clients: ReadonlyMap<string, TrustedClient>;
  readonly keys: ClientKeys;
}

/** @param authorization header of the call @param endpoint address that is called @throws {Problem} `cds-client-unknown` */
export type Authenticate = (authorization: string | undefined, endpoint: string, context: Pick<Context, 'tenant' | 'now'>) => Promise<TrustedClient>;

/** What the specification asks servers to take. */
const keyTypes: Readonly<Record<string, string>> = { ES384: 'EC', RS384: 'RSA' };
/** In seconds. */
const longestLife = 300;
/** By which clocks of clients may be ahead, in seconds. */
const leeway = 30;
const longestToken = 8192;
const longestId = 256;

export function authentication({ database, clients, keys }: AuthenticationParts): Authenticate {
  return async (authorization, endpoint, context) => {
    const token = bearerIn(authorization);
    const { header, claimed } = unverified(token);
    const { alg, kid, jku } = header;
    if (alg === undefined || !Object.hasOwn(keyTypes, alg)) throw refused('the algorithm must be ES384 or RS384');
    if (typeof kid !== 'string' || kid === '') throw refused('its header has no kid');
    const client = typeof claimed.iss === 'string' ? clients.get(claimed.iss) : undefined;
    if (!client || client.tenants?.has(context.tenant.name) === false) throw refused('its issuer is not known here');
    // An address of the caller's choice is never asked.
    if (jku !== undefined && jku !== client.keys) throw refused('its jku is not the address that is listed for the issuer');

    const now = context.now();
    const candidates = (typeof client.keys === 'string' ? await keys.find(client.keys, kid, now) : client.keys.filter((key) => key.kid === kid));
    if (candidates === undefined) throw refused('the keys of its issuer could not be fetched');
    const key = candidates.find(({ kty, alg: only, use }) => kty === keyTypes[alg] && (only === undefined || only === alg) && (use === undefined || use === 'sig'));
    if (!key) throw refused('its issuer has no such key');
    const { jti, exp } = await verified(token, key, alg, { issuer: client.issuer, endpoint, now });
    if (!await spendToken(database, { issuer: client.issuer, id: jti, expiresAt: new Date(exp * 1000) }, context)) throw refused('it was used before');
    return client;
  };
}

function bearerIn(authorization: string | undefined): string {
  const [, token] = /^Bearer +([\w-]+\.[\w-]+\.[\w-]*)$/i.exec(authorization ?? '') ?? [];
  if (authorization === undefined) throw refused('Authorization: Bearer with a JWT is expected');
  if (token === undefined || token.length > longestToken) throw refused('what is in Authorization is no JWT');
  return token;
}

/** Nothing in it is believed; it says which key to verify with. */
function unverified(token: string): { header: ProtectedHeaderParameters; claimed: JWTPayload } {
  try {
    return { header: decodeProtectedHeader(token), claimed: decodeJwt(token) };
  } catch (error) {
    throw refused('what is in Authorization is no JWT', error);
  }
}

async function verified(token: string, jwk: JWK, alg: string, { issuer, endpoint, now }: { readonly issuer: string; readonly endpoint: string; readonly now: Date }): Promise<{ jti: string; exp: number }> {
  const seconds = Math.floor(now.getTime() / 1000);
  const { payload } = await jwtVerify(token, await importJWK(jwk, alg).catch((error: unknown) => { throw refused('its issuer has no such key', error); }), {
    algorithms: [alg], issuer, audience: endpoint, currentDate: now, requiredClaims: ['iss', 'aud', 'exp', 'iat', 'jti'],
  }).catch((error: unknown) => { throw error instanceof Problem ? error : refused(reasonOf(error), error); });
  const { exp, iat, jti } = payload;
  if (exp === undefined || iat === undefined || iat > seconds + leeway) throw refused('its iat is not a time that is past');
  if (exp - iat > longestLife || exp > seconds + longestLife + leeway) throw refused(`it is good for more than ${longestLife / 60} minutes`);
  if (typeof jti !== 'string' || jti === '' || jti.length > longestId) throw refused(`its jti must have 1 to ${longestId} characters`);
  return { jti, exp };
}

function reasonOf(error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'it has expired';
  if (error instanceof errors.JWTClaimValidationFailed) return error.claim === 'aud' ? 'it is not for the address that is called' : 'one of iss, aud, exp, iat and jti is missing or wrong';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'it was not signed with the key of its issuer';
  return 'its header asks for what is not supported with the key of its issuer';
}

function refused(reason: string, cause?: unknown): Problem {
  return new Problem('cds-client-unknown', { reason }, undefined, cause === undefined ? undefined : { cause });
}
