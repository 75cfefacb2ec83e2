/** JSON to XML and back: nothing is lost, and decimals keep their digits (https://hl7.org/fhir/R4/xml.html, https://hl7.org/fhir/R4/json.html). */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as fc from 'fast-check';
import { Decimal, parseJson, stringifyJson } from '../../../fhir/json.ts';
import { resourceTypes } from '../../../fhir/resource-types.ts';
import { shapeIssues } from '../../../fhir/shape.ts';
import { parseXml } from '../../../fhir/xml/read.ts';
import { writeXml } from '../../../fhir/xml/write.ts';
import { xhtmlForXml } from '../../../fhir/xml/xhtml.ts';
import { filledResource } from '../filled-resources.ts';
import { coreResources, corePackageIsHere } from '../package-resources.ts';
import { sharedDataIsHere, sharedResources } from '../shared-resources.ts';

/** The same resource in an order of its own, and with each narrative as XML writes it. */
function canonical(value: unknown): unknown {
  if (value instanceof Decimal) return value;
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, item]) => [name, name === 'div' && typeof item === 'string' ? xhtmlForXml(item) : canonical(item)]));
}

function expectRoundTrip(resource: unknown): void {
  const expected = stringifyJson(canonical(resource));
  for (const pretty of [false, true]) {
    const read = canonical(parseXml(writeXml(resource, { pretty })));
    // Texts are compared first: it is faster, and they differ where the other would.
    if (stringifyJson(read) !== expected) expect(read).toEqual(canonical(resource));
  }
}

describe('every element of every type', () => {
  test.each(resourceTypes.map((type) => [type]))('%s', (type) => {
    for (let variant = 0; variant < 4; variant++) {
      const resource = filledResource(type, variant, 2);
      expect(shapeIssues(resource)).toEqual([]);
      expectRoundTrip(resource);
    }
    // Extensions hold every type a choice has.
    if (type === 'Parameters') for (let variant = 0; variant < 60; variant++) expectRoundTrip(filledResource('Parameters', variant, 2));
  });
});

(sharedDataIsHere ? test : test.skip)('the shared example resources', () => {
  const resources = sharedResources().map((one) => parseJson(JSON.stringify(one))).filter((one) => shapeIssues(one as object).length === 0);
  expect(resources.length).toBeGreaterThan(1000);
  for (const resource of resources) expectRoundTrip(resource);
});

(corePackageIsHere ? test : test.skip)('definitions of R4 itself', () => {
  const definitions = coreResources(/^(?:(?:ConceptMap|OperationDefinition|CapabilityStatement|CompartmentDefinition|NamingSystem)-|SearchParameter-[a-b]|StructureDefinition-[A-B]|ValueSet-[a]|CodeSystem-[a])/);
  expect(definitions.length).toBeGreaterThan(250);
  for (const [, text] of definitions) {
    const resource = parseJson(text);
    if (shapeIssues(resource as object).length === 0) expectRoundTrip(resource);
  }
});

const examples = resolve(process.cwd(), '../shared/suites/fhir-test-cases/r4');
(existsSync(examples) ? describe : describe.skip)('XML of the public test cases', () => {
  const files = ['', 'examples'].flatMap((folder) => readdirSync(join(examples, folder)).filter((name) => name.endsWith('.xml')).map((name) => join(folder, name)));

  test.each(files)('%s is right-formed and comes back', (file) => {
    const resource = parseXml(readFileSync(join(examples, file), 'utf8'));
    expect(shapeIssues(resource as object)).toEqual([]);
    expectRoundTrip(resource);
  });

  test('a patient is the same in both syntaxes', () => {
    const [xml, json] = ['xml', 'json'].map((syntax) => readFileSync(join(examples, `examples/patient-example.${syntax}`), 'utf8'));
    expect(canonical(parseXml(xml!))).toEqual(canonical(parseJson(json!)));
  });
});

test('decimals keep their digits', () => {
  const numbers = ['1.00', '0.0', '-0.50', '1e2', '1E-7', '100000000000000000000', '0.10000000000000000001', '3', '3.5', '-0'];
  for (const written of numbers) {
    const json = `{"resourceType":"Observation","valueQuantity":{"value":${written}}}`;
    const xml = writeXml(parseJson(json));
    expect(xml).toContain(`<value value="${written}"/>`);
    expect(stringifyJson(parseXml(xml))).toBe(json);
  }
});

test('elements stand in the order of the definition, those of the base types first', () => {
  const resource = { birthDate: '2000', name: [{ given: ['g'], text: 't', id: '1', use: 'usual' }], extension: [{ valueCode: 'c', url: 'http://x' }], text: { div: '<div/>', status: 'empty' }, _id: { id: 'i' }, id: '1', meta: { tag: [{ code: 'a' }] }, resourceType: 'Patient' };
  expect([...writeXml(resource).matchAll(/<(\w+)/g)].map(([, name]) => name).join(' ')).toBe('Patient id meta tag code text status div extension valueCode name use text given birthDate');
});

