/** Definitions become tables: what a validator needs of them is there, and nothing else. */
import { distillCodeSystem, distillValueSet } from '../../profiles/distill/codes.ts';
import { postedSource, type DistillSource } from '../../profiles/distill/source.ts';
import { distillStructure } from '../../profiles/distill/structure.ts';
import type { ElementRow } from '../../profiles/tables/structure-table.ts';

const pinning: DistillSource = { from: 'a#1', pin: (canonical) => (canonical.includes('|') ? canonical : `${canonical}|7`), prose: 'left-out' };

function structureOf(elements: readonly object[], more: object = {}): object {
  return { resourceType: 'StructureDefinition', url: 'http://example.org/P', kind: 'resource', type: 'Claim', derivation: 'constraint', snapshot: { element: [{ id: 'Claim', path: 'Claim' }, ...elements] }, ...more };
}

function rowOf(element: object, source: DistillSource = postedSource): Partial<ElementRow> {
  const { id: _id, path: _path, min: _min, max: _max, ...rest } = distillStructure(structureOf([{ id: 'Claim.x', path: 'Claim.x', ...element }]) as never, source).elements[1]!;
  return rest;
}

describe('A definition that cannot become a table', () => {
  test.each([
    ['has no url', { url: 7 }, 'it has no url'],
    ['has no snapshot', { snapshot: undefined }, 'it has no snapshot'],
    ['has a kind that is none', { kind: 'house' }, 'its kind is none of FHIR R4'],
    ['says no type', { type: '' }, 'it does not say which type it is about'],
    ['has elements under none', { snapshot: { element: [{ path: 'Claim' }, { path: 'Claim.a.b' }] } }, 'its snapshot is not a tree of elements in their order'],
    ['begins below its type', { snapshot: { element: [{ path: 'Claim.a' }] } }, 'its snapshot is not a tree of elements in their order'],
  ])('%s', (_, more, reason) => {
    expect(() => distillStructure(structureOf([], more) as never, postedSource)).toThrow(reason);
  });

  test('a ValueSet and a CodeSystem without url', () => {
    expect(() => distillValueSet({}, postedSource)).toThrow('ValueSet cannot be used: it has no url.');
    expect(() => distillCodeSystem({}, postedSource)).toThrow('CodeSystem cannot be used: it has no url.');
  });
});

