/**
 * What a process keeps of a tenant's terminology: heads of code systems and value sets, under the version of the
 * terminology that they were read at. Every statement that reads terminology brings the version along; where it is another
 * one by now, all is forgotten and what was being done begins anew.
 */
import type { MembershipAnswer, Remembered } from '../../terminology/memberships.ts';
import type { Queryable } from '../database.ts';
import { Together } from './together.ts';

/** Heads that are kept, and answers; when there are more, all are forgotten. */
const mostKept = 5000;
const mostAnswers = 50_000;
/** Names have what clients send in them: longer ones are not kept. */
const longestName = 1000;

export class StaleTerminology extends Error {
  override readonly name = 'StaleTerminology';
}

export class Catalog {
  #version: string | undefined;
  readonly #kept = new Map<string, Promise<unknown>>();
  /** How often all was forgotten. */
  generation = 0;
  /** Questions that are being put together. */
  readonly together = new Together();
  readonly #answers = new Map<string, MembershipAnswer>();
  /** Memberships that were found. */
  readonly answers: Remembered = {
    get: (key) => this.#answers.get(key),
    set: (key, answer) => {
      if (key.length > longestName) return;
      if (this.#answers.size >= mostAnswers) this.#answers.clear();
      this.#answers.set(key, answer);
    },
  };

  /** To be called with the version that a statement brought. @throws {StaleTerminology} */
  assertCurrent(version: string): void {
    if (this.#version === version) return;
    const known = this.#version !== undefined;
    this.#version = version;
    if (!known) return;
    this.#kept.clear();
    this.#answers.clear();
    this.generation += 1;
    throw new StaleTerminology();
  }

  /** What was read under a name, or reads it. A failure is not kept. */
  keep<T>(name: string, read: () => Promise<T>): Promise<T> {
    if (name.length > longestName) return read();
    const known = this.#kept.get(name);
    if (known !== undefined) return known as Promise<T>;
    if (this.#kept.size >= mostKept) this.#kept.clear();
    const value = read();
    this.#kept.set(name, value);
    value.catch(() => { if (this.#kept.get(name) === value) this.#kept.delete(name); });
    return value;
  }
}

const catalogs = new WeakMap<Queryable, Map<number, Catalog>>();

/** The catalog of a tenant, of this database (or, inside a transaction, of this connection). */
export function catalogOf(database: Queryable, tenant: number): Catalog {
  let ofDatabase = catalogs.get(database);
  if (ofDatabase === undefined) catalogs.set(database, ofDatabase = new Map());
  let catalog = ofDatabase.get(tenant);
  if (catalog === undefined) ofDatabase.set(tenant, catalog = new Catalog());
  return catalog;
}
