/**
 * About how many resources are as is asked. Only keys are known to the statistics; the rest are guesses, good enough to tell
 * a handful from most of a type.
 */
import type { Expression } from '../expression.ts';
import { rowsWithin, type Rows } from './rows.ts';

/** Resources of one type in one patient's record. */
const ofOnePatient = 100;

/** What finds few rows however many there are, unless the statistics know better. */
const selectiveMatches = 10;

/** Days that are searched over, of those that resources are from. */
const usualYears = 10;
const year = 365.25 * 86_400_000;

export function matches(expression: Expression, rows: Rows): number {
  const all = rows.statistics.rowsOf(rows.type);
  const share = (part: number): number => Math.max(1, all * part);
  switch (expression.kind) {
    case 'all': return Math.max(1, expression.of.reduce((left, part) => left * (matches(part, rows) / all), all));
    case 'any': return Math.min(all, expression.of.reduce((sum, part) => sum + matches(part, rows), 0));
    case 'not': return Math.max(1, all - matches(expression.of, rows));
    case 'id': return expression.ids.length;
    case 'key': {
      const usual = expression.selective ? Math.min(selectiveMatches, rows.statistics.rare) : rows.statistics.rare;
      const sum = expression.anyOf.reduce((total, key) => total + (rows.statistics.withKey(key) ?? usual), 0);
      const ofConcepts = (expression.concepts ?? []).reduce((total, { count }) => total + count * rows.statistics.rare, 0);
      return Math.min(all, expression.patient === undefined ? sum + ofConcepts : Math.min(sum + ofConcepts, ofOnePatient));
    }
    case 'patient': return Math.min(all, ofOnePatient);
    case 'changed': return share(rows.statistics.changedShare?.(expression.from, expression.to) ?? between(expression.from, expression.to));
    case 'date': return share(expression.comparison === 'eq' || expression.comparison === 'ap' ? between(expression.low, expression.high) : expression.comparison === 'ne' ? 1 : 0.5);
    case 'string': return share(expression.match === 'contains' || expression.match === 'ends' ? 0.02 : 1 / 4 ** Math.min(expression.value.length, 5));
    case 'display': return share(0.01);
    case 'number': return share(expression.test.comparison === 'eq' ? 0.01 : 0.3);
    case 'near': return share(0.02);
    case 'present': return share(0.9);
    case 'words': return share(0.01);
    case 'chain': return Math.min(all, expression.targets.reduce((sum, { type, where }) => {
      const inner = rowsWithin(rows, type);
      return sum + Math.max(ofOnePatient, matches(where, inner) * (all / rows.statistics.rowsOf(type)));
    }, 0));
    case 'has': return Math.min(all, matches(expression.where, rowsWithin(rows, expression.type)));
    case 'list': return Math.min(all, ofOnePatient);
  }
}

function between(from: Date | undefined, to: Date | undefined): number {
  return from === undefined || to === undefined ? 0.5 : Math.min(1, Math.max(0, to.getTime() - from.getTime()) / (usualYears * year));
}
