/**
 * ElementDefinition to ElementRow.
 * Source: https://hl7.org/fhir/R4/elementdefinition.html
 */
import type { Binding, Constraint, Discriminator, ElementRow, Slicing, StructureTable, TypedValue, UsageRow } from '../tables/structure-table.ts';
import { distillTypes, regexOf } from './element-types.ts';
import { extensionsOf, extensionValue, numberOf, objectOf, objectsOf, textOf, type JsonObject } from './json-parts.ts';
import type { DistillSource } from './source.ts';

const structureDefinition = 'http://hl7.org/fhir/StructureDefinition/';
/** As R5 has it natively, and R4 by an extension. */
const additionalBindings = ['http://hl7.org/fhir/tools/StructureDefinition/additional-binding', 'http://hl7.org/fhir/5.0/StructureDefinition/extension-ElementDefinition.binding.additional'];
/** Elements of R5, as extensions in R4. */
const ofR5 = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-ElementDefinition.';

export function distillElement(element: JsonObject, source: DistillSource, kind: StructureTable['kind']): ElementRow {
  const path = textOf(element['path']) ?? '';
  const max = textOf(element['max']) ?? '*';
  const baseMax = textOf(objectOf(element['base'])?.['max']);
  const slice = textOf(element['sliceName']);
  const types = distillTypes(element, path, kind, source);
  const contentReference = textOf(element['contentReference']);
  const constraints = constraintsOf(element, source);
  const maxLength = numberOf(element['maxLength']);
  const minLength = numberOf(extensionValue(element, `${structureDefinition}minLength`));
  const alternatives = extensionsOf(element, `${ofR5}valueAlternatives`).flatMap((extension) => textOf(extension['valueCanonical']) ?? textOf(extension['valueUri']) ?? []);
  const regex = regexOf(element);
  const slicing = slicingOf(element);
  const binding = bindingOf(element, source);
  return {
    id: textOf(element['id']) ?? path,
    path,
    ...(slice !== undefined && { slice }),
    min: numberOf(element['min']) ?? 0,
    max,
    ...(baseMax !== undefined && baseMax !== max && { baseMax }),
    ...(types.length > 0 && { types }),
    ...(contentReference !== undefined && { contentReference: contentReference.slice(contentReference.indexOf('#') + 1) }),
    ...(slicing !== undefined && { slicing }),
    ...typedValues(element),
    ...durationOf(element, 'minValueDuration'),
    ...durationOf(element, 'maxValueDuration'),
    ...(maxLength !== undefined && { maxLength }),
    ...(minLength !== undefined && { minLength }),
    ...(regex !== undefined && { regex }),
    ...(extensionValue(element, `${ofR5}mustHaveValue`) === true && { valueRequired: true as const }),
    ...(alternatives.length > 0 && { valueAlternatives: alternatives }),
    ...(binding !== undefined && { binding }),
    ...(constraints.length > 0 && { constraints }),
    ...(element['isModifier'] === true && { modifier: true as const }),
    ...(element['mustSupport'] === true && { mustSupport: true as const }),
  };
}

type ValueName = 'fixed' | 'pattern' | 'minValue' | 'maxValue';
const valueForm = /^_?(?!(?:min|max)ValueDuration$)(fixed|pattern|minValue|maxValue)([A-Z]\w*)$/;

/** `fixedString` with `_fixedString` beside it, or one of them alone; and so the pattern and the bounds. */
function typedValues(element: JsonObject): Partial<Record<ValueName, TypedValue>> {
  const values: Partial<Record<ValueName, TypedValue>> = {};
  for (const key of Object.keys(element)) {
    const found = valueForm.exec(key);
    if (found === null) continue;
    const [name, suffix] = [found[1] as ValueName, found[2]!];
    const [value, sibling] = [element[name + suffix], element[`_${name}${suffix}`]];
    values[name] ??= { type: typeOfSuffix(suffix), ...(value !== undefined && { value: plainJson(value) }), ...(sibling !== undefined && { sibling: plainJson(sibling) }) };
  }
  return values;
}

/** Tables are plain JSON: a decimal that remembers how it was written becomes a number. */
function plainJson(value: unknown): unknown {
  if (value instanceof Number) return Number(value);
  if (Array.isArray(value)) return value.map(plainJson);
  const object = objectOf(value);
  return object === undefined ? value : Object.fromEntries(Object.entries(object).map(([name, item]) => [name, plainJson(item)]));
}

/** A limit that moves with time, as R6 has it. */
function durationOf(element: JsonObject, name: 'minValueDuration' | 'maxValueDuration'): Partial<Record<typeof name, TypedValue>> {
  const value = objectOf(element[name]);
  return value === undefined ? {} : { [name]: { type: 'Duration', value } };
}

