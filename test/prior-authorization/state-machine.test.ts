/** The fold of the log against a naive model of it, on random histories. */
import fc from 'fast-check';
import type { AuthorizationEvent, DecisionEvent, EventBody, ItemChange, Received } from '../../operations/prior-authorization/events.ts';
import { apply, dueAtOf, fold, isOpen, overallStatus, type AuthorizationState } from '../../operations/prior-authorization/state.ts';
import { Problem } from '../../fhir/problems.ts';

const received = (items: readonly number[], version = 1): Received => ({
  kind: 'received', version, rail: 'test', receivedAt: '2026-03-02T09:00:00.000Z', expedited: false, dueAt: '2026-03-09T09:00:00.000Z', clocksLast: true,
  items, administrativeReference: 'R1', certificationNumber: 'A1', stored: {},
});

const basis = {
  rule: 'r', title: 'R', source: 'S', lineOfBusiness: 'commercial', atRiskHours: 24, downgrade: true,
  extension: { by: { amount: 14, unit: 'calendar-days' }, grounds: ['information-needed'] }, pause: { when: 'information-requested', atMost: { amount: 14, unit: 'calendar-days' } },
} as const;

const person = { kind: 'person', name: 'Dr. Ines Moreau' } as const;
const reason = { system: 'urn:test', code: 'x', text: 'A reason.' };
const kinds = ['certified', 'denied', 'modified', 'pended', 'information-requested'] as const;

function decided(kind: (typeof kinds)[number], item: number): DecisionEvent {
  switch (kind) {
    case 'certified': return { kind, item, authority: person, number: 'A1', period: {}, explanation: '' };
    case 'denied': return { kind, item, authority: person, reason };
    case 'modified': return { kind, item, authority: person, number: 'A1', period: {}, approved: {}, reason };
    case 'pended': return { kind, item, authority: person, explanation: '' };
    case 'information-requested': return { kind, item, authority: person, wanted: [{ system: 'http://loinc.org', code: '18776-5', text: 'Plan' }] };
  }
}

const placed = (body: EventBody, sequence: number): AuthorizationEvent => ({ ...body, sequence, at: '2026-03-02T09:00:00.000Z' });

/** The model: a status by item, and nothing else. True when the step was possible. */
function step(model: Map<number, string>, event: DecisionEvent): boolean {
  const status = model.get(event.item);
  if (status !== 'requested' && status !== 'pended') return false;
  if (event.kind === 'information-requested') return status === 'pended';
  model.set(event.item, event.kind);
  return true;
}

const items = fc.uniqueArray(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 5 });
const history = fc.array(fc.record({ kind: fc.constantFrom(...kinds), item: fc.integer({ min: 1, max: 7 }) }), { maxLength: 25 });

test('every illegal step is refused and changes nothing; the fold is what the model says', () => {
  fc.assert(fc.property(items, history, (sequences, steps) => {
    const log = [placed(received(sequences), 1)];
    let state = fold(log);
    const model = new Map(sequences.map((sequence) => [sequence, 'requested']));
    for (const { kind, item } of steps) {
      const event = decided(kind, item);
      const entry = placed(event, state.lastSequence + 1);
      const known = model.has(item);
      if (step(model, event)) {
        state = apply(state, entry);
        log.push(entry);
      } else {
        const before = statuses(state);
        const act = (): unknown => apply(state, entry);
        expect(act).toThrow(Problem);
        expect(codeOf(act)).toBe(known ? 'decision-not-allowed' : 'decision-invalid');
        expect(statuses(state)).toEqual(before);
      }
    }
    expect(statuses(state)).toEqual(Object.fromEntries(model));
    expect(fold(log)).toEqual(state);
    expect(isOpen(state)).toBe([...model.values()].some((status) => status === 'requested' || status === 'pended'));
  }), { numRuns: 400 });
});

