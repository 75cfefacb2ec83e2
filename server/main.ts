/** The house, put together: configuration, store, rules, routes. Started here, and stopped in the reverse order. */
import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import type pg from 'pg';
import type { Logger } from 'pino';
import type { MllpListener } from '../channels/mllp/listener.ts';
import { openDefinitionRegistry } from '../operations/definitions/registry.ts';
import { publishImported } from '../operations/terminology/publish-imported.ts';
import type { OutboxReader } from '../delivery/outbox-reader.ts';
import { createOutbound } from '../operations/outbound/call.ts';
import { createPriorAuthorizationService } from '../operations/prior-authorization/service.ts';
import { readShippedPackages } from '../profiles/packages/shipped.ts';
import { knownDefinitions } from '../operations/validate/known-definitions.ts';
import { loadClocks } from '../review/clock/load.ts';
import type { ClockBook } from '../review/clock/rules.ts';
import { loadPacks } from '../review/policies/load.ts';
import type { PolicyPack } from '../review/policies/pack.ts';
import type { Tenant } from '../store/context.ts';
import { openDatabase, type Database } from '../store/database.ts';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../store/embedded/index.ts';
import type { ObjectStore } from '../store/objects/object-store.ts';
import { defaultObjectAddress, openObjectStore } from '../store/objects/open.ts';
import { migrate } from '../store/migrate.ts';
import { createDefinitionsCache } from '../store/packages/cache.ts';
import { outboxChannel } from '../store/outbox/announce.ts';
import { profilesChannel } from '../store/packages/version.ts';
import { terminologyChannel } from '../store/terminology/scope.ts';
import { keepFresh } from '../store/search/statistics.ts';
import { validateCodes } from '../store/terminology/memberships.ts';
import { migrateQueue, type Queue } from '../store/jobs/queue.ts';
import { ensureSecret } from '../store/secrets.ts';
import { withReplica } from '../store/replica.ts';
import type { Configuration } from './configuration.ts';
import { assembleCdsClients } from './cds-clients.ts';
import { assembleCoverageRequirements } from './coverage-requirements.ts';
import { loadDemo } from './demo/load.ts';
import type { Clock, House } from './house.ts';
import { createServer } from './http/server.ts';
import { startJobs } from './jobs/runner.ts';
import { createLog } from './log.ts';
import { readEnrollmentSenders } from '../channels/x12/enrollment.ts';
import { x12Rail } from '../channels/x12/rail.ts';
import { assembleIntake } from './intake.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { startLaterAnswers } from './later-answers.ts';
import { openHl7v2, openMllp, takeLeftMessages } from './mllp.ts';
import { measureOpenAuthorizations } from './open-authorizations.ts';
import { installPackages } from './packages.ts';
import { startNotifications } from './notifications.ts';
import { publishDefinitions, serverContext } from './publish-definitions.ts';
import { assembleSubscriptions } from './subscriptions.ts';
import { mountRoutes, registeredOperations } from './routes.ts';
import { readAnchors } from './signature-anchors.ts';
import { baseOf, openTenants } from './tenants.ts';
import { assembleValidation, readValidationPolicies } from './validation.ts';

export interface RunningServer {
  readonly house: House;
  readonly http: FastifyInstance;
  /** `http://HOST:PORT` */
  readonly address: string;
  /** The MLLP listener, where there is one. */
  readonly mllp: MllpListener | undefined;
  /** What sends notifications, where this process does. */
  readonly subscriptions: OutboxReader | undefined;
  /** What writes answers that come later, where this process does. */
  readonly laterAnswers: OutboxReader | undefined;
  /** How many rule packs are loaded. */
  readonly rulePacks: number;
  /** Finishes what has begun, then closes the store. Safe to call twice. */
  stop(): Promise<void>;
}

const systemClock: Clock = { now: () => new Date(), monotonic: () => performance.now(), random: (count) => randomBytes(count) };

const demoPacks = new URL('../review/demo/', import.meta.url);

/**
 * What this process does of a server: all of it; or, where several processes serve together (cluster/primary.ts), the HTTP of it,
 * or what there is to be done once: the store's schema, definitions, the demo, background jobs.
 */
export type Part = 'all' | 'http' | 'background';

export interface StartOptions {
  readonly part?: Part;
  readonly clock?: Clock;
  readonly log?: Logger;
  /** The measurements of all processes that serve together, as Prometheus reads them. */
  readonly allMetrics?: () => Promise<string>;
}

