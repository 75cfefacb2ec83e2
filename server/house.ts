/** Everything the server is composed of, made once in `main.ts` and handed to whoever needs it. */
import type pg from 'pg';
import type { X12Rail } from '../channels/x12/rail.ts';
import type { Logger } from 'pino';
import type { DefinitionRegistry } from '../operations/definitions/registry.ts';
import type { Tenant } from '../store/context.ts';
import type { Database } from '../store/database.ts';
import type { Rail } from '../operations/intake/message.ts';
import type { Intake } from '../operations/intake/take-messages.ts';
import type { AttachmentSettings } from '../operations/attachments/move-out.ts';
import type { Authenticate } from '../operations/coverage-requirements/authenticate.ts';
import type { CoverageRequirementsService } from '../operations/coverage-requirements/service.ts';
import type { Outbound } from '../operations/outbound/call.ts';
import type { PriorAuthorizationService } from '../operations/prior-authorization/service.ts';
import type { ContentSources } from '../operations/validate/content.ts';
import type { WriteCheck } from '../operations/validate/on-write.ts';
import type { ClockBook } from '../review/clock/rules.ts';
import type { PolicyPack } from '../review/policies/pack.ts';
import type { Configuration } from './configuration.ts';
import type { Metrics } from './metrics.ts';
import type { Subscriptions } from './subscriptions.ts';

export interface House {
  readonly configuration: Configuration;
  readonly database: Database;
  /** How to reach the database, for what needs connections of its own. */
  readonly connection: pg.PoolConfig;
  /** What each tenant's resources are indexed and searched by. */
  readonly definitions: DefinitionRegistry;
  /** Where large contents go, and what counts as large. */
  readonly attachments: AttachmentSettings;
  /** The one that is addressed without a name. */
  readonly tenant: Tenant;
  /** All of them, that one first. */
  readonly tenants: readonly [Tenant, ...Tenant[]];
  /** What signs the cursors of this installation. */
  readonly cursorKey: Uint8Array;
  /** What every create, update and patch of a resource goes through, by the policy of the tenant. */
  readonly checkWrite: WriteCheck;
  /** What is known when a resource is validated. */
  readonly content: ContentSources;
  readonly priorAuthorization: PriorAuthorizationService;
  /** The rule packs that are loaded. */
  readonly policies: readonly PolicyPack[];
  /** By when requests are decided, and under which law each plan is. */
  readonly clocks: ClockBook;
  /** What the CDS services answer with. */
  readonly coverageRequirements: CoverageRequirementsService;
  /** Who calls a CDS service; undefined where calls are not signed. */
  readonly authenticateCdsClient: Authenticate | undefined;
  /** The X12 of it, which answers deliveries of its own. */
  readonly x12: X12Rail;
  /** What takes in messages, and the formats that they come in, by channel. */
  readonly intake: Intake;
  readonly rails: ReadonlyMap<string, Rail>;
  readonly subscriptions: Subscriptions;
  /** How addresses are called that clients give. */
  readonly outbound: Outbound;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** What `/metrics` says: of this process, or of all that serve together. */
  readonly allMetrics: () => Promise<string>;
  readonly clock: Clock;
  /** Address of the FHIR base as clients see it, without a slash at the end. Known once the server listens. */
  readonly baseUrl: () => string;
  /** The same of any tenant. */
  readonly baseUrlOf: (tenant: Tenant) => string;
  /** False while starting and once stopping: `/readyz` says so and load balancers look elsewhere. */
  readonly ready: () => boolean;
}

/** The edges' time and randomness; tests put their own here. */
export interface Clock {
  readonly now: () => Date;
  /** Milliseconds from some moment on, for how long something takes: it only grows, also when somebody sets the time. */
  readonly monotonic: () => number;
  readonly random: (count: number) => Uint8Array;
}
