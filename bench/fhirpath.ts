/**
 * How fast constraints are evaluated: a dozen of the published ones, on elements as they come, by the functions that are
 * generated for them, by closures, and by the `fhirpath` package with the model of R4 (and types known beforehand, as there is a choice).
 * One JSON line per constraint and way, in evaluations per second.
 */
import fhirpath from 'fhirpath';
import r4 from 'fhirpath/fhir-context/r4';
import { compileExpression, type Environment } from '../fhir/fhirpath/native/index.ts';
import { optionsOf } from './options.ts';

const concept = (system: string, code: string) => ({ coding: [{ system, code, display: code }] });

const claim = {
  resourceType: 'Claim', id: 'one', status: 'active', use: 'preauthorization', created: '2026-01-02', type: concept('http://example.org/types', 'professional'),
  text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">A claim</div>' },
  identifier: [{ system: 'http://example.org/requests', value: '20260102-1' }], patient: { reference: 'Patient/one' }, provider: { reference: 'Organization/clinic' },
  insurance: [{ sequence: 1, focal: true, coverage: { reference: 'Coverage/one' } }],
  item: [1, 2, 3].map((sequence) => ({
    sequence, productOrService: concept('http://example.org/services', `S${sequence}`),
    extension: [{ url: 'http://hl7.org/fhir/us/davinci-pas/StructureDefinition/extension-certificationType', valueCodeableConcept: concept('https://codesystem.x12.org/005010/1322', 'I') }],
  })),
};
const condition = {
  resourceType: 'Condition', id: 'one', clinicalStatus: concept('http://terminology.hl7.org/CodeSystem/condition-clinical', 'resolved'),
  verificationStatus: concept('http://terminology.hl7.org/CodeSystem/condition-ver-status', 'confirmed'), code: concept('http://example.org/diagnoses', 'D1'), subject: { reference: 'Patient/one' }, abatementDateTime: '2025-03-04',
};
const contained = { ...claim, contained: [{ resourceType: 'Organization', id: 'clinic', name: 'Clinic' }], provider: { reference: '#clinic' } };

/** Name, expression, FHIR type and value of the focus, and the resource it is in. */
const cases: readonly (readonly [name: string, expression: string, type: string, focus: unknown, resource: unknown])[] = [
  ['ele-1 of a structure', 'hasValue() or (children().count() > id.count())', 'Claim.item', claim.item[0], claim],
  ['ele-1 of a primitive', 'hasValue() or (children().count() > id.count())', 'code', 'active', claim],
  ['ext-1', 'extension.exists() != value.exists()', 'Extension', claim.item[0]!.extension[0], claim],
  ['dom-2', 'contained.contained.empty()', 'Claim', claim, claim],
  ['dom-3 without contained', "contained.where((('#'+id in (%resource.descendants().reference | %resource.descendants().as(canonical) | %resource.descendants().as(uri) | %resource.descendants().as(url))) or descendants().where(reference = '#').exists() or descendants().where(as(canonical) = '#').exists() or descendants().where(as(canonical) = '#').exists()).not()).trace('unmatched', id).empty()", 'Claim', claim, claim],
  ['dom-3 with contained', "contained.where((('#'+id in (%resource.descendants().reference | %resource.descendants().as(canonical) | %resource.descendants().as(uri) | %resource.descendants().as(url))) or descendants().where(reference = '#').exists() or descendants().where(as(canonical) = '#').exists() or descendants().where(as(canonical) = '#').exists()).not()).trace('unmatched', id).empty()", 'Claim', contained, contained],
  ['dom-6', 'text.`div`.exists()', 'Claim', claim, claim],
  ['ref-1', "reference.startsWith('#').not() or (reference.substring(1).trace('url') in %rootResource.contained.id.trace('ids'))", 'Reference', claim.patient, claim],
  ['per-1', 'start.hasValue().not() or end.hasValue().not() or (start <= end)', 'Period', { start: '2026-01-01', end: '2026-02-01' }, claim],
  ['qty-3', 'code.empty() or system.exists()', 'Quantity', { value: 5, unit: 'mg', system: 'http://unitsofmeasure.org', code: 'mg' }, claim],
  ['pat-1', 'name.exists() or telecom.exists() or address.exists() or organization.exists()', 'Patient.contact', { telecom: [{ system: 'phone', value: '1' }] }, claim],
  ['con-4', "abatement.empty() or clinicalStatus.coding.where(system='http://terminology.hl7.org/CodeSystem/condition-clinical' and (code='resolved' or code='remission' or code='inactive')).exists()", 'Condition', condition, condition],
  ['us-core-16', "value.matches('^[0-9]{10}$')", 'Identifier', { system: 'http://hl7.org/fhir/sid/us-npi', value: '1234567893' }, claim],
  ['ImmediateLevelOfCare', "extension.where(url='http://hl7.org/fhir/us/davinci-pas/StructureDefinition/extension-certificationType' and value.code='1').exists() implies extension.where(url='http://hl7.org/fhir/us/davinci-pas/StructureDefinition/extension-levelOfServiceCode').exists()", 'Claim.item', claim.item[0], claim],
  ['name of a definition', "name.matches('[A-Z]([A-Za-z0-9_]){0,254}')", 'ValueSet', { resourceType: 'ValueSet', name: 'ServiceTypes' }, claim],
];

export function run(words: readonly string[]): void {
  const options = optionsOf(words, ['seconds']);
  const seconds = options.number('seconds', 0.3);
  for (const [name, expression, type, focus, resource] of cases) {
    const environment: Environment = { resource, rootResource: resource, now: new Date(0) };
    const compiled = compileExpression(expression, type);
    // The package refuses `as` on collections, and writes what is traced.
    const parsed = fhirpath.compile({ base: type, expression: expression.replace(/\.as\(/g, '.ofType(') }, r4, { traceFn: () => {} });
    const variables = { resource, rootResource: resource };
    const ways: readonly (readonly [way: string, evaluate: () => unknown])[] = [
      ['generated', () => compiled.test(focus, undefined, environment)],
      ['closures', () => compiled.values(focus, undefined, environment)],
      ...(/^[a-z]/.test(type) ? [] : [['fhirpath package', () => parsed(focus, variables)] as const]),
    ];
    for (const [way, evaluate] of ways) {
      const rate = ratePerSecond(evaluate, seconds);
      console.log(JSON.stringify({ bench: 'fhirpath', constraint: name, way, perSecond: Math.round(rate), nanoseconds: Math.round(1e9 / rate) }));
    }
  }
}

/** The best of three turns, after one to warm up. */
function ratePerSecond(evaluate: () => unknown, seconds: number): number {
  let best = 0;
  for (let turn = 0; turn < 4; turn++) {
    const start = process.hrtime.bigint();
    let count = 0;
    let passed = 0;
    while (passed < seconds * 1e9) {
      for (let inner = 0; inner < 100; inner++) evaluate();
      count += 100;
      passed = Number(process.hrtime.bigint() - start);
    }
    if (turn > 0) best = Math.max(best, (count * 1e9) / passed);
  }
  return best;
}
