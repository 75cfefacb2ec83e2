/**
 * Clocks over random logs: updates, urgency, extensions, pauses, downgrades and decisions in any order, by the code that
 * makes the events. What is due moves as the rules say and in no other way, and the log alone says when.
 */
import fc from 'fast-check';
import type { Claim } from '@medplum/fhirtypes';
import { clockEvents } from '../../operations/prior-authorization/change-clock.ts';
import { startClock, withPauses } from '../../operations/prior-authorization/clock.ts';
import type { AuthorizationEvent, EventBody, ItemEvent, Received } from '../../operations/prior-authorization/events.ts';
import { dueWhenResumed, type ItemClock } from '../../operations/prior-authorization/item-clock.ts';
import { readLog } from '../../operations/prior-authorization/read-log.ts';
import { apply, dueAtOf, fold, isUndecided, type AuthorizationState, type ItemState } from '../../operations/prior-authorization/state.ts';
import { Problem } from '../../fhir/problems.ts';
import { pasExtension, x12System } from '../../profiles/pas/names.ts';
import type { ClockBook } from '../../review/clock/rules.ts';

const hour = 3_600_000;
const extension = { by: { amount: 14, unit: 'calendar-days' }, grounds: ['information-needed'] } as const;
const pause = { when: 'information-requested', atMost: { amount: 10, unit: 'calendar-days' } } as const;
const head = { lineOfBusiness: ['commercial'], source: 'A contract', title: 'T' } as const;
const book: ClockBook = {
  plans: [{ plan: 'P', lineOfBusiness: 'commercial' }],
  rules: [
    { ...head, id: 'standard', urgency: 'standard', within: { amount: 7, unit: 'calendar-days' }, extension, pause },
    { ...head, id: 'expedited', urgency: 'expedited', within: { amount: 72, unit: 'hours' }, extension, pause, downgrade: true },
  ],
};
const urgent: Claim['extension'] = [{ url: pasExtension.levelOfServiceCode, valueCodeableConcept: { coding: [{ system: x12System('1338'), code: 'U' }] } }];
const author = { kind: 'person', name: 'Dr. Ines Moreau' } as const;
const wanted = [{ system: 'http://loinc.org', code: '18776-5', text: 'Plan' }];

/** One authorization, its log, and the time. */
class Story {
  at = new Date('2026-03-02T09:00:00.000Z');
  state!: AuthorizationState;
  readonly log: AuthorizationEvent[] = [];

  constructor(isUrgent: boolean) {
    this.add([this.#receipt(isUrgent, {}, [], [1, 2])]);
  }

  /** @throws {Problem} and has added nothing */
  add(bodies: readonly EventBody[]): void {
    let { state } = this as { state: AuthorizationState | undefined };
    const events = withPauses(book, state, bodies, this.at).map((body, index): AuthorizationEvent => ({ ...body, sequence: this.log.length + index + 1, at: this.at.toISOString() }));
    for (const event of events) state = apply(state, event);
    this.state = state!;
    this.log.push(...events);
  }

  update(isUrgent: boolean, changed: readonly number[], answered: readonly number[]): void {
    const changes = Object.fromEntries(changed.map((item) => {
      const status = this.state.items.get(item)?.status;
      return [String(item), status === undefined ? 'added' : status === 'denied' ? 'appealed' : 'changed'] as const;
    }));
    this.add([this.#receipt(isUrgent, changes, answered, [...new Set([...this.state.items.keys(), ...changed])])]);
  }

  // As update/next-version.ts makes it.
  #receipt(isUrgent: boolean, changes: NonNullable<Received['changes']>, answered: readonly number[], items: readonly number[]): Received {
    const before = (this.state as AuthorizationState | undefined)?.received;
    const clock = startClock(book, { resourceType: 'Claim', ...(isUrgent && { extension: urgent }) } as Claim, 'P', this.at);
    const asks = !before || Object.keys(changes).length > 0 || (clock.expedited && !before.expedited && [...this.state.items.values()].some(isUndecided));
    return {
      kind: 'received', version: (before?.version ?? 0) + 1, rail: 'test', receivedAt: clock.receivedAt.toISOString(), clocksLast: true, timeLasts: true, items,
      expedited: asks ? clock.expedited : before.expedited, dueAt: asks ? clock.dueAt.toISOString() : before.dueAt, clock: asks ? clock.basis : before.clock!,
      administrativeReference: 'R1', certificationNumber: 'A1', plan: 'P', stored: {}, ...(Object.keys(changes).length > 0 && { changes }),
      ...(answered.length > 0 && { answered: answered.map((item) => ({ item, system: wanted[0]!.system, code: wanted[0]!.code })) }),
    };
  }

  /** False where the rules do not allow it; nothing has happened then. */
  tries(bodies: () => readonly ItemEvent[]): boolean {
    try {
      this.add(bodies());
      return true;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      return false;
    }
  }

  move(action: 'extend' | 'downgrade', item: number): boolean {
    return this.tries(() => clockEvents(this, action, { author, items: [item], ground: action === 'extend' ? 'information-needed' : 'not-urgent', text: 'A reason.', notice: 'A notice.' }, { clocks: book }));
  }
}

/** When an item is due if what is awaited comes now. */
const dueIfResumed = ({ dueAt, paused }: ItemClock, at: Date): string => paused ? dueWhenResumed(dueAt, paused, at.toISOString()) : dueAt;
const later = (instant: string, milliseconds: number): string => new Date(Date.parse(instant) + milliseconds).toISOString();
const latest = (...instants: readonly string[]): string => instants.toSorted().at(-1)!;

type Step =
  | { readonly do: 'wait'; readonly hours: number } | { readonly do: 'update'; readonly urgent: boolean; readonly changed: readonly number[]; readonly answered: readonly number[] }
  | { readonly do: 'extend' | 'downgrade' | 'ask' | 'certify' | 'deny'; readonly item: number };
const item = fc.integer({ min: 1, max: 3 });
const some = fc.uniqueArray(item, { maxLength: 3 });
const steps: fc.Arbitrary<Step[]> = fc.array(fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), hours: fc.integer({ min: 1, max: 120 }) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('update' as const), urgent: fc.boolean(), changed: some, answered: some }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom('extend' as const, 'extend' as const, 'downgrade' as const, 'ask' as const, 'certify' as const, 'deny' as const), item }) },
), { maxLength: 25 });

