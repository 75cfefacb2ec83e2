/** The grammar of filters between double braces: of descriptions, concepts and members (ECL 2.2, 6.8 to 6.10). */
import type { Cursor } from './cursor.ts';
import { acceptabilities, definitionStatuses, descriptionTypes, dialects } from './metadata.ts';
import { parseComparison, parseSearchTerms } from './parse-comparison.ts';
import type { ComponentFilter, ConceptFilter, Constraint, DescriptionFilter, Dialect, MemberFilter, ReadConstraint } from './syntax.ts';

/** `{{ M … }}`, as often as it is there. */
export function parseMemberFilters(cursor: Cursor, constraint: ReadConstraint): readonly MemberFilter[] {
  const filters: MemberFilter[] = [];
  while (cursor.is('{{') && isLetter(cursor, 'm')) {
    filters.push(...listed(cursor, (): MemberFilter => {
      const { text: name, at } = cursor.peek();
      const common = componentFilter(cursor, constraint);
      if (common !== undefined) return common;
      cursor.expect('word', 'the name of a field');
      return { kind: 'field', name, value: parseComparison(cursor, constraint), at };
    }));
  }
  return filters;
}

/** `{{ C … }}` or `{{ D … }}`, around what they filter. */
export function parseConceptOrDescriptionFilters(cursor: Cursor, of: Constraint, constraint: ReadConstraint): Constraint {
  const { at } = cursor.peek();
  if (isLetter(cursor, 'm')) cursor.fail('a filter of members belongs directly behind what "^" is of', at);
  return isLetter(cursor, 'c')
    ? { kind: 'filtered', of, filters: listed(cursor, () => conceptFilter(cursor, constraint)), at }
    : { kind: 'described', of, filters: listed(cursor, () => descriptionFilter(cursor, constraint)), at };
}

/** The letter that tells what is filtered, which is followed by the first filter's own word. */
function isLetter(cursor: Cursor, letter: string): boolean {
  return cursor.isWord(letter, 1) && cursor.is('word', 2);
}

function listed<T>(cursor: Cursor, read: () => T): T[] {
  cursor.expect('{{', '"{{"');
  if (cursor.is('word') && cursor.is('word', 1)) cursor.take();
  const filters = [read()];
  while (cursor.accept(',')) filters.push(read());
  cursor.expect('}}', 'a "," or "}}"');
  return filters;
}

function componentFilter(cursor: Cursor, constraint: ReadConstraint): ComponentFilter | undefined {
  const { at } = cursor.peek();
  if (cursor.acceptWord('moduleid')) return { kind: 'module', operator: cursor.equality(), value: conceptsOf(cursor, constraint), at };
  if (cursor.acceptWord('effectivetime')) return { kind: 'effectiveTime', operator: cursor.order(), anyOf: cursor.oneOrSet(() => timeOf(cursor)), at };
  if (!cursor.acceptWord('active')) return undefined;
  const same = cursor.equality() === '=';
  const { text: value, at: place } = cursor.take();
  if (!/^(?:true|false|1|0)$/i.test(value)) cursor.fail('true, false, 1 or 0 is expected', place);
  return { kind: 'active', value: /^(?:true|1)$/i.test(value) === same, at };
}

function conceptFilter(cursor: Cursor, constraint: ReadConstraint): ConceptFilter {
  const { at } = cursor.peek();
  if (cursor.acceptWord('definitionstatusid')) return { kind: 'definitionStatus', operator: cursor.equality(), value: conceptsOf(cursor, constraint), at };
  if (cursor.acceptWord('definitionstatus')) return { kind: 'definitionStatus', operator: cursor.equality(), value: keywords(cursor, definitionStatuses), at };
  return componentFilter(cursor, constraint) ?? cursor.fail('definitionStatus, definitionStatusId, moduleId, effectiveTime or active is expected');
}

