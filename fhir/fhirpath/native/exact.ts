/**
 * Decimals that are exact and remember their digits: 1.00 has two places. Source: FHIRPath 2.0, "Decimal"
 * (http://hl7.org/fhirpath/N1/#decimal), whose precision of 28 digits, 8 of them behind the point, is a lower bound.
 */
import { FhirPathError } from '../error.ts';

/** Digits behind the point that a division yields. */
const placesOfQuotient = 20;
/** Powers of ten beyond these come from nobody's chart; a number with more digits would only cost memory. */
const mostPlaces = 400;
const largest = 10n ** 1000n;

const written = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/** `units` times ten to the power of minus `places`. */
export class Exact {
  readonly units: bigint;
  readonly places: number;

  constructor(units: bigint, places: number) {
    if (places > mostPlaces || units > largest || units < -largest) throw new FhirPathError('limit', 'A decimal with too many digits');
    this.units = units;
    this.places = places;
  }

  /** The decimal that a text is; undefined where it is none. */
  static read(text: string): Exact | undefined {
    const found = written.exec(text);
    if (found === null || text.length > mostPlaces) return undefined;
    const [, sign, whole, fraction = '', exponent = '0'] = found;
    const units = BigInt(`${whole!}${fraction}`) * (sign === '-' ? -1n : 1n);
    const places = fraction.length - Number(exponent);
    if (Math.abs(places) > mostPlaces) return undefined;
    return places < 0 ? new Exact(units * 10n ** BigInt(-places), 0) : new Exact(units, places);
  }

  /** @throws {FhirPathError} `evaluation` for what is not finite */
  static of(number: number): Exact {
    const found = Exact.read(String(number));
    if (found === undefined) throw new FhirPathError('evaluation', 'Not a number');
    return found;
  }

  #at(places: number): bigint {
    return this.units * 10n ** BigInt(places - this.places);
  }

  compare(other: Exact): number {
    const places = Math.max(this.places, other.places);
    const [left, right] = [this.#at(places), other.#at(places)];
    return left < right ? -1 : left > right ? 1 : 0;
  }

  plus(other: Exact): Exact {
    const places = Math.max(this.places, other.places);
    return new Exact(this.#at(places) + other.#at(places), places);
  }

  negated(): Exact {
    return new Exact(-this.units, this.places);
  }

  minus(other: Exact): Exact {
    return this.plus(other.negated());
  }

  times(other: Exact): Exact {
    return new Exact(this.units * other.units, this.places + other.places);
  }

  /** Undefined where `other` is zero. */
  dividedBy(other: Exact): Exact | undefined {
    if (other.units === 0n) return undefined;
    const places = placesOfQuotient + other.places;
    const quotient = new Exact(this.#at(Math.max(places, this.places)) / other.units, Math.max(places, this.places) - other.places);
    return quotient.trimmed();
  }

  /** The whole part of the quotient. */
  div(other: Exact): Exact | undefined {
    if (other.units === 0n) return undefined;
    const places = Math.max(this.places, other.places);
    return new Exact(this.#at(places) / other.#at(places), 0);
  }

  mod(other: Exact): Exact | undefined {
    const whole = this.div(other);
    return whole === undefined ? undefined : this.minus(whole.times(other));
  }

  /** Without zeros at the end of the fraction. */
  trimmed(): Exact {
    let { units, places } = this;
    while (places > 0 && units % 10n === 0n) {
      units /= 10n;
      places--;
    }
    return new Exact(units, places);
  }

  /** With so many digits behind the point: cut `down` towards negative infinity, `up`, towards zero, or to the nearest, halves away from zero. */
  rounded(places: number, towards: 'down' | 'up' | 'zero' | 'nearest' = 'nearest'): Exact {
    if (places >= this.places) return new Exact(this.#at(places), places);
    const scale = 10n ** BigInt(this.places - places);
    const cut = this.units / scale;
    const rest = this.units % scale;
    const sign = this.units < 0n ? -1n : 1n;
    let units = cut;
    if (rest !== 0n) {
      if (towards === 'nearest') units += (rest < 0n ? -rest : rest) * 2n >= scale ? sign : 0n;
      else if (towards === 'down' && sign < 0n) units -= 1n;
      else if (towards === 'up' && sign > 0n) units += 1n;
    }
    return new Exact(units, places);
  }

  get isNegative(): boolean {
    return this.units < 0n;
  }

  toNumber(): number {
    return Number(this.toString());
  }

  toString(): string {
    const digits = (this.units < 0n ? -this.units : this.units).toString().padStart(this.places + 1, '0');
    const text = this.places === 0 ? digits : `${digits.slice(0, -this.places)}.${digits.slice(-this.places)}`;
    return this.units < 0n ? `-${text}` : text;
  }

  /** As a JSON number, with its digits. */
  toJSON(): number {
    return this.toNumber();
  }
}
