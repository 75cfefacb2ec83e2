/** Definitions that make no sense: StructureDefinitions, CodeSystems, Questionnaires. */
import { packagesAreHere } from '../support/definitions.ts';
import type { Validate } from '../../profiles/validation.ts';
import { now, profile, told, validatorFor, type JsonObject } from './own-profiles.ts';

const here = packagesAreHere ? describe : describe.skip;

const differential = (...element: readonly JsonObject[]): JsonObject => profile('P', 'Observation', element);
const at = 'definition-senseless StructureDefinition.differential.element[0]';

here('A definition that makes no sense', () => {
  let validate: Validate;
  beforeAll(async () => { validate = await validatorFor([]); });
  const senseless = (resource: JsonObject): string[] => told(validate(resource, { now }), 'error').filter((line) => line.startsWith('definition-senseless'));

  test.each<[string, JsonObject, string[]]>([
    ['an element that is not there', differential({ path: 'Observation.colour' }), [`${at}.path`]],
    ['an element of another type', differential({ path: 'Patient.name' }), [`${at}.path`]],
    ['an element of an element that is not there', differential({ path: 'Observation.code.coding.colour' }), [`${at}.path`]],
    ['slices by what items do not have', differential({ path: 'Observation.category', slicing: { discriminator: [{ type: 'value', path: 'colour' }], rules: 'open' } }), [`${at}.slicing.discriminator[0].path`]],
    ['slices of extensions by what extensions do not have', differential({ path: 'Observation.extension', slicing: { discriminator: [{ type: 'value', path: 'url' }, { type: 'pattern', path: 'type' }], rules: 'open' } }), [`${at}.slicing.discriminator[1].path`]],
    ['slices by no path', differential({ path: 'Observation.category', slicing: { discriminator: [{ type: 'value', path: 'coding.where(code)' }], rules: 'open' } }), [`${at}.slicing.discriminator[0].path`]],
    ['a binding of a date', profile('P', 'Patient', [{ path: 'Patient.birthDate', binding: { strength: 'required', valueSet: 'http://example.org/vs' } }]), [`${at}.binding`]],
    ['a fixed value of another type', differential({ path: 'Observation.status', fixedString: 'final' }), [`${at}.fixed`]],
    ['a pattern of a type that the choice is narrowed from', differential({ path: 'Observation.value[x]', type: [{ code: 'Quantity' }], patternCodeableConcept: { text: 'x' } }), [`${at}.pattern`]],
    ['a type that the element does not have', differential({ path: 'Observation.value[x]', type: [{ code: 'Quantity' }, { code: 'Address' }] }), [`${at}.type[1].code`]],
    ['a type other than that of its base', { ...differential(), differential: { element: [{ id: 'Patient', path: 'Patient' }] }, type: 'Patient' }, ['definition-senseless StructureDefinition.type']],
    ['a constraint that is no FHIRPath', differential({ path: 'Observation.code', constraint: [{ key: 'k-1', severity: 'error', human: 'h', expression: 'text.exists()' }, { key: 'k-2', severity: 'error', human: 'h', expression: 'text.exists((' }] }), [`${at}.constraint[1].expression`]],
    ['one that makes sense', differential(
      { path: 'Observation' }, { path: 'Observation.category', slicing: { discriminator: [{ type: 'value', path: 'coding.code' }, { type: 'value', path: '$this' }], rules: 'open' } },
      { path: 'Observation.code', patternCodeableConcept: { text: 'x' }, binding: { strength: 'required', valueSet: 'http://example.org/vs' } },
      { path: 'Observation.subject', slicing: { discriminator: [{ type: 'profile', path: 'resolve()' }], rules: 'open' } }, { path: 'Observation.value[x]', type: [{ code: 'Quantity' }] }, { path: 'Observation.valueQuantity.value' },
      { path: 'Observation.component.code.coding.system', fixedUri: 'http://a' }, { path: 'Observation.component.referenceRange.low' }, { path: 'Observation.status.extension.url' }, { path: 'Observation.status.value' },
      { path: 'Observation.component', slicing: { discriminator: [{ type: 'value', path: "extension('http://a').value" }], rules: 'open' } },
      { path: 'Observation.contained', type: [{ code: 'Patient' }] },
    ), []],
    ['one of a logical model', { ...profile('P', 'http://example.org/Model', [{ path: 'Model.a' }]), kind: 'logical' }, []],
    ['a system with another count of concepts', { resourceType: 'CodeSystem', status: 'active', content: 'complete', count: 3, concept: [{ code: 'a', concept: [{ code: 'b' }] }] }, ['definition-senseless CodeSystem.count']],
    ['a part of a system with a count of all', { resourceType: 'CodeSystem', status: 'active', content: 'fragment', count: 3, concept: [{ code: 'a' }] }, []],
    ['a supplement of nothing', { resourceType: 'CodeSystem', status: 'active', content: 'supplement', concept: [{ code: 'a' }] }, ['definition-senseless CodeSystem.content']],
    ['a property of another type', { resourceType: 'CodeSystem', status: 'active', content: 'complete', property: [{ code: 'p', type: 'boolean' }], concept: [{ code: 'a', concept: [{ code: 'b', property: [{ code: 'p', valueString: 'x' }, { code: 'p', valueBoolean: true }] }] }] }, ['definition-senseless CodeSystem.concept[0].concept[0].property[0]']],
    ['an item that waits for one that is not there', { resourceType: 'Questionnaire', status: 'active', item: [{ linkId: '1', type: 'group', item: [{ linkId: '1.1', type: 'string', enableWhen: [{ question: '2', operator: 'exists', answerBoolean: true }, { question: '3', operator: 'exists', answerBoolean: true }], enableBehavior: 'all' }] }, { linkId: '2', type: 'string' }] }, ['definition-senseless Questionnaire.item[0].item[0].enableWhen[1].question']],
  ])('%s', (_, resource, expected) => {
    expect(senseless(resource)).toEqual(expected);
  });

  test('a constraint that is beyond this server is a warning', () => {
    const { issues } = validate(differential({ path: 'Observation.value[x]', constraint: [{ key: 'k-1', severity: 'error', human: 'h', expression: 'sparkle()' }] }), { now });
    expect(issues.filter(({ code }) => code === 'definition-senseless').map(({ severity, expression }) => [severity, expression])).toEqual([['warning', 'StructureDefinition.differential.element[0].constraint[0].expression']]);
  });

  test('is a warning where the caller says so', () => {
    const { issues } = validate(differential({ path: 'Observation.colour' }), { now, inWords: 'warning' });
    expect(issues.filter(({ code }) => code === 'definition-senseless').map(({ severity }) => severity)).toEqual(['warning']);
  });

  test('many concepts, deep: bounded', () => {
    let concept: JsonObject = { code: 'x', property: [{ code: 'p', valueString: 'x' }] };
    for (let depth = 0; depth < 40; depth++) concept = { code: String(depth), concept: [concept] };
    expect(senseless({ resourceType: 'CodeSystem', status: 'active', content: 'complete', property: [{ code: 'p', type: 'boolean' }], concept: [concept] })).toHaveLength(1);
  });
});
