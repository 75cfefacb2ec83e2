/**
 * How the definitions mark elements: part of the summary, mandatory, or able to change the meaning of others.
 * Source: the StructureDefinitions of hl7.fhir.r4.core 4.0.1 (scripts/distill-search-parameters.mjs): isSummary, min, isModifier.
 */
import { elementsOf, lineage } from '../element-types.ts';
import { resourceTypes } from '../resource-types.ts';
import table from '../r4/marked-elements.json' with { type: 'json' };

/** One property of an object in JSON and what is known of its element. */
export interface MarkedProperty {
  readonly element: string;
  readonly type: string;
  readonly summary: boolean;
  readonly mandatory: boolean;
  readonly modifier: boolean;
}

type Marks = { readonly summary?: readonly string[]; readonly mandatory?: readonly string[]; readonly modifier?: readonly string[] };
const marks: ReadonlyMap<string, Marks> = new Map(Object.entries(table));
const known = new Map<string, ReadonlyMap<string, MarkedProperty>>();

/** The properties of a type by name: `valueQuantity` is one of the element `value`. */
export function markedPropertiesOf(type: string): ReadonlyMap<string, MarkedProperty> {
  let properties = known.get(type);
  if (properties === undefined) known.set(type, properties = build(type));
  return properties;
}

function build(type: string): ReadonlyMap<string, MarkedProperty> {
  const declared = lineage(type).flatMap((name) => marks.get(name) ?? []);
  const isMarked = (mark: keyof Marks, element: string): boolean => declared.some((one) => one[mark]?.includes(element) ?? false);
  return new Map(elementsOf(type).flatMap(({ name, types }) => types.map(({ property, type: valueType }) => [property, {
    element: name, type: valueType, summary: isMarked('summary', name), mandatory: isMarked('mandatory', name), modifier: isMarked('modifier', name),
  }])));
}

/** Whether every value of the type must have the element. */
export function isMandatory(type: string, element: string): boolean {
  return lineage(type).some((name) => marks.get(name)?.mandatory?.includes(element) ?? false);
}

let ofResources: ReadonlySet<string> | undefined;

/** Whether any resource type has an element of that name at its top, a choice by `value`, `value[x]` or `valueQuantity`. */
export function isElementOfResources(name: string): boolean {
  ofResources ??= new Set(resourceTypes.flatMap((type) => elementsOf(type).flatMap((element) => [element.name, ...element.choice ? [`${element.name}[x]`] : [], ...element.types.map(({ property }) => property)])));
  return ofResources.has(name);
}
