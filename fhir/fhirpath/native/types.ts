/** `is`, `as` and `ofType`. Source: FHIRPath 2.0, "Types" (http://hl7.org/fhirpath/N1/#types-1), https://hl7.org/fhir/R4/fhirpath.html#types. */
import { isKindOf, isType } from '../../element-types.ts';
import { FhirPathError } from '../error.ts';
import { Item, isPrimitiveType, none, ofBoolean, type Items } from './items.ts';
import type { Evaluate } from './run.ts';
import type { TypeName, TypeOperation } from './syntax.ts';
import type { Rules } from './truth.ts';

const systemTypes: ReadonlySet<string> = new Set(['Boolean', 'String', 'Integer', 'Decimal', 'Date', 'DateTime', 'Time', 'Quantity', 'Any']);

/** The System type that stands for a FHIR type in published expressions. */
const counterparts: ReadonlyMap<string, string> = new Map([
  ['boolean', 'Boolean'], ['integer', 'Integer'], ['positiveInt', 'Integer'], ['unsignedInt', 'Integer'], ['decimal', 'Decimal'],
  ['date', 'Date'], ['dateTime', 'DateTime'], ['instant', 'DateTime'], ['time', 'Time'], ['Quantity', 'Quantity'],
]);

function counterpartOf(type: string): string | undefined {
  return counterparts.get(type) ?? (isPrimitiveType(type) ? 'String' : undefined);
}

/** Whether a name means a type at all. */
export function isKnownType({ namespace, name }: TypeName): boolean {
  return (namespace !== 'System' && isType(name)) || (namespace !== 'FHIR' && systemTypes.has(name));
}

/** Whether values of a type are of the named one; `exactly` as `as` has it: a code is a string, and yet is not taken as one. */
export function isOfType(type: string, { namespace, name }: TypeName, rules: Rules, exactly: boolean): boolean {
  if (type.startsWith('System.')) return namespace !== 'FHIR' && systemTypes.has(name) && (name === 'Any' || type === `System.${name}`);
  if (namespace !== 'System' && isType(name)) return exactly && isPrimitiveType(name) ? type === name : isKindOf(type, name);
  return namespace === undefined && rules === 'published' && counterpartOf(type) === name;
}

/** The same for one name, each type answered once. */
function typesThatAre(wanted: TypeName, rules: Rules, exactly: boolean): (type: string) => boolean {
  const known = new Map<string, boolean>();
  return (type) => {
    let answer = known.get(type);
    if (answer === undefined) known.set(type, answer = isOfType(type, wanted, rules, exactly));
    return answer;
  };
}

/** @throws {FhirPathError} `semantic` for a type that nobody knows, by the specification */
export function typeTest({ operator, type: wanted, position }: TypeOperation, of: Evaluate, rules: Rules): Evaluate {
  if (rules === 'specification' && wanted.namespace === undefined && !isKnownType(wanted)) throw new FhirPathError('semantic', 'An unknown type', position);
  const fits = typesThatAre(wanted, rules, operator !== 'is');
  if (operator === 'is') {
    return (scope) => {
      const items = of(scope);
      if (items.length > 1) {
        if (rules === 'published') return ofBoolean(false);
        throw new FhirPathError('evaluation', 'Several values have no one type', position);
      }
      return items.length === 0 ? none : ofBoolean(fits(items[0]!.type));
    };
  }
  const single = operator === 'as' && rules === 'specification';
  return (scope) => {
    const items = of(scope);
    if (single && items.length > 1) throw new FhirPathError('evaluation', 'Several values are cast', position);
    return items.filter(({ type }) => fits(type));
  };
}

/** `type()`: namespace and name. */
export function typeInfo(items: Items): Items {
  return items.map(({ type }) => {
    const system = type.startsWith('System.');
    return new Item('System.TypeInfo', { namespace: system ? 'System' : 'FHIR', name: system ? type.slice('System.'.length) : type });
  });
}
