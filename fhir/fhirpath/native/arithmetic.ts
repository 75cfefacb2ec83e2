/** `+ - * / div mod &` and the minus before a value. Source: FHIRPath 2.0, "Math" and "Date/Time Arithmetic" (http://hl7.org/fhirpath/N1/#math). */
import { FhirPathError } from '../error.ts';
import { Exact } from './exact.ts';
import { none, ofString, ofValue, single, systemValue, textOf, type Item, type Items, type SystemValue } from './items.ts';
import { Moment, calendarUnit, type CalendarUnit } from './moments.ts';
import { Quantity, addQuantities, multiplyQuantities } from './quantities.ts';
import type { Evaluate, Run } from './run.ts';
import type { Operator } from './syntax.ts';

export function arithmetic(operator: Operator, a: Evaluate, b: Evaluate): Evaluate {
  if (operator === '&') return (scope) => ofString(scope.run.text((textOf(a(scope)) ?? '') + (textOf(b(scope)) ?? '')));
  return (scope) => {
    const [left, right] = [single(a(scope)), single(b(scope))];
    if (left === undefined || right === undefined) return none;
    const [x, y] = [valueOf(left), valueOf(right)];
    return x === undefined || y === undefined ? none : ofValue(computed(operator, x, y, scope.run));
  };
}

/** A structure has no value to compute with. */
function valueOf(item: Item): SystemValue | undefined {
  const value = systemValue(item);
  if (value === undefined && item.value !== undefined) throw new FhirPathError('evaluation', 'What is no number cannot be computed with');
  return value;
}

function computed(operator: Operator, x: SystemValue, y: SystemValue, run: Run): SystemValue | undefined {
  if (typeof x === 'string' && typeof y === 'string' && operator === '+') return run.text(x + y);
  if (x instanceof Moment && y instanceof Quantity && (operator === '+' || operator === '-')) return moved(x, y, operator === '+' ? 1 : -1);
  if (x instanceof Quantity || y instanceof Quantity) return ofQuantities(operator, asQuantity(x), asQuantity(y));
  if (typeof x === 'number' && typeof y === 'number') {
    const result = ofIntegers(operator, x, y);
    if (result !== undefined) return result === null ? undefined : result;
  }
  return ofDecimals(operator, asExact(x), asExact(y));
}

/** Null for none; undefined where it takes decimals. */
function ofIntegers(operator: Operator, x: number, y: number): number | null | undefined {
  const result = operator === '+' ? x + y : operator === '-' ? x - y : operator === '*' ? x * y : operator === 'div' ? (y === 0 ? null : Math.trunc(x / y)) : operator === 'mod' ? (y === 0 ? null : x % y) : undefined;
  if (typeof result !== 'number') return result;
  // Beyond the range of Integer there is no result.
  return Math.abs(result) > 2_147_483_647 ? null : result;
}

function ofDecimals(operator: Operator, x: Exact, y: Exact): SystemValue | undefined {
  switch (operator) {
    case '+': return x.plus(y);
    case '-': return x.minus(y);
    case '*': return x.times(y);
    case '/': return x.dividedBy(y);
    case 'mod': return x.mod(y);
    case 'div': {
      const whole = x.div(y)?.toNumber();
      return whole === undefined || Math.abs(whole) > 2_147_483_647 ? undefined : whole;
    }
    case '&': case '|': case '<=': case '<': case '>': case '>=': case '=': case '~': case '!=': case '!~': case 'in': case 'contains': case 'and': case 'xor': case 'or': case 'implies':
    default: throw new FhirPathError('evaluation', 'No such operation on numbers');
  }
}

function asExact(value: SystemValue): Exact {
  if (value instanceof Exact) return value;
  if (typeof value === 'number') return Exact.of(value);
  throw new FhirPathError('evaluation', 'What is no number cannot be computed with');
}

function asQuantity(value: SystemValue): Quantity {
  return value instanceof Quantity ? value : new Quantity(asExact(value), '1', false);
}

function ofQuantities(operator: Operator, x: Quantity, y: Quantity): Quantity | undefined {
  if (operator === '+' || operator === '-') return addQuantities(x, y, operator === '+' ? 1 : -1);
  if (operator === '*' || operator === '/') return multiplyQuantities(x, y, operator === '*' ? 1 : -1);
  throw new FhirPathError('evaluation', 'No such operation on quantities');
}

/** UCUM units of definite length, as units of the calendar. Months and years of UCUM are no calendar units. */
const definite: Readonly<Record<string, CalendarUnit>> = { d: 'day', wk: 'week', h: 'hour', min: 'minute', s: 'second', ms: 'millisecond' };

function moved(moment: Moment, { value, unit, calendar }: Quantity, sign: 1 | -1): Moment | undefined {
  const ucum = !calendar && Object.hasOwn(definite, unit);
  const by = ucum ? definite[unit]! : calendarUnit(unit);
  if (by === undefined) throw new FhirPathError('evaluation', 'A date moves by units of time');
  // UCUM's second is taken whole.
  const amount = ucum && by === 'second' ? Math.trunc(value.toNumber()) : value.toNumber();
  const result = moment.plus(amount * sign, by);
  const year = new Date(result.local).getUTCFullYear();
  return year >= 1 && year <= 9999 ? result : undefined;
}

/** A number or quantity with the other sign. */
export function negated(item: Item | undefined): Items {
  if (item === undefined) return none;
  const value = systemValue(item);
  if (value === undefined && item.value === undefined) return none;
  if (typeof value === 'number') return ofValue(-value);
  if (value instanceof Exact) return ofValue(value.negated());
  if (value instanceof Quantity) return ofValue(new Quantity(value.value.negated(), value.unit, value.calendar));
  throw new FhirPathError('evaluation', 'Only numbers have a sign');
}
