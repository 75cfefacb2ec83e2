/**
 * The elements of a differential with the steps that lead to each. Where ids are missing or contradict the paths, the
 * order tells which slice an element belongs to.
 * Source: https://hl7.org/fhir/R4/profiling.html#differential
 */
import { objectOf, objectsOf, textOf, type JsonObject } from '../distill/json-parts.ts';

export interface Step {
  readonly name: string;
  readonly slice: string | undefined;
}

export interface Change {
  /** Without the root; none for the root itself. */
  readonly steps: readonly Step[];
  readonly element: JsonObject;
}

export function changesOf(definition: JsonObject): readonly Change[] {
  /** The steps of the element before, which those behind it go on from. */
  let line: readonly Step[] = [];
  return objectsOf(objectOf(definition['differential'])?.['element']).flatMap((element): readonly Change[] => {
    const names = (textOf(element['path']) ?? '').split('.').slice(1);
    const steps = stepsById(element, names) ?? stepsByOrder(names, line);
    const last = steps.at(-1);
    const slice = textOf(element['sliceName']);
    const named = last !== undefined && slice !== undefined && last.slice === undefined ? [...steps.slice(0, -1), { name: last.name, slice }] : steps;
    line = named;
    return [{ steps: named, element }];
  });
}

function stepsById(element: JsonObject, names: readonly string[]): readonly Step[] | undefined {
  const parts = textOf(element['id'])?.split('.').slice(1);
  if (parts === undefined || parts.length !== names.length) return undefined;
  const steps = parts.map(stepOf);
  const agree = steps.every(({ name }, place) => name === names[place] || (name.endsWith('[x]') && names[place]!.startsWith(name.slice(0, -3))));
  return agree ? steps : undefined;
}

function stepOf(text: string): Step {
  const colon = text.indexOf(':');
  return colon === -1 ? { name: text, slice: undefined } : { name: text.slice(0, colon), slice: text.slice(colon + 1) };
}

function stepsByOrder(names: readonly string[], line: readonly Step[]): readonly Step[] {
  let same = true;
  return names.map((name, place) => {
    same &&= line[place]?.name === name;
    // Only what is above the element: with the same path it is a new slice, or the element itself once more.
    return { name, slice: same && place < names.length - 1 ? line[place]!.slice : undefined };
  });
}