test('the order of items does not matter: each has its own story', () => {
  fc.assert(fc.property(items, history, fc.infiniteStream(fc.nat()), (sequences, steps, shuffle) => {
    const model = new Map(sequences.map((sequence) => [sequence, 'requested']));
    const legal = steps.map(({ kind, item }) => decided(kind, item)).filter((event) => step(model, event));
    const stories = new Map<number, DecisionEvent[]>();
    for (const event of legal) stories.set(event.item, [...stories.get(event.item) ?? [], event]);
    const mixed: DecisionEvent[] = [];
    while (stories.size > 0) {
      const open = [...stories.keys()];
      const item = open[shuffle.next().value % open.length]!;
      const [next, ...rest] = stories.get(item)!;
      mixed.push(next!);
      if (rest.length === 0) stories.delete(item);
      else stories.set(item, rest);
    }
    const foldOf = (events: readonly DecisionEvent[], asked: readonly number[]): AuthorizationState => fold([received(asked), ...events].map((body, index) => placed(body, index + 1)));
    const [a, b] = [foldOf(legal, sequences), foldOf(mixed, sequences.toReversed())];
    expect(statuses(b)).toEqual(statuses(a));
    expect(overallStatus(b)).toBe(overallStatus(a));
    for (const [sequence, item] of a.items) expect(b.items.get(sequence)!.wanted).toEqual(item.wanted);
  }), { numRuns: 300 });
});

/** Updates between decisions: which items the model lets an update change, and how. */
const changeOf = (status: string | undefined): ItemChange => status === undefined ? 'added' : status === 'denied' ? 'appealed' : 'changed';
const cancelled = (item: number): DecisionEvent => ({ kind: 'cancelled', item, authority: { kind: 'requester' } });

type Move = { readonly update?: readonly number[]; readonly cancel?: number; readonly decide?: { readonly kind: (typeof kinds)[number]; readonly item: number } };
const moves: fc.Arbitrary<Move[]> = fc.array(fc.oneof(
  fc.record({ update: fc.uniqueArray(fc.integer({ min: 1, max: 6 }), { maxLength: 3 }) }),
  fc.record({ cancel: fc.integer({ min: 1, max: 6 }) }),
  fc.record({ decide: fc.record({ kind: fc.constantFrom(...kinds), item: fc.integer({ min: 1, max: 6 }) }) }),
), { maxLength: 30 });

test('updates and cancellations between decisions: the fold is what the model says, and what was certified is never forgotten', () => {
  fc.assert(fc.property(items, moves, (sequences, steps) => {
    const log = [placed(received(sequences), 1)];
    let state = fold(log);
    const model = new Map(sequences.map((sequence) => [sequence, 'requested']));
    /** Items whose certification was changed and neither replaced nor cancelled since. */
    const standing = new Set<number>();
    const add = (body: EventBody): void => {
      const entry = placed(body, state.lastSequence + 1);
      state = apply(state, entry);
      log.push(entry);
    };
    for (const { update, cancel, decide } of steps) {
      if (update) {
        const changes = Object.fromEntries(update.map((item) => [item, changeOf(model.get(item))]));
        add({ ...received([...new Set([...model.keys(), ...update])], state.received.version + 1), changes });
        for (const item of update) {
          if (model.get(item) === 'certified' || model.get(item) === 'modified') standing.add(item);
          model.set(item, 'requested');
        }
      } else {
        const event = decide ? decided(decide.kind, decide.item) : cancelled(cancel!);
        const status = model.get(event.item);
        // Of a denied change of what was certified, the certification can still be cancelled.
        const isCancellable = status !== undefined && status !== 'cancelled' && (status !== 'denied' || standing.has(event.item));
        if (event.kind === 'cancelled' ? isCancellable : step(model, event)) {
          add(event);
          if (event.kind === 'cancelled') model.set(event.item, 'cancelled');
          if (event.kind === 'cancelled' || event.kind === 'certified' || event.kind === 'modified') standing.delete(event.item);
        } else expect(() => apply(state, placed(event, state.lastSequence + 1))).toThrow(Problem);
      }
    }
    expect(statuses(state)).toEqual(Object.fromEntries(model));
    expect(fold(log)).toEqual(state);
    expect(new Set([...state.items.values()].filter((item) => item.standing).map(({ sequence }) => sequence))).toEqual(standing);
    expect(isOpen(state)).toBe([...model.values()].some((status) => status === 'requested' || status === 'pended'));
  }), { numRuns: 500 });
});

