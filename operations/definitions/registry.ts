/**
 * The search parameters of every tenant, at hand in this process. Read at start, and again when PostgreSQL tells that
 * some process has committed a change (LISTEN). News may come late or, while the connection is being made anew, not at all:
 * then searches go by the set of a moment ago, and a write is refused by the version in the store and repeated with
 * the new set (store/write/definitions.ts), so nothing is ever indexed by what does not hold any more.
 */
import pg from 'pg';
import { standardParameters, type SearchParameterSet } from '../../fhir/search-parameters.ts';
import type { Database } from '../../store/database.ts';
import { readDefinitions, type Definitions } from '../../store/definitions.ts';
import { definitionsChannel } from '../../store/write/definitions.ts';

export interface DefinitionRegistry {
  parametersOf(tenant: number): SearchParameterSet;
  /** Reads a tenant's set from the store. What was asked for before it is answered may be answered by an earlier reading. */
  refresh(tenant: number): Promise<void>;
  close(): Promise<void>;
}

export interface RegistryOptions {
  readonly database: Database;
  /** For the connection that listens. */
  readonly connection: pg.ClientConfig;
  /** What else is kept in this process until some process tells of a change, by channel. */
  readonly others?: ReadonlyMap<string, Listener>;
  /** Told of SearchParameters that cannot be used, and of failures. */
  readonly onProblem: (event: string, detail: Readonly<Record<string, string | number>>) => void;
}

export interface Listener {
  /** @param payload undefined: news may have been missed */
  readonly hear: (payload: string | undefined) => void;
  /** While nobody listens, what is kept may be old at any time. */
  readonly listening: (yes: boolean) => void;
}

/** Pause before the listening connection is made anew: doubles from the first to the last, milliseconds. */
const pause = { first: 100, last: 5000 };

export async function openDefinitionRegistry(options: RegistryOptions): Promise<DefinitionRegistry> {
  const registry = new Registry(options);
  await registry.open();
  return registry;
}

class Registry implements DefinitionRegistry {
  readonly #options: RegistryOptions;
  readonly #tenants = new Map<number, Definitions>();
  #listening: pg.Client | undefined;
  #timer: NodeJS.Timeout | undefined;
  #wait = pause.first;
  #closed = false;

  constructor(options: RegistryOptions) {
    this.#options = options;
  }

  async open(): Promise<void> {
    await this.#listen();
  }

  parametersOf(tenant: number): SearchParameterSet {
    return this.#tenants.get(tenant)?.parameters ?? standardParameters;
  }

  async refresh(tenant: number): Promise<void> {
    const definitions = await readDefinitions(this.#options.database, tenant);
    const known = this.#tenants.get(tenant);
    // Two readings may overtake each other; a set never goes back.
    if ((known?.parameters.version ?? 0) > (definitions.parameters.version ?? 0)) return;
    this.#tenants.set(tenant, definitions);
    for (const { id, problem } of definitions.unusable) this.#options.onProblem('search-parameter-passed-over', { tenant, id, problem });
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#listening?.end().catch(() => {});
  }

  /** Listens first and reads then, so that no change falls between. */
  async #listen(): Promise<void> {
    const client = new pg.Client({ ...this.#options.connection, application_name: 'priora definitions', keepAlive: true });
    client.on('error', () => {});
    client.on('end', () => { if (this.#listening === client) this.#again('connection-lost'); });
    const others = this.#options.others ?? new Map<string, Listener>();
    client.on('notification', ({ channel, payload }) => {
      if (channel === definitionsChannel) this.#hear(payload ?? '');
      else others.get(channel)?.hear(payload ?? '');
    });
    await client.connect();
    for (const channel of [definitionsChannel, ...others.keys()]) await client.query(`listen ${channel}`);
    this.#listening = client;
    for (const listener of others.values()) {
      listener.hear(undefined);
      listener.listening(true);
    }
    const { rows } = await client.query<{ id: number }>('select id from tenant');
    await Promise.all(rows.map(({ id }) => this.refresh(id)));
    this.#wait = pause.first;
  }

  #again(event: string): void {
    if (this.#closed) return;
    for (const listener of this.#options.others?.values() ?? []) listener.listening(false);
    this.#options.onProblem(event, {});
    this.#timer = setTimeout(() => {
      if (this.#closed) return;
      this.#wait = Math.min(this.#wait * 2, pause.last);
      this.#listen().catch(() => { this.#again('listening-failed'); });
    }, this.#wait);
    this.#timer.unref();
  }

  #hear(payload: string): void {
    const [event, number, percent, ...subject] = payload.split(' ');
    const tenant = Number(number);
    if (event === 'progress') {
      const progress = this.#tenants.get(tenant)?.building.get(subject.join(' '));
      if (progress) progress.percent = Number(percent);
      return;
    }
    this.refresh(tenant).catch(() => { this.#options.onProblem('reading-failed', { tenant }); });
  }
}
