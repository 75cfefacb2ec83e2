/** The tests of the public FHIRPath suite (fhir-test-cases, r4/fhirpath/tests-fhir-r4.xml), read in place. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseJson } from '../../../fhir/json.ts';
import { parseXml } from '../../../fhir/xml/read.ts';
import { parseXmlDocument } from '../../../fhir/xml/parser.ts';

const folder = resolve(process.cwd(), '../shared/suites/fhir-test-cases/r4');
export const suiteIsHere = existsSync(folder);

export interface SuiteCase {
  /** group/name; where a name occurs again, with `#2` behind it */
  readonly name: string;
  readonly expression: string;
  readonly inputFile: string | undefined;
  /** Whether the suite wants an error, and when. */
  readonly invalid: string | undefined;
  /** Only whether anything is selected counts. */
  readonly predicate: boolean;
  readonly outputs: readonly { readonly type: string | undefined; readonly text: string }[];
}

export function suiteCases(): SuiteCase[] {
  const cases: SuiteCase[] = [];
  let group = '';
  let attributes: Readonly<Record<string, string>> = {};
  let draft: { expression: string; invalid: string | undefined; outputs: { type: string | undefined; text: string }[] } | undefined;
  let text = '';
  parseXmlDocument(readFileSync(join(folder, 'fhirpath/tests-fhir-r4.xml'), 'utf8'), () => ({
    open: (tag) => {
      const given = Object.fromEntries(Object.values(tag.attributes).map(({ local, value }) => [local, value]));
      if (tag.local === 'group') group = given['name']!;
      if (tag.local === 'test' || tag.local === 'modeTest') {
        attributes = given;
        draft = { expression: '', invalid: undefined, outputs: [] };
      }
      if (tag.local === 'expression') draft!.invalid = given['invalid'];
      if (tag.local === 'output') draft!.outputs.push({ type: given['type'], text: '' });
      text = '';
    },
    text: (more) => { text += more; },
    close: ({ local }) => {
      if (local === 'expression') draft!.expression = text;
      if (local === 'output') draft!.outputs[draft!.outputs.length - 1] = { ...draft!.outputs.at(-1)!, text };
      if (local !== 'test' && local !== 'modeTest') return;
      const name = `${group}/${attributes['name']!}`;
      cases.push({ ...draft!, name: cases.some((one) => one.name === name) ? `${name}#2` : name, inputFile: attributes['inputfile'], predicate: attributes['predicate'] === 'true' });
    },
  }));
  return cases;
}

const inputs = new Map<string, unknown>();

/** The resource a case is about, through the product's own reading of XML and JSON. */
export function suiteInput(file: string): unknown {
  if (!inputs.has(file)) {
    const path = [folder, join(folder, 'examples')].map((one) => join(one, file)).find(existsSync)!;
    const text = readFileSync(path, 'utf8');
    inputs.set(file, file.endsWith('.xml') ? parseXml(text) : parseJson(text));
  }
  return inputs.get(file);
}
