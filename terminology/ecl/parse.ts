/**
 * The grammar of expression constraints: a set of concepts by hierarchy, membership, logic and dots.
 * Source: ECL 2.2, brief syntax. Beyond it `< <` is read as `<<`, as the first release of the language was printed.
 */
import { Cursor } from './cursor.ts';
import { parseConceptOrDescriptionFilters, parseMemberFilters } from './parse-filters.ts';
import { parseRefinement } from './parse-refinement.ts';
import type { Constraint, HierarchyOperator } from './syntax.ts';

/** @throws {Problem} `invalid-ecl`, with the place */
export function parseEcl(text: string): Constraint {
  const cursor = new Cursor(text);
  const constraint = expression(cursor);
  if (!cursor.is('end')) cursor.fail('the expression should end here');
  return constraint;
}

function expression(cursor: Cursor): Constraint {
  return cursor.nested(() => {
    const first = simple(cursor);
    if (cursor.accept(':')) return { kind: 'refined', focus: first, by: parseRefinement(cursor, () => simple(cursor)) };
    if (cursor.is('.')) return dotted(cursor, first);
    return compound(cursor, first);
  });
}

function compound(cursor: Cursor, first: Constraint): Constraint {
  const operator = acceptLogic(cursor);
  if (operator === undefined) return first;
  const of = [first, simple(cursor)];
  for (let at = cursor.peek().at, next = acceptLogic(cursor); next !== undefined; at = cursor.peek().at, next = acceptLogic(cursor)) {
    if (next !== operator || operator === 'minus') cursor.fail('brackets are needed to tell what belongs together', at);
    of.push(simple(cursor));
  }
  return operator === 'minus' ? { kind: 'minus', from: of[0]!, without: of[1]! } : { kind: operator, of };
}

function acceptLogic(cursor: Cursor): 'and' | 'or' | 'minus' | undefined {
  if (cursor.accept(',') || cursor.acceptWord('and')) return 'and';
  if (cursor.acceptWord('or')) return 'or';
  return cursor.acceptWord('minus') ? 'minus' : undefined;
}

function dotted(cursor: Cursor, first: Constraint): Constraint {
  let from = first;
  for (let dot = cursor.accept('.'); dot !== undefined; dot = cursor.accept('.')) from = { kind: 'dotted', from, attribute: simple(cursor), at: dot.at };
  return from;
}

/** A subexpression constraint. */
function simple(cursor: Cursor): Constraint {
  const { at } = cursor.peek();
  const operator = hierarchyOperator(cursor);
  const members = cursor.accept('^');
  let constraint: Constraint;
  if (members === undefined) constraint = focus(cursor);
  else {
    const fields = fieldsOf(cursor);
    const of = focus(cursor);
    constraint = { kind: 'members', of, ...(fields !== undefined && { fields }), filters: parseMemberFilters(cursor, () => simple(cursor)), at: members.at };
  }
  if (operator !== undefined) constraint = { kind: 'hierarchy', operator, of: constraint, at };
  while (cursor.is('{{') && !cursor.is('+', 1)) constraint = parseConceptOrDescriptionFilters(cursor, constraint, () => simple(cursor));
  return cursor.is('{{') ? history(cursor, constraint) : constraint;
}

function hierarchyOperator(cursor: Cursor): HierarchyOperator | undefined {
  if (cursor.is('!') && cursor.is('!', 1)) {
    cursor.take();
    cursor.take();
    if (cursor.accept('>')) return 'top';
    return cursor.accept('<') ? 'bottom' : cursor.fail('"!!>" or "!!<" is expected');
  }
  const sign = cursor.accept('<') ?? cursor.accept('>');
  if (sign === undefined) return undefined;
  const self = cursor.accept(sign.kind) !== undefined;
  const near = cursor.accept('!') !== undefined;
  if (sign.kind === '<') return near ? (self ? 'childOrSelfOf' : 'childOf') : self ? 'descendantOrSelfOf' : 'descendantOf';
  return near ? (self ? 'parentOrSelfOf' : 'parentOf') : self ? 'ancestorOrSelfOf' : 'ancestorOf';
}

function fieldsOf(cursor: Cursor): readonly string[] | 'all' | undefined {
  if (!cursor.accept('[')) return undefined;
  const names: string[] = [];
  const all = cursor.accept('*') !== undefined;
  if (!all) do names.push(cursor.expect('word', 'the name of a field').text); while (cursor.accept(','));
  cursor.expect(']', 'a "]"');
  return all ? 'all' : names;
}

function focus(cursor: Cursor): Constraint {
  const { kind, text, at } = cursor.peek();
  if (kind === '(') {
    cursor.take();
    const inner = expression(cursor);
    cursor.expect(')', 'a ")"');
    return inner;
  }
  if (kind === '*') {
    cursor.take();
    return { kind: 'any', at };
  }
  if (kind !== 'alternate' && kind !== 'string') return cursor.conceptReference();
  cursor.take();
  const [, scheme, code] = /^"?([A-Za-z][A-Za-z0-9-]*)#(.+?)"?$/.exec(text) ?? cursor.fail('a code of another scheme is written "scheme#code"', at);
  cursor.accept('term');
  return { kind: 'alternate', scheme: scheme!, code: code!, at };
}

function history(cursor: Cursor, of: Constraint): Constraint {
  const { at } = cursor.take();
  cursor.take();
  const word = cursor.expect('word', 'HISTORY');
  const [, suffix] = /^history(?:[-_](min|mod|max))?$/i.exec(word.text) ?? cursor.fail('HISTORY, HISTORY-MIN, HISTORY-MOD or HISTORY-MAX is expected', word.at);
  let profile: 'min' | 'mod' | 'max' | Constraint = (suffix?.toLowerCase() ?? 'max') as 'min' | 'mod' | 'max';
  if (suffix === undefined && cursor.accept('(')) {
    profile = expression(cursor);
    cursor.expect(')', 'a ")"');
  }
  cursor.expect('}}', 'a "}}"');
  return { kind: 'history', of, profile, at };
}