describe('A row', () => {
  const fhirType = 'http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type';
  const extension = (url: string, value: object): object => ({ extension: [{ url, ...value }] });
  test.each<[string, object, Partial<ElementRow>]>([
    ['has a fixed value with its sibling', { fixedString: 'a', _fixedString: { id: 'b' } }, { fixed: { type: 'string', value: 'a', sibling: { id: 'b' } } }],
    ['has a fixed sibling alone', { _fixedUri: { id: 'b' } }, { fixed: { type: 'uri', sibling: { id: 'b' } } }],
    ['has a pattern of a complex type', { patternCodeableConcept: { text: 'x' } }, { pattern: { type: 'CodeableConcept', value: { text: 'x' } } }],
    ['has bounds', { minValueDate: '2020-01-01', maxValueInteger: 0 }, { minValue: { type: 'date', value: '2020-01-01' }, maxValue: { type: 'integer', value: 0 } }],
    ['has a system type by its FHIR type', { type: [{ code: 'http://hl7.org/fhirpath/System.String', ...extension(fhirType, { valueUrl: 'uri' }) }] }, { types: [{ code: 'uri' }] }],
    ['has a system type that names no FHIR type', { type: [{ code: 'http://hl7.org/fhirpath/System.DateTime' }] }, { types: [{ code: 'dateTime' }] }],
    ['has the regular expression of its type', { type: [{ code: 'string', ...extension('http://hl7.org/fhir/StructureDefinition/regex', { valueString: '[a-z]' }) }] }, { types: [{ code: 'string' }], regex: '[a-z]' }],
    ['refers to content of its own definition', { contentReference: '#Claim.item' }, { contentReference: 'Claim.item' }],
    ['refers to content with a url before it', { contentReference: 'http://hl7.org/fhir/StructureDefinition/Claim#Claim.item' }, { contentReference: 'Claim.item' }],
    ['keeps an odd discriminator as it is', { slicing: { discriminator: [{ type: 'value', path: "extension('u').value.ofType(boolean)" }], rules: 'open' } }, { slicing: { discriminators: [{ type: 'value', path: "extension('u').value.ofType(boolean)" }], rules: 'open' } }],
    ['is ordered', { slicing: { ordered: true, rules: 'openAtEnd' } }, { slicing: { discriminators: [], rules: 'openAtEnd', ordered: true } }],
    ['allowed more in its base', { base: { path: 'Claim.x', min: 0, max: '5' } }, { baseMax: '5' }],
    ['has a largest value set', { binding: { strength: 'preferred', valueSet: 'http://v', ...extension('http://hl7.org/fhir/StructureDefinition/elementdefinition-maxValueSet', { valueCanonical: 'http://m' }) } }, { binding: { strength: 'preferred', valueSet: 'http://v', max: 'http://m' } }],
    [
      'has a further binding',
      { binding: { strength: 'required', extension: [{ url: 'http://hl7.org/fhir/tools/StructureDefinition/additional-binding', extension: [{ url: 'purpose', valueCode: 'maximum' }, { url: 'valueSet', valueCanonical: 'http://a' }] }] } },
      { binding: { strength: 'required', additional: [{ purpose: 'maximum', valueSet: 'http://a' }] } },
    ],
    ['has a best practice', { constraint: [{ key: 'k', severity: 'warning', human: 'h', expression: 'true', ...extension('http://hl7.org/fhir/StructureDefinition/elementdefinition-bestpractice', { valueBoolean: true }) }] }, { constraints: [{ key: 'k', severity: 'warning', expression: 'true', human: 'h', bestPractice: true }] }],
    ['leaves out a constraint without expression', { constraint: [{ key: 'k', severity: 'error', human: 'h' }] }, {}],
    ['leaves out prose', { short: 's', definition: 'd', comment: 'c', mapping: [{}], alias: ['a'] }, {}],
    ['marks modifiers and what must be supported', { isModifier: true, mustSupport: true }, { modifier: true, mustSupport: true }],
  ])('%s', (_, element, row) => {
    expect(rowOf(element)).toEqual(row);
  });

  test('has its canonicals pinned, those with a version as they are, and no prose where that is left out', () => {
    const element = {
      type: [{ code: 'Reference', profile: ['http://p'], targetProfile: ['http://t|1'] }],
      binding: { strength: 'required', valueSet: 'http://v' },
      constraint: [{ key: 'k', human: 'h', expression: 'true' }],
    };
    expect(rowOf(element, pinning)).toEqual({
      types: [{ code: 'Reference', profiles: ['http://p|7'], targets: ['http://t|1'] }],
      binding: { strength: 'required', valueSet: 'http://v|7' },
      constraints: [{ key: 'k', severity: 'error', expression: 'true' }],
    });
  });

  test('of the id of a resource is an id', () => {
    const table = distillStructure(structureOf([{ path: 'Claim.id', type: [{ code: 'http://hl7.org/fhirpath/System.String', extension: [{ url: fhirType, valueUrl: 'string' }] }] }]) as never, postedSource);
    expect(table.elements[1]!.types).toEqual([{ code: 'id' }]);
  });

  test('holds decimals as plain numbers, so that a table is JSON', () => {
    const row = rowOf({ patternQuantity: { value: Object(1) as unknown } });
    expect(JSON.stringify(row.pattern)).toBe('{"type":"Quantity","value":{"value":1}}');
  });
});

