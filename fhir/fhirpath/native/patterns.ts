/**
 * Regular expressions of others, in time that grows with the text alone. They are matched by RE2's method (`re2js`, which
 * has no look-around and no back-references, and so has FHIR); the few forms on which the engine's own, a hundred
 * times as fast, cannot go wrong are left to it. Decision and figures: docs/decisions/0017.
 */
import { RE2JS } from 're2js';
import { FhirPathError } from '../error.ts';

/** Longer than any published pattern; compiled it takes some hundred bytes for each repetition. */
const longestPattern = 2000;
/** On texts beyond this even one repetition may take long from every place anew. */
const longestForEngine = 1024;
/** Patterns that come with the data are remembered up to here. */
const mostKnown = 500;

export type Matcher = (text: string) => boolean;

const matchers = new Map<string, Matcher>();

/**
 * Whether a text has a part (or is as a whole) what the pattern says; `.` is also a line break.
 * @throws {FhirPathError} `evaluation` for what is no pattern, `limit`
 */
export function matcher(pattern: string, how: 'find' | 'full'): Matcher {
  const key = `${how} ${pattern}`;
  let known = matchers.get(key);
  if (known === undefined) {
    if (matchers.size >= mostKnown) matchers.clear();
    matchers.set(key, known = compiled(how === 'full' ? `^(?:${pattern})$` : pattern));
  }
  return known;
}

function compiled(pattern: string): Matcher {
  const careful = linear(pattern);
  if (!isHarmless(pattern)) return (text) => careful().test(text);
  const fast = ofEngine(pattern);
  return (text) => (text.length > longestForEngine ? careful().test(text) : fast.test(text));
}

function ofEngine(pattern: string): RegExp {
  try {
    return new RegExp(pattern, 's');
  } catch {
    throw new FhirPathError('evaluation', 'No regular expression');
  }
}

/** Compiled when first needed; a pattern that is none is told at once. */
function linear(pattern: string): () => RE2JS {
  if (pattern.length > longestPattern) throw new FhirPathError('limit', 'A pattern that is too long');
  let made: RE2JS | undefined;
  const make = (): RE2JS => {
    try {
      return RE2JS.compile(translated(pattern), RE2JS.DOTALL);
    } catch {
      throw new FhirPathError('evaluation', 'No regular expression, or one with look-around');
    }
  };
  if (!isHarmless(pattern)) made = make();
  return () => (made ??= make());
}

/** What JavaScript and Java write otherwise than RE2: escaped slashes and quotes stand for themselves. */
function translated(pattern: string): string {
  return pattern.replace(/\\([/'"`@:;<>#%&=~,! ])/g, (_, sign: string) => (/[#& ~-]/.test(sign) ? `\\x${sign.charCodeAt(0).toString(16).padStart(2, '0')}` : sign));
}

/**
 * Characters, classes and groups of them, of which one at most may repeat, and not within a group that repeats: a
 * failed match is given up after as many tries as the text is long, from each place.
 */
const harmless = /^\^?(?:[^\\[\](){}|?*+^$.]|\\[dDwWsS./\-[\]{}()|?*+^$]|\[\^?(?:[^\\[\]]|\\[^])*\])*(?:(?:[^\\[\](){}|?*+^$]|\\[dDwWsS./]|\(?\[(?:[^\\[\]]|\\[^])*\]\)?)(?:[*+?]|\{\d+(?:,\d*)?\}))?(?:[^\\[\](){}|?*+^$.]|\\[dDwWsS./\-[\]{}()|?*+^$]|\[\^?(?:[^\\[\]]|\\[^])*\])*\$?$/;

function isHarmless(pattern: string): boolean {
  return pattern.length < 200 && harmless.test(pattern);
}

const replacers = new Map<string, RE2JS>();

/** Replaces every match; `$1` stands for what the first group matched. @throws {FhirPathError} as {@link matcher} */
export function replacer(pattern: string): (text: string, by: string) => string {
  let known = replacers.get(pattern);
  if (known === undefined) {
    if (replacers.size >= mostKnown) replacers.clear();
    replacers.set(pattern, known = linear(pattern)());
  }
  const regex = known;
  return (text, by) => {
    try {
      return regex.matcher(text).replaceAll(by);
    } catch {
      throw new FhirPathError('evaluation', 'A replacement that names no group');
    }
  };
}
