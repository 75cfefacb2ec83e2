/**
 * What FHIRPath collections hold: values with their types. An element of FHIR is its JSON as it stands; a primitive has
 * beside its value, or in place of it, the object that holds its id and extensions (`_birthDate`). What a function makes
 * is of a System type. Source: https://hl7.org/fhir/R4/fhirpath.html#types.
 */
import { Decimal } from '../../json.ts';
import { isKindOf, isType } from '../../element-types.ts';
import { FhirPathError } from '../error.ts';
import { Exact } from './exact.ts';
import { Moment } from './moments.ts';
import { Quantity } from './quantities.ts';

/** Where an element is: which child of which other. */
export interface Origin {
  /** Undefined for the focus of the evaluation. */
  readonly parent: Item | undefined;
  /** The element's name in FHIRPath: `value`, whatever its type. */
  readonly name: string;
  /** Its place in the list, where the element repeats. */
  readonly index: number | undefined;
}

export class Item {
  /** A FHIR type, a structure within one (`Patient.contact`), or a System type with its namespace (`System.String`). */
  readonly type: string;
  /** JSON, or of a System type a {@link SystemValue}; undefined where a primitive has extensions only. */
  readonly value: unknown;
  readonly sibling: unknown;
  /** Noted where the evaluation is to locate elements, from its focus on; computed values have none. */
  origin: Origin | undefined = undefined;

  constructor(type: string, value: unknown, sibling?: unknown) {
    this.type = type;
    this.value = value;
    this.sibling = sibling;
  }
}

export type Items = readonly Item[];

export const none: Items = Object.freeze([]);

export type SystemValue = string | boolean | number | Exact | Moment | Quantity;

/** The item for a focus of a declared type, which for a resource is what the resource says it is. */
export function itemOf(type: string, value: unknown, sibling?: unknown): Item {
  return new Item(isResource(type) ? actualType(type, value) : type, value, sibling);
}

const resources = new Map<string, boolean>();

/** Whether values of a type are resources, which say themselves what they are. */
export function isResource(type: string): boolean {
  let known = resources.get(type);
  if (known === undefined) resources.set(type, known = isKindOf(type, 'Resource'));
  return known;
}

/** The type a resource claims, if there is such a type and it fits. */
export function actualType(declared: string, value: unknown): string {
  const claimed = typeof value === 'object' && value !== null ? (value as { resourceType?: unknown }).resourceType : undefined;
  return typeof claimed === 'string' && isType(claimed) && isResource(claimed) ? claimed : declared;
}

export const booleanItem = { true: new Item('System.Boolean', true), false: new Item('System.Boolean', false) } as const;
const booleans = { true: Object.freeze([booleanItem.true]), false: Object.freeze([booleanItem.false]) } as const;

export function ofBoolean(value: boolean | undefined): Items {
  return value === undefined ? none : value ? booleans.true : booleans.false;
}

export function ofString(value: string | undefined): Items {
  return value === undefined ? none : [new Item('System.String', value)];
}

export function ofInteger(value: number | undefined): Items {
  return value === undefined ? none : [new Item('System.Integer', value)];
}

export function ofValue(value: SystemValue | undefined): Items {
  if (value === undefined) return none;
  if (typeof value === 'boolean') return ofBoolean(value);
  return [new Item(typeof value === 'string' ? 'System.String' : typeof value === 'number' ? 'System.Integer' : value instanceof Exact ? 'System.Decimal' : value instanceof Moment ? `System.${value.kind}` : 'System.Quantity', value)];
}

/** Whether a FHIR type is a primitive one: they alone begin with a small letter. */
export function isPrimitiveType(type: string): boolean {
  return type.charCodeAt(0) > 96;
}

/** The System value of an item; undefined for structures and for primitives without a (right) value. */
export function systemValue({ type, value }: Item): SystemValue | undefined {
  if (value === undefined || value === null) return undefined;
  switch (type) {
    case 'boolean': return typeof value === 'boolean' ? value : undefined;
    case 'integer':
    case 'positiveInt':
    case 'unsignedInt': return typeof value === 'number' ? value : undefined;
    case 'decimal': return value instanceof Decimal ? Exact.read(String(value)) : typeof value === 'number' ? Exact.of(value) : undefined;
    case 'date': return typeof value === 'string' ? Moment.read('Date', value) : undefined;
    case 'dateTime':
    case 'instant': return typeof value === 'string' ? Moment.read('DateTime', value) : undefined;
    case 'time': return typeof value === 'string' ? Moment.read('Time', value) : undefined;
    case 'Quantity':
    case 'SimpleQuantity':
    case 'Age':
    case 'Count':
    case 'Distance':
    case 'Duration':
    case 'MoneyQuantity': return quantityOf(value);
    default:
      if (type.startsWith('System.')) return type === 'System.TypeInfo' ? undefined : (value as SystemValue);
      return isPrimitiveType(type) && typeof value === 'string' ? value : undefined;
  }
}

const ucum = 'http://unitsofmeasure.org';

function quantityOf(value: unknown): Quantity | undefined {
  const { value: number, unit, code, system, comparator } = value as Readonly<Record<string, unknown>>;
  if ((typeof number !== 'number' && !(number instanceof Decimal)) || comparator !== undefined) return undefined;
  const exact = Exact.read(String(number));
  const written = system === ucum || unit === undefined ? code : unit;
  return exact === undefined ? undefined : new Quantity(exact, typeof written === 'string' ? written : '1', false);
}

/** The only item; undefined where there is none. @throws {FhirPathError} `evaluation` where there are several */
export function single(items: Items): Item | undefined {
  if (items.length > 1) throw new FhirPathError('evaluation', 'One value is needed, and there are several');
  return items[0];
}

/** A text: dates too are texts in FHIR. @throws {FhirPathError} `evaluation` for several values and for what is no text */
export function textOf(items: Items): string | undefined {
  const item = single(items);
  if (item === undefined || item.value === undefined || item.value === null) return undefined;
  if (typeof item.value === 'string') return item.value;
  throw new FhirPathError('evaluation', 'A text is needed');
}

/** @throws {FhirPathError} `evaluation` for several values and for what is no integer */
export function integerOf(items: Items): number | undefined {
  const item = single(items);
  if (item === undefined) return undefined;
  const value = systemValue(item);
  if (value === undefined && isPrimitiveType(item.type)) return undefined;
  if (typeof value !== 'number') throw new FhirPathError('evaluation', 'An integer is needed');
  return value;
}