test.each<[string, readonly DecisionEvent[], Record<number, ItemChange>]>([
  ['an item that is not there', [], { 2: 'changed' }], ['a denied item', [decided('denied', 1)], { 1: 'changed' }], ['one that is there as added', [], { 1: 'added' }], ['what was not denied as an appeal', [decided('certified', 1)], { 1: 'appealed' }],
])('a version that changes %s is none', (_, before, changes) => {
  const state = fold([received([1]), ...before].map((body, index) => placed(body, index + 1)));
  expect(() => apply(state, placed({ ...received([1], 2), changes }, state.lastSequence + 1))).toThrow(RangeError);
});

test('an undecided item keeps the time of the version that asked for it; the answer is due when the first of them is', () => {
  const second = { ...received([1, 2], 2), dueAt: '2026-03-12T09:00:00.000Z', changes: { 2: 'added' as const } };
  const log = [received([1]), decided('pended', 1), second, decided('pended', 2)].map((body, index) => placed(body, index + 1));
  expect(dueAtOf(fold(log))).toBe('2026-03-09T09:00:00.000Z');
  expect(dueAtOf(fold([...log, placed(cancelled(1), 5)]))).toBe('2026-03-12T09:00:00.000Z');
});

test('a log that is none: empty, without a receipt, with a gap, received twice', () => {
  expect(() => fold([])).toThrow(RangeError);
  expect(() => fold([placed(decided('certified', 1), 1)])).toThrow(RangeError);
  expect(() => fold([placed(received([1]), 1), placed(decided('certified', 1), 3)])).toThrow(RangeError);
  expect(() => fold([placed(received([1]), 1), placed(decided('certified', 1), 1)])).toThrow(RangeError);
  expect(() => fold([placed(received([1]), 1), placed(received([1, 2]), 2)])).toThrow(RangeError);
});

test.each<['denied' | 'modified', object]>([
  ['denied', { kind: 'clinical-criterion', rule: { title: 'Oxygen' }, truth: 'not-met' }],
  ['modified', { kind: 'clinical-criterion', rule: { title: 'Oxygen' }, truth: 'not-met' }],
  ['modified', { kind: 'administrative-rule', rule: { title: 'Excluded' } }],
  ['denied', { kind: 'intake' }], ['denied', {}],
])('%s on the authority of %j, whatever the types say: the log is none', (kind, authority) => {
  const state = fold([placed(received([1]), 1)]);
  const untyped = placed({ ...decided(kind, 1), authority } as DecisionEvent, 2);
  expect(() => apply(state, untyped)).toThrow(RangeError);
  expect(() => apply(state, placed(decided(kind, 1), 2))).not.toThrow();
});

test('what was wanted is not wanted any more once the item is decided', () => {
  const log = [received([1]), decided('pended', 1), decided('information-requested', 1)].map((body, index) => placed(body, index + 1));
  expect(fold(log).items.get(1)!.wanted).toHaveLength(1);
  expect(fold([...log, placed(decided('denied', 1), 4)]).items.get(1)!.wanted).toEqual([]);
});

test.each([
  [['cancelled', 'cancelled'], 'cancelled'], [['certified', 'cancelled'], 'certified'], [['cancelled', 'pended'], 'pended'],
  [['certified', 'certified'], 'certified'], [['denied'], 'denied'], [['certified', 'pended'], 'pended'], [['certified', 'denied'], 'partially certified'], [['certified', 'modified'], 'modified'],
] as const)('%j together are %s', (decisions, word) => {
  expect(overallStatus(fold([received(decisions.map((_, index) => index + 1)), ...decisions.map((kind, index) => kind === 'cancelled' ? cancelled(index + 1) : decided(kind, index + 1))].map((body, index) => placed(body, index + 1))))).toBe(word);
});

function statuses(state: AuthorizationState): Record<number, string> {
  return Object.fromEntries([...state.items].map(([sequence, item]) => [sequence, item.status]));
}

function codeOf(act: () => unknown): string | undefined {
  try {
    act();
  } catch (error) {
    return error instanceof Problem ? error.code : undefined;
  }
  return undefined;
}

const clockRule = { kind: 'administrative-rule', rule: { title: 'R', rule: 'r' } } as const;
const hour = 3_600_000;
const after = (from: string, hours: number): string => new Date(Date.parse(from) + hours * hour).toISOString();

