/**
 * A right-formed resource of each type with every element filled: lists where elements repeat, ids and extensions on
 * primitives, decimals whose digits matter. A choice of types takes the `variant`-th type.
 */
import { elementsOf, isPrimitive } from '../../fhir/element-types.ts';
import { Decimal } from '../../fhir/json.ts';

const primitives: Readonly<Record<string, unknown>> = {
  boolean: false, integer: -7, positiveInt: 3, unsignedInt: 0, decimal: new Decimal('1.50'), date: '2020-02', dateTime: '2020-02-29T10:00:00.120+01:00', instant: '2020-02-29T10:00:00.000Z',
  time: '10:00:00', base64Binary: 'AA==', canonical: 'http://example.org/canonical|1.0', uri: 'http://example.org/?a=1&b=2', url: 'http://example.org/url', oid: 'urn:oid:1.2.3',
  uuid: 'urn:uuid:c757873d-ec9a-4326-a141-556f43239520', string: ' Bénédicte "<&>"\r\n\t𝒳 ', code: 'phone', id: 'an-id', markdown: '*text*',
  xhtml: '<div xmlns="http://www.w3.org/1999/xhtml">a &lt; b<br/><p id="p" xml:lang="fr">é</p></div>',
};
const withoutSibling = new Set(['id', 'url', 'div']);
const extension = { url: 'http://example.org/extension', valueString: 'more' };

export type FilledResource = { readonly resourceType: string; readonly [element: string]: unknown };

/** @param depth how many levels of complex elements are filled; deeper ones are left out */
export function filledResource(type: string, variant: number, depth = 4): FilledResource {
  return { resourceType: type, ...filled(type, variant, depth) };
}

function filled(type: string, variant: number, depth: number): Record<string, unknown> {
  if (type === 'Extension') return { ...extension };
  const object: Record<string, unknown> = {};
  for (const element of elementsOf(type)) {
    const { property, type: valueType } = element.types[variant % element.types.length]!;
    if (isPrimitive(valueType)) fillPrimitive(object, property, primitives[valueType], element.repeats, withoutSibling.has(element.name));
    else if (depth > 0) {
      const value = valueType === 'Resource' ? { resourceType: 'Basic', id: 'inside' } : filled(valueType, variant, depth - 1);
      object[property] = element.repeats ? [value, value] : value;
    }
  }
  return object;
}

function fillPrimitive(object: Record<string, unknown>, property: string, value: unknown, repeats: boolean, alone: boolean): void {
  if (value === undefined) throw new RangeError(`No value made for ${property}`);
  if (repeats) {
    object[property] = [value, null, value];
    object[`_${property}`] = [null, { id: 'x', extension: [extension] }, { extension: [extension, extension] }];
  } else {
    object[property] = value;
    if (!alone) object[`_${property}`] = { extension: [extension] };
  }
}