function descriptionFilter(cursor: Cursor, constraint: ReadConstraint): DescriptionFilter {
  const { at } = cursor.peek();
  if (cursor.acceptWord('term')) return { kind: 'term', operator: cursor.equality(), anyOf: parseSearchTerms(cursor), at };
  if (cursor.acceptWord('language')) return { kind: 'language', operator: cursor.equality(), anyOf: cursor.oneOrSet(() => languageOf(cursor)), at };
  if (cursor.acceptWord('typeid')) return { kind: 'type', operator: cursor.equality(), value: conceptsOf(cursor, constraint), at };
  if (cursor.acceptWord('type')) return { kind: 'type', operator: cursor.equality(), value: keywords(cursor, descriptionTypes), at };
  if (cursor.acceptWord('dialectid')) return { kind: 'dialect', operator: cursor.equality(), anyOf: dialectIds(cursor, constraint), at };
  if (cursor.acceptWord('dialect')) return { kind: 'dialect', operator: cursor.equality(), anyOf: dialectAliases(cursor), at };
  if (cursor.acceptWord('id')) return { kind: 'id', operator: cursor.equality(), anyOf: cursor.oneOrSet(() => cursor.conceptReference().id), at };
  return componentFilter(cursor, constraint) ?? cursor.fail('term, language, type, typeId, dialect, dialectId, moduleId, effectiveTime, active or id is expected');
}

/** A constraint, or ids between brackets. */
function conceptsOf(cursor: Cursor, constraint: ReadConstraint): Constraint {
  return cursor.isConceptSet() ? { kind: 'or', of: cursor.oneOrSet(() => cursor.conceptReference()) } : constraint();
}

function keywords(cursor: Cursor, known: Readonly<Record<string, string>>): Constraint {
  const of = cursor.oneOrSet(() => keyword(cursor, known));
  return of.length === 1 ? of[0]! : { kind: 'or', of };
}

function keyword(cursor: Cursor, known: Readonly<Record<string, string>>): Constraint {
  const { text, at } = cursor.take();
  const name = text.toLowerCase();
  return Object.hasOwn(known, name) ? { kind: 'concept', id: known[name]!, at } : cursor.fail(`one of ${Object.keys(known).join(', ')} is expected`, at);
}

function dialectIds(cursor: Cursor, constraint: ReadConstraint): readonly Dialect[] {
  const isSet = cursor.is('(') && cursor.is('number', 1) && ['number', '(', ')'].includes(cursor.peek(cursor.is('term', 2) ? 3 : 2).kind);
  if (isSet) return withAcceptability(cursor, cursor.oneOrSet(() => withAcceptability(cursor, [{ refset: cursor.conceptReference() }])).flat());
  return withAcceptability(cursor, [{ refset: constraint() }]);
}

function dialectAliases(cursor: Cursor): readonly Dialect[] {
  return withAcceptability(cursor, cursor.oneOrSet(() => withAcceptability(cursor, [{ refset: keyword(cursor, dialects) }])).flat());
}

/** What stands behind a dialect, or behind several of them. */
function withAcceptability(cursor: Cursor, of: readonly Dialect[]): readonly Dialect[] {
  if (!cursor.is('(')) return of;
  const acceptability = cursor.oneOrSet(() => {
    const meant = cursor.is('word') ? keyword(cursor, acceptabilities) : cursor.conceptReference();
    return (meant as { id: string }).id;
  });
  return of.map((dialect) => ({ acceptability, ...dialect }));
}

function languageOf(cursor: Cursor): string {
  const { text, at } = cursor.expect('word', 'a language of two letters');
  return /^[A-Za-z]{2}$/.test(text) ? text.toLowerCase() : cursor.fail('a language of two letters is expected', at);
}

function timeOf(cursor: Cursor): string {
  const { text, at } = cursor.expect('string', 'a date such as "20260131"');
  const time = text.slice(1, -1);
  return /^(?:[1-9]\d{3}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))?$/.test(time) ? time : cursor.fail('a date such as "20260131" is expected', at);
}
