/** The FHIRPath of search expressions: what it refuses, how it treats hostile names and malformed data, and its logic. */
import * as fc from 'fast-check';
import { compileFhirPath } from '../../../fhir/fhirpath/compiler.ts';
import { FhirPathError } from '../../../fhir/fhirpath/error.ts';
import { Decimal } from '../../../fhir/json.ts';

/** The nodes an expression selects, with their types. */
function select(expression: string, resource: unknown, type = (resource as { resourceType: string }).resourceType): unknown[] {
  const out: unknown[] = [];
  const visit = compileFhirPath<unknown[]>(expression, type, () => (node, walk) => void walk.out.push(node));
  visit?.(resource, { resource, out });
  return out;
}

function errorOf(expression: string, type = 'Patient'): FhirPathError {
  try {
    compileFhirPath(expression, type, () => () => undefined);
  } catch (error) {
    if (error instanceof FhirPathError) return error;
    throw error;
  }
  throw new Error(`'${expression}' was accepted`);
}

describe('expressions that are refused', () => {
  test.each([
    ['', 'syntax'],
    ['Patient.', 'syntax'],
    ['Patient.name |', 'syntax'],
    ['Patient.name[x]', 'syntax'],
    ['Patient.name[1.5]', 'syntax'],
    ['(Patient.name', 'syntax'],
    ['Patient.name)', 'syntax'],
    ['Patient.name Patient.name', 'syntax'],
    ['Patient.where()', 'syntax'],
    ["Patient.name.where(use = 'a', use = 'b')", 'syntax'],
    ["'unclosed", 'unsupported'],
    ['Patient.name; drop', 'unsupported'],
    ['Patient.name.first()', 'unsupported'],
    ['Patient.name.given.select($this)', 'unsupported'],
    ['Patient.birthDate > today()', 'unsupported'],
    ['Patient.name.exists(use = 1)', 'unsupported'],
    ['Patient.name.given = Patient.name.family', 'unsupported'],
    ['Patient.deceased as Nothing', 'unsupported'],
    ['Patient.deceased.ofType(__proto__)', 'unsupported'],
    ["Patient.birthDate.extension('http://example.org')", 'unsupported'],
    ['Patient.extension(url)', 'unsupported'],
    ['%other.name', 'unsupported'],
    ["Patient.managingOrganization.resolve().name", 'unsupported'],
    [`${'('.repeat(5000)}Patient.name${')'.repeat(5000)}`, 'unsupported'],
    [`Patient.name${' | Patient.name'.repeat(5000)}`, 'unsupported'],
  ])('%.40s', (expression, code) => {
    expect(errorOf(expression).code).toBe(code);
  });

  test('an error says where', () => {
    expect(errorOf('Patient.name ]')).toMatchObject({ position: 13, message: "Unexpected ']' at 13" });
  });

  test('any text is compiled or refused with a FhirPathError', () => {
    const piece = fc.constantFrom('Patient', 'name', '.', '|', '(', ')', '[', ']', '0', "'a'", '=', '!=', ' and ', ' or ', ' as ', ' is ', 'where', 'exists', 'not', '()', '%resource', '$this', 'true', '`', '\\', '"');
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.array(piece).map((pieces) => pieces.join(''))), (text) => {
        try {
          compileFhirPath(text, 'Patient', () => () => undefined);
        } catch (error) {
          expect(error).toBeInstanceOf(FhirPathError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('hostile names and data', () => {
  const patient = { resourceType: 'Patient', id: 'p', name: [{ family: 'Doe' }] };

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', '__defineGetter__', 'length', 'valueOf'])('%s is no element', (name) => {
    expect(select(`Patient.${name}`, patient)).toEqual([]);
    expect(select(`Patient.name.${name}`, patient)).toEqual([]);
    expect(select(`Patient.name.family.${name}`, patient)).toEqual([]);
    expect(select(`\`${name}\``, patient)).toEqual([]);
    expect(select(`Patient.where(${name}.exists())`, patient)).toEqual([]);
  });

  test('an own __proto__ property from JSON is not followed', () => {
    const resource: unknown = JSON.parse('{"resourceType":"Patient","__proto__":{"name":[{"family":"Evil"}]},"name":{"__proto__":{"family":"Evil"}}}');
    expect(select('Patient.name.family', resource)).toEqual([]);
  });

  test.each([
    ['a string', 'Doe'],
    ['a number', 5],
    ['a decimal object', new Decimal('5.0')],
    ['null', null],
    ['an array in an array', [[{ family: 'Doe' }]]],
    ['an array of nulls', [null, null]],
  ])('%s where a HumanName should be has no family', (_, name) => {
    expect(select('Patient.name.family', { resourceType: 'Patient', name })).toEqual([]);
  });

  test('a resource that says it is of a type like constructor', () => {
    expect(select('Bundle.entry[0].resource.as(Composition)', { resourceType: 'Bundle', entry: [{ resource: { resourceType: 'constructor' } }] })).toEqual([]);
  });
});

describe('paths', () => {
  const observation = {
    resourceType: 'Observation',
    id: 'o',
    valueQuantity: { value: 1 },
    component: [{ valueQuantity: { value: 2 } }, { valueString: 'three' }, { valueQuantity: { value: 4 } }],
    subject: { reference: 'Patient/1' },
  };

  test.each([
    ['Observation.value', [{ value: 1 }]],
    ['Observation.value as Quantity', [{ value: 1 }]],
    ['Observation.value.as(string)', []],
    ['Observation.component.value', [{ value: 2 }, 'three', { value: 4 }]],
    ['(Observation.component.value as Quantity).value', [2, 4]],
    ['Observation.component.value.ofType(string)', ['three']],
    ['Observation.component[2].value.value', [4]],
    ['Observation.component.value.ofType(Quantity)[1]', [{ value: 4 }]],
    ['Observation.component[9]', []],
    ['id', ['o']],
    ['Resource.id', ['o']],
    ['DomainResource.id', ['o']],
    ['Patient.id', []],
    ['Patient.id | Observation.id', ['o']],
    ["Observation.component.where(value = 'three').value", ['three']],
    ["Observation.component.where('three' = value).value", ['three']],
    ['Observation.component.where(value is string).value', ['three']],
    ['Observation.component.where((value is string).not() and value.exists()).value.value', [2, 4]],
    ["Observation.component.where(value is string or value.value = 4).value", ['three', { value: 4 }]],
    ['Observation.component.where(%resource.value.value = 1).value.ofType(string)', ['three']],
    ['Observation.subject.where(resolve() is Patient).reference', ['Patient/1']],
    ['Observation.subject.where(resolve() is Group)', []],
    ['Observation.subject.where(resolve() is Resource).reference', ['Patient/1']],
    ['Observation.value.exists()', [true]],
    ['Observation.status.exists()', [false]],
    ["Observation.status = 'final'", []],
    ["Observation.status = 'final' or true", [true]],
    ["Observation.status = 'final' and false", [false]],
    ["Observation.status = 'final' and true", []],
    ["Observation.id != 'p'", [true]],
    ['Observation.component.value.ofType(Quantity).value = 4', [false]],
    ['Observation.component.value.ofType(Quantity).value != 4', [true]],
    ["(Observation.status = 'final').not()", []],
    ['FHIR.value', []],
  ])('%s', (expression, nodes) => {
    expect(select(expression, observation)).toEqual(nodes);
  });

  test('a decimal that keeps its digits equals the literal', () => {
    expect(select('Observation.value.where(value = 1.50).unit', { resourceType: 'Observation', valueQuantity: { value: new Decimal('1.500'), unit: 'kg' } })).toEqual(['kg']);
  });

  test('only types of interest are walked', () => {
    const types: string[] = [];
    expect(compileFhirPath('Observation.value', 'Observation', (type) => void types.push(type))).toBeUndefined();
    expect(types).toEqual(['CodeableConcept', 'Period', 'Quantity', 'Range', 'Ratio', 'SampledData', 'boolean', 'dateTime', 'integer', 'string', 'time']);
  });

  test.each([
    [{ reference: 'http://example.org/fhir/Patient/1' }, true],
    [{ reference: 'Patient/1/_history/2' }, true],
    [{ type: 'Patient', identifier: { value: '1' } }, true],
    [{ reference: 'urn:uuid:c757873d-ec9a-4326-a141-556f43239520', type: 'Patient' }, true],
    [{ reference: '#p' }, true],
    [{ reference: '#q' }, false],
    [{ reference: 'Group/1', type: 'Patient' }, false],
    [{ reference: 'urn:uuid:c757873d-ec9a-4326-a141-556f43239520' }, false],
    [{ reference: 7 }, false],
    [{ type: 'constructor' }, false],
    ['Patient/1', false],
  ])('%j refers to a Patient: %s', (subject, expected) => {
    const resource = { resourceType: 'Observation', subject, contained: [{ resourceType: 'Patient', id: 'p' }, { resourceType: 'Group', id: 'q' }, null] };
    expect(select('Observation.subject.where(resolve() is Patient)', resource)).toHaveLength(expected ? 1 : 0);
  });

  test("what a string literal's escapes mean", () => {
    const extension = [{ url: "it's \\ \u00e9\t", valueString: 'x' }];
    expect(select(String.raw`Patient.extension('it\'s \\ \u00e9\t').value`, { resourceType: 'Patient', extension })).toEqual(['x']);
  });
});
