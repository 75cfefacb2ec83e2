/**
 * Every document of the corpora, and every example of a part: converted without a throw into a Bundle that is valid by
 * R4, that keeps the US Core profiles it claims, and in which every reference leads to an entry. Each value of a document is in the ledger or in the
 * unmapped report, each section in the Composition.
 */
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { Bundle, Composition } from '@medplum/fhirtypes';
import { parseJson, stringifyJson } from '../../../fhir/json.ts';
import { readClinicalDocument } from '../../../mappers/ccda/index.ts';
import { definitionsOf } from '../../../profiles/packages/in-memory.ts';
import { readPackage } from '../../../profiles/packages/package-reader.ts';
import type { Validate } from '../../../profiles/validation.ts';
import { createValidator } from '../../../profiles/validator.ts';
import { sharedPackages } from '../../support/packages.ts';
import { corpusDocuments } from './corpus.ts';

const documents = corpusDocuments();
const isAtHand = documents.length > 0 && sharedPackages().includes('hl7.fhir.us.core-7.0.0.tgz');
const now = new Date('2026-11-22T00:00:00Z');
/** Not well-formed XML: an end tag without a beginning. */
const malformed = new Set(['hl7-c-cda-examples/Guide Examples/Basic Occupation Observation_2.16.840.1.113883.10.20.22.4.503/Basic Occupation Observation Example.xml']);

(isAtHand ? describe : describe.skip)(isAtHand ? 'C-CDA corpora' : 'C-CDA corpora (../shared/corpora/ccda and ../shared/igs are not at hand)', () => {
  let validate: Validate;
  const mappings = new Map(documents.filter(({ name }) => !malformed.has(name)).map(({ name, bytes }) => [name, readClinicalDocument(bytes)]));

  beforeAll(async () => {
    const folder = join(process.cwd(), '..', 'shared', 'igs');
    const packages = await Promise.all(['hl7.fhir.r4.core-4.0.1.tgz', 'hl7.fhir.us.core-7.0.0.tgz'].map((name) => readPackage(createReadStream(join(folder, name)))));
    validate = createValidator(definitionsOf(packages));
  });

  test('what is not well-formed is refused by line and column, everything else is mapped', () => {
    expect(documents.length).toBeGreaterThan(300);
    for (const { name, bytes } of documents) {
      const { acknowledgement, issues, bundle } = readClinicalDocument(bytes);
      if (malformed.has(name)) expect([acknowledgement.outcome, bundle.entry, issues[0]]).toEqual(['refused', undefined, expect.objectContaining({ code: 'malformed-xml', line: expect.any(Number), column: expect.any(Number) })]);
      else expect([name, acknowledgement.outcome]).toEqual([name, 'mapped']);
    }
  });

  test('every Bundle is valid by R4 and keeps the profiles it claims', () => {
    const wrong: string[] = [];
    for (const [name, { bundle }] of mappings) {
      const errors = validate(parseJson(stringifyJson(bundle)), { now }).issues.filter(({ severity }) => severity === undefined || severity === 'error');
      for (const { code, expression, details } of errors) wrong.push(`${name}: ${code} ${expression} ${JSON.stringify(details)}`);
    }
    expect(wrong).toEqual([]);
  });

  test('every reference leads to an entry', () => {
    const dangling: string[] = [];
    for (const [name, { bundle }] of mappings) {
      const known = new Set(bundle.entry?.map(({ fullUrl }) => fullUrl));
      for (const reference of referencesIn(bundle)) if (!known.has(reference)) dangling.push(`${name}: ${reference}`);
    }
    expect(dangling).toEqual([]);
  });

  test('every section of a document is in its Composition', () => {
    for (const { name, bytes } of documents.filter(({ isPart }) => !isPart)) {
      const mapping = mappings.get(name);
      if (mapping === undefined) continue;
      const composition = mapping.bundle.entry![0]!.resource as Composition;
      const bodies = bytes.toString().replaceAll(/<!--.*?-->/gs, '').match(/<(?:\w+:)?(?:section|nonXMLBody)[\s>]/g)?.length ?? 0;
      expect([name, countSections(composition)]).toEqual([name, bodies]);
    }
  });

  test('a value is in the ledger or in the unmapped report, and the ledger leads to values', () => {
    for (const [name, { bundle, ledger, unmapped }] of mappings) {
      for (const { path, source, line } of ledger) {
        expect([name, source, line]).toEqual([name, expect.stringMatching(/^\/ClinicalDocument/), expect.any(Number)]);
        if (valueAt(bundle, path) === undefined) throw new Error(`${name}: nothing at ${path}`);
      }
      expect(unmapped.every(({ reason }) => reason !== '')).toBe(true);
      const placed = new Set(ledger.map(({ source }) => source));
      expect(unmapped.filter(({ source }) => placed.has(source))).toEqual([]);
    }
  });

  test('the same bytes give the same Bundle, byte for byte', () => {
    for (const { name, bytes } of documents.filter(({ isPart }) => !isPart)) {
      expect(stringifyJson(readClinicalDocument(bytes).bundle)).toBe(stringifyJson(mappings.get(name)!.bundle));
    }
  });
});

function* referencesIn(value: unknown): Generator<string> {
  if (Array.isArray(value)) for (const item of value) yield* referencesIn(item);
  else if (typeof value === 'object' && value !== null) {
    for (const [name, inner] of Object.entries(value)) {
      if (name === 'reference' && typeof inner === 'string') yield inner;
      else yield* referencesIn(inner);
    }
  }
}

function countSections(holder: { readonly section?: Composition['section'] }): number {
  return (holder.section ?? []).reduce((sum, section) => sum + 1 + countSections(section), 0);
}

function valueAt(bundle: Bundle, path: string): unknown {
  let value: unknown = bundle;
  for (const [, name, index] of path.slice('Bundle.'.length).matchAll(/(\w+)(?:\[(\d+)\])?\.?/g)) {
    value = (value as Record<string, unknown> | undefined)?.[name!];
    if (index !== undefined) value = (value as readonly unknown[] | undefined)?.[Number(index)];
  }
  return value;
}
