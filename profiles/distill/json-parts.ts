/**
 * Parts of definitions as they are read: without trust, for a definition may come from anywhere. What has another form
 * than FHIR gives it counts as absent.
 */

export type JsonObject = Readonly<Record<string, unknown>>;

export function objectOf(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}

export function objectsOf(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter((item) => objectOf(item) !== undefined) : [];
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string' && item !== '') : [];
}

export function numberOf(value: unknown): number | undefined {
  return value instanceof Number || typeof value === 'number' ? Number(value) : undefined;
}

/** The extensions of an element with this url. */
export function extensionsOf(element: JsonObject, url: string): readonly JsonObject[] {
  return objectsOf(element['extension']).filter((extension) => extension['url'] === url);
}

/** The value of an extension, whatever its type. */
export function extensionValue(element: JsonObject, url: string): unknown {
  const extension = extensionsOf(element, url)[0];
  if (extension === undefined) return undefined;
  const name = Object.keys(extension).find((key) => /^value[A-Z]/.test(key));
  return name === undefined ? undefined : extension[name];
}