const primitives = [
  'base64Binary', 'boolean', 'canonical', 'code', 'date', 'dateTime', 'decimal', 'id', 'instant', 'integer', 'integer64', 'markdown', 'oid',
  'positiveInt', 'string', 'time', 'unsignedInt', 'uri', 'url', 'uuid',
];
const primitiveOfSuffix = new Map(primitives.map((name) => [name.charAt(0).toUpperCase() + name.slice(1), name]));

function typeOfSuffix(suffix: string): string {
  return primitiveOfSuffix.get(suffix) ?? suffix;
}

function slicingOf(element: JsonObject): Slicing | undefined {
  const slicing = objectOf(element['slicing']);
  if (slicing === undefined) return undefined;
  const rules = (['closed', 'open', 'openAtEnd'] as const).find((name) => name === slicing['rules']) ?? 'open';
  const discriminators = objectsOf(slicing['discriminator']).flatMap((discriminator): readonly Discriminator[] => {
    const type = (['value', 'exists', 'pattern', 'type', 'profile'] as const).find((name) => name === discriminator['type']);
    const path = textOf(discriminator['path']);
    return type === undefined || path === undefined ? [] : [{ type, path }];
  });
  return { discriminators, rules, ...(slicing['ordered'] === true && { ordered: true as const }) };
}

function bindingOf(element: JsonObject, source: DistillSource): Binding | undefined {
  const binding = objectOf(element['binding']);
  const strength = (['required', 'extensible', 'preferred', 'example'] as const).find((name) => name === binding?.['strength']);
  if (binding === undefined || strength === undefined) return undefined;
  const valueSet = textOf(binding['valueSet']) ?? textOf(objectOf(binding['valueSetReference'])?.['reference']) ?? textOf(binding['valueSetUri']);
  const stated = extensionValue(binding, `${structureDefinition}elementdefinition-maxValueSet`);
  const max = textOf(stated) ?? textOf(objectOf(stated)?.['reference']);
  const additional = additionalOf(binding, source);
  return {
    strength,
    ...(valueSet !== undefined && { valueSet: source.pin(valueSet) }),
    ...(max !== undefined && { max: source.pin(max) }),
    ...(additional.length > 0 && { additional }),
  };
}

type Additional = NonNullable<Binding['additional']>[number];

function additionalOf(binding: JsonObject, source: DistillSource): readonly Additional[] {
  const one = (purpose: unknown, valueSet: unknown, contexts: readonly JsonObject[]): readonly Additional[] => {
    const [kind, canonical] = [textOf(purpose), textOf(valueSet)];
    const usages = contexts.flatMap(usagesOf);
    return kind === undefined || canonical === undefined ? [] : [{
      purpose: kind, valueSet: source.pin(canonical), ...(contexts.length > 0 && { usage: true as const }), ...(usages.length > 0 && { usages }),
    }];
  };
  const native = objectsOf(binding['additional']).flatMap((part) => one(part['purpose'], part['valueSet'], objectsOf(part['usage'])));
  const extended = additionalBindings.flatMap((url) => extensionsOf(binding, url))
    .flatMap((part) => one(extensionValue(part, 'purpose'), extensionValue(part, 'valueSet'), extensionsOf(part, 'usage').map(({ valueUsageContext }) => objectOf(valueUsageContext) ?? {})));
  return [...native, ...extended];
}

/** A UsageContext, as far as codes say which it is. */
function usagesOf(context: JsonObject): readonly UsageRow[] {
  const code = textOf(objectOf(context['code'])?.['code']);
  return code === undefined ? [] : objectsOf(objectOf(context['valueCodeableConcept'])?.['coding']).flatMap((coding) => {
    const [system, value] = [textOf(coding['system']), textOf(coding['code'])];
    return value === undefined ? [] : [{ code, ...(system !== undefined && { system }), value }];
  });
}

function constraintsOf(element: JsonObject, source: DistillSource): readonly Constraint[] {
  return objectsOf(element['constraint']).flatMap((constraint): readonly Constraint[] => {
    const [key, expression] = [textOf(constraint['key']), textOf(constraint['expression'])];
    if (key === undefined || expression === undefined) return [];
    const human = source.prose === 'kept' ? textOf(constraint['human']) : undefined;
    const origin = textOf(constraint['source']);
    const bestPractice = extensionValue(constraint, `${structureDefinition}elementdefinition-bestpractice`) === true;
    return [{
      key,
      severity: constraint['severity'] === 'warning' ? 'warning' : 'error',
      expression,
      ...(human !== undefined && { human }),
      ...(origin !== undefined && { source: origin }),
      ...(bestPractice && { bestPractice: true as const }),
    }];
  });
}