export async function startServer(configuration: Configuration, options: StartOptions = {}): Promise<RunningServer> {
  const { part = 'all', clock = systemClock, log = createLog(configuration.logLevel) } = options;
  const policies = await readPolicies(configuration);
  const clocks = await loadClocks(policiesFolder(configuration));
  if (policies.length === 0 && part !== 'http') log.warn(noRulePacks(configuration));
  const metrics = createMetrics();
  const { database, connection, embedded } = await openStore(configuration, log, metrics);
  try {
    if (part !== 'http') {
      await prepareSchema(database, connection, clock, log);
      await installPackages(database, configuration, clock, log);
    }
    const tenants = await openTenants(database, configuration.tenants, clock.now());
    measureOpenAuthorizations(metrics.registry, { database, tenants, clock });
    const cursorKey = await ensureSecret(database, 'cursor', clock.random);
    return await serve({ configuration, part, clock, log, metrics, allMetrics: options.allMetrics, policies, clocks, database, connection, embedded, tenants, cursorKey });
  } catch (error) {
    await database.close();
    await embedded?.stop();
    throw error;
  }
}

async function prepareSchema(database: Database, connection: pg.PoolConfig, clock: Clock, log: Logger): Promise<void> {
  const applied = await migrate(database, clock.now);
  await migrateQueue(connection);
  if (applied.length > 0) log.info({ migrations: applied }, 'schema is up to date');
}

async function openStore(configuration: Configuration, log: Logger, metrics: Metrics): Promise<{ database: Database; connection: pg.PoolConfig; embedded: EmbeddedPostgres | undefined }> {
  const embedded = configuration.databaseUrl === undefined
    ? await startEmbeddedPostgres({ directory: join(resolve(configuration.dataDirectory), 'postgres'), // What PostgreSQL says by itself is for those who look for it; what the launcher does is for everybody.
      log: (event, detail) => log[event === 'postgres-output' ? 'debug' : 'info']({ ...detail, event }, 'embedded PostgreSQL') })
    : undefined;
  const connection = embedded ? { ...embedded.connection } : { connectionString: configuration.databaseUrl };
  const primary = openDatabase({
    connection,
    size: configuration.databaseConnections,
    searchTimeout: configuration.searchTimeout,
    onIdleError: (error) => log.warn({ fault: error.name }, 'a connection to the store was lost'),
  });
  return { database: replicated(primary, configuration, log, metrics), connection, embedded };
}

function openObjects({ objects, objectCredentials, dataDirectory }: Configuration, clock: Clock): ObjectStore {
  return openObjectStore({
    address: objects ?? defaultObjectAddress(dataDirectory), ...(objectCredentials && { credentials: objectCredentials }),
    spoolFolder: resolve(dataDirectory, 'spool'), now: clock.now,
  });
}

function replicated(primary: Database, { databaseReplicaUrl, databaseConnections, searchTimeout }: Configuration, log: Logger, metrics: Metrics): Database {
  if (databaseReplicaUrl === undefined) return primary;
  return withReplica(primary, {
    connection: { connectionString: databaseReplicaUrl }, size: databaseConnections, searchTimeout,
    onRead: (outcome) => metrics.replicaReads.inc({ outcome }),
    onFailure: (fault) => log.warn({ fault }, 'the replica cannot be read from; the primary answers'),
  });
}

async function readPolicies(configuration: Configuration): Promise<readonly PolicyPack[]> {
  const folder = policiesFolder(configuration);
  return folder === undefined ? [] : loadPacks(folder);
}

function policiesFolder({ policiesDirectory, demo }: Configuration): string | undefined {
  if (policiesDirectory !== undefined) return resolve(policiesDirectory);
  return demo ? fileURLToPath(demoPacks) : undefined;
}

/** What it means that there are none, and which variable would change it. */
export function noRulePacks({ policiesDirectory }: Configuration): string {
  return `PRIORA_POLICIES_DIR: no rule pack is ${policiesDirectory === undefined ? 'loaded' : `in ${policiesDirectory}`}; every request waits for a person`;
}

interface Parts {
  readonly configuration: Configuration;
  readonly part: Part;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly allMetrics: (() => Promise<string>) | undefined;
  readonly policies: readonly PolicyPack[];
  readonly clocks: ClockBook;
  readonly database: Database;
  readonly connection: pg.PoolConfig;
  readonly embedded: EmbeddedPostgres | undefined;
  readonly tenants: readonly [Tenant, ...Tenant[]];
  readonly cursorKey: Uint8Array;
}

