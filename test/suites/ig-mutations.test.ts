/**
 * The examples of the guides, broken on purpose: for each constraint of each profile that a valid example has a place
 * for, copies that break it are refused, at the right place and by the profile that brings the constraint in. How many
 * constraints that are is in docs/reference/conformance.md.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sharedPackages } from '../support/packages.ts';
import { openGuides, type Guide } from './ig-examples.ts';
import { verdictsOf, type Verdict } from './ig-mutations.ts';
import { isUnbroken, unbroken } from './ig-mutations-unbroken.ts';

/** Core has no examples at hand. */
const names = sharedPackages().map((file) => file.replace(/^.*\/|\.tgz$/g, '')).filter((name) => !name.startsWith('hl7.fhir.r4.core'));

(names.length > 0 ? describe : describe.skip)('ig-mutations', () => {
  let guides: ReadonlyMap<string, Guide>;
  const survivors = new Set<string>();

  beforeAll(async () => {
    guides = new Map((await openGuides()).map((guide) => [guide.name, guide]));
  }, 120_000);

  test.each(names.map((name) => [name]))('%s: what is broken is refused', (name) => {
    const verdicts = verdictsOf(guides.get(name)!);
    const survived = verdicts.filter(({ outcome }) => outcome === 'survived');
    for (const { constraint } of survived) survivors.add(constraint.slice(constraint.lastIndexOf(' ') + 1));
    expect(survived.filter(({ profile, constraint }) => !isUnbroken(profile, constraint)).map(({ profile, constraint, told }) => `${profile} ${constraint} ${told ?? ''}`)).toEqual([]);
    expect(documented(name)).toBe(figures(verdicts));
  }, 120_000);

  test('what is known not to be broken is still not', () => {
    expect(unbroken.filter(({ constraint }) => !survivors.has(constraint))).toEqual([]);
  });
});

/** As a row of the document has it: all, own; caught, own; in no example; another slice; codes unknown; unbroken. */
function figures(verdicts: readonly Verdict[]): string {
  const count = (outcome: Verdict['outcome'] | undefined, own = false): number => verdicts.filter((one) => (outcome === undefined || one.outcome === outcome) && (!own || one.own)).length;
  return [count(undefined), count(undefined, true), count('caught'), count('caught', true), count('no place'), count('no place', true), count('optional'), count('unknown codes'), count('survived')].join(' | ');
}

function documented(name: string): string | undefined {
  const text = readFileSync(join(process.cwd(), 'docs', 'reference', 'conformance.md'), 'utf8');
  return text.split('\n').find((line) => line.startsWith(`| ig-mutations ${name} |`))?.split('|').slice(2, -1).map((cell) => cell.trim()).join(' | ');
}