describe('The context of an extension', () => {
  test('is read as R4 has it, and as it was before', () => {
    const context = (more: object): unknown => distillStructure(structureOf([], more) as never, postedSource).context;
    expect(context({ context: [{ type: 'element', expression: 'Claim.item' }, { type: 'house', expression: 'x' }, { type: 'fhirpath', expression: 'Claim' }] }))
      .toEqual([{ type: 'element', expression: 'Claim.item' }, { type: 'fhirpath', expression: 'Claim' }]);
    expect(context({ contextType: 'resource', context: ['Claim'] })).toEqual([{ type: 'element', expression: 'Claim' }]);
    expect(context({})).toBeUndefined();
  });
});

describe('A code system', () => {
  test('has its codes in order, with parents by nesting or by property, and headings', () => {
    const table = distillCodeSystem({
      url: 'http://c', version: '1', content: 'complete', caseSensitive: false,
      concept: [
        { code: 'a', display: 'where no prose is kept, no display is', property: [{ code: 'notSelectable', valueBoolean: true }], concept: [{ code: 'b' }, { code: 'c', concept: [{ code: 'd' }] }] },
        { code: 'e', property: [{ code: 'parent', valueCode: 'b' }, { code: 'kind', valueCoding: { code: 'x' } }] },
        { code: 'b' },
      ],
    }, { from: 'a#1', prose: 'left-out' });
    expect(table).toEqual({
      url: 'http://c', version: '1', from: 'a#1', content: 'complete', caseSensitive: false,
      codes: ['a', 'b', 'c', 'd', 'e'], parents: [-1, 0, 0, 2, 1], abstract: [0],
      properties: { notSelectable: { 0: ['true'] }, parent: { 4: ['b'] }, kind: { 4: ['x'] } },
    });
  });

  test('nested a hundred thousand deep ends', () => {
    let concept: object = { code: 'x' };
    for (let depth = 0; depth < 100_000; depth++) concept = { code: String(depth), concept: [concept] };
    expect(distillCodeSystem({ url: 'http://c', concept: [concept] }, { from: 'a#1', prose: 'left-out' }).codes).toHaveLength(100_001);
  });
});

describe('A value set', () => {
  test('has its parts, with canonicals pinned', () => {
    const table = distillValueSet({
      url: 'http://v',
      compose: {
        include: [{ system: 'http://s', version: '2', concept: [{ code: 'a', display: 'A' }] }, { system: 'http://t', filter: [{ property: 'concept', op: 'is-a', value: 'x' }] }, { valueSet: ['http://w'] }],
        exclude: [{ system: 'http://s', concept: [{ code: 'b' }] }],
      },
    }, pinning);
    expect(table).toEqual({
      url: 'http://v', from: 'a#1',
      include: [{ system: 'http://s', version: '2', codes: ['a'] }, { system: 'http://t', filters: [{ property: 'concept', op: 'is-a', value: 'x' }] }, { valueSets: ['http://w|7'] }],
      exclude: [{ system: 'http://s', codes: ['b'] }],
    });
  });

  test('without compose and expansion says that it cannot be expanded', () => {
    expect(distillValueSet({ url: 'http://v' }, postedSource)).toEqual({ url: 'http://v', from: 'posted', include: [], notExpandable: true });
  });

  test('has an expansion only where that is complete', () => {
    const expanded = (more: object): unknown => distillValueSet({ url: 'http://v', expansion: { contains: [{ system: 's', code: 'h', abstract: true, contains: [{ system: 's', code: 'a' }] }], ...more } }, postedSource).expansion;
    expect(expanded({})).toEqual({ s: ['a'] });
    expect(expanded({ total: 2 })).toEqual({ s: ['a'] });
    expect(expanded({ total: 3 })).toBeUndefined();
    expect(expanded({ offset: 10 })).toBeUndefined();
    expect(expanded({ extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/valueset-toocostly', valueBoolean: true }] })).toBeUndefined();
  });
});
