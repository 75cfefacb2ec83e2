/**
 * An HL7 version 2 message as a Bundle of FHIR R4, with an account of every value. Pure: the same message and options
 * give the same Bundle, byte for byte.
 */
import type { Bundle } from '@medplum/fhirtypes';
import type { LedgerEntry, Mapping, SourceRef } from '../ledger.ts';
import { compileRules, type SegmentMap } from './engine/compile.ts';
import { Part, repetitionsOf } from './engine/part.ts';
import { type Hl7MappingOptions, Run } from './engine/run.ts';
import { finish } from './finish.ts';
import { ownRules } from './rules/own.ts';
import type { RuleSet } from './rules/rule.ts';
import generatedRules from './rules/segments.json' with { type: 'json' };
import { handlers } from './scene/handlers.ts';
import { settleReferral } from './scene/referral.ts';
import { applyMap, begin, refer, type Scene, type Scope } from './scene/scope.ts';
import { arrange, type Group } from './structure/arrange.ts';
import { type GroupShape, isTypeKnown, structureOf } from './structure/grammar.ts';
import { errorCodeOf } from './syntax/issue.ts';
import { DELETED, type Hl7Message, type Hl7Segment, sentValues, valueAt } from './syntax/message.ts';
import { instantOf } from './types/date-time.ts';

export type { Hl7MappingOptions } from './engine/run.ts';

/** What to acknowledge: MSA-1 in original mode, and what ERR is to tell. */
export interface Hl7Acknowledgement {
  readonly code: 'AA' | 'AE' | 'AR';
  /** MSH-10 of what is acknowledged. */
  readonly controlId?: string;
  readonly errors: readonly { readonly location?: SourceRef; /** Table 0357. */ readonly code: string; readonly text: string }[];
}

const merged = (...sets: RuleSet[]): RuleSet => {
  const all: Record<string, RuleSet[string]> = {};
  for (const set of sets) for (const [name, rules] of Object.entries(set)) if (name !== '$note') all[name] = [...(all[name] ?? []), ...rules];
  return all;
};

const builtIn = compileRules(merged(generatedRules as unknown as RuleSet, ownRules));
const ofTenants = new WeakMap<RuleSet, ReadonlyMap<string, SegmentMap>>();

/** The maps with those of a tenant, compiled with their first use. */
function mapsWith(rules: RuleSet | undefined): ReadonlyMap<string, SegmentMap> {
  if (rules === undefined) return builtIn;
  let maps = ofTenants.get(rules);
  if (maps === undefined) ofTenants.set(rules, maps = new Map([...builtIn, ...compileRules(rules)]));
  return maps;
}

const EVERYTHING: GroupShape = { name: 'unknown', repeats: false, items: [], has: new Set() };

/**
 * Maps one message.
 * @throws {RuleFault} where the options have rules that cannot be used; never for what a message says
 */
export function mapMessage(message: Hl7Message, options: Hl7MappingOptions = {}): Mapping<Hl7Acknowledgement> {
  const run = new Run(message, options);
  const [code, event, declared] = [1, 2, 3].map((n) => valueAt(run.header, 9, 1, n));
  const shape = structureOf(code, event, declared);
  const { root, misplaced } = arrange(message, shape ?? EVERYTHING);
  if (shape === undefined && isTypeKnown(code)) run.issue('warning', 'event-unknown', 'There is no structure for this event: the segments of the message are read one by one.', { source: 'MSH-9[1].2', segment: 1 });
  else if (shape === undefined) run.issue('warning', 'structure-unknown', 'There is no structure for this type of message: its segments are read one by one.', { source: 'MSH-9[1].1', segment: 1 });
  for (const { segment, kind } of misplaced) {
    if (shape === undefined) break;
    run.issue('warning', `segment-${kind}`, kind === 'unknown' ? 'A segment has no place in the structure of the message.' : 'A segment comes where the structure of the message has no place for it.', { source: segment.id, segment: segment.position });
  }
  // It is kept, but it is about nobody, and its sender is to know.
  if (code === 'ADT' && !message.segments.some(({ id }) => id === 'PID')) run.issue('warning', 'patient-missing', 'There is no PID segment: the message does not say whom it is about.', { source: 'PID' });
  const scope: Scope = { beside: {}, groups: [] };
  const scene: Scene = { run, maps: mapsWith(options.rules), code: code ?? '', event: event ?? '', root: scope, afterwards: [], coverages: [], conditions: [], procedures: [], procedureUrls: new Map(), authorizations: [] };
  walk(root, scope, scene);
  settleReferral(scene);
  for (const each of scene.afterwards) each();
  consultProtocol(run);
  return settle(scene);
}

