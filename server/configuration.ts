/** Configuration from the environment through one schema. A bad value stops the start with one clear line. */
import { availableParallelism } from 'node:os';
import { z } from 'zod';
import type { MllpSettings } from '../channels/mllp/settings.ts';
import { readEnrollmentSenders } from '../channels/x12/enrollment.ts';
import { loopbackRules, readOutboundRules, type OutboundRules } from '../operations/outbound/allowed.ts';
import { strictnesses, type Strictness } from '../operations/validate/policy.ts';
import { defaultLimits, type PackageLimits } from '../profiles/packages/limits.ts';
import type { S3Credentials } from '../store/objects/s3.ts';

const loopback = /^(127(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3}|localhost|::1)$/;

const flag = z.enum(['0', '1']).transform((value) => value === '1');
const integer = (from: number, to: number) => z.string().regex(/^\d+$/, 'a whole number is expected').transform(Number).pipe(z.number().min(from).max(to));

function isBaseUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, search, hash, username, password } = new URL(value);
  return /^https?:$/.test(protocol) && search + hash + username + password === '';
}

function isObjectAddress(value: string): boolean {
  return /^file:./.test(value) || (/^(s3|gs):\/\/[a-z0-9][a-z0-9.\-_]{1,220}[a-z0-9](\/[^?#]*)?(\?[^#]*)?$/.test(value) && URL.canParse(value));
}

const tenantName = /^[a-z0-9-]{1,40}$/;
const tenantNames = z.string().transform((value) => value.split(',').map((name) => name.trim()))
  .refine((names) => names.every((name) => tenantName.test(name) && name !== 'default'), 'names of 1 to 40 characters from a-z, 0-9 and "-" are expected, with commas between them; "default" is there anyway')
  .refine((names) => new Set(names).size === names.length, 'a name occurs twice');

const none: OutboundRules = { hosts: new Set(), ranges: [] };

const databaseAddress = z.string().refine((value) => /^postgres(ql)?:\/\//.test(value) && URL.canParse(value), 'a postgres:// address is expected');

const origins = (text: string): string[] => text.split(',').map((one) => one.trim()).filter((one) => one !== '');

const schema = z.object({
  PORT: integer(0, 65_535).default(8080).describe('Port of the HTTP server; 0 takes a free one.'),
  HOST: z.string().regex(loopback, 'only a loopback address (127.0.0.1, ::1, localhost) is allowed until access control exists').default('127.0.0.1')
    .describe('Address the HTTP server listens on. Loopback only until access control exists.'),
  DATABASE_URL: databaseAddress.optional()
    .describe('A PostgreSQL server of your own (15 or newer). Without it one is started in PRIORA_DATA_DIR.'),
  DATABASE_REPLICA_URL: databaseAddress.optional()
    .describe('A streaming replica of that server (or a balancer before several). Reads go there when it has replayed all that was committed before them; otherwise, and for everything else, to DATABASE_URL.'),
  PRIORA_DATA_DIR: z.string().min(1).default('./data').describe('Where the embedded PostgreSQL keeps its data.'),
  PRIORA_DEMO: flag.default(false).describe('1 loads the demo payer at the first start.'),
  PRIORA_POLICIES_DIR: z.string().min(1).optional().describe('Folder of rule packs (YAML or JSON). In demo mode the demo packs are loaded when this is unset.'),
  PRIORA_BASE_URL: z.string().refine(isBaseUrl, 'an http or https address without query and fragment is expected').optional().describe('Public address of the FHIR base, where it is not http://HOST:PORT/fhir.'),
  PRIORA_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info').describe('Log level.'),
  PRIORA_BODY_LIMIT: integer(1024, 256 * 1024 * 1024).default(16 * 1024 * 1024).describe('Largest request body, in bytes.'),
  PRIORA_OBJECTS: z.string().refine(isObjectAddress, 'file:FOLDER, s3://BUCKET/PREFIX or gs://BUCKET/PREFIX is expected').optional()
    .describe('Where large contents (Binary, attachments) are kept: `file:FOLDER`, `s3://BUCKET/PREFIX?region=…&endpoint=…` or `gs://BUCKET/PREFIX?endpoint=…`. Without it the folder objects in PRIORA_DATA_DIR.'),
  AWS_ACCESS_KEY_ID: z.string().optional().describe('Who asks, where PRIORA_OBJECTS is an s3: address.'),
  AWS_SECRET_ACCESS_KEY: z.string().optional().describe('The secret of that key.'),
  AWS_SESSION_TOKEN: z.string().optional().describe('Where the key is a temporary one.'),
  PRIORA_BINARY_LIMIT: integer(1024, 5 * 1024 * 1024 * 1024).default(256 * 1024 * 1024).describe('Largest content of a Binary, in bytes.'),
  PRIORA_HELD_DAYS: integer(1, 366).default(30).describe('How long a document that nobody has asked for waits for the request that names it, in days; then it is removed at night.'),
  PRIORA_HELD_BYTES: integer(1, 1_000_000_000_000).default(268_435_456).describe('Most bytes of documents of one sender that wait for a request, as they came.'),
  PRIORA_HELD_LIMIT: integer(1, 1_000_000).default(1000).describe('Most documents of one sender that wait for a request.'),
  PRIORA_SIGNATURE_ANCHORS: z.string().min(1).optional().describe('File, or folder of files (`.pem`, `.crt`), with the certificates of authorities (PEM) from one of which that of whoever signs a document must come. Without it signatures are verified all the same, and whoever signs is told the reviewer as not trusted.'),
  PRIORA_ATTACHMENT_INLINE_LIMIT: integer(0, 16 * 1024 * 1024).default(16 * 1024).describe('Data of an attachment that stays inline at most, in bytes; what is larger becomes a Binary.'),
  PRIORA_BUNDLE_LIMIT: integer(1, 10_000).default(1000).describe('Most entries in a transaction Bundle.'),
  PRIORA_BUNDLE_TIMEOUT: integer(10, 3_600_000).default(60_000).describe('How long a batch or a transaction may take, in milliseconds. Then entries of a batch that were not begun are answered with 503, and a transaction is rolled back.'),
  PRIORA_CONDITIONAL_DELETE: z.enum(['single', 'multiple']).default('single').describe('Whether a conditional delete may delete several resources (1000 at most) or is refused when more than one matches.'),
  PRIORA_TENANTS: tenantNames.optional().describe('Payers that this server hosts beside `default`, by name, with commas between them. The FHIR base of each is `/tenant/NAME/fhir`.'),
  PRIORA_VALIDATION: z.enum(strictnesses).default('enforce').describe('What becomes of a resource that is written and not valid by the definitions of FHIR R4: nothing is checked (off), what is wrong is told (warn), or it is refused (enforce).'),
  PRIORA_VALIDATION_PROFILES: z.enum(strictnesses).default('warn').describe('The same of the profiles that a resource claims in meta.profile.'),
  PRIORA_VALIDATION_POLICY: z.string().min(1).optional().describe('File (YAML or JSON) that says it by tenant and by profile; see the guide on validation.'),
  PRIORA_WORKERS: integer(1, 64).default(1).describe('Processes that serve HTTP on the same port. One is enough on two processors that PostgreSQL shares.'),
  PRIORA_JOBS: flag.default(true).describe('1 runs background jobs (indexing again) in this server; 0 leaves them to others on the same database.'),
  PRIORA_SEARCH_TIMEOUT: integer(10, 600_000).default(10_000).describe('How long a search may take in the store, in milliseconds; then it is given up with a 403.'),
  PRIORA_GRAPHQL_DEPTH: integer(1, 100).default(25).describe('Most levels of fields in a GraphQL query.'),
  PRIORA_GRAPHQL_COST: integer(100, 100_000_000).default(100_000).describe('Largest estimated cost of a GraphQL query, in fields that it may have to resolve; a search counts as 50.'),
  PRIORA_HEADER_LIMIT: integer(4096, 1024 * 1024).default(16 * 1024).describe('Largest request line and headers together, in bytes. Searches with longer parameters go by POST.'),
  PRIORA_CDS_BUDGET: integer(10, 60_000).default(4500).describe('How long a call of a CDS service may take, in milliseconds; then it is answered with `technical`. CRD allows five seconds.'),
  PRIORA_CDS_ORIGINS: z.string().refine((text) => origins(text).every((origin) => URL.canParse(origin) && new URL(origin).origin === origin), 'origins as https://ehr.example, with commas between them, are expected').optional().describe('Origins whose pages may call CDS services that need no signature (CORS), with commas between them. Unset: none.'),
  PRIORA_CDS_CLIENTS: z.string().min(1).optional().describe('File (YAML or JSON), or folder of files, with the clients that may call CDS services: issuer, keys, tenants, their FHIR servers; see the guide on coverage requirements. Then every call needs a JWT that one of them signed. Without it calls are not signed.'),
  PRIORA_PACKAGES: z.string().min(1).optional().describe('Folder of FHIR packages (`.tgz`, or unpacked) that are installed at start, for all tenants.'),
  PRIORA_PACKAGE_REGISTRY: z.string().refine(isBaseUrl, 'an http or https address without query and fragment is expected').default('https://packages.fhir.org').describe('Registry that `priora package add NAME@VERSION` asks.'),
  PRIORA_PACKAGE_LIMIT: integer(1024, 4 * 1024 * 1024 * 1024).default(defaultLimits.compressed).describe('Largest FHIR package as it comes, in bytes.'),
  PRIORA_PACKAGE_UNPACKED_LIMIT: integer(1024, 64 * 1024 * 1024 * 1024).default(defaultLimits.unpacked).describe('Most that may be in a FHIR package, unpacked, in bytes.'),
  PRIORA_MLLP_PORT: integer(0, 65_535).optional().describe('Port of the MLLP listener for HL7v2 messages (2575 by convention); 0 takes a free one. Without it there is no listener.'),
  PRIORA_MLLP_HOST: z.string().min(1).optional().describe('Address the MLLP listener listens on. Without it HOST; other than loopback only where client certificates are demanded (PRIORA_MLLP_TLS_CLIENT_CA).'),
  PRIORA_ENROLLMENT_SENDERS: z.string().refine((text) => readEnrollmentSenders(text) !== undefined, 'numbers of senders with commas between them, or * alone, are expected').optional().describe('Whose X12 enrollments (834) are the plan\'s own word and make members: numbers of interchange senders (ISA06), each alone or as QUALIFIER:NUMBER, or `*` for everybody. Unset: everybody in demo mode, nobody otherwise.'),
  PRIORA_MLLP_TENANT: z.string().regex(tenantName, 'the name of a tenant is expected').default('default').describe('Whom messages are for, where PRIORA_MLLP_PARTNERS does not say it by MSH-5 and MSH-6.'),
  PRIORA_MLLP_PARTNERS: z.string().min(1).optional().describe('File (YAML or JSON) of senders and receivers by MSH-3 to MSH-6; see the guide on HL7v2.'),
  PRIORA_MLLP_TLS_CERT: z.string().min(1).optional().describe('File with the certificate of the MLLP listener and its chain (PEM). Without it MLLP is not encrypted.'),
  PRIORA_MLLP_TLS_KEY: z.string().min(1).optional().describe('File with its private key (PEM).'),
  PRIORA_MLLP_TLS_CLIENT_CA: z.string().min(1).optional().describe('File with the authorities of client certificates (PEM). Then every client of the MLLP listener must show one.'),
  PRIORA_MLLP_CONNECTIONS: integer(1, 10_000).default(100).describe('Most MLLP connections at the same time, in one process; further ones are closed at once.'),
  PRIORA_MLLP_CONCURRENCY: integer(1, 1000).default(64).describe('Most HL7v2 messages that are worked on at the same time, in one process: as many as one transaction takes. A message of several megabytes counts as as many. Those of one connection are taken one after another.'),
  PRIORA_MLLP_QUEUE: integer(1, 1000).default(8).describe('Most messages of one MLLP connection that are read ahead; then nothing more is read from it until one is answered.'),
  PRIORA_MLLP_MESSAGE_LIMIT: integer(1024, 256 * 1024 * 1024).default(16 * 1024 * 1024).describe('Largest HL7v2 message (or batch), in bytes.'),
  PRIORA_MLLP_MEMORY: integer(1024, 8 * 1024 * 1024 * 1024).default(256 * 1024 * 1024).describe('Most bytes of messages that have begun and not ended, over all MLLP connections of one process; the connection that goes beyond is closed.'),
  PRIORA_MLLP_FRAME_TIMEOUT: integer(10, 3_600_000).default(30_000).describe('How long a message may take to arrive, an answer to be taken, and TLS to begin, in milliseconds; then the connection is closed.'),
  PRIORA_MLLP_IDLE_TIMEOUT: integer(10, 86_400_000).default(3_600_000).describe('How long an MLLP connection may say nothing, in milliseconds; then it is closed.'),
  PRIORA_MLLP_DRAIN_TIMEOUT: integer(10, 600_000).default(10_000).describe('How long MLLP connections may take to end when the server stops, in milliseconds. What was read until then is answered.'),
  PRIORA_TOPICS: z.string().min(1).optional().describe('Folder of subscription topics (JSON in the shape of the R5 SubscriptionTopic), beside those that come with the server.'),
  PRIORA_EVENT_DAYS: integer(1, 3660).default(30).describe('How long events are kept after they were told, in days: those of subscriptions that were taken, and those of authorizations for whoever tells of them. Then they are removed at night.'),
  PRIORA_LATER_ANSWER_DAYS: integer(1, 36_600).default(730).describe('How long an answer that came later, by X12 or HL7v2, is offered to a partner who does not acknowledge it, in days. Then it is removed at night; the decision stays on record, and an inquiry tells it.'),
  PRIORA_SUBSCRIPTION_PAST_END: flag.optional().describe('1 takes Subscriptions whose end is past as if they had none, 0 refuses them. Without it 1 in demo mode and 0 otherwise.'),
  PRIORA_OUTBOUND_ALLOW: z.string().refine((value) => readOutboundRules(value) !== undefined, 'names of hosts, addresses and ranges (10.0.0.0/8) are expected, with commas between them').optional()
    .describe('Hosts, addresses and ranges that this server calls when a client names them (subscriptions) although they are internal, and also without TLS; with commas between them. All others must be public, by https. Without it none; in demo mode this machine.'),
  PRIORA_REQUEST_TIMEOUT: integer(1, 3600).default(60).describe('How long a request may take to arrive, in seconds.'),
  PRIORA_DATABASE_CONNECTIONS: integer(1, 200).optional().describe('Most connections to PostgreSQL. Without it two for each processor, and two more: further ones only wait for each other. With several workers each has its part of these, and this many where it is set.'),
});

export interface Configuration {
  readonly port: number;
  readonly host: string;
  readonly databaseUrl: string | undefined;
  readonly databaseReplicaUrl: string | undefined;
  readonly dataDirectory: string;
  readonly demo: boolean;
  /** Whose enrollments make members, as `readEnrollmentSenders` reads it. */
  readonly enrollmentSenders: string;
  readonly policiesDirectory: string | undefined;
  readonly baseUrl: string | undefined;
  readonly logLevel: string;
  readonly bodyLimit: number;
  /** Address of the object store; a folder in the data directory where undefined. */
  readonly objects: string | undefined;
  /** For an object store of S3. */
  readonly objectCredentials: S3Credentials | undefined;
  readonly binaryLimit: number;
  readonly attachmentInlineLimit: number;
  /** Of documents that wait for their request. */
  readonly keeping: { readonly days: number; readonly perSender: number; readonly bytesPerSender: number };
  /** Where the authorities of signatures are. */
  readonly signatureAnchors: string | undefined;
  readonly bundleLimit: number;
  /** In milliseconds. */
  readonly bundleTimeout: number;
  readonly conditionalDelete: 'single' | 'multiple';
  /** Beside `default`. */
  readonly tenants: readonly string[];
  /** Of the definitions of FHIR, and of profiles that are claimed. */
  readonly validation: { readonly base: Strictness; readonly claimed: Strictness };
  /** A file that says more. */
  readonly validationPolicy: string | undefined;
  /** Processes that serve HTTP. */
  readonly workers: number;
  readonly jobs: boolean;
  /** In milliseconds. */
  readonly searchTimeout: number;
  /** Folder of FHIR packages to install at start. */
  readonly packages: string | undefined;
  readonly packageRegistry: string;
  readonly packageLimits: PackageLimits;
  readonly graphqlDepth: number;
  readonly graphqlCost: number;
  readonly headerLimit: number;
  /** Milliseconds that a call of a CDS service may take. */
  readonly cdsBudget: number;
  /** Where the clients of CDS services are listed; undefined: calls are not signed. */
  readonly cdsClients: string | undefined;
  readonly cdsOrigins: readonly string[];
  /** In seconds. */
  readonly requestTimeout: number;
  readonly databaseConnections: number;
  /** Folder of a plan's own subscription topics. */
  readonly topics: string | undefined;
  /** Days that events are kept after they were told. */
  readonly eventDays: number;
  readonly laterAnswerDays: number;
  /** Takes Subscriptions whose end is past. */
  readonly pastSubscriptions: boolean;
  /** What may be called beside public addresses by https. */
  readonly outbound: OutboundRules;
  /** The MLLP listener; undefined where there is none. */
  readonly mllp: MllpConfiguration | undefined;
}

/** What of the listener comes from files is read when it is opened (mllp.ts). */
export interface MllpConfiguration extends Omit<MllpSettings, 'tls'> {
  readonly tenant: string;
  readonly partners: string | undefined;
  readonly tls: { readonly certificate: string; readonly key: string; readonly clientAuthorities: string | undefined } | undefined;
}

/** One line for a person: which variable, and what is wrong with it. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

/** @throws {ConfigurationError} */
export function readConfiguration(environment: Readonly<Record<string, string | undefined>>): Configuration {
  const known = Object.fromEntries(Object.keys(schema.shape).flatMap((name) => {
    const value = environment[name];
    return value === undefined || value === '' ? [] : [[name, value]];
  }));
  const result = schema.safeParse(known);
  if (!result.success) {
    // Values stay out of the message: a DATABASE_URL holds a password.
    throw new ConfigurationError(result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '));
  }
  const value = result.data;
  const objectCredentials = readCredentials(value);
  if (objectCredentials === undefined && value.PRIORA_OBJECTS?.startsWith('s3:')) throw new ConfigurationError('AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY: PRIORA_OBJECTS is in S3, which answers nobody without them');
  return {
    topics: value.PRIORA_TOPICS, eventDays: value.PRIORA_EVENT_DAYS, laterAnswerDays: value.PRIORA_LATER_ANSWER_DAYS, pastSubscriptions: value.PRIORA_SUBSCRIPTION_PAST_END ?? value.PRIORA_DEMO,
    mllp: readMllp(value), outbound: readOutboundRules(value.PRIORA_OUTBOUND_ALLOW ?? (value.PRIORA_DEMO ? loopbackRules : '')) ?? none,
    port: value.PORT, host: value.HOST, databaseUrl: value.DATABASE_URL, databaseReplicaUrl: value.DATABASE_REPLICA_URL, dataDirectory: value.PRIORA_DATA_DIR, demo: value.PRIORA_DEMO,
    enrollmentSenders: value.PRIORA_ENROLLMENT_SENDERS ?? (value.PRIORA_DEMO ? '*' : ''), policiesDirectory: value.PRIORA_POLICIES_DIR, baseUrl: value.PRIORA_BASE_URL?.replace(/\/+$/, ''), logLevel: value.PRIORA_LOG_LEVEL,
    objects: value.PRIORA_OBJECTS, objectCredentials, binaryLimit: value.PRIORA_BINARY_LIMIT, attachmentInlineLimit: value.PRIORA_ATTACHMENT_INLINE_LIMIT, signatureAnchors: value.PRIORA_SIGNATURE_ANCHORS, keeping: { days: value.PRIORA_HELD_DAYS, perSender: value.PRIORA_HELD_LIMIT, bytesPerSender: value.PRIORA_HELD_BYTES },
    bodyLimit: value.PRIORA_BODY_LIMIT, bundleLimit: value.PRIORA_BUNDLE_LIMIT, bundleTimeout: value.PRIORA_BUNDLE_TIMEOUT, packages: value.PRIORA_PACKAGES, packageRegistry: value.PRIORA_PACKAGE_REGISTRY, packageLimits: { ...defaultLimits, compressed: value.PRIORA_PACKAGE_LIMIT, unpacked: value.PRIORA_PACKAGE_UNPACKED_LIMIT },
    graphqlDepth: value.PRIORA_GRAPHQL_DEPTH, graphqlCost: value.PRIORA_GRAPHQL_COST, headerLimit: value.PRIORA_HEADER_LIMIT, cdsBudget: value.PRIORA_CDS_BUDGET, cdsClients: value.PRIORA_CDS_CLIENTS, cdsOrigins: origins(value.PRIORA_CDS_ORIGINS ?? ''), requestTimeout: value.PRIORA_REQUEST_TIMEOUT, conditionalDelete: value.PRIORA_CONDITIONAL_DELETE, tenants: value.PRIORA_TENANTS ?? [], validation: { base: value.PRIORA_VALIDATION, claimed: value.PRIORA_VALIDATION_PROFILES }, validationPolicy: value.PRIORA_VALIDATION_POLICY, workers: value.PRIORA_WORKERS, jobs: value.PRIORA_JOBS, searchTimeout: value.PRIORA_SEARCH_TIMEOUT, databaseConnections: value.PRIORA_DATABASE_CONNECTIONS ?? Math.max(4, Math.ceil((2 * availableParallelism() + 2) / value.PRIORA_WORKERS)),
  };
}

function readCredentials(value: z.infer<typeof schema>): S3Credentials | undefined {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken } = value;
  return accessKeyId === undefined || secretAccessKey === undefined ? undefined : { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
}

/** @throws {ConfigurationError} where settings contradict each other */
function readMllp(value: z.infer<typeof schema>): MllpConfiguration | undefined {
  const { PRIORA_MLLP_PORT: port, PRIORA_MLLP_TLS_CERT: certificate, PRIORA_MLLP_TLS_KEY: key, PRIORA_MLLP_TLS_CLIENT_CA: clientAuthorities } = value;
  if (port === undefined) return undefined;
  if ((certificate === undefined) !== (key === undefined)) throw new ConfigurationError('PRIORA_MLLP_TLS_CERT, PRIORA_MLLP_TLS_KEY: one is of no use without the other');
  if (clientAuthorities !== undefined && certificate === undefined) throw new ConfigurationError('PRIORA_MLLP_TLS_CLIENT_CA: client certificates need TLS; set PRIORA_MLLP_TLS_CERT and PRIORA_MLLP_TLS_KEY');
  const host = value.PRIORA_MLLP_HOST ?? value.HOST;
  if (!loopback.test(host) && clientAuthorities === undefined) throw new ConfigurationError('PRIORA_MLLP_HOST: only a loopback address (127.0.0.1, ::1, localhost) is allowed unless PRIORA_MLLP_TLS_CLIENT_CA demands client certificates');
  const tenant = value.PRIORA_MLLP_TENANT;
  if (tenant !== 'default' && value.PRIORA_TENANTS?.includes(tenant) !== true) throw new ConfigurationError('PRIORA_MLLP_TENANT: PRIORA_TENANTS has no such tenant');
  return {
    host, port, tenant, partners: value.PRIORA_MLLP_PARTNERS, tls: certificate === undefined || key === undefined ? undefined : { certificate, key, clientAuthorities },
    connections: value.PRIORA_MLLP_CONNECTIONS, concurrency: value.PRIORA_MLLP_CONCURRENCY, queue: value.PRIORA_MLLP_QUEUE, messageLimit: value.PRIORA_MLLP_MESSAGE_LIMIT, memory: value.PRIORA_MLLP_MEMORY,
    frameTimeout: value.PRIORA_MLLP_FRAME_TIMEOUT, idleTimeout: value.PRIORA_MLLP_IDLE_TIMEOUT, drainTimeout: value.PRIORA_MLLP_DRAIN_TIMEOUT,
  };
}

/** Every variable with its meaning and default, for the reference in docs (a test compares them). */
export function configurationReference(): readonly { name: string; default: string; meaning: string }[] {
  return Object.entries(schema.shape).map(([name, field]) => {
    const parsed = field.safeParse(undefined);
    const fallback = parsed.success && parsed.data !== undefined ? parsed.data : undefined;
    return { name, default: fallback === undefined ? '' : typeof fallback === 'boolean' ? (fallback ? '1' : '0') : String(fallback), meaning: field.description ?? '' };
  });
}
