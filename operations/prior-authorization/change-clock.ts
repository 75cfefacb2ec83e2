/**
 * Claim/[id]/$extend and $downgrade: a named person takes more time to decide, or standard time for what is not urgent,
 * where the rule of the clock allows it. Whether it does is for the fold to say (`item-clock.ts`).
 */
import { Problem } from '../../fhir/problems.ts';
import type { Context } from '../../store/context.ts';
import type { Database } from '../../store/database.ts';
import { changeByPerson, type ChangedAuthorization, type ChangeSettings, type Reviewed } from './change-by-person.ts';
import { clockOf, extendedDue } from './clock.ts';
import type { ClockAction } from './clock-definitions.ts';
import type { ItemEvent } from './events.ts';
import { pausesOf } from './item-clock.ts';
import type { LoadedAuthorization } from './load.ts';
import type { ClockChange } from './read-clock-change.ts';
import { isUndecided, type AuthorizationState, type ItemState } from './state.ts';

/** Code system of the grounds on which clocks are moved (review/clock/rules.ts). */
export const clockReasonSystem = 'https://priora.health/fhir/CodeSystem/clock-reason';

/** @throws {Problem} `version-conflict`, `authorization-not-found`, `decision-invalid`, `decision-not-allowed`, `clock-not-allowed`, `concurrent-change` */
export async function changeClock(database: Database, reviewed: Reviewed, action: ClockAction, change: ClockChange, settings: ChangeSettings, context: Context): Promise<ChangedAuthorization> {
  return changeByPerson(database, reviewed, { author: change.author, act: (loaded) => clockEvents(loaded, action, change, settings) }, settings, context);
}

/** @throws {Problem} `decision-invalid` */
export function clockEvents({ state }: Pick<LoadedAuthorization, 'state'>, action: ClockAction, change: ClockChange, { clocks }: Pick<ChangeSettings, 'clocks'>): ItemEvent[] {
  const { plan } = state.received;
  const head = { authority: change.author, reason: { system: clockReasonSystem, code: change.ground, text: change.text }, notice: change.notice };
  return itemsOf(state, change).map(({ sequence, clock }): ItemEvent => {
    if (action === 'extend') return { kind: 'extended', item: sequence, ...head, dueAt: extendedDue(clocks, plan, clock) };
    const { dueAt: standard, basis } = clockOf(clocks, plan, 'standard', new Date(clock.receivedAt));
    const dueAt = new Date(standard.getTime() + pausesOf(clock)).toISOString();
    return { kind: 'downgraded', item: sequence, ...head, dueAt: dueAt < clock.dueAt ? clock.dueAt : dueAt, clock: basis };
  });
}

/** @throws {Problem} `decision-invalid`, `decision-not-allowed` where nothing is undecided */
function itemsOf(state: AuthorizationState, { items, ground }: ClockChange): ItemState[] {
  const open = [...state.items.values()].filter(isUndecided);
  if (items === undefined && open.length === 0) throw new Problem('decision-invalid', { rule: 'Every item is decided; there is no time to be taken.' });
  if (items === undefined) return open.filter(({ clock }) => ground !== 'not-urgent' || clock.expedited || open.every((item) => !item.clock.expedited));
  return items.map((sequence) => {
    const item = state.items.get(sequence);
    if (!item) throw new Problem('decision-invalid', { rule: `There is no item ${sequence} in this authorization.` });
    return item;
  });
}
