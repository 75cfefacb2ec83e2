/**
 * A Questionnaire's items as the check of answers needs them: by linkId, with what constrains the answer, extensions of
 * the standard and of Structured Data Capture included.
 * Source: https://hl7.org/fhir/R4/questionnaire.html, http://hl7.org/fhir/uv/sdc/STU3/
 */
import { isObject } from '../../fhir/shape/elements.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

export interface QuestionItem {
  readonly linkId: string;
  readonly type: string;
  readonly required: boolean;
  /** Answers (of a group: occurrences) at least, where it has to be there at all. */
  readonly least: number;
  readonly most: number;
  /** In characters. */
  readonly longest: number | undefined;
  readonly shortest: number | undefined;
  readonly decimalPlaces: number | undefined;
  readonly minValue: JsonObject | undefined;
  readonly maxValue: JsonObject | undefined;
  /** Of an attachment, in bytes. */
  readonly largest: number | undefined;
  readonly mediaTypes: readonly string[];
  /** Types that a reference may lead to; none: any. */
  readonly resourceTypes: readonly string[];
  /** Values that may be chosen; undefined where nothing is listed. */
  readonly options: readonly JsonObject[] | undefined;
  readonly valueSet: string | undefined;
  readonly enableWhen: readonly JsonObject[];
  readonly enableAny: boolean;
  /** Computed by an expression: whether it is enabled is not known here. */
  readonly enableUnknown: boolean;
  readonly items: readonly QuestionItem[];
}

const core = 'http://hl7.org/fhir/StructureDefinition/';
const sdc = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/';

/** @throws never: what is no item is left out */
export function itemsOf(holder: JsonObject): readonly QuestionItem[] {
  return objects(holder['item']).map(itemOf);
}

function itemOf(item: JsonObject): QuestionItem {
  const first = (...urls: string[]): unknown => urls.map((url) => extensionsOf(item, url)[0]).find((value) => value !== undefined);
  const number = (...urls: string[]): number | undefined => { const value = first(...urls); return value === undefined ? undefined : Number(value); };
  const required = item['required'] === true;
  return {
    linkId: textIn(item, 'linkId'),
    type: textIn(item, 'type'),
    required,
    least: required ? Math.max(1, number(`${core}questionnaire-minOccurs`) ?? 1) : 0,
    most: item['repeats'] === true ? number(`${core}questionnaire-maxOccurs`) ?? Infinity : 1,
    longest: item['maxLength'] === undefined ? undefined : Number(item['maxLength']),
    shortest: number(`${core}minLength`),
    decimalPlaces: number(`${core}maxDecimalPlaces`),
    minValue: valueObject(item, `${core}minValue`),
    maxValue: valueObject(item, `${core}maxValue`),
    largest: number(`${core}maxSize`),
    mediaTypes: extensionsOf(item, `${core}mimeType`).filter((one) => typeof one === 'string'),
    resourceTypes: extensionsOf(item, `${core}questionnaire-referenceResource`).filter((one) => typeof one === 'string'),
    options: item['answerOption'] === undefined ? undefined : objects(item['answerOption']),
    valueSet: typeof item['answerValueSet'] === 'string' ? item['answerValueSet'] : undefined,
    enableWhen: objects(item['enableWhen']),
    enableAny: item['enableBehavior'] === 'any',
    enableUnknown: first(`${sdc}sdc-questionnaire-enableWhenExpression`) !== undefined,
    items: itemsOf(item),
  };
}

/** The value of a choice element by any of its names, with the name: `valueCoding`, `answerCoding`. */
export function choiceOf(holder: JsonObject, element: string): { readonly property: string; readonly type: string; readonly value: unknown } | undefined {
  for (const property of Object.keys(holder)) {
    const type = property.slice(element.length);
    if (property.startsWith(element) && /^[A-Z]/.test(type)) return { property, type, value: holder[property] };
  }
  return undefined;
}

/** The text of a property; empty where it is none. */
export function textIn(holder: JsonObject, property: string): string {
  const value = holder[property];
  return typeof value === 'string' ? value : '';
}

export function objects(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function extensionsOf(item: JsonObject, url: string): readonly unknown[] {
  return objects(item['extension']).filter((extension) => extension['url'] === url).map((extension) => choiceOf(extension, 'value')?.value).filter((value) => value !== undefined);
}

function valueObject(item: JsonObject, url: string): JsonObject | undefined {
  return objects(item['extension']).find((extension) => extension['url'] === url);
}
