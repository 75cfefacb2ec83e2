/**
 * One execution of a query: its context, what it has loaded, and how much more it may. References are collected while
 * the fields of a level are resolved and are then read together, by one statement for the level.
 */
import type { Resource } from '@medplum/fhirtypes';
import { parseJson } from '../../fhir/json.ts';
import { Problem } from '../../fhir/problems.ts';
import type { Context } from '../../store/context.ts';
import type { Queryable } from '../../store/database.ts';
import { readMany, type StoredVersion } from '../../store/read.ts';
import { isObject } from '../inputs.ts';
import { type EvaluateExpression, expressionsOfQuery } from './expressions.ts';

export interface Limits {
  /** Levels of fields. */
  readonly depth: number;
  /** Estimated work of a query, in fields resolved; a search counts as many (`cost.ts`). */
  readonly cost: number;
  /** Milliseconds. */
  readonly time: number;
  /** Characters of the answer. */
  readonly answer: number;
  /** Characters of stored resources that are read for it. */
  readonly loaded: number;
}

export interface Session {
  readonly database: Queryable;
  readonly context: Context;
  readonly limits: Limits;
  /** What signs cursors. */
  readonly cursorKey: Uint8Array;
  /** Names of the slices that elements are in, by the place of their list in the result. */
  readonly slices: Map<string, readonly string[]>;
  /** FHIRPath about an element of a type. @throws {FhirPathError} */
  readonly evaluate: EvaluateExpression;
  /**
   * Does `work` for all that is asked for under one key while the fields of a level are resolved; its results are in the
   * order of the items.
   */
  readonly together: <T, R>(key: string, item: T, work: (items: readonly T[]) => Promise<readonly R[]>) => Promise<R>;
  /** The resource under a reference, or undefined where there is none. */
  readonly load: (type: string, id: string) => Promise<Resource | undefined>;
  /** What was read otherwise, as a resource. @throws {Problem} `graphql-too-large` */
  readonly take: (stored: StoredVersion) => Resource;
  /** The resource that holds the one that `reference` (`#id`) stands in. */
  readonly containerOf: (reference: object) => Resource | undefined;
  /** @throws {Problem} `graphql-too-slow` */
  readonly assertInTime: () => void;
}

export interface SessionParts {
  readonly database: Queryable;
  readonly context: Context;
  readonly limits: Limits;
  readonly cursorKey: Uint8Array;
}

export function openSession({ database, context, limits, cursorKey }: SessionParts): Session {
  const end = context.now().getTime() + limits.time;
  const known = new Map<string, Promise<Resource | undefined>>();
  const containers = new WeakMap<object, Resource>();
  const together = gatherer();
  let loaded = 0;

  const assertInTime = (): void => {
    if (context.now().getTime() > end) throw new Problem('graphql-too-slow', { limit: limits.time });
  };
  const take = (stored: StoredVersion): Resource => {
    loaded += stored.content.length;
    if (loaded > limits.loaded) throw new Problem('graphql-too-large', { limit: limits.loaded });
    const resource = parseJson(stored.content) as Resource;
    if ('contained' in resource) noteContainer(resource, resource, containers);
    return resource;
  };
  const readAll = async (names: readonly { type: string; id: string }[]): Promise<readonly (Resource | undefined)[]> => {
    assertInTime();
    const found = await readMany(database, names, context);
    return names.map(({ type, id }) => {
      const stored = found.get(`${type}/${id}`);
      return stored && take(stored);
    });
  };
  return {
    database, context, limits, cursorKey, slices: new Map(), take, assertInTime, together,
    evaluate: expressionsOfQuery(),
    load(type, id) {
      const name = `${type}/${id}`;
      const there = known.get(name);
      if (there !== undefined) return there;
      const promise = together('read', { type, id }, readAll);
      known.set(name, promise);
      return promise;
    },
    containerOf: (reference) => containers.get(reference),
  };
}

interface Asked {
  readonly items: unknown[];
  readonly settle: ((result: unknown) => void)[];
  readonly fail: ((error: unknown) => void)[];
}

function gatherer(): Session['together'] {
  const waiting = new Map<string, Asked>();
  return <T, R>(key: string, item: T, work: (items: readonly T[]) => Promise<readonly R[]>) => new Promise<R>((settle, fail) => {
    const asked = waiting.get(key) ?? { items: [], settle: [], fail: [] };
    asked.items.push(item);
    asked.settle.push(settle as (result: unknown) => void);
    asked.fail.push(fail);
    if (waiting.has(key)) return;
    waiting.set(key, asked);
    const settleAll = async (): Promise<void> => {
      waiting.delete(key);
      try {
        const results = await work(asked.items as T[]);
        for (const [index, done] of asked.settle.entries()) done(results[index]);
      } catch (error) {
        for (const refuse of asked.fail) refuse(error);
      }
    };
    // Once all fields of the level have said what they need.
    setImmediate(() => { void settleAll(); });
  });
}

function noteContainer(value: unknown, container: Resource, containers: WeakMap<object, Resource>): void {
  if (Array.isArray(value)) for (const item of value) noteContainer(item, container, containers);
  if (!isObject(value)) return;
  const { reference } = value;
  if (typeof reference === 'string' && reference.startsWith('#')) containers.set(value, container);
  for (const part of Object.values(value)) if (typeof part === 'object') noteContainer(part, container, containers);
}
