/**
 * Three-valued logic after Kleene: what is shown, what is shown not to be, and what nobody has shown.
 * Silence in the record is `insufficient`; it becomes neither of the others by negation.
 */
export type Truth = 'met' | 'not-met' | 'insufficient';

/** Met if every part is; not met as soon as one is not. Of nothing: met. */
export function all(parts: readonly Truth[]): Truth {
  if (parts.includes('not-met')) return 'not-met';
  return parts.includes('insufficient') ? 'insufficient' : 'met';
}

/** Met as soon as one part is; not met if none is. Of nothing: not met. */
export function any(parts: readonly Truth[]): Truth {
  if (parts.includes('met')) return 'met';
  return parts.includes('insufficient') ? 'insufficient' : 'not-met';
}

export function not(part: Truth): Truth {
  if (part === 'insufficient') return part;
  return part === 'met' ? 'not-met' : 'met';
}

/** What several witnesses to one thing show together: their word where they agree, nothing where they do not or there are none. */
export function agreed(witnesses: readonly Truth[]): Truth {
  const [first = 'insufficient', ...others] = witnesses;
  return others.every((other) => other === first) ? first : 'insufficient';
}
