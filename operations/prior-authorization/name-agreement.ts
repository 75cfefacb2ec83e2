/**
 * Is a name that a sender states the name that the plan knows? Family and given name are compared where both sides
 * have them apart; a name that is one text is compared word by word, in either order ("Joe Smith", "Smith, Joe").
 * Case, accents and punctuation do not count, and an initial agrees with the name it begins.
 */
import type { HumanName } from '@medplum/fhirtypes';
import { normalizedString } from '../../fhir/search-values/strings.ts';

/** `not compared`: neither a family name nor a whole name stands on both sides, and what does stand is no contradiction. */
export type Agreement = 'agrees' | 'differs' | 'not compared';

/** What stands before or behind a name in running text and is none of its parts. */
const titles = new Set(['mr', 'mrs', 'ms', 'miss', 'dr', 'prof', 'md', 'jr', 'sr', 'ii', 'iii', 'iv']);

/**
 * One name that agrees is enough, since people keep former names; names that only differ are not made good by an entry
 * beside them that says nothing.
 */
export function compareNames(asked: readonly HumanName[] | undefined, known: readonly HumanName[] | undefined): Agreement {
  const names = (known ?? []).map(nameOf).filter(isStated);
  const results = names.length === 0 ? [] : (asked ?? []).map(nameOf).filter(isStated).map((name) => bestOf(names.map((other) => compare(name, other))));
  return results.includes('agrees') ? 'agrees' : results.includes('differs') ? 'differs' : 'not compared';
}

interface Name {
  readonly family: readonly string[];
  readonly given: readonly string[];
  /** Words of the whole name, without titles; asked for only where there is no family name. */
  readonly text: readonly string[];
}

function nameOf({ family, given, text }: HumanName): Name {
  const all = wordsOf(text);
  const plain = all.filter((word) => !titles.has(word));
  return { family: wordsOf(family), given: (given ?? []).map((each) => wordsOf(each).join(' ')).filter((each) => each !== ''), text: plain.length > 0 ? plain : all };
}

function wordsOf(text: string | undefined): string[] {
  return typeof text === 'string' ? normalizedString(text).split(/[\s,.;]+/).filter((word) => word !== '') : [];
}

function isStated({ family, given, text }: Name): boolean {
  return family.length > 0 || given.length > 0 || text.length > 0;
}

/** With any of the names that are known: to differ from one of them is no contradiction while another is not compared. */
function bestOf(results: readonly Agreement[]): Agreement {
  return results.includes('agrees') ? 'agrees' : results.includes('not compared') ? 'not compared' : 'differs';
}

function compare(a: Name, b: Name): Agreement {
  if (a.family.length > 0 && b.family.length > 0) return verdict(sameWords(a.family, b.family) && givenAgrees(a.given[0], b.given));
  if (a.family.length > 0 && b.text.length > 0) return verdict(isNameIn(a, b.text));
  if (b.family.length > 0 && a.text.length > 0) return verdict(isNameIn(b, a.text));
  if (a.text.length > 0 && b.text.length > 0) return verdict(sameWords(a.text.toSorted(), b.text.toSorted()));
  // Given names alone are too common to tell who somebody is, but they can tell who somebody is not.
  const given = a.given[0];
  return given !== undefined && !givenAgrees(given, b.given) ? 'differs' : 'not compared';
}

const verdict = (agrees: boolean): Agreement => agrees ? 'agrees' : 'differs';

function sameWords(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((word, index) => word === b[index]);
}

/** The family name is the end or the beginning of the text, and what is left begins with a given name. */
function isNameIn({ family, given }: Name, text: readonly string[]): boolean {
  const count = family.length;
  return (sameWords(text.slice(-count), family) && restAgrees(text.slice(0, -count), given))
    || (sameWords(text.slice(0, count), family) && restAgrees(text.slice(count), given));
}

function restAgrees(rest: readonly string[], given: readonly string[]): boolean {
  if (rest.length === 0 || given.length === 0) return true;
  return given.some((name) => {
    const words = name.split(' ');
    return sameWords(rest.slice(0, words.length), words) || givenAgrees(rest[0], [name]);
  });
}

function givenAgrees(asked: string | undefined, known: readonly string[]): boolean {
  if (asked === undefined || known.length === 0) return true;
  return known.some((name) => name === asked || (asked.length === 1 && name.startsWith(asked)) || (name.length === 1 && asked.startsWith(name)));
}