/** What an update did to an item that was not decided. */
function judgeUpdate(before: ItemState, after: ItemState, story: Story, step: Extract<Step, { do: 'update' }>, wasUrgent: boolean): void {
  const { at } = story;
  const [was, is] = [before.clock, after.clock];
  // Whatever was changed: the same receipt, and an extension is neither lost nor to be had again.
  expect([is.receivedAt, is.extended]).toEqual([was.receivedAt, was.extended]);
  if (step.urgent && !wasUrgent && !was.expedited) {
    // Urgent with this version: seventy-two hours from it, unless it was due before.
    expect(is.dueAt).toBe([was.dueAt, later(at.toISOString(), 72 * hour)].toSorted()[0]);
    expect(is.expedited).toBe(true);
  } else {
    // Else the time that was left is left.
    expect(dueIfResumed(is, at)).toBe(dueIfResumed(was, at));
    expect([is.expedited, is.downgraded]).toEqual([was.expedited, was.downgraded]);
    if (!was.paused) expect(is.dueAt).toBe(was.dueAt);
  }
}

test('what is due moves as the rules say, and in no other way', () => {
  let extensions = 0;
  fc.assert(fc.property(fc.boolean(), steps, (isUrgent, history) => {
    const story = new Story(isUrgent);
    for (const step of history) {
      const { state: { items, received } } = story;
      const dues = [...items].map(([, { clock }]) => clock.dueAt);
      switch (step.do) {
        case 'wait':
          story.at = new Date(story.at.getTime() + step.hours * hour);
          break;
        case 'update':
          story.update(step.urgent, step.changed, step.answered);
          for (const [sequence, before] of items) if (isUndecided(before)) judgeUpdate(before, story.state.items.get(sequence)!, story, step, received.expedited);
          break;
        case 'extend': {
          const { clock } = items.get(step.item) ?? {};
          if (!story.move('extend', step.item)) break;
          extensions += 1;
          expect(clock!.extended).toBeUndefined();
          expect(story.state.items.get(step.item)!.clock).toMatchObject({ dueAt: later(clock!.dueAt, 14 * 24 * hour), expedited: clock!.expedited });
          break;
        }
        case 'downgrade': {
          const { clock } = items.get(step.item) ?? {};
          if (!story.move('downgrade', step.item)) break;
          const is = story.state.items.get(step.item)!.clock;
          // The standard time is there in full whenever the clock goes on.
          expect(is.dueAt >= clock!.dueAt && dueIfResumed(is, story.at) >= later(clock!.receivedAt, 7 * 24 * hour)).toBe(true);
          expect([is.expedited, is.extended]).toEqual([false, clock!.extended]);
          break;
        }
        case 'ask':
          story.tries(() => [{ kind: 'pended', item: step.item, authority: author, explanation: '' }, { kind: 'information-requested', item: step.item, authority: author, wanted }]);
          break;
        case 'certify':
          story.tries(() => [{ kind: 'certified', item: step.item, authority: author, number: 'A1', period: {}, explanation: '' }]);
          break;
        case 'deny':
          story.tries(() => [{ kind: 'denied', item: step.item, authority: author, reason: { system: 'urn:test', code: 'x', text: 'A reason.' } }]);
          break;
      }
      // Nothing but an update brings a date forward.
      if (step.do !== 'update') for (const [index, sequence] of [...items.keys()].entries()) expect(latest(story.state.items.get(sequence)!.clock.dueAt, dues[index]!)).toBe(story.state.items.get(sequence)!.clock.dueAt);
      for (const { clock } of story.state.items.values()) {
        // No clock has less than the shortest time, and pauses together are no longer than one may be.
        expect(dueIfResumed(clock, story.at) >= later(clock.receivedAt, 72 * hour)).toBe(true);
        expect(clock.stoodStill ?? 0).toBeLessThanOrEqual(10 * 24 * hour);
      }
    }
    const again = fold(readLog(JSON.stringify(story.log)));
    expect(again).toEqual(story.state);
    expect(dueAtOf(again)).toBe(dueAtOf(story.state));
  }), {
    numRuns: 600,
    // What was asked for once does not stop the clock again because time is given.
    examples: [[false, [{ do: 'ask', item: 2 }, { do: 'update', urgent: true, changed: [], answered: [] }, { do: 'extend', item: 2 }]]],
  });
  expect(extensions).toBeGreaterThan(100);
});
