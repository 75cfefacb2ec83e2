/**
 * The cases of `fhir-test-cases/validator` that need no more than R4: each file by itself (`base`), and by a profile where
 * the manifest names one. What HL7's Java validator says of each is beside them.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseJson } from '../../fhir/json.ts';
import { xmlDisorder } from '../../fhir/xml/order.ts';
import { parseXml } from '../../fhir/xml/read.ts';
import { suitePath } from './suite-file.ts';

export interface ValidatorCase {
  /** Name upstream, with `base` or `profile` behind. */
  readonly name: string;
  readonly file: string;
  /** Definitions that are there besides those of R4. */
  readonly definitions: readonly string[];
  /** File (or canonical) of the profile to check. */
  readonly profile: string | undefined;
  /** The suite has extensions that are not known for errors, but those with example addresses. */
  readonly unknownExtension: 'information' | 'error';
  /** Strings that look like markup are errors. */
  readonly markup: 'information' | 'error';
  /** Contained resources are passed over. */
  readonly ignoresContained: boolean;
  /** Canonical of a profile for the Patient that is the first entry. */
  readonly entryProfile: string | undefined;
  /** Whether HL7's validator finds an error. */
  readonly fails: boolean;
  /** Where it finds errors, and how it words them. */
  readonly errors: readonly string[];
}

interface Manifest {
  readonly 'test-cases': readonly Test[];
}

interface Test {
  readonly name: string;
  readonly file: string;
  readonly java?: Expected;
  readonly profiles?: readonly string[];
  readonly supporting?: readonly string[];
  readonly supporting5?: readonly string[];
  readonly examples?: boolean;
  readonly 'security-checks'?: boolean;
  readonly validateContains?: string;
  readonly 'allowed-extension-domain'?: string;
  readonly 'bundle-param'?: { readonly profile: string };
  readonly profile?: { readonly source: string; readonly supporting?: readonly string[]; readonly java?: Expected };
}

/** The file of an outcome, or how many errors are in it. */
type Expected = string | { readonly errorCount?: number };

interface Outcome {
  readonly issue?: readonly { readonly severity: string; readonly expression?: readonly string[]; readonly details?: { readonly text?: string } }[];
}

const folder = suitePath('fhir-test-cases', 'validator');

/** Those with an outcome; none where the shared data is absent. */
export function validatorCases(): ValidatorCase[] {
  if (folder === undefined) return [];
  const { 'test-cases': tests } = JSON.parse(readFileSync(join(folder, 'manifest-r4-nopkg.json'), 'utf8')) as Manifest;
  return tests.flatMap((test) => {
    const definitions = [...test.profiles ?? [], ...test.supporting ?? [], ...test.supporting5 ?? []];
    const hasExample = (test.examples !== false && textOf(test.file).includes('http://example.org/')) || test['allowed-extension-domain'] !== undefined;
    const common = {
      file: test.file, markup: test['security-checks'] === true ? 'error' as const : 'information' as const, ignoresContained: test.validateContains === 'IGNORE',
      unknownExtension: hasExample ? 'information' as const : 'error' as const, entryProfile: test['bundle-param']?.profile,
    };
    return [
      ...caseOf({ ...common, name: `${test.name} base`, definitions, profile: undefined }, test.java),
      ...(test.profile === undefined ? [] : caseOf({ ...common, name: `${test.name} profile`, definitions: [...definitions, test.profile.source, ...test.profile.supporting ?? []], profile: test.profile.source }, test.profile.java)),
    ];
  });
}

function caseOf(described: Omit<ValidatorCase, 'fails' | 'errors'>, outcome: Expected | undefined): ValidatorCase[] {
  if (typeof outcome === 'object') return [{ ...described, fails: (outcome.errorCount ?? 0) > 0, errors: [] }];
  const path = outcome === undefined ? '' : join(folder!, 'outcomes', outcome);
  if (!existsSync(path)) return [];
  const { issue = [] } = JSON.parse(readFileSync(path, 'utf8')) as Outcome;
  const errors = issue.filter(({ severity }) => severity === 'error' || severity === 'fatal').map(({ expression, details }) => `${expression?.[0] ?? ''} ${details?.text ?? ''}`);
  return [{ ...described, fails: errors.length > 0, errors }];
}

/** @throws {Problem} where the file is not well-formed */
export function readSuiteResource(file: string): unknown {
  const text = textOf(file);
  return file.endsWith('.xml') ? parseXml(text) : parseJson(text);
}

/** The resources of a file, of which NDJSON has one a line. @throws {Problem} */
export function readSuiteResources(file: string): unknown[] {
  if (!file.endsWith('.ndjson')) return [readSuiteResource(file)];
  return textOf(file).split('\n').filter((line) => line.trim() !== '').map(parseJson);
}

/** How many elements of a file in XML stand in another order than FHIR has them: what parsing forgets. */
export function disorderOf(file: string): number {
  return file.endsWith('.xml') ? xmlDisorder(textOf(file)).length : 0;
}

function textOf(file: string): string {
  return readFileSync(join(folder!, file), 'utf8').replace(/^\uFEFF/, '');
}
