/**
 * Dates and times of FHIRPath, which may be known to the year only, or to the minute.
 * Source: FHIRPath 2.0, "Date", "DateTime", "Time" (http://hl7.org/fhirpath/N1/#literals); boundaries and precision: 3.0 (https://hl7.org/fhirpath/#boundary).
 */

export type MomentKind = 'Date' | 'DateTime' | 'Time';

/** How many of year, month, day, hour, minute, second, millisecond are known; a Time begins with the hour. */
export type Precision = 1 | 2 | 3 | 4 | 5 | 6 | 7;

const day = 86_400_000;
/** Zones go from 14 hours east of Greenwich to 12 hours west of it. */
const eastmost = 14 * 60;
const westmost = -12 * 60;

const dateForm = /^(\d{4})(?:-(\d\d)(?:-(\d\d))?)?$/;
const dateTimeForm = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(?:(\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d+))?)?)?(Z|[+-]\d\d:\d\d)?)?)?)?)?T?$/;
const timeForm = /^T?(\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d+))?)?)?$/;

export class Moment {
  readonly kind: MomentKind;
  readonly precision: Precision;
  /** Milliseconds since 1970 of the earliest instant it can be, as if in Greenwich. */
  readonly local: number;
  /** Minutes east of Greenwich, where said. */
  readonly zone: number | undefined;
  readonly #text: string | undefined;

  constructor(kind: MomentKind, precision: Precision, local: number, zone?: number, text?: string) {
    this.kind = kind;
    this.precision = precision;
    this.local = local;
    this.zone = zone;
    this.#text = text;
  }

  /** The moment a text says; undefined where it says none of the kind. */
  static read(kind: MomentKind, text: string): Moment | undefined {
    const found = (kind === 'Time' ? timeForm : kind === 'Date' ? dateForm : dateTimeForm).exec(text);
    if (found === null) return undefined;
    const [year, month, date, hour, minute, second, fraction, said] = kind === 'Time' ? ['1970', '01', '01', ...found.slice(1)] : found.slice(1);
    const parts = [year, month, date, hour, minute, second, fraction];
    const known = parts.findIndex((part) => part === undefined);
    const [y, mo, d, h, mi, s] = [Number(year), Number(month ?? 1), Number(date ?? 1), Number(hour ?? 0), Number(minute ?? 0), Number(second ?? 0)];
    if (mo < 1 || mo > 12 || d < 1 || d > daysOf(y, mo) || h > 23 || mi > 59 || s > 60) return undefined;
    const zone = said === undefined ? undefined : said === 'Z' ? 0 : (said.startsWith('-') ? -1 : 1) * (Number(said.slice(1, 3)) * 60 + Number(said.slice(4)));
    const milliseconds = fraction === undefined ? 0 : Number(`0.${fraction}`) * 1000;
    return new Moment(kind, (known === -1 ? 7 : known) as Precision, utc(y, mo, d) + ((h * 60 + mi) * 60 + s) * 1000 + milliseconds, zone, text.replace(/^T|T$/g, ''));
  }

  static now(time: Date): Moment {
    return new Moment('DateTime', 7, time.getTime(), 0);
  }

  static today(time: Date): Moment {
    return new Moment('Date', 3, Math.floor(time.getTime() / day) * day);
  }

  /** The first and the last millisecond it can be, in Greenwich; where a zone is missing that matters, in any zone. */
  #range(anyZone: boolean): [low: number, high: number] {
    const last = end(this.local, this.precision);
    if (this.zone !== undefined) return [this.local - this.zone * 60_000, last - this.zone * 60_000];
    return anyZone ? [this.local - eastmost * 60_000, last - westmost * 60_000] : [this.local, last];
  }

  /**
   * Negative where this is before the other, 0 where both are the same; undefined where that cannot be known, or makes no
   * sense for a time of day and a date.
   */
  compare(other: Moment): number | undefined {
    if ((this.kind === 'Time') !== (other.kind === 'Time')) return undefined;
    const anyZone = (this.zone === undefined) !== (other.zone === undefined);
    const [low, high] = this.#range(anyZone);
    const [otherLow, otherHigh] = other.#range(anyZone);
    // Seconds and milliseconds are one precision.
    if (!anyZone && Math.min(this.precision, 6) === Math.min(other.precision, 6)) return low - otherLow;
    if (high < otherLow) return -1;
    return low > otherHigh ? 1 : undefined;
  }

  /** The same moment to the same precision. */
  isEquivalent(other: Moment): boolean {
    return Math.min(this.precision, 6) === Math.min(other.precision, 6) && this.compare(other) === 0;
  }

  /** Moved by so many of a unit; of a unit finer than what is known as many as make up the coarser one. */
  plus(amount: number, unit: CalendarUnit): Moment {
    let [count, step] = [amount, unit];
    if (step === 'week') [count, step] = [Math.trunc(count) * 7, 'day'];
    if (step !== 'second' && step !== 'millisecond') count = Math.trunc(count);
    for (let finer = coarser[step]; precisionOf[step] > Math.max(this.precision, this.kind === 'Date' ? 1 : this.precision) && finer !== undefined; finer = coarser[step]) {
      [count, step] = [Math.trunc(count / finer[0]), finer[1]];
    }
    if (step === 'year' || step === 'month') return new Moment(this.kind, this.precision, addMonths(this.local, step === 'year' ? count * 12 : count), this.zone);
    const moved = this.local + count * lengths[step];
    return new Moment(this.kind, this.precision, this.kind === 'Time' ? ((moved % day) + day) % day : moved, this.zone);
  }

  /** How many digits it is known to: 4 for a year, 17 for a DateTime with milliseconds. */
  get digits(): number {
    return digitsOf(this.kind)[this.precision]!;
  }

  /** The earliest (or latest) moment it can be, to so many digits; undefined for a number that no precision has. */
  boundary(which: 'low' | 'high', digits?: number): Moment | undefined {
    const table = digitsOf(this.kind);
    const wanted = digits === undefined ? (this.kind === 'Date' ? 3 : 7) : table.indexOf(digits);
    if (wanted < 1 || (this.kind === 'Date' && wanted > 3)) return undefined;
    // An hour alone is the full hour: FHIR knows no times without minutes.
    const known = this.precision === 4 ? 5 : this.precision;
    const local = which === 'low' ? this.local : end(this.local, known);
    const zone = this.zone ?? (this.kind === 'DateTime' && wanted > 3 ? (which === 'low' ? eastmost : westmost) : undefined);
    return new Moment(this.kind, wanted as Precision, start(local, wanted as Precision), wanted > 3 ? zone : undefined);
  }

  toString(): string {
    if (this.#text !== undefined) return this.#text;
    // Beyond the years that can be written there is nothing but the year.
    if (Math.abs(this.local) > 8.64e15) return '';
    const whole = new Date(this.local).toISOString();
    const time = whole.slice(11, [0, 0, 0, 0, 13, 16, 19, 23][this.precision]);
    if (this.kind === 'Time') return time;
    const date = whole.slice(0, [0, 4, 7, 10, 10, 10, 10, 10][this.precision]);
    return this.precision < 4 ? date : `${date}T${time}${zoneText(this.zone)}`;
  }

  toJSON(): string {
    return this.toString();
  }
}