function walk(group: Group, scope: Scope, scene: Scene): void {
  scope.beside = Object.assign({}, scope.beside, directSegments(group, {}));
  for (const item of group.items) {
    if ('shape' in item) {
      const inner = item.shape.repeats ? { ...scope } : scope;
      const outer = scope.groups;
      inner.groups = [...outer, item.shape.name];
      walk(item, inner, scene);
      scope.groups = outer;
      // A group of one patient that repeats is the only one in most messages: what follows is about its patient.
      if (item.shape.repeats && item.shape.name === 'PATIENT') {
        scope.patient ??= inner.patient;
        scope.encounter ??= inner.encounter;
      }
      continue;
    }
    takeSegment(item, scope, scene);
  }
}

function takeSegment(segment: Hl7Segment, scope: Scope, scene: Scene): void {
  const handler = handlers[segment.id];
  if (handler !== undefined) handler(segment, scope, scene);
  else if (scene.run.options.rules !== undefined) applyTenantRules(segment, scope, scene);
}

/** Fields that serve the exchange and say nothing of anybody: set ids, version, acknowledgment, character set. */
const PROTOCOL: Readonly<Record<string, readonly number[]>> = {
  MSH: [12, 13, 15, 16, 18, 20], PID: [1], NK1: [1], PV1: [1], DG1: [1], PR1: [1], AL1: [1], IAM: [1], GT1: [1], IN1: [1], OBR: [1], OBX: [1, 2], NTE: [1], SPM: [1], FT1: [1], TXA: [1], AIS: [1, 2], AIG: [1, 2], AIL: [1, 2], AIP: [1, 2], RGS: [1, 2], TQ1: [1], RXA: [1, 2], PRT: [2], ROL: [2], EVN: [1],
};

function consultProtocol(run: Run): void {
  for (const segment of run.message.segments) {
    for (const field of PROTOCOL[segment.id] ?? []) for (let r = 1; r <= repetitionsOf(segment, field); r += 1) for (const place of new Part(segment, field, r).places()) run.draft.consult(place);
  }
}

/** The first of each segment in a group, those of its groups that do not repeat included. */
function directSegments(group: Group, found: Record<string, Hl7Segment>): Record<string, Hl7Segment> {
  for (const item of group.items) {
    if (!('shape' in item)) found[item.id] ??= item;
    else if (!item.shape.repeats) directSegments(item, found);
  }
  return found;
}

/** Rules of a tenant for a segment nobody else knows: into the resource that its group is about, or one of its own. */
function applyTenantRules(segment: Hl7Segment, scope: Scope, scene: Scene): void {
  for (const [name, map] of scene.maps) {
    if (!name.startsWith(`${segment.id}[`)) continue;
    const about = [scope.patient, scope.encounter, scope.coverage, scope.order, scope.report, scope.observation, scope.appointment, scope.document].find((each) => each?.peek('resourceType') === map.resourceType);
    const target = about ?? begin(scene, map.resourceType as 'Basic', segment);
    applyMap(scene, name, segment, target, scope);
    if (about === undefined && ['Observation', 'Condition', 'Procedure', 'ServiceRequest'].includes(map.resourceType)) refer(target, 'subject', scope.patient);
  }
}

