/**
 * Made-up resources with every element of their type filled, for types that no example is at hand of.
 * A choice of types takes the `variant`-th type, so a handful of variants meets them all.
 */
import table from '../../fhir/r4/element-types.json' with { type: 'json' };

type Definition = [string | null, Record<string, string | string[]>];
const definitions = table as unknown as Record<string, Definition>;

const primitives: Record<string, unknown> = {
  boolean: false, integer: 7, positiveInt: 3, unsignedInt: 0, decimal: 1.5, date: '2020-02-29', dateTime: '2020-02-29T10:00:00Z', instant: '2020-02-29T10:00:00.000Z',
  time: '10:00:00', base64Binary: 'AA==', xhtml: '<div/>', canonical: 'http://example.org/canonical|1.0', uri: 'http://example.org/uri', url: 'http://example.org/url',
  oid: 'urn:oid:1.2.3', uuid: 'urn:uuid:c757873d-ec9a-4326-a141-556f43239520', string: 'text', code: 'phone', id: 'an-id', markdown: '*text*',
};
const references = ['Patient/1', 'Practitioner/2', 'RelatedPerson/3', 'http://elsewhere.example/fhir/Patient/4', '#inside', 'Location/5', 'Group/6/_history/2'];

export function madeResource(type: string, variant: number): { resourceType: string; [element: string]: unknown } {
  let serial = variant;
  const make = (name: string, depth: number): unknown => {
    if (Object.hasOwn(primitives, name)) return name === 'code' ? ['phone', 'email', 'composed-of', 'depends-on'][serial++ % 4] : primitives[name];
    if (name === 'Reference') return { reference: references[serial++ % references.length], display: `r${serial}` };
    if (name === 'Resource') return { resourceType: ['Composition', 'MessageHeader', 'Patient'][serial++ % 3], id: `held-${serial}` };
    if (depth === 0) return undefined;
    const value: Record<string, unknown> = {};
    for (let at: string | null | undefined = name; at != null; at = definitions[at]?.[0]) {
      for (const [element, declared] of Object.entries(definitions[at]![1])) {
        if (['Extension', 'Narrative', 'Resource'].includes(String(declared)) && element !== 'resource') continue;
        const chosen = typeof declared === 'string' ? declared : declared[variant % declared.length]!;
        const property = typeof declared === 'string' ? element : element + chosen.charAt(0).toUpperCase() + chosen.slice(1);
        const items = [make(chosen, depth - 1), make(chosen, depth - 1)].filter((item) => item !== undefined);
        // Whether an element repeats is not in the table; both the array and the single value must work.
        if (items.length > 0) value[property] = Object.hasOwn(primitives, chosen) || variant % 2 === 0 ? items[0] : items;
      }
    }
    return value;
  };
  return { ...(make(type, 5) as Record<string, unknown>), resourceType: type, contained: [{ resourceType: 'Patient', id: 'inside' }] };
}
