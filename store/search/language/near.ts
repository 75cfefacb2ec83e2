/**
 * Places near a place: `latitude|longitude|distance|units` in degrees (WGS 84), the distance 5 km unless said.
 * Source: FHIR R4, Location, search parameter `near`.
 */
import type { SearchParameter } from '../../../fhir/search-parameters.ts';
import { splitEscaped, unescape } from '../escape.ts';
import type { Expression, NearCondition } from '../expression.ts';
import { anyOf, invalid, unsupportedModifier, type Reading } from './reading.ts';

const defaultKilometres = 5;
/** Half way around the Earth: everywhere. */
const mostKilometres = 20_038;

/** Kilometres in a unit, by its UCUM code. */
const units: ReadonlyMap<string, number> = new Map([['km', 1], ['m', 0.001], ['[mi_i]', 1.609344], ['[mi_us]', 6336 / 3937], ['[nmi_i]', 1.852], ['[ft_i]', 0.0003048], ['[yd_i]', 0.0009144]]);

/** @throws {Problem} `invalid-search-value`, `unsupported-modifier` */
export function nearCondition(parameter: SearchParameter, modifier: string, alternatives: readonly string[], { make }: Reading): Expression {
  const name = parameter.code;
  if (modifier !== '') throw unsupportedModifier(modifier, name);
  return anyOf(alternatives.map((value) => ({ kind: 'near', scope: make.scope(name), ...readPlace(name, value) })));
}

function readPlace(name: string, value: string): Omit<NearCondition, 'kind' | 'scope'> {
  const [first = '', second = '', distance = '', unit = '', ...more] = splitEscaped(value, '|').map(unescape);
  const [latitude, longitude] = [degrees(first, 90), degrees(second, 180)];
  if (latitude === undefined || longitude === undefined || more.length > 0) throw invalid(name, 'latitude|longitude|distance|units is expected, the first two in degrees');
  const factor = unit === '' ? 1 : units.get(unit);
  if (factor === undefined) throw invalid(name, `the unit is one of ${[...units.keys()].join(', ')}`);
  const kilometres = distance === '' ? defaultKilometres : readDecimal(distance) * factor;
  if (!(kilometres >= 0)) throw invalid(name, 'the distance is a number that is not negative');
  return { latitude, longitude, kilometres: Math.min(kilometres, mostKilometres) };
}

function degrees(text: string, limit: number): number | undefined {
  const value = readDecimal(text);
  return Math.abs(value) <= limit ? value : undefined;
}

function readDecimal(text: string): number {
  return /^-?\d{1,9}(\.\d{1,20})?$/.test(text) ? Number(text) : Number.NaN;
}
