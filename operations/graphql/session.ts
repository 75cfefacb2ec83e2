/**
 * One execution of a query: its context, what it has loaded, and how much more it may. References are collected while
 * the fields of a level are resolved and are then read together, by one statement for the level.
 */
import type { Resource } from '@medplum/fhirtypes';
import { parseJson } from '../../fhir/json.ts';
import { Problem } from '../../fhir/problems.ts';
import type { FhirPathEngine } from '../../fhir/fhirpath/engine.ts';
import type { Context } from '../../store/context.ts';
import type { Queryable } from '../../store/database.ts';
import { readMany, type StoredVersion } from '../../store/read.ts';
import { isObject } from '../inputs.ts';

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
  /** Loaded beforehand where the query has an expression. */
  readonly fhirPath: () => FhirPathEngine;
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
  readonly engine: FhirPathEngine | undefined;
}

export function openSession({ database, context, limits, cursorKey, engine }: SessionParts): Session {
  const end = context.now().getTime() + limits.time;
  const known = new Map<string, Promise<Resource | undefined>>();
  const containers = new WeakMap<object, Resource>();
  let waiting: { type: string; id: string; settle: (stored: Resource | undefined) => void; fail: (error: unknown) => void }[] = [];
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
  const readWaiting = async (): Promise<void> => {
    const batch = waiting;
    waiting = [];
    try {
      assertInTime();
      const found = await readMany(database, batch, context);
      for (const { type, id, settle } of batch) {
        const stored = found.get(`${type}/${id}`);
        settle(stored && take(stored));
      }
    } catch (error) {
      for (const { fail } of batch) fail(error);
    }
  };
  return {
    database, context, limits, cursorKey, slices: new Map(), take, assertInTime,
    fhirPath() {
      if (engine === undefined) throw new RangeError('FHIRPath was not loaded');
      return engine;
    },
    load(type, id) {
      const name = `${type}/${id}`;
      const there = known.get(name);
      if (there !== undefined) return there;
      const promise = new Promise<Resource | undefined>((settle, fail) => {
        // Once all fields of the level have said what they need.
        if (waiting.length === 0) setImmediate(() => { void readWaiting(); });
        waiting.push({ type, id, settle, fail });
      });
      known.set(name, promise);
      return promise;
    },
    containerOf: (reference) => containers.get(reference),
  };
}

function noteContainer(value: unknown, container: Resource, containers: WeakMap<object, Resource>): void {
  if (Array.isArray(value)) for (const item of value) noteContainer(item, container, containers);
  if (!isObject(value)) return;
  const { reference } = value;
  if (typeof reference === 'string' && reference.startsWith('#')) containers.set(value, container);
  for (const part of Object.values(value)) if (typeof part === 'object') noteContainer(part, container, containers);
}