test('any text survives', () => {
  // oxlint-disable-next-line no-control-regex -- what XML cannot write
  const text = fc.string({ unit: 'binary', minLength: 1 }).filter((one) => !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/u.test(one) && one.isWellFormed());
  fc.assert(fc.property(text, fc.array(fc.option(text), { minLength: 1, maxLength: 4 }), (family, given) => {
    const resource = {
      resourceType: 'Patient', name: [{ id: family, family, given: [...given, 'last'], _given: [...given.map(() => ({ extension: [{ url: 'http://x', valueString: family }] })), null] }],
      text: { status: 'generated', div: `<div xmlns="http://www.w3.org/1999/xhtml" title="${family.replaceAll(/[&<>"\t\n\r]/g, '')}">${family.replaceAll(/[&<>\r]/g, '')}</div>` },
    };
    expect(canonical(parseXml(writeXml(resource)))).toEqual(canonical(resource));
  }), { numRuns: 500 });
});

test('what XML cannot write becomes U+FFFD', () => {
  expect(parseXml(writeXml({ resourceType: 'Patient', id: 'a\u0000\ud800b\uffff' }))).toEqual({ resourceType: 'Patient', id: 'a\ufffd\ufffdb\ufffd' });
});

describe('reading', () => {
  const read = (xml: string): unknown => parseXml(xml);

  test('any prefix, comments, processing instructions, a mark of byte order and the place of a schema', () => {
    expect(read('\ufeff<?xml version="1.0" encoding="utf-8"?>\n<?style x?><!-- c --><f:Patient xmlns:f="http://hl7.org/fhir" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="a b">'
      + '<f:text><f:status value="generated"/><h:div xmlns:h="http://www.w3.org/1999/xhtml"><h:b class=\'x\'>1 &lt; 2<![CDATA[<&]]><!-- c --></h:b><h:br/></h:div></f:text>\n<!-- c --><f:active value="true"/></f:Patient>\n<!-- c -->'))
      .toEqual({ resourceType: 'Patient', text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml"><b class="x">1 &lt; 2&lt;&amp;</b><br/></div>' }, active: true });
  });

  test('elements in any order, repetitions apart', () => {
    expect(read('<Patient xmlns="http://hl7.org/fhir"><name><given value="a"/><family value="f"/><given value="b"/></name><id value="1"/><name><text value="t"/></name></Patient>'))
      .toEqual({ resourceType: 'Patient', id: '1', name: [{ given: ['a', 'b'], family: 'f' }, { text: 't' }] });
  });

  test('extensions of primitives that repeat', () => {
    const one = (value: string, extended: boolean): string => `<given${value}${extended ? ' id="g"/>' : '/>'}`;
    const name = (...given: string[]): unknown => (read(`<Patient xmlns="http://hl7.org/fhir"><name>${given.join('')}</name></Patient>`) as { name: [unknown] }).name[0];
    expect(name(one(' value="a"', false), one(' value="b"', false))).toEqual({ given: ['a', 'b'] });
    expect(name(one(' value="a"', false), one(' value="b"', true), one(' value="c"', false))).toEqual({ given: ['a', 'b', 'c'], _given: [null, { id: 'g' }, null] });
    expect(name(one('', true), one(' value="b"', false))).toEqual({ given: [null, 'b'], _given: [{ id: 'g' }, null] });
    expect(name(one('', true), one('', true))).toEqual({ _given: [{ id: 'g' }, { id: 'g' }] });
  });
});

describe('a narrative from JSON', () => {
  const written = (div: string): string => writeXml({ resourceType: 'Patient', text: { status: 'generated', div } });

  test.each([
    ['<div xmlns="http://www.w3.org/1999/xhtml">x</div></text><active value="false"/><text>'],
    ['<div xmlns="http://www.w3.org/1999/xhtml">x</div><active value="false"/>'],
    ['x</div></text></Patient>'],
    ['<!DOCTYPE div [<!ENTITY x "y">]><div xmlns="http://www.w3.org/1999/xhtml">&x;</div>'],
    ['<div xmlns="http://www.w3.org/1999/xhtml"><p>not closed</div>'],
    ['<script xmlns="http://www.w3.org/1999/xhtml">x</script>'],
  ])('%s stays within its element, as text', (div) => {
    const read = parseXml(written(div)) as { text: { div: string } };
    expect(Object.keys(read)).toEqual(['resourceType', 'text']);
    expect(read.text.div).toBe(`<div xmlns="http://www.w3.org/1999/xhtml">${div.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')}</div>`);
  });

  test('gets its namespace, and characters for the names that HTML has for them', () => {
    expect(written('<div>a&nbsp;b &Eacute;&ndash;</div>')).toContain('<div xmlns="http://www.w3.org/1999/xhtml">a\u00a0b É–</div>');
  });
});

test('only a resource of R4 is written', () => {
  for (const value of [null, 1, [], {}, { resourceType: 'Nothing' }]) expect(() => writeXml(value)).toThrow(RangeError);
});
