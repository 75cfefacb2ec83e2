/**
 * Inline data of attachments: finding what is large, by the types of the elements and not by their names (SampledData and
 * Signature have a `data` too), and putting something else in its place.
 * Source: FHIR R4, "Attachment" (https://hl7.org/fhir/R4/datatypes.html#attachment).
 */
import type { Attachment, Resource } from '@medplum/fhirtypes';
import { elementsOf, isPrimitive, isType } from './element-types.ts';
import { primitiveRules } from './shape/primitives.ts';

export interface InlineAttachment {
  readonly attachment: Attachment & { readonly data: string };
  /** From the resource: `['content', 0, 'attachment']`. */
  readonly path: readonly (string | number)[];
  /** FHIRPath of the attachment, from the resource. */
  readonly expression: string;
}

/**
 * Attachments of a resource, contained resources included, whose data has more than `limit` bytes. Resources in a Bundle
 * or in Parameters are left alone: they are what somebody sent or signed, and no records of this server.
 */
export function largeAttachments(resource: Resource, limit: number): readonly InlineAttachment[] {
  if (resource.resourceType === 'Bundle' || resource.resourceType === 'Parameters' || !hasLongData(resource, limit)) return [];
  return [...attachmentsIn(resource as unknown as JsonObject, resource.resourceType, [], resource.resourceType)]
    .filter(({ attachment }) => decodedSize(attachment.data) > limit);
}

/** A copy of the resource with `attachment` in the place that `path` leads to; what is not on the way is shared. */
export function withAttachment<T extends object>(resource: T, path: InlineAttachment['path'], attachment: Attachment): T {
  return replaced(resource, path, attachment) as T;
}

/** How many bytes a base64 text stands for; white space is allowed in it (https://hl7.org/fhir/R4/datatypes.html#base64Binary). */
export function decodedSize(base64: string): number {
  const count = (pattern: RegExp): number => base64.match(pattern)?.length ?? 0;
  const padding = count(/=/g);
  return Math.floor((base64.length - count(/\s/g)) / 4) * 3 - padding;
}

/** Whether a text is base64 as FHIR allows it. */
export function isBase64(value: unknown): value is string {
  return primitiveRules.get('base64Binary')!.accepts(value);
}

type JsonObject = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Any `data` at all that is long enough: most resources have none, and need no look at types. */
function hasLongData(value: unknown, limit: number): boolean {
  if (Array.isArray(value)) return value.some((item) => hasLongData(item, limit));
  if (!isObject(value)) return false;
  for (const name of Object.keys(value)) {
    const element = value[name];
    if (typeof element === 'string') {
      if (name === 'data' && element.length > limit) return true;
    } else if (typeof element === 'object' && hasLongData(element, limit)) return true;
  }
  return false;
}

function* attachmentsIn(value: unknown, type: string, path: readonly (string | number)[], expression: string): Generator<InlineAttachment> {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* attachmentsIn(item, type, [...path, index], `${expression}[${index}]`);
    return;
  }
  if (!isObject(value)) return;
  if (type === 'Attachment' && typeof value['data'] === 'string') yield { attachment: value as unknown as InlineAttachment['attachment'], path, expression };
  const own = type === 'Resource' ? value['resourceType'] : type;
  if (typeof own !== 'string' || !isType(own)) return;
  const types = propertiesOf(own);
  for (const [name, element] of Object.entries(value)) {
    // The sibling of a primitive holds its extensions (https://hl7.org/fhir/R4/json.html#primitive).
    const found = typeof element !== 'object' ? undefined : name.startsWith('_') ? { type: 'Element', step: name.slice(1) } : types.get(name);
    if (found) yield* attachmentsIn(element, found.type, [...path, name], `${expression}.${found.step}`);
  }
}

const properties = new Map<string, ReadonlyMap<string, { type: string; step: string }>>();

/** The complex elements of a type by their JSON property. A choice goes by the element's name in FHIRPath. */
function propertiesOf(type: string): ReadonlyMap<string, { type: string; step: string }> {
  let found = properties.get(type);
  if (!found) {
    found = new Map(elementsOf(type).flatMap((element) => element.types.filter((choice) => !isPrimitive(choice.type)).map((choice) => [choice.property, { type: choice.type, step: element.name }] as const)));
    properties.set(type, found);
  }
  return found;
}

function replaced(value: unknown, [step, ...rest]: readonly (string | number)[], by: unknown): unknown {
  if (step === undefined) return by;
  if (Array.isArray(value)) return value.with(step as number, replaced(value[step as number], rest, by));
  return { ...(value as JsonObject), [step]: replaced((value as JsonObject)[step], rest, by) };
}