async function serve({ configuration, part, clock, log, metrics, allMetrics, policies, clocks, database, connection, embedded, tenants, cursorKey }: Parts): Promise<RunningServer> {
  let ready = false;
  let origin = '';
  let sender: OutboxReader | undefined;
  let answerer: OutboxReader | undefined;
  const baseUrl = (): string => configuration.baseUrl ?? `${origin}/fhir`;
  const attachments = { objects: openObjects(configuration, clock), inlineLimit: configuration.attachmentInlineLimit, binaryLimit: configuration.binaryLimit };
  const known = knownDefinitions(createDefinitionsCache(database, readShippedPackages()));
  const definitions = await openDefinitionRegistry({ database, connection, others: new Map([[profilesChannel, known.listener], [terminologyChannel, known.listener], [outboxChannel, { hear: () => { sender?.wake(); answerer?.wake(); }, listening() {} }]]), onProblem: (event, detail) => log.warn({ event, ...detail }, 'search parameters') });
  const { content, checkWrite, checkMessage } = assembleValidation({
    database, clock, metrics, policies: await readValidationPolicies(configuration),
    definitions: known,
    memberships: async (questions, { access }) => (await validateCodes(database, questions, access)).map(({ answer }) => answer),
  });
  const priorAuthorization = createPriorAuthorizationService({
    checkWrite,
    database, policies, clocks, attachments, keeping: configuration.keeping, monotonic: clock.monotonic,
    // The demo is loaded for the tenant that is addressed without a name.
    ...(configuration.demo && { showcaseTenant: tenants[0].id }),
    signatures: { anchors: await readAnchors(configuration.signatureAnchors) },
    observer: {
      delivered: (rail, outcome) => metrics.deliveries.inc({ rail, outcome }),
      decided: (rail, action, authority) => metrics.decisions.inc({ rail, action, authority }),
      exchangesLost: (count) => metrics.exchangesLost.inc(count),
    },
  });
  const outbound = createOutbound(configuration.outbound);
  const coverageRequirements = assembleCoverageRequirements({ database, policies, configuration, outbound, metrics, log });
  const hl7v2 = await openHl7v2(configuration, { database, priorAuthorization });
  const x12 = x12Rail({ priorAuthorization, speaksForPlan: readEnrollmentSenders(configuration.enrollmentSenders) ?? (() => false) });
  const house: House = {
    content, checkWrite, priorAuthorization, coverageRequirements, policies, clocks, ...assembleIntake({ database, checkMessage, attachments, metrics, log, rails: [hl7v2.rail, x12] }), x12,
    authenticateCdsClient: await assembleCdsClients(configuration.cdsClients, database, outbound),
    outbound, subscriptions: await assembleSubscriptions(configuration, outbound, database, clock.random),
    configuration, database, connection, definitions, attachments, tenant: tenants[0], tenants, cursorKey, log, metrics, allMetrics: allMetrics ?? (() => metrics.registry.metrics()), clock, baseUrl, baseUrlOf: (tenant) => baseOf(tenant, baseUrl()), ready: () => ready,
  };
  origin = originOf(configuration.host, configuration.port);
  const http = createServer(house);
  await mountRoutes(http, house);
  const leaveStatistics = await keepFresh(database.statistics, database, (error) => log.warn({ fault: error instanceof Error ? error.name : 'unknown' }, 'the statistics that searches are planned by could not be read'));
  const jobs = part === 'http' ? undefined : await doOnce(house);
  let mllp: MllpListener | undefined;
  if (part !== 'background') {
    await http.listen({ host: configuration.host, port: configuration.port });
    const bound = http.server.address();
    origin = originOf(configuration.host, typeof bound === 'object' && bound ? bound.port : configuration.port);
    // After HTTP: whoever starts workers takes the first address of one for that of the server.
    mllp = configuration.mllp && await openMllp(house, configuration.mllp, hl7v2).catch(async (error: unknown) => {
      await http.close();
      await jobs?.stop();
      await definitions.close();
      throw error;
    });
    ready = true;
    log.info({ address: origin, fhir: baseUrl(), policies: policies.map((pack) => `${pack.pack}@${pack.version}`) }, 'listening on the loopback interface only, until access control exists');
  }

  // Once it is known under which address the server is to be told of.
  if (part !== 'http' && configuration.jobs) {
    sender = startNotifications(house);
    answerer = startLaterAnswers(house, hl7v2.rail);
  }
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopping ??= (async () => {
      ready = false;
      leaveStatistics();
      await Promise.all([http.close(), mllp?.stop()]);
      await Promise.all([jobs?.stop(), sender?.stop(), answerer?.stop()]);
      await priorAuthorization.settled();
      await definitions.close();
      await database.close();
      await embedded?.stop();
    })();
    return stopping;
  };
  return { house, http, mllp, subscriptions: sender, laterAnswers: answerer, address: origin, rulePacks: policies.length, stop };
}

/** What one process does for all that serve on the same store. */
async function doOnce(house: House): Promise<Queue | undefined> {
  await publishDefinitions(house, registeredOperations(house));
  for (const tenant of house.tenants) await publishImported(house.database, serverContext(house, 'publish-imported', tenant));
  if (house.configuration.demo) await loadDemo(house);
  await takeLeftMessages(house);
  return house.configuration.jobs ? startJobs(house) : undefined;
}

function originOf(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
