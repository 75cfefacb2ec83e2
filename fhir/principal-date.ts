/**
 * The principal date of a resource type: the search parameter by which its resources are mostly searched and sorted.
 * It is stored in the resource's own row; a type's other dates are not.
 */
import { searchParameter } from './search-parameters.ts';
import { singlePath } from './single-valued.ts';

/** What the date of a thing is called, best first: when it happened, else when it was made or begins. */
const names = [
  'authoredon', 'date', 'effective', 'effective-time', 'whengiven', 'created', 'authored', 'authored-on', 'onset-date', 'recorded', 'recorded-date',
  'sent', 'issued', 'collected', 'whenhandedover', 'start', 'start-date', 'period', 'birthdate', 'datetime', 'identified', 'target-date', 'last-date',
];

const known = new Map<string, string | undefined>();

/** Code of the parameter; undefined for a type that has no date worth sorting by. */
export function principalDate(type: string): string | undefined {
  if (!known.has(type)) known.set(type, names.find((name) => isOneDate(type, name)));
  return known.get(type);
}

/** A date of which there may be several is no column. */
function isOneDate(type: string, name: string): boolean {
  const parameter = searchParameter(type, name);
  return parameter?.type === 'date' && singlePath(parameter, type) !== undefined;
}