type Step = { readonly wait: number; readonly what: 'extend' | 'pause' | 'resume' | 'downgrade' | 'pend' | 'certify' | 'update'; readonly hours: number };
const steps: fc.Arbitrary<Step[]> = fc.array(fc.record({ wait: fc.integer({ min: 0, max: 60 }), what: fc.constantFrom('extend', 'pause', 'resume', 'downgrade', 'pend', 'certify', 'update'), hours: fc.integer({ min: -5, max: 400 }) }), { maxLength: 30 });

test('a clock moves by its events alone, where its rule allows it, once for more time, never below what the receipt said, and by no more than its pauses took, which are limited together; a change of what waits begins none', () => {
  fc.assert(fc.property(steps, fc.boolean(), (taken, expedited) => {
    const first = { ...received([1]), expedited, clock: basis };
    const log: AuthorizationEvent[] = [placed(first, 1)];
    let state = fold(log);
    let at = first.receivedAt;
    let [isExtended, pausedUntil, earliest] = [false, undefined as string | undefined, first.dueAt];
    let [pausedAt, stood] = ['', 0];
    const stoodBy = (now: string): number => pausedUntil === undefined ? 0 : Math.min(Date.parse(now), Date.parse(pausedUntil)) - Date.parse(pausedAt);
    for (const { wait, what, hours } of taken) {
      at = after(at, wait);
      const { clock, status } = state.items.get(1)!;
      const head = { item: 1, authority: person, reason: { ...reason, code: 'information-needed' }, notice: 'More time.' };
      const body = ((): EventBody => {
        switch (what) {
          case 'extend': return { kind: 'extended', ...head, dueAt: after(clock.dueAt, hours) };
          case 'pause': return { kind: 'paused', item: 1, authority: clockRule, until: after(at, hours), dueAt: after(clock.dueAt, hours) };
          case 'resume': return { kind: 'resumed', item: 1, authority: clockRule, dueAt: pausedUntil === undefined ? clock.dueAt : after(clock.dueAt, -Math.max(0, (Date.parse(pausedUntil) - Date.parse(at)) / hour)) };
          case 'downgrade': return { kind: 'downgraded', ...head, dueAt: after(clock.dueAt, hours), clock: basis };
          case 'pend': return decided('pended', 1);
          case 'certify': return decided('certified', 1);
          case 'update': return { ...received([1], state.received.version + 1), receivedAt: at, dueAt: after(at, 168), clock: basis, changes: { 1: 'changed' } };
        }
      })();
      const isOpenItem = status === 'requested' || status === 'pended';
      const isLate = at > clock.dueAt;
      const isLegal = {
        extend: isOpenItem && !isExtended && !isLate && hours > 0 && (pausedUntil === undefined || at >= pausedUntil), pause: status === 'pended' && pausedUntil === undefined && !isLate && hours > 0 && stood + hours * hour <= 337 * hour,
        resume: status === 'pended' && pausedUntil !== undefined, downgrade: isOpenItem && clock.expedited && !isLate && hours >= 0, pend: isOpenItem, certify: isOpenItem, update: true,
      }[what];
      const entry = { ...placed(body, state.lastSequence + 1), at };
      if (!isLegal) {
        expect(() => apply(state, entry)).toThrow(/./);
        continue;
      }
      state = apply(state, entry);
      log.push(entry);
      const now = state.items.get(1)!.clock;
      if (what === 'update') {
        const isUndecided = isOpenItem;
        const running = pausedUntil === undefined ? clock.dueAt : after(clock.dueAt, -Math.max(0, (Date.parse(pausedUntil) - Date.parse(at)) / hour));
        const fresh = after(at, 168);
        expect([now.receivedAt, now.expedited, now.dueAt]).toEqual(isUndecided ? [clock.receivedAt, clock.expedited, running < fresh ? running : fresh] : [at, false, fresh]);
        [isExtended, stood] = isUndecided ? [isExtended, stood + stoodBy(at)] : [false, 0];
        [pausedUntil, earliest] = [undefined, now.dueAt];
        expect([now.extended !== undefined, now.stoodStill ?? 0]).toEqual([isExtended, stood]);
      }
      else if (what === 'extend') isExtended = true;
      else if (what === 'pause') [pausedUntil, pausedAt] = [after(at, hours), at];
      else if (what === 'resume') [pausedUntil, stood] = [undefined, stood + stoodBy(at)];
      else if (what !== 'downgrade') expect(now).toEqual(clock);
      if (what === 'extend' || what === 'pause') expect(now.dueAt > clock.dueAt).toBe(true);
      expect(now.dueAt >= earliest).toBe(true);
      expect(dueAtOf(state)).toBe(status === 'certified' && what !== 'update' ? state.received.dueAt : isOpen(state) ? now.dueAt : state.received.dueAt);
    }
    expect(fold(log)).toEqual(state);
  }), { numRuns: 500 });
});

