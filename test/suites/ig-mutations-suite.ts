/**
 * The examples of the guides, broken on purpose: for each constraint of each profile that a valid instance has a place
 * for (an official example, or one that was grown, see `full-instances`), copies that break it are refused, at the right
 * place and by the profile that brings the constraint in. How many constraints that are is in
 * docs/reference/conformance.md. Guides are tested in groups, each a file, so that they run side by side.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sharedPackages } from '../support/packages.ts';
import { openGuides, type Guide } from './ig-examples.ts';
import { verdictsOf, type Verdict } from './ig-mutations.ts';
import { isUnbroken, isUnplaced, unbroken, unplaced } from './ig-mutations-unbroken.ts';

export type Group = 'pas' | 'us-core' | 'others';

/** Declares the tests of one group of guides. */
export function mutationTests(group: Group): void {
  const names = namesOf(group);
  (names.length > 0 ? describe : describe.skip)(`ig-mutations, ${group}`, () => {
    let guides: ReadonlyMap<string, Guide>;
    const survivors = new Set<string>();

    beforeAll(async () => {
      guides = new Map((await openGuides((name) => names.includes(name))).map((guide) => [guide.name, guide]));
    }, 900_000);

    test.each(names.map((name) => [name]))('%s: what is broken is refused', (name) => {
      const verdicts = verdictsOf(guides.get(name)!);
      const survived = verdicts.filter(({ outcome }) => outcome === 'survived');
      for (const { constraint } of survived) survivors.add(keyOf(constraint));
      expect(survived.filter(({ profile, constraint }) => !isUnbroken(profile, constraint)).map(({ profile, constraint, told }) => `${profile} ${constraint} ${told ?? ''}`)).toEqual([]);
      const withoutPlace = verdicts.filter(({ own, outcome }) => own && outcome === 'no place');
      expect(withoutPlace.filter(({ profile, constraint }) => isUnplaced(name, profile, constraint) === false).map(({ profile, constraint, told }) => `${profile} ${constraint} ${told ?? ''}`)).toEqual([]);
      const named = unplaced.filter((one) => one.guides.includes(name)).flatMap(({ rows }) => rows);
      expect(named.filter((row) => !withoutPlace.some(({ profile, constraint }) => `${profile.slice(profile.lastIndexOf('/') + 1)} ${constraint}`.startsWith(row)))).toEqual([]);
      expect(documented(name)).toBe(figures(verdicts));
    }, 300_000);

    test('what is known not to be broken is still not', () => {
      expect(unbroken.filter(({ constraint, seen }) => seen.includes(group) && !survivors.has(constraint)).map(({ constraint }) => constraint)).toEqual([]);
    });
  });
}

/** Core has no examples at hand. */
function namesOf(group: Group): readonly string[] {
  const names = sharedPackages().map((file) => file.replace(/^.*\/|\.tgz$/g, '')).filter((name) => !name.startsWith('hl7.fhir.r4.core'));
  return names.filter((name) => (name.includes('davinci-pas') ? 'pas' : name.includes('us.core') ? 'us-core' : 'others') === group);
}

function keyOf(constraint: string): string {
  return constraint.slice(constraint.lastIndexOf(' ') + 1);
}

/** As a row of the document has it: all, own; caught, own; asked; in no instance, own; another slice; unbroken. */
function figures(verdicts: readonly Verdict[]): string {
  const count = (outcome: Verdict['outcome'] | undefined, own = false): number => verdicts.filter((one) => (outcome === undefined || one.outcome === outcome) && (!own || one.own)).length;
  return [count(undefined), count(undefined, true), count('caught'), count('caught', true), count('asked'), count('no place'), count('no place', true), count('optional'), count('survived')].join(' | ');
}

function documented(name: string): string | undefined {
  const text = readFileSync(join(process.cwd(), 'docs', 'reference', 'conformance.md'), 'utf8');
  return text.split('\n').find((line) => line.startsWith(`| ig-mutations ${name} |`))?.split('|').slice(2, -1).map((cell) => cell.trim()).join(' | ');
}
