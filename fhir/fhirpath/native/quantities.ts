/** Quantities of FHIRPath: a number and its unit, of UCUM or of the calendar. Source: FHIRPath 2.0, "Quantity" (http://hl7.org/fhirpath/N1/#quantity). */
import { Exact } from './exact.ts';
import { calendarUnit } from './moments.ts';
import { compareDimensions, productOf, readUnit, type Unit } from './units.ts';

export class Quantity {
  readonly value: Exact;
  /** A UCUM code, or the singular of a calendar unit. */
  readonly unit: string;
  readonly calendar: boolean;

  constructor(value: Exact, unit: string, calendar: boolean) {
    this.value = value;
    this.unit = unit;
    this.calendar = calendar;
  }

  toString(): string {
    const plural = this.calendar && this.value.toString() !== '1';
    return this.calendar ? `${this.value.toString()} ${this.unit}${plural ? 's' : ''}` : `${this.value.toString()} '${this.unit}'`;
  }

  toJSON(): string {
    return this.toString();
  }
}

/** Days and shorter of the calendar are what UCUM has; months and years are not. */
const calendarCodes: Readonly<Record<string, string>> = { week: 'wk', day: 'd', hour: 'h', minute: 'min', second: 's', millisecond: 'ms' };

function unitOf({ unit, calendar }: Quantity): Unit | undefined {
  if (!calendar) return readUnit(unit);
  if (unit === 'year') return { numerator: 12n, denominator: 1n, dimensions: { month: 1 } };
  if (unit === 'month') return { numerator: 1n, denominator: 1n, dimensions: { month: 1 } };
  return readUnit(calendarCodes[unit]!);
}

/** Both values in the coarser one of their units; undefined where the units are unknown or not of one kind. */
function inOneUnit(left: Quantity, right: Quantity): [left: Exact, right: Exact] | undefined {
  if (left.unit === right.unit && left.calendar === right.calendar) return [left.value, right.value];
  const [unit, other] = [unitOf(left), unitOf(right)];
  if (unit === undefined || other === undefined || !compareDimensions(unit, other)) return undefined;
  // left.value * n/d against right.value * on/od
  const coarserIsLeft = unit.numerator * other.denominator >= other.numerator * unit.denominator;
  return coarserIsLeft
    ? [left.value, scaled(right.value, other.numerator * unit.denominator, other.denominator * unit.numerator)]
    : [scaled(left.value, unit.numerator * other.denominator, unit.denominator * other.numerator), right.value];
}

function scaled(value: Exact, numerator: bigint, denominator: bigint): Exact {
  return value.times(new Exact(numerator, 0)).dividedBy(new Exact(denominator, 0))!;
}

/** Negative, 0 or positive; undefined where the two cannot be compared. */
export function compareQuantities(left: Quantity, right: Quantity): number | undefined {
  const values = inOneUnit(left, right);
  return values === undefined ? undefined : values[0].compare(values[1]);
}

/** Equal when rounded to the coarser precision; false where the two cannot be compared. */
export function areEquivalentQuantities(left: Quantity, right: Quantity): boolean {
  const values = inOneUnit(left, right);
  if (values === undefined) return false;
  const places = Math.min(values[0].places, values[1].places);
  return values[0].rounded(places).compare(values[1].rounded(places)) === 0;
}

export function areComparable(left: Quantity, right: Quantity): boolean {
  return inOneUnit(left, right) !== undefined;
}

/** Undefined where the units cannot be added. The sum is in the unit of the coarser. */
export function addQuantities(left: Quantity, right: Quantity, sign: 1 | -1): Quantity | undefined {
  const values = inOneUnit(left, right);
  if (values === undefined) return undefined;
  const sum = sign === 1 ? values[0].plus(values[1]) : values[0].minus(values[1]);
  const coarser = values[0] === left.value ? left : right;
  return new Quantity(sum, coarser.unit, coarser.calendar);
}

/** The product (or quotient) in base units; undefined for unknown units and for a division by zero. */
export function multiplyQuantities(left: Quantity, right: Quantity, power: 1 | -1): Quantity | undefined {
  const [unit, other] = [unitOf(left), unitOf(right)];
  if (unit === undefined || other === undefined) return undefined;
  const [leftValue, rightValue] = [scaled(left.value, unit.numerator, unit.denominator), scaled(right.value, other.numerator, other.denominator)];
  const value = power === 1 ? leftValue.times(rightValue) : leftValue.dividedBy(rightValue);
  return value === undefined ? undefined : new Quantity(value.trimmed(), productOf(unit, other, power), false);
}

const form = /^([+-]?\d+(?:\.\d+)?)(?:\s*(?:'([^']+)'|([a-zA-Z]+)))?$/;

/** A quantity as text: `1 day`, `1 'wk'`, `1.5`; undefined for anything else. */
export function readQuantity(text: string): Quantity | undefined {
  const found = form.exec(text.trim());
  const value = found === null ? undefined : Exact.read(found[1]!);
  if (value === undefined) return undefined;
  const [, , code, word] = found!;
  if (word === undefined) return new Quantity(value, code ?? '1', false);
  const calendar = calendarUnit(word);
  return calendar === undefined ? undefined : new Quantity(value, calendar, true);
}
