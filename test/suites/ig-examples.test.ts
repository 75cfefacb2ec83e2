/**
 * Every example that a guide publishes is valid against the definition of its type and the profiles that it claims, or
 * is named with the rule that it breaks (`ig-examples-deviations.ts`).
 */
import { documentedResult } from './documented.ts';
import { deviations, misleading } from './ig-examples-deviations.ts';
import { errorsOf, misleadingReferences, openGuides, type Guide } from './ig-examples.ts';
import { sharedPackages } from '../support/packages.ts';

const names = sharedPackages().map((file) => file.replace(/^.*\/|\.tgz$/g, ''));

(names.length > 0 ? describe : describe.skip)('ig-examples', () => {
  let guides: ReadonlyMap<string, Guide>;
  let examples = 0;

  beforeAll(async () => {
    guides = new Map((await openGuides()).map((guide) => [guide.name, guide]));
  }, 900_000);

  test.each(names.map((name) => [name]))('%s', (name) => {
    const { validate, examples: files } = guides.get(name)!;
    const found = new Map<string, readonly string[]>();
    for (const [file, resource] of files) {
      if (typeof resource['resourceType'] !== 'string') continue;
      examples++;
      const errors = errorsOf(validate, resource).map(({ code, expression }) => `${code} ${expression}`);
      if (errors.length > 0) found.set(file, errors);
    }
    expect(found).toEqual(new Map(deviations.filter(({ guide }) => guide === name).map(({ file, errors }) => [file, errors])));
  }, 900_000);

  test.each(names.map((name) => [name]))('%s: references between examples lead to what they ask for', (name) => {
    const guide = guides.get(name)!;
    const amiss = [...guide.examples].flatMap(([file, resource]) => misleadingReferences(guide, resource).map((expression) => `${file} ${expression}`));
    expect(amiss).toEqual(misleading.filter((one) => one.guide === name).map(({ file, expression }) => `${file} ${expression}`));
  }, 900_000);

  test('the deviations are of guides at hand', () => {
    expect(deviations.filter(({ guide }) => !names.includes(guide))).toEqual([]);
  });

  test('the documented figures are these', () => {
    expect(documentedResult('ig-examples')).toEqual({ cases: examples, passed: examples - deviations.length, deviations: deviations.length });
  });
});
