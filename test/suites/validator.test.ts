/**
 * HL7's own cases for validators, by their upstream names: whether there is an error agrees with HL7's Java validator,
 * but for the cases that are explained (`validator-differences.ts`).
 */
import { Problem } from '../../fhir/problems.ts';
import type { Definitions } from '../../profiles/definitions.ts';
import { withSnapshot } from '../../profiles/snapshot/generate.ts';
import type { ValidationIssue } from '../../profiles/validation.ts';
import { createValidator } from '../../profiles/validator.ts';
import { corePackage, definitionsFor, packageOf, packagesAreHere } from '../support/definitions.ts';
import { documentedResult, undocumented } from './documented.ts';
import { disorderOf, readSuiteResource, readSuiteResources, validatorCases, type ValidatorCase } from './validator-cases.ts';
import { differences } from './validator-differences.ts';

type JsonObject = Readonly<Record<string, unknown>>;

const cases = packagesAreHere ? validatorCases() : [];
const now = new Date('2026-11-01T00:00:00Z');

/** Errors of all resources in the file; undefined where it is not well-formed. */
async function errorsOf(one: ValidatorCase): Promise<readonly ValidationIssue[] | undefined> {
  const resources = wellFormed(() => readSuiteResources(one.file));
  if (resources === undefined) return undefined;
  const own = one.definitions.filter((file) => !file.startsWith('http')).map((file) => readSuiteResource(file) as JsonObject);
  const definitions = await definitionsWith([...own, ...elsewhere]);
  const validate = createValidator(definitions);
  const profile = one.profile?.startsWith('http') === false ? String(own[one.definitions.indexOf(one.profile)]?.['url']) : one.profile;
  return resources.flatMap((resource) => [
    ...validate(resource, { now, unknownExtension: one.unknownExtension, unknownModifier: one.unknownExtension, markup: one.markup, ...(one.ignoresContained && { contained: false }), ...(profile !== undefined && { profiles: [profile] }) }).issues,
    ...(one.entryProfile === undefined ? [] : validate(firstEntry(resource), { now, profiles: [one.entryProfile] }).issues),
  ]).filter(({ severity }) => severity === 'error');
}

function wellFormed<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Problem) return undefined;
    throw error;
  }
}

/** Extensions of HL7's package of extensions, which HL7's validator has and which is not here: that they exist is all that is known. */
const elsewhere = ['organization-brand', 'organization-portal', 'endpoint-fhir-version'].map((name) => ({
  resourceType: 'StructureDefinition', url: `http://hl7.org/fhir/StructureDefinition/${name}`, version: '1.0.0', name, status: 'active', fhirVersion: '4.0.1', kind: 'complex-type', abstract: false, type: 'Extension',
  baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Extension', derivation: 'constraint', context: [{ type: 'element', expression: 'Element' }],
  differential: { element: [{ id: 'Extension', path: 'Extension' }] },
}));

async function definitionsWith(own: readonly JsonObject[]): Promise<Definitions> {
  const { resources } = await packageOf(corePackage);
  const all = new Map([...resources, ...own].map((resource) => [resource['url'], resource]));
  const complete = (resource: JsonObject): JsonObject => {
    if (resource['resourceType'] !== 'StructureDefinition') return resource;
    // One profile of the suite constrains an element that is not there.
    return wellFormed(() => withSnapshot(resource, find)) ?? resource;
  };
  const find = (canonical: string): JsonObject | undefined => {
    const found = all.get(canonical.replace(/\|.*$/, ''));
    return found !== undefined && own.includes(found) ? complete(found) : found;
  };
  return definitionsFor([], own.map(complete).filter((resource) => resource['resourceType'] !== 'StructureDefinition' || resource['snapshot'] !== undefined));
}

function firstEntry(bundle: unknown): unknown {
  return (bundle as { readonly entry: readonly { readonly resource: unknown }[] }).entry[0]!.resource;
}

(cases.length > 0 ? describe : describe.skip)('HL7\'s cases for validators', () => {
  test.each(cases.length > 0 ? cases.map((one) => [one.name, one] as const) : [['../shared/suites/fhir-test-cases is not here', undefined]] as const)('%s', async (name, one) => {
    const errors = await errorsOf(one);
    const agrees = (errors === undefined || errors.length > 0 || disorderOf(one.file) > 0) === one.fails;
    const explained = Object.hasOwn(differences, name);
    expect({ agrees, ...(!agrees && !explained && { errors, expected: one.errors }) }).toEqual({ agrees: !explained });
  });

  test('at least 95 % agree, and each difference is of a case that is there', () => {
    const names = new Set(cases.map(({ name }) => name));
    expect(Object.keys(differences).filter((name) => !names.has(name))).toEqual([]);
    const deviations = Object.keys(differences).length;
    expect(deviations / cases.length).toBeLessThanOrEqual(0.05);
    expect(documentedResult('hl7-validator')).toEqual({ cases: cases.length, passed: cases.length - deviations, deviations });
    expect(undocumented(Object.keys(differences))).toEqual([]);
  });
});
