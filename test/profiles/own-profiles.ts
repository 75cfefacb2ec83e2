/** Profiles that a test writes as differentials, on R4 as it is published. */
import { withSnapshot } from '../../profiles/snapshot/generate.ts';
import { textOf } from '../../fhir/problems.ts';
import { createValidator } from '../../profiles/validator.ts';
import type { Validate, ValidationOptions, ValidationResult } from '../../profiles/validation.ts';
import { corePackage, definitionsFor, packageOf } from '../support/definitions.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

export const base = 'http://example.org/StructureDefinition/';
export const now = new Date('2026-11-01T12:00:00Z');

/** A profile of a type by its differential; `id`s of elements are made of path and `sliceName` unless given. */
export function profile(name: string, type: string, element: readonly JsonObject[], more: JsonObject = {}): JsonObject {
  return {
    resourceType: 'StructureDefinition', url: base + name, version: '1.0.0', name, status: 'active', fhirVersion: '4.0.1', kind: /^[A-Z]/.test(type) ? 'resource' : 'complex-type', abstract: false,
    type, baseDefinition: `http://hl7.org/fhir/StructureDefinition/${type}`, derivation: 'constraint', differential: { element: element.map((one) => ({ id: one['path'], ...one })) }, ...more,
  };
}

export function extension(name: string, value: readonly JsonObject[], more: JsonObject = {}): JsonObject {
  return profile(name, 'Extension', [{ path: 'Extension.url', fixedUri: base + name }, ...value], { kind: 'complex-type', context: [{ type: 'element', expression: 'Element' }], ...more });
}

/** A validator for R4 and these. */
export async function validatorFor(own: readonly JsonObject[], others: readonly string[] = []): Promise<Validate> {
  const { resources } = await packageOf(corePackage);
  const all = new Map([...resources, ...own].map((resource) => [resource['url'], resource]));
  const complete = (resource: JsonObject): JsonObject => resource['resourceType'] === 'StructureDefinition' && resource['snapshot'] === undefined ? withSnapshot(resource, find) : resource;
  const find = (canonical: string): JsonObject | undefined => {
    const found = all.get(canonical.replace(/\|.*$/, ''));
    return found === undefined ? undefined : complete(found);
  };
  return createValidator(await definitionsFor(others, own.map(complete)));
}

/** What is told, as `severity code expression`, without hints. */
export function told({ issues }: ValidationResult, least: 'error' | 'warning' | 'information' = 'warning'): string[] {
  const order = ['error', 'warning', 'information'];
  return issues.filter(({ severity }) => order.indexOf(severity ?? 'error') <= order.indexOf(least)).map(({ code, expression, constraint }) => `${code}${constraint === undefined ? '' : ` ${constraint}`} ${expression}`);
}

/** The same as sentences. */
export function sentences({ issues }: ValidationResult): string[] {
  return issues.filter(({ severity }) => severity === 'error').map(textOf);
}

export function optionsFor(profiles: readonly string[] = []): ValidationOptions {
  return { now, profiles: profiles.map((name) => base + name) };
}
