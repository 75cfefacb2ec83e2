/**
 * What a segment is about: the resources of the groups that it stands in. A group that repeats has a scope of its own,
 * which begins with what is known around it; a group that does not repeat shares that of the group around it.
 */
import type { Resource } from '@medplum/fhirtypes';
import type { Cursor } from '../../draft.ts';
import type { SegmentMap } from '../engine/compile.ts';
import type { Run } from '../engine/run.ts';
import type { Hl7Segment } from '../syntax/message.ts';

export interface Scope {
  /** Segments of the group and of those around it: the first of each name, for conditions. */
  beside: Record<string, Hl7Segment | undefined>;
  /** Names of the groups, the innermost last. */
  groups: readonly string[];
  patient?: Cursor | undefined;
  encounter?: Cursor | undefined;
  coverage?: Cursor | undefined;
  /** The subscriber of the coverage, where it is not the patient. */
  subscriber?: Cursor | undefined;
  order?: Cursor | undefined;
  report?: Cursor | undefined;
  specimen?: Cursor | undefined;
  observation?: Cursor | undefined;
  document?: Cursor | undefined;
  appointment?: Cursor | undefined;
  charge?: Cursor | undefined;
  referral?: Cursor | undefined;
  practitioner?: Cursor | undefined;
  /** What a note belongs to. */
  noted?: Cursor | undefined;
  /** What a participation belongs to. */
  participated?: Cursor | undefined;
}

/** The mapping of a message as handlers see it. */
export interface Scene {
  readonly run: Run;
  readonly maps: ReadonlyMap<string, SegmentMap>;
  readonly code: string;
  readonly event: string;
  readonly root: Scope;
  /** What can be said only when the whole message was read. */
  readonly afterwards: (() => void)[];
  /** Of the message, for the Claim that a referral makes. */
  readonly coverages: Cursor[];
  readonly conditions: Cursor[];
  readonly procedures: Hl7Segment[];
  readonly procedureUrls: Map<Hl7Segment, string>;
  readonly authorizations: { readonly segment: Hl7Segment; readonly procedure?: Hl7Segment }[];
}

export type Handler = (segment: Hl7Segment, scope: Scope, scene: Scene) => void;

/** Applies the rules of a map, if there are any. */
export function applyMap(scene: Scene, name: string, segment: Hl7Segment, at: Cursor, scope: Scope): void {
  scene.run.beside = scope.beside;
  scene.maps.get(name)?.apply(segment, at, scene.run);
}

/** What a request for authorization brings along to be decided by. */
export const EVIDENCE: ReadonlySet<string> = new Set<Resource['resourceType']>(['AllergyIntolerance', 'DiagnosticReport', 'DocumentReference', 'Observation']);

/**
 * Begins a resource: at the address its business key gives, unless that is taken by another of this message. Evidence
 * for a request is what was sent with it: a later request may show the same result with another value beside it.
 */
export function begin(scene: Scene, type: Resource['resourceType'], segment: Hl7Segment, ...keys: readonly (string | undefined)[]): Cursor {
  const { run } = scene;
  const key = scene.code === 'RQA' && EVIDENCE.has(type) ? [] : keys;
  const named = key.length > 0 && key.every((each) => each !== undefined) ? run.url(type, ...(key as string[])) : undefined;
  const url = named === undefined || run.draft.has(named) ? run.placeUrl(type, segment) : named;
  return run.draft.resource(type, url);
}

/** Refers to a resource of the Bundle. */
export function refer(at: Cursor, element: string, to: Cursor | undefined): void {
  if (to !== undefined && at.peek(element) === undefined) at.within(element).set('reference', to.root().url);
}

/** The same in a list. */
export function referToo(at: Cursor, element: string, to: Cursor | undefined): void {
  if (to === undefined) return;
  const { url } = to.root();
  const there = at.peek(element) as readonly { reference?: string }[] | undefined;
  if (there?.some((each) => each.reference === url)) return;
  at.another(element).set('reference', url);
}
