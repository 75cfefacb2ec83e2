/**
 * Reading what others wrote: values come in as `unknown`, and one that has not the expected shape reads as nothing.
 */

export type Loose = { readonly [name: string]: unknown };

export function asObject(value: unknown): Loose | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Loose) : undefined;
}

export function asText(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

export function asNumber(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** The objects of an array with their places in it; everything else in it is passed over. */
export function objectsIn(value: unknown): [index: number, element: Loose][] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((element: unknown, index): [number, Loose][] => {
    const object = asObject(element);
    return object === undefined ? [] : [[index, object]];
  });
}

/** The first extension with this URL. */
export function extensionOf(element: Loose, url: string): Loose | undefined {
  return objectsIn(element['extension']).find(([, extension]) => extension['url'] === url)?.[1];
}
