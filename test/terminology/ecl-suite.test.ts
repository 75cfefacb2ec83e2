/** HL7's cases for SNOMED CT expression constraints (fhir-test-cases, snomed/ecl-tests.xml): each one is read. */
import { readFileSync } from 'node:fs';
import { parseEcl } from '../../terminology/ecl/parse.ts';
import { suitePath } from '../suites/suite-file.ts';

const file = suitePath('fhir-test-cases', 'snomed', 'ecl-tests.xml');

/** Group and expression of each case. The file closes its first group where it opens it, so it is no XML. */
function cases(text: string): [group: string, expression: string][] {
  let group = '';
  return [...text.matchAll(/<group name="([^"]*)"|<expression>([^<]*)<\/expression>/g)].flatMap(([, name, expression]): [string, string][] => {
    if (name !== undefined) group = name;
    return expression === undefined ? [] : [[group, unescaped(expression).trim()]];
  });
}

function unescaped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
}

if (file === undefined) {
  test.todo('fhir-test-cases is not beside the repository');
} else {
  const all = cases(readFileSync(file, 'utf8'));
  test('the file has 59 cases', () => { expect(all).toHaveLength(59); });
  test.each(all)('%s: %s', (_, expression) => { expect(parseEcl(expression)).toHaveProperty('kind'); });
}
