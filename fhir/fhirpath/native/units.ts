/**
 * Units of UCUM as far as clinical quantities are compared by them: metric units with prefixes, products, quotients,
 * powers, and customary ones of exact length, mass and volume. A code that is not here is unknown, never guessed.
 * Source: The Unified Code for Units of Measure (https://ucum.org/ucum), definitions of base and derived units.
 */

/** The factor to base units, as a fraction, and the powers of the base units. */
export interface Unit {
  readonly numerator: bigint;
  readonly denominator: bigint;
  readonly dimensions: Readonly<Record<string, number>>;
}

const prefixes: Readonly<Record<string, number>> = { Y: 24, Z: 21, E: 18, P: 15, T: 12, G: 9, M: 6, k: 3, h: 2, da: 1, d: -1, c: -2, m: -3, u: -6, n: -9, p: -12, f: -15, a: -18 };

type Definition = readonly [factor: string, dimensions: Readonly<Record<string, number>>];

/** Units that take prefixes, with their factor to metre, gram, second, kelvin, ampere, candela, mole (a number in UCUM). */
const metric: Readonly<Record<string, Definition>> = {
  m: ['1', { m: 1 }], g: ['1', { g: 1 }], s: ['1', { s: 1 }], K: ['1', { K: 1 }], A: ['1', { A: 1 }], cd: ['1', { cd: 1 }], rad: ['1', {}],
  mol: ['602214076000000000000000', {}], l: ['0.001', { m: 3 }], L: ['0.001', { m: 3 }], Hz: ['1', { s: -1 }], N: ['1000', { g: 1, m: 1, s: -2 }],
  Pa: ['1000', { g: 1, m: -1, s: -2 }], J: ['1000', { g: 1, m: 2, s: -2 }], W: ['1000', { g: 1, m: 2, s: -3 }], C: ['1', { A: 1, s: 1 }], V: ['1000', { g: 1, m: 2, s: -3, A: -1 }],
  bar: ['100000000', { g: 1, m: -1, s: -2 }], cal: ['4184', { g: 1, m: 2, s: -2 }], eq: ['602214076000000000000000', {}], osm: ['602214076000000000000000', {}],
  kat: ['602214076000000000000000', { s: -1 }], U: ['10036901266666666.6666666666666667', { s: -1 }], Bq: ['1', { s: -1 }], Gy: ['1', { m: 2, s: -2 }], Sv: ['1', { m: 2, s: -2 }],
  t: ['1000000', { g: 1 }], 'm[Hg]': ['133322000', { g: 1, m: -1, s: -2 }], 'm[H2O]': ['9806650', { g: 1, m: -1, s: -2 }], '[iU]': ['1', { iU: 1 }], '[IU]': ['1', { iU: 1 }],
};

const other: Readonly<Record<string, Definition>> = {
  '1': ['1', {}], '%': ['0.01', {}], '10*': ['10', {}], '10^': ['10', {}], '[ppth]': ['0.001', {}], '[ppm]': ['0.000001', {}], '[ppb]': ['0.000000001', {}],
  min: ['60', { s: 1 }], h: ['3600', { s: 1 }], d: ['86400', { s: 1 }], wk: ['604800', { s: 1 }], mo: ['2629800', { s: 1 }], a: ['31557600', { s: 1 }],
  '[in_i]': ['0.0254', { m: 1 }], '[ft_i]': ['0.3048', { m: 1 }], '[yd_i]': ['0.9144', { m: 1 }], '[mi_i]': ['1609.344', { m: 1 }], '[sin_i]': ['0.00064516', { m: 2 }], '[sft_i]': ['0.09290304', { m: 2 }],
  '[lb_av]': ['453.59237', { g: 1 }], '[oz_av]': ['28.349523125', { g: 1 }], '[gr]': ['0.06479891', { g: 1 }], '[stone_av]': ['6350.29318', { g: 1 }],
  '[gal_us]': ['0.003785411784', { m: 3 }], '[qt_us]': ['0.000946352946', { m: 3 }], '[pt_us]': ['0.000473176473', { m: 3 }], '[foz_us]': ['0.0000295735295625', { m: 3 }],
  '[tbs_us]': ['0.00001478676478125', { m: 3 }], '[tsp_us]': ['0.00000492892159375', { m: 3 }], '[drp]': ['0.00000005', { m: 3 }],
  '[psi]': ['6894757.293168361', { g: 1, m: -1, s: -2 }], deg: ['0.017453292519943295', {}],
};

