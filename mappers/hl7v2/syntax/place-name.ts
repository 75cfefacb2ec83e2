/**
 * Names of places in messages: `PID-5[1].1`. The same few hundred come back with every message, and each is asked for
 * several times in one; they are kept, so that neither putting them together nor hashing them is done again. A name has
 * nothing of what was sent but the three letters of its segment, and what is kept is bounded.
 */

const MOST_SEGMENTS = 200;
const MOST_FIELDS = 80;
const MOST_REPETITIONS = 4;
const MOST_COMPONENTS = 24;
/** The undivided component and eight subcomponents. */
const MOST_SUBCOMPONENTS = 9;

/** By segment, field, and the rest as one number. */
const names = new Map<string, (string | undefined)[][]>();

/** @param subcomponent 0 where the component is not divided */
export function placeName(id: string, field: number, repetition: number, component: number, subcomponent: number): string {
  if (field >= MOST_FIELDS || repetition > MOST_REPETITIONS || component > MOST_COMPONENTS || subcomponent >= MOST_SUBCOMPONENTS) return put(id, field, repetition, component, subcomponent);
  let fields = names.get(id);
  if (fields === undefined) {
    if (names.size >= MOST_SEGMENTS) return put(id, field, repetition, component, subcomponent);
    names.set(id, fields = Array.from({ length: MOST_FIELDS }, () => []));
  }
  const rest = fields[field]!;
  const at = ((subcomponent * MOST_REPETITIONS) + repetition - 1) * MOST_COMPONENTS + component - 1;
  while (rest.length <= at) rest.push(undefined);
  return rest[at] ??= put(id, field, repetition, component, subcomponent);
}

function put(id: string, field: number, repetition: number, component: number, subcomponent: number): string {
  return `${id}-${field}[${repetition}].${component}${subcomponent === 0 ? '' : `.${subcomponent}`}`;
}