export type CalendarUnit = 'year' | 'month' | 'week' | 'day' | 'hour' | 'minute' | 'second' | 'millisecond';

const calendarUnits: readonly CalendarUnit[] = ['year', 'month', 'week', 'day', 'hour', 'minute', 'second', 'millisecond'];

/** The unit that a word means, singular or plural. */
export function calendarUnit(word: string): CalendarUnit | undefined {
  return calendarUnits.find((unit) => word === unit || word === `${unit}s`);
}

const precisionOf: Readonly<Record<CalendarUnit, number>> = { year: 1, month: 2, week: 3, day: 3, hour: 4, minute: 5, second: 6, millisecond: 6 };
const lengths = { day, hour: 3_600_000, minute: 60_000, second: 1000, millisecond: 1, week: 7 * day } as const;
/** How many of a unit make up the next coarser one, a month being of 30 days here and a year of 12 months. */
const coarser: Readonly<Partial<Record<CalendarUnit, readonly [number, CalendarUnit]>>> = {
  millisecond: [1000, 'second'], second: [60, 'minute'], minute: [60, 'hour'], hour: [24, 'day'], day: [30, 'month'], month: [12, 'year'],
};

function digitsOf(kind: MomentKind): readonly number[] {
  return kind === 'Time' ? [0, 0, 0, 0, 2, 4, 6, 9] : [0, 4, 6, 8, 10, 12, 14, 17];
}

function utc(year: number, month: number, date: number): number {
  const time = new Date(0);
  time.setUTCFullYear(year, month - 1, date);
  return time.getTime();
}

function daysOf(year: number, month: number): number {
  return new Date(utc(year, month + 1, 1) - 1).getUTCDate();
}

function addMonths(local: number, count: number): number {
  const time = new Date(local);
  const months = time.getUTCFullYear() * 12 + time.getUTCMonth() + count;
  const [year, month] = [Math.floor(months / 12), (((months % 12) + 12) % 12) + 1];
  return utc(year, month, Math.min(time.getUTCDate(), daysOf(year, month))) + (((local % day) + day) % day);
}

/** The last millisecond of the year, month … that begins there. */
function end(local: number, precision: Precision): number {
  switch (precision) {
    case 1: return addMonths(local, 12) - 1;
    case 2: return addMonths(local, 1) - 1;
    case 3: return local + day - 1;
    case 4: return local + lengths.hour - 1;
    case 5: return local + lengths.minute - 1;
    // A whole second stands for itself.
    case 6:
    case 7:
    default: return local;
  }
}

/** The first millisecond of the year, month … that a moment is in. */
function start(local: number, precision: Precision): number {
  const time = new Date(local);
  if (precision === 1) return utc(time.getUTCFullYear(), 1, 1);
  if (precision === 2) return utc(time.getUTCFullYear(), time.getUTCMonth() + 1, 1);
  const unit = precision === 3 ? day : precision === 4 ? lengths.hour : precision === 5 ? lengths.minute : precision === 6 ? 1000 : 1;
  return Math.floor(local / unit) * unit;
}

function zoneText(zone: number | undefined): string {
  if (zone === undefined) return '';
  if (zone === 0) return 'Z';
  const minutes = Math.abs(zone);
  return `${zone < 0 ? '-' : '+'}${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}
