/** The public cases of FHIRPath Patch and JSON Patch (fhir-test-cases, r4/patch and r5/patch), by their upstream names. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseJson } from '../../../fhir/json.ts';
import { applyFhirPathPatch } from '../../../fhir/patch/fhirpath-patch.ts';
import { applyJsonPatch } from '../../../fhir/patch/json-patch.ts';
import { Problem } from '../../../fhir/problems.ts';
import { parseXml } from '../../../fhir/xml/read.ts';

const suites = resolve(process.cwd(), '../shared/suites/fhir-test-cases');
const describeIfHere = existsSync(suites) ? describe : describe.skip;
const read = (file: string): string => (existsSync(suites) ? readFileSync(join(suites, file), 'utf8') : '');

interface XmlCase {
  readonly name: string;
  readonly input: string;
  readonly diff: string;
  readonly output: string | undefined;
}

/** The suite's own format is cut up by its few tags; what is inside is FHIR. */
function xmlCases(file: string): XmlCase[] {
  const part = (text: string, tag: string): string | undefined => new RegExp(`<${tag}>([^]*?)</${tag}>`).exec(text)?.[1]?.trim();
  return [...read(file).matchAll(/<case name="([^"]*)"[^>]*>([^]*?)<\/case>/g)].map(([, name, text]) => (
    { name: name!, input: part(text!, 'input')!, diff: part(text!, 'diff')!, output: part(text!, 'output') }
  ));
}

/** The suite's narratives differ in white space alone. */
const settled = (resource: unknown): unknown => JSON.parse(JSON.stringify(resource, (name: string, value: unknown) => (name === 'div' ? String(value).replaceAll(/\s+/g, ' ').replaceAll(/\s*(<[^>]*>)\s*/g, '$1') : value)));

describeIfHere.each([['r4', 33], ['r5', 34]])('FHIRPath Patch, %s', (release, count) => {
  const cases = xmlCases(`${release}/patch/fhir-patch-tests.xml`);

  test('all cases are here', () => expect(cases).toHaveLength(count));

  test.each(cases)('$name', ({ name, input, diff, output }) => {
    const [resource, patch] = [parseXml(input), parseCase(diff, name)];
    const before = JSON.stringify(resource);
    const patched = (): unknown => applyFhirPathPatch(resource, patch);
    if (output === undefined) expect(patched).toThrow(expect.objectContaining({ code: 'patch-not-applicable' }) as Error);
    else expect(settled(patched())).toEqual(settled(parseCase(output, name)));
    expect(JSON.stringify(resource)).toBe(before);
  });
});

/** FHIR XML of a case. One is none: `<reference reference="…"/>`, for which no reading can be right. It is refused, and runs once it is mended. */
function parseCase(xml: string, name: string): unknown {
  if (name !== 'Add extension') return parseXml(xml);
  expect(() => parseXml(xml)).toThrow('reference is no attribute of reference');
  return parseXml(xml.replaceAll('<reference reference=', '<reference value='));
}

interface JsonCase {
  readonly comment: string;
  readonly doc: unknown;
  readonly patch: unknown;
  readonly expected?: unknown;
  readonly error?: string;
}

describeIfHere.each([['r4'], ['r5']])('JSON Patch, %s', (release) => {
  const text = read(`${release}/patch/json-patch-tests.json`);
  const cases = (text === '' ? [] : parseJson(text)) as JsonCase[];

  test('all cases are here', () => expect(cases).toHaveLength(16));

  test.each(cases)('$comment', ({ doc, patch, expected, error }) => {
    if (error === undefined) expect(applyJsonPatch(doc, patch)).toEqual(expected);
    else expect(() => applyJsonPatch(doc, patch)).toThrow(Problem);
  });
});
