/** The grammar of refinements: attributes with their values, grouped or not, with cardinalities (ECL 2.2, 6.2 and 6.3). */
import type { Cursor } from './cursor.ts';
import { parseComparison } from './parse-comparison.ts';
import type { Cardinality, ReadConstraint, Refinement } from './syntax.ts';

/** @param constraint reads the name of an attribute, or its value */
export function parseRefinement(cursor: Cursor, constraint: ReadConstraint): Refinement {
  return many(cursor, constraint, false);
}

function many(cursor: Cursor, constraint: ReadConstraint, inGroup: boolean): Refinement {
  return cursor.nested(() => {
    const first = one(cursor, constraint, inGroup);
    let operator: 'and' | 'or' | undefined;
    const of = [first];
    for (;;) {
      const { at } = cursor.peek();
      const next = cursor.accept(',') || cursor.acceptWord('and') ? 'and' : cursor.acceptWord('or') ? 'or' : undefined;
      if (next === undefined) break;
      if (operator !== undefined && next !== operator) cursor.fail('brackets are needed to tell what belongs together', at);
      operator = next;
      of.push(one(cursor, constraint, inGroup));
    }
    return operator === undefined ? first : { kind: operator, of };
  });
}

function one(cursor: Cursor, constraint: ReadConstraint, inGroup: boolean): Refinement {
  const { at } = cursor.peek();
  const cardinality = cursor.is('[') ? cardinalityOf(cursor) : undefined;
  if (cursor.is('{') && !inGroup) {
    cursor.take();
    const by = many(cursor, constraint, true);
    cursor.expect('}', 'a "}"');
    return { kind: 'group', by, at, ...(cardinality && { cardinality }) };
  }
  // Brackets hold either the name of an attribute, then a comparison follows, or more refinements.
  if (cardinality === undefined && cursor.is('(') && !beginsComparison(cursor.behindBrackets().kind)) {
    cursor.take();
    const inner = many(cursor, constraint, inGroup);
    cursor.expect(')', 'a ")"');
    return inner;
  }
  const reverse = cursor.peek().text === 'R' && cursor.accept('word') !== undefined;
  const name = constraint();
  return { kind: 'attribute', reverse, name, value: parseComparison(cursor, constraint), at, ...(cardinality && { cardinality }) };
}

function beginsComparison(kind: string): boolean {
  return kind === '=' || kind === '!' || kind === '<' || kind === '>';
}

function cardinalityOf(cursor: Cursor): Cardinality {
  cursor.take();
  const { text, at } = cursor.expect('number', 'a number');
  cursor.expect('..', '".."');
  const most = cursor.accept('*') ? 'many' : Number(cursor.expect('number', 'a number or "*"').text);
  cursor.expect(']', 'a "]"');
  const min = Number(text);
  if (!Number.isSafeInteger(min) || (most !== 'many' && (most < min || !Number.isSafeInteger(most)))) cursor.fail('the cardinality allows nothing', at);
  return { min, max: most };
}
