/**
 * Clients that may call CDS services, as an operator lists them. As YAML or JSON:
 *
 *     clients:
 *       - issuer: https://ehr.example
 *         jwksUrl: https://ehr.example/.well-known/jwks.json
 *       - issuer: https://clinic.example
 *         jwks: { keys: [{ kty: EC, crv: P-384, kid: '2026', x: …, y: … }] }
 *         tenants: [acme]
 *         fhirServers: [https://clinic.example/fhir]
 *
 * Source: CDS Hooks 2.0, "Trusting CDS Clients" (https://cds-hooks.hl7.org/2.0/#trusting-cds-clients).
 */
import type { JWK } from 'jose';
import { z } from 'zod';

export interface TrustedClient {
  readonly issuer: string;
  /** Public keys, or the one address where they are. */
  readonly keys: readonly JWK[] | string;
  /** Names; undefined: all. */
  readonly tenants: ReadonlySet<string> | undefined;
  /** Bases of FHIR servers that its calls may have us read, evidence among it; undefined: any that may be called from here, and no evidence. */
  readonly fhirServers: ReadonlySet<string> | undefined;
}

/** Longer ones than of 8192 bits cost much time to verify with. Characters of base64url. */
const longestModulus = 1400;
const mostKeys = 100;

const key = z.looseObject({
  kty: z.enum(['EC', 'RSA'], 'a public key of a pair is expected, EC or RSA'),
  kid: z.string().min(1).max(256),
  n: z.string().max(longestModulus, 'the key is too large').optional(),
  d: z.undefined('the key is private; only its public part belongs here').optional(),
});
const keySet = z.looseObject({ keys: z.array(key).min(1).max(mostKeys) });
const client = z.strictObject({
  issuer: z.string().min(1).max(1000),
  jwks: keySet.optional(),
  jwksUrl: z.string().refine((url) => URL.canParse(url), 'an address is expected').optional(),
  tenants: z.array(z.string().min(1)).min(1).optional(),
  fhirServers: z.array(z.string().max(1000).refine((url) => /^https?:/i.test(url) && URL.canParse(url), 'the base of a FHIR server is expected')).min(1).max(100).optional(),
}).refine(({ jwks, jwksUrl }) => (jwks === undefined) !== (jwksUrl === undefined), 'either jwks or jwksUrl is expected');
const document = z.strictObject({ clients: z.array(client).min(1) });

/** @param documents what files say, parsed @throws {RangeError} with one line that says what is wrong in them */
export function readTrustedClients(documents: readonly unknown[]): ReadonlyMap<string, TrustedClient> {
  const clients = new Map<string, TrustedClient>();
  for (const each of documents) {
    const read = document.safeParse(each);
    if (!read.success) {
      const [issue] = read.error.issues;
      throw new RangeError(`${issue!.path.join('.') || 'the document'}: ${issue!.message}`);
    }
    for (const { issuer, jwks, jwksUrl, tenants, fhirServers } of read.data.clients) {
      if (clients.has(issuer)) throw new RangeError('an issuer occurs twice');
      clients.set(issuer, { issuer, keys: jwksUrl ?? jwks!.keys.map(asKey), tenants: tenants && new Set(tenants), fhirServers: fhirServers && new Set(fhirServers.map(withoutSlash)) });
    }
  }
  return clients;
}

/** As the base of a call's server is compared. */
export function withoutSlash(base: string): string {
  return base.replace(/\/+$/, '');
}

/** What more a key must have, by its type, is told when it is used. */
function asKey(data: z.infer<typeof key>): JWK {
  return { ...data, d: undefined } as unknown as JWK;
}

/** The public keys in a set as a client's server gives it; what is no such key is left out. Undefined for what is no set. */
export function keysIn(value: unknown): readonly JWK[] | undefined {
  const read = z.looseObject({ keys: z.array(z.unknown()).max(mostKeys) }).safeParse(value);
  return read.success ? read.data.keys.flatMap((each) => { const one = key.safeParse(each); return one.success ? [asKey(one.data)] : []; }) : undefined;
}