test.each<[string, object]>([
  ['an extension by a rule', { kind: 'extended', item: 1, authority: clockRule, reason: { ...reason, code: 'information-needed' }, notice: 'N', dueAt: '2026-03-12T09:00:00.000Z' }],
  ['an extension that makes it shorter', { kind: 'extended', item: 1, authority: person, reason: { ...reason, code: 'information-needed' }, notice: 'N', dueAt: '2026-03-08T09:00:00.000Z' }],
  ['a pause by a person', { kind: 'paused', item: 1, authority: person, until: '2026-03-03T09:00:00.000Z', dueAt: '2026-03-10T09:00:00.000Z' }],
  ['a pause that gains time', { kind: 'paused', item: 1, authority: clockRule, until: '2026-03-03T09:00:00.000Z', dueAt: '2026-03-12T09:00:00.000Z' }],
  ['a clock that resumes and never stood', { kind: 'resumed', item: 1, authority: clockRule, dueAt: '2026-03-09T09:00:00.000Z' }],
])('%s is no entry of the log', (_, event) => {
  const state = fold([{ ...received([1]), clock: basis }, decided('pended', 1)].map((body, index) => placed(body, index + 1)));
  expect(() => apply(state, placed(event as EventBody, 3))).toThrow(RangeError);
});

test('a log of an older release knows no rule: its clock stays', () => {
  const state = fold([placed(received([1]), 1)]);
  expect(codeOf(() => apply(state, placed({ kind: 'extended', item: 1, authority: person, reason: { ...reason, code: 'information-needed' }, notice: 'N', dueAt: '2026-03-12T09:00:00.000Z' }, 2)))).toBe('clock-not-allowed');
});

test('a version that makes a request urgent makes all urgent that waits, from then on; what waited less long than that stays', () => {
  const urgentVersion = { ...received([1, 2], 2), receivedAt: '2026-03-04T09:00:00.000Z', expedited: true, dueAt: '2026-03-07T09:00:00.000Z', clock: { ...basis, rule: 'urgent' } };
  const log = [{ ...received([1, 2]), clock: basis }, decided('pended', 1), decided('certified', 2), urgentVersion].map((body, index) => placed(body, index + 1));
  const now = fold(log).items;
  expect(now.get(1)!.clock).toMatchObject({ version: 1, receivedAt: '2026-03-02T09:00:00.000Z', expedited: true, dueAt: '2026-03-07T09:00:00.000Z', basis: { rule: 'urgent' } });
  expect(now.get(2)!.clock).toMatchObject({ expedited: false, dueAt: '2026-03-09T09:00:00.000Z' });
  const late = fold([...log.slice(0, 3), placed({ ...urgentVersion, dueAt: '2026-03-11T09:00:00.000Z' }, 4)]);
  expect(late.items.get(1)!.clock).toMatchObject({ expedited: true, dueAt: '2026-03-09T09:00:00.000Z' });
});

test('a log of an older release, where a change began a new clock, is read as it was written', () => {
  const { clocksLast: _, ...older } = received([1]);
  const log = [older, { ...older, version: 2, receivedAt: '2026-03-05T09:00:00.000Z', dueAt: '2026-03-12T09:00:00.000Z', changes: { 1: 'changed' as const } }];
  expect(fold(log.map((body, index) => placed(body, index + 1))).items.get(1)!.clock).toMatchObject({ version: 2, receivedAt: '2026-03-05T09:00:00.000Z', dueAt: '2026-03-12T09:00:00.000Z' });
});