function settle(scene: Scene): Mapping<Hl7Acknowledgement> {
  const { run } = scene;
  // HL7's request for authorization is a request Bundle of PAS: its Claim, and what that refers to.
  const isRequest = scene.code === 'RQA';
  dropEmpty(run);
  const entries = run.draft.entries(run.url(isRequest ? 'Claim' : 'MessageHeader', run.messageKey));
  finish(entries, run);
  const [sent, control] = [new Part(run.header, 7), new Part(run.header, 10)];
  const timestamp = sent.valued ? instantOf(sent, run) : undefined;
  const bundle: Bundle = {
    resourceType: 'Bundle',
    ...(isRequest && { meta: { profile: ['http://hl7.org/fhir/us/davinci-pas/StructureDefinition/profile-pas-request-bundle'] } }),
    ...(control.text !== undefined && { identifier: { value: control.text } }),
    type: isRequest ? 'collection' : 'message',
    ...(timestamp !== undefined && { timestamp }),
    entry: entries,
  };
  const own: LedgerEntry[] = [];
  if (control.text !== undefined) own.push({ path: 'Bundle.identifier.value', rule: 'MSH[Bundle]#11', ...control.from });
  if (timestamp !== undefined) own.push({ path: 'Bundle.timestamp', rule: 'MSH[Bundle]#8', ...sent.from });
  for (const { source, segment } of own) run.draft.consult({ source, ...(segment !== undefined && { segment }) });
  const unmapped = run.draft.unmapped(sentValues(run.message), (from) => reasonFor(from, run));
  return { bundle, issues: run.issues, acknowledgement: acknowledge(run), ledger: own.concat(run.draft.ledger()), unmapped, unnumbered: run.placed };
}

/** A resource that was begun for values that could not be read is none, and nothing refers to it. */
function dropEmpty(run: Run): void {
  const empty = new Set<string>();
  for (const { fullUrl, resource } of run.draft.entries()) if (isEmpty(resource!)) empty.add(fullUrl!);
  if (empty.size === 0) return;
  for (const url of empty) run.draft.drop(url);
  for (const { resource } of run.draft.entries()) forget(resource as unknown as Record<string, unknown>, empty);
}

/** Whether there is nothing beyond its type. */
function isEmpty(resource: object): boolean {
  let count = 0;
  for (const name in resource) if (Object.hasOwn(resource, name) && (count += 1) > 1) return false;
  return true;
}

function forget(node: Record<string, unknown>, urls: ReadonlySet<string>): void {
  for (const [name, value] of Object.entries(node)) {
    if (Array.isArray(value)) {
      for (const each of value) if (typeof each === 'object' && each !== null) forget(each as Record<string, unknown>, urls);
      const kept = value.filter((each) => typeof each !== 'object' || each === null || Object.keys(each as object).length > 0);
      if (kept.length === 0) delete node[name];
      else if (kept.length < value.length) node[name] = kept;
    } else if (typeof value === 'object' && value !== null) {
      forget(value as Record<string, unknown>, urls);
      if (Object.keys(value).length === 0) delete node[name];
    } else if (name === 'reference' && typeof value === 'string' && urls.has(value)) delete node[name];
  }
}

function reasonFor({ source, segment }: SourceRef, run: Run): string {
  const of = run.message.segments[(segment ?? 1) - 1];
  if (of === undefined) return 'no rule';
  const place = /-(\d+)\[(\d+)\]\.(\d+)(?:\.(\d+))?$/.exec(source);
  if (place !== null && valueAt(of, Number(place[1]), Number(place[2]), Number(place[3]), Number(place[4] ?? 1)) === DELETED) return 'the sender asks to delete what is held';
  if (of.id.startsWith('Z')) return 'a segment of the sender\'s own, without rules for it';
  if (handlers[of.id] === undefined) return 'a segment without a map';
  return 'no rule for this value';
}

/** The mapper takes what it can: an error is what makes a message useless, which parsing has told before. */
function acknowledge(run: Run): Hl7Acknowledgement {
  const control = valueAt(run.header, 10);
  const errors = run.issues.filter((issue) => issue.severity === 'error').map(({ code, text, source, segment }) => ({ code: errorCodeOf({ code, ...(source !== undefined && { source }) }), text: `${code}: ${text}`, ...(source !== undefined && { location: { source, ...(segment !== undefined && { segment }) } }) }));
  return { code: errors.length === 0 ? 'AA' : 'AE', ...(control !== undefined && { controlId: control }), errors };
}