/** A code as long as this is none that is in use. */
const longest = 100;
const known = new Map<string, Unit | undefined>();
/** Codes come with the data: how many are remembered is bounded. */
const mostKnown = 1000;

/** The unit a code means; undefined where it is not known here. */
export function readUnit(code: string): Unit | undefined {
  if (code.length > longest) return undefined;
  if (!known.has(code)) {
    if (known.size >= mostKnown) known.clear();
    known.set(code, parseUnit(code));
  }
  return known.get(code);
}

const one: Unit = { numerator: 1n, denominator: 1n, dimensions: {} };

/** Terms separated by `.` and `/`, from left to right; annotations in braces mean nothing. */
function parseUnit(code: string): Unit | undefined {
  const bare = code.replace(/\{[^{}]*\}/g, '');
  let unit: Unit | undefined = one;
  let power: 1 | -1 = bare.startsWith('/') ? -1 : 1;
  for (const part of bare.replace(/^\//, '').split(/([./])/)) {
    if (part === '.' || part === '/') {
      power = part === '/' ? -1 : 1;
      continue;
    }
    const term = part === '' ? one : readTerm(part);
    if (term === undefined) return undefined;
    unit = times(unit, term, power);
  }
  return unit;
}

function readTerm(term: string): Unit | undefined {
  const found = /^(10[*^]|.*?[^\d+-]|1)([+-]?\d{1,2})?$/.exec(term);
  const atom = found === null ? undefined : readAtom(found[1]!);
  if (atom === undefined) return undefined;
  const exponent = Number(found![2] ?? 1);
  let unit = one;
  for (let count = 0; count < Math.abs(exponent); count++) unit = times(unit, atom, exponent < 0 ? -1 : 1);
  return unit;
}

function readAtom(atom: string): Unit | undefined {
  if (Object.hasOwn(other, atom)) return defined(other[atom]!, 0);
  if (Object.hasOwn(metric, atom)) return defined(metric[atom]!, 0);
  for (const [prefix, exponent] of Object.entries(prefixes)) {
    const name = atom.slice(prefix.length);
    if (atom.startsWith(prefix) && Object.hasOwn(metric, name)) return defined(metric[name]!, exponent);
  }
  return undefined;
}

function defined([factor, dimensions]: Definition, exponent: number): Unit {
  const [whole, fraction = ''] = factor.split('.');
  const scale = exponent - fraction.length;
  return { numerator: BigInt(whole! + fraction) * 10n ** BigInt(Math.max(scale, 0)), denominator: 10n ** BigInt(Math.max(-scale, 0)), dimensions };
}

function times(left: Unit, right: Unit, power: 1 | -1): Unit {
  const dimensions: Record<string, number> = { ...left.dimensions };
  for (const [base, exponent] of Object.entries(right.dimensions)) dimensions[base] = (dimensions[base] ?? 0) + exponent * power;
  const [numerator, denominator] = power === 1 ? [right.numerator, right.denominator] : [right.denominator, right.numerator];
  return { numerator: left.numerator * numerator, denominator: left.denominator * denominator, dimensions };
}

/** Whether two units are of one kind. */
export function compareDimensions(left: Unit, right: Unit): boolean {
  return [...new Set([...Object.keys(left.dimensions), ...Object.keys(right.dimensions)])].every((base) => (left.dimensions[base] ?? 0) === (right.dimensions[base] ?? 0));
}

/** The code of the product (or quotient) of two units in base units. */
export function productOf(left: Unit, right: Unit, power: 1 | -1): string {
  const parts = Object.entries(times(left, right, power).dimensions).filter(([, exponent]) => exponent !== 0).map(([base, exponent]) => `${base}${exponent === 1 ? '' : exponent}`);
  return parts.length === 0 ? '1' : parts.join('.');
}
