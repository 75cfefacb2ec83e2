/**
 * What drives a query: of the conditions that all must hold, the one by whose index the fewest rows have to be fetched. It
 * stands in a sub-select of its own behind a fence (`offset 0`), where the planner has no choice but that index; the others
 * are tests on what comes out.
 */
import sql, { join, type Sql } from 'sql-template-tag';
import type { Expression } from '../expression.ts';
import { chainProbes } from './chain.ts';
import type { Compiler } from './compiler.ts';
import { changedWithin, conditionTest } from './condition.ts';
import { conjuncts } from './conjuncts.ts';
import { beginningOf, beginsWithin, dateComparison, idsByDate } from './dates.ts';
import { displayKeys } from './display.ts';
import { matches } from './estimate.ts';
import { costOfReferredTo, idsReferredTo } from './has.ts';
import { keyProbe } from './keys.ts';
import { idsOnList } from './list.ts';
import { idsByNumber, idsNear } from './numbers.ts';
import { allOf, current, type Rows } from './rows.ts';
import { idsByString } from './strings.ts';
import { idsByNarrative } from './words.ts';

export interface Driver {
  /** Rows to be fetched, about. */
  readonly cost: number;
  /** What of the condition the probes leave to be tested. */
  readonly leaves: readonly Expression[];
  /**
   * Conditions that an index answers, on disjoint sets of rows. One that is about keys stands alone: tenant and type are in
   * the hash already, and written beside it the planner counts them twice (trap 1).
   */
  readonly probes: () => readonly Sql[];
}

export const compiler: Compiler = {
  test: (expression, rows) => conditionTest(expression, rows, compiler),
  found: (expression, rows) => found(conjuncts(expression), rows),
  matches,
};

function found(conditions: readonly Expression[], rows: Rows): Sql {
  const driver = cheapest(conditions, rows);
  return driver === undefined ? sql`select ${rows.row}.* from resource ${rows.row} where ${current(rows)} and ${testOf(conditions, rows)}` : fetched(driver, conditions, rows);
}

export function testOf(conditions: readonly Expression[], rows: Rows): Sql {
  return compiler.test({ kind: 'all', of: conditions }, rows);
}

/** Every row that is as is asked, by the index of the driver. */
export function fetched(driver: Driver & { readonly of: Expression }, conditions: readonly Expression[], rows: Rows): Sql {
  const { row } = rows;
  const rest = testOf([...driver.leaves, ...conditions.filter((condition) => condition !== driver.of)], { ...rows, tested: driver.cost });
  return join(driver.probes().map((probe) => sql`
    select ${row}.* from (select ${row}.* from resource ${row} where ${probe} offset 0) ${row} where ${current(rows)} and ${rest}`), ' union all ');
}

/** Undefined where no condition has an index. */
export function cheapest(conditions: readonly Expression[], rows: Rows): (Driver & { readonly of: Expression }) | undefined {
  let best: (Driver & { readonly of: Expression }) | undefined;
  for (const condition of conditions) {
    const driver = driverOf(condition, rows);
    if (driver && (best === undefined || driver.cost < best.cost)) best = { ...driver, of: condition };
  }
  return best;
}

function driverOf(condition: Expression, rows: Rows): Driver | undefined {
  const { row } = rows;
  const cost = matches(condition, rows);
  const own = (probe: Sql, more: Partial<Driver> = {}): Driver => ({ cost, leaves: [], probes: () => [sql`${current(rows)} and ${probe}`], ...more });
  const byIds = (ids: () => Sql, more: Partial<Driver> = {}): Driver => ({ cost: 2 * cost, leaves: [], probes: () => [sql`${current(rows)} and ${row}.id = any(array(${ids()}))`], ...more });
  switch (condition.kind) {
    case 'id': return own(sql`${row}.id = any(${[...condition.ids]}::text[])`);
    case 'key':
      if (condition.anyOf.length === 0 && condition.concepts === undefined) return undefined;
      return condition.patient === undefined ? { cost, leaves: [], probes: () => [keyProbe(condition, rows)] }
        : own(sql`${row}.patient = ${condition.patient}`, { leaves: [condition] });
    case 'display': return { cost, leaves: [], probes: () => [sql`${row}.keys && ${displayKeys(condition, rows)}`] };
    case 'patient': {
      const { id, key } = condition;
      return {
        cost, leaves: [], probes: () => [
          sql`${current(rows)} and ${row}.patient = ${id}`,
          sql`${keyProbe({ kind: 'key', anyOf: [key], selective: true }, rows)} and ${row}.patient is distinct from ${id}`,
        ],
      };
    }
    case 'changed': return condition.from === undefined ? undefined : own(allOf(changedWithin(condition, row)));
    case 'date': {
      const { scope } = condition;
      if (condition.comparison === 'ne') return undefined;
      if (scope !== 'principal') return byIds(() => idsByDate({ ...condition, scope }));
      const bounds = beginningOf(condition);
      if (bounds.longUntil !== undefined || bounds.from === undefined) return undefined;
      return own(allOf([...beginsWithin(bounds, sql`${row}.date_low`), dateComparison(condition, sql`${row}.date_low`, sql`${row}.date_high`)]));
    }
    case 'string': return byIds(() => idsByString(condition));
    case 'number': return byIds(() => idsByNumber(condition));
    case 'near': return byIds(() => idsNear(condition));
    case 'words': return condition.of === 'narrative' ? byIds(() => idsByNarrative(condition.query, rows)) : undefined;
    case 'list': return byIds(() => idsOnList(condition, rows));
    case 'has': return byIds(() => idsReferredTo(condition, rows, compiler), { cost: costOfReferredTo(condition, rows, compiler) });
    case 'chain': {
      if (condition.targets.length === 0) return undefined;
      // A row may refer to a target of either kind, so the probes of a mixed chain are not disjoint.
      const probes = (): readonly Sql[] => chainProbes(condition, rows, compiler);
      const mixed = condition.viaPatient && new Set(condition.targets.map(({ type }) => type === 'Patient')).size > 1;
      return mixed ? byIds(() => join(probes().map((probe) => sql`select ${row}.id from (select ${row}.* from resource ${row} where ${probe} offset 0) ${row} where ${current(rows)}`), ' union ')) : { cost, leaves: [], probes };
    }
    case 'any': return anyDriver(condition.of, rows);
    case 'all': {
      const driver = cheapest(conjuncts(condition), rows);
      return driver && { ...driver, leaves: [condition] };
    }
    case 'not': case 'present': return undefined;
  }
}

/** Alternatives that all have an index: the ids of what they find, each once. */
function anyDriver(alternatives: readonly Expression[], rows: Rows): Driver | undefined {
  const drivers = alternatives.map((alternative) => driverOf(alternative, rows));
  if (alternatives.length === 0 || drivers.includes(undefined)) return undefined;
  const { row } = rows;
  const cost = 2 * drivers.reduce((sum, driver) => sum + driver!.cost, 0);
  const ids = (): Sql => join(alternatives.map((alternative) => sql`select a.id from (${found(conjuncts(alternative), rows)}) a`), ' union ');
  return { cost, leaves: [], probes: () => [sql`${current(rows)} and ${row}.id = any(array(${ids()}))`] };
}
