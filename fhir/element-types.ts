/**
 * What every R4 type is made of: its elements, their types, which of them repeat, and the type it specializes.
 * Structures nested in a type are types themselves, named by their path (`Patient.contact`).
 * Source: the StructureDefinitions of hl7.fhir.r4.core 4.0.1 (scripts/distill-search-parameters.mjs).
 */
import table from './r4/element-types.json' with { type: 'json' };
import repeatingTable from './r4/repeating-elements.json' with { type: 'json' };

/** One type an element may have, and the JSON property that holds a value of it: `value` as Quantity is in `valueQuantity`. */
export interface ElementType {
  readonly property: string;
  readonly type: string;
}

type Definition = readonly [base: string | null, elements: Readonly<Record<string, string | readonly string[]>>];
const definitions: ReadonlyMap<string, Definition> = new Map(Object.entries(table as unknown as Record<string, Definition>));
const repeatingElements: ReadonlyMap<string, readonly string[]> = new Map(Object.entries(repeatingTable));

/** Whether a name is that of a FHIR R4 type: resource, data type, primitive or nested structure. */
export function isType(name: string): boolean {
  return definitions.has(name);
}

/** The type itself and the types it specializes, nearest first: Age, Quantity, Element. */
export function lineage(type: string): readonly string[] {
  const names: string[] = [];
  for (let name: string | null | undefined = type; name != null && definitions.has(name); name = definitions.get(name)?.[0]) names.push(name);
  return names;
}

/** Whether every value of `type` is also one of `ancestor`. */
export function isKindOf(type: string, ancestor: string): boolean {
  return lineage(type).includes(ancestor);
}

/** Whether values of the type are JSON strings, numbers or booleans. */
export function isPrimitive(type: string): boolean {
  return /^[a-z]/.test(type);
}

/** The types an element may have; none where the type has no such element. */
export function elementTypes(type: string, element: string): readonly ElementType[] {
  for (const name of lineage(type)) {
    const elements = definitions.get(name)![1];
    if (!Object.hasOwn(elements, element)) continue;
    return typesOf(element, elements[element]!);
  }
  return [];
}

/** One element of a type. */
export interface ElementOfType {
  readonly name: string;
  /** More than one value is possible: a JSON array. */
  readonly repeats: boolean;
  /** A choice of types: `value[x]`, of which one property at most is present. */
  readonly choice: boolean;
  readonly types: readonly ElementType[];
}

/** All elements of a type in the order of its definition: those of the types it specializes come first. */
export function elementsOf(type: string): readonly ElementOfType[] {
  return lineage(type).toReversed().flatMap((name) => {
    const repeating = repeatingElements.get(name) ?? [];
    return Object.entries(definitions.get(name)![1]).map(([element, declared]) => (
      { name: element, repeats: repeating.includes(element), choice: typeof declared !== 'string', types: typesOf(element, declared) }
    ));
  });
}

function typesOf(element: string, declared: string | readonly string[]): readonly ElementType[] {
  if (typeof declared === 'string') return [{ property: element, type: declared }];
  return declared.map((choice) => ({ property: element + choice.charAt(0).toUpperCase() + choice.slice(1), type: choice }));
}
