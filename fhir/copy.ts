/** Copies of resources that may be written to. */

/** `structuredClone` would turn a Decimal into a bare Number object and lose its digits. Scalars, Decimals among them, are shared. */
export function copyOf<T>(value: T): T {
  if (Array.isArray(value)) return value.map(copyOf) as T;
  if (typeof value !== 'object' || value === null || value instanceof Number) return value;
  return Object.fromEntries(Object.entries(value).map(([name, element]) => [name, copyOf(element as unknown)])) as T;
}
