/**
 * The implementation guides at hand, each as a validator of its own: a guide is judged by its own definitions and by
 * those of the packages that it depends on, and what it names without a version is of that version.
 */
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { Problem } from '../../fhir/problems.ts';
import { readReference } from '../../fhir/references.ts';
import { closureOf, pinIn } from '../../profiles/packages/closure.ts';
import { definitionsOf, versionsOf } from '../../profiles/packages/in-memory.ts';
import { readExamples, readPackage, type FhirPackage } from '../../profiles/packages/package-reader.ts';
import type { Definitions } from '../../profiles/definitions.ts';
import type { JsonObject } from '../../profiles/distill/json-parts.ts';
import { createValidator } from '../../profiles/validator.ts';
import type { Validate, ValidationIssue } from '../../profiles/validation.ts';
import { sharedPackages } from '../support/packages.ts';

export interface Guide {
  /** As `hl7.fhir.us.core-7.0.0`. */
  readonly name: string;
  readonly package: FhirPackage;
  readonly definitions: Definitions;
  readonly validate: Validate;
  /** By file name. */
  readonly examples: ReadonlyMap<string, JsonObject>;
}

/** The moment at which examples are judged: all were published before. */
export const judgedAt = new Date('2026-11-22T00:00:00Z');

const folder = join(process.cwd(), '..', 'shared', 'igs');

/**
 * All at hand, in the order of their names; none where the shared data is absent.
 * @param which those that are wanted, by name; the others are read for what the wanted ones depend on
 */
export async function openGuides(which: (name: string) => boolean = () => true): Promise<readonly Guide[]> {
  const names = sharedPackages();
  const known = await Promise.all(names.map(async (name) => {
    const content = await readPackage(createReadStream(join(folder, name)));
    return { ...content, file: name, versions: versionsOf(content.resources) };
  }));
  return Promise.all(known.filter(({ file }) => which(nameOf(file))).map(async (own) => {
    const closure = closureOf(own, known);
    const pin = pinIn(own, closure);
    const index = definitionsOf(closure);
    const definitions: Definitions = {
      structure: (canonical) => usable(() => index.structure(pin(canonical))),
      type: (name) => index.type(name),
      valueSet: (canonical) => index.valueSet(pin(canonical)),
      codeSystem: (url) => index.codeSystem(pin(url)),
    };
    const examples = await readExamples(createReadStream(join(folder, own.file)));
    return { name: nameOf(own.file), package: own, definitions, validate: createValidator(definitions), examples: new Map([...examples].toSorted(([a], [b]) => (a < b ? -1 : 1))) };
  }));
}

function nameOf(file: string): string {
  return file.replace(/^.*\/|\.tgz$/g, '');
}

/** A profile whose base nobody here has cannot be made: it is as if it were not known, which a validator tells. */
function usable<T>(find: () => T): T | undefined {
  try {
    return find();
  } catch (error) {
    if (error instanceof Problem && error.code === 'unusable-definition') return undefined;
    throw error;
  }
}

/** Where a resource refers to another example which is not of a type or profile that the reference asks for. */
export function misleadingReferences({ validate, examples }: Guide, resource: JsonObject): readonly string[] {
  if (typeof resource['resourceType'] !== 'string') return [];
  return validate(resource, { now: judgedAt }).questions.flatMap((question) => {
    if (question.kind !== 'reference') return [];
    const target = targetIn(examples, question.reference);
    if (target === undefined) return [];
    const isOfType = question.types.length === 0 || question.types.includes(String(target['resourceType']));
    const conforms = question.profiles.length === 0 || question.profiles.some((profile) => errorsOf(validate, target, [profile]).length === 0);
    return isOfType && conforms ? [] : [question.expression];
  });
}

function targetIn(examples: Guide['examples'], reference: string): JsonObject | undefined {
  const { type, id } = readReference(reference) ?? {};
  return [...examples.values()].find((example) => example['resourceType'] === type && example['id'] === id);
}

export function errorsOf(validate: Validate, resource: unknown, profiles?: readonly string[]): readonly ValidationIssue[] {
  return validate(resource, { now: judgedAt, ...(profiles !== undefined && { profiles }) }).issues.filter(isError);
}

export function isError({ severity = 'error' }: ValidationIssue): boolean {
  return severity === 'error';
}
