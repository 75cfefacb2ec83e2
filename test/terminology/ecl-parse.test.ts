/** Expression constraints: what is no constraint is refused at its place, what is one becomes a tree (ECL 2.2). */
import fc from 'fast-check';
import { Problem } from '../../fhir/problems.ts';
import { parseEcl } from '../../terminology/ecl/parse.ts';

/** Where the text is refused, counted from 1, and why; undefined when it is taken. */
function refused(text: string): [position: unknown, reason: unknown] | undefined {
  try {
    parseEcl(text);
    return undefined;
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'invalid-ecl') throw error;
    return [error.issues[0].details['position'], error.issues[0].details['reason']];
  }
}

/** The tree without places. */
function tree(text: string): unknown {
  return JSON.parse(JSON.stringify(parseEcl(text), (key, value: unknown) => (key === 'at' ? undefined : value)));
}

const concept = (id: string, term?: string): object => ({ kind: 'concept', id, ...(term !== undefined && { term }) });

describe('what is refused', () => {
  test.each([
    ['', 1, 'a concept id is expected'],
    ['<', 2, 'a concept id is expected'],
    ['12345', 1, 'a concept id has 6 to 18 digits and does not begin with 0'],
    ['0123456', 1, 'a concept id has 6 to 18 digits and does not begin with 0'],
    ['1234567890123456789', 1, 'a concept id has 6 to 18 digits and does not begin with 0'],
    ['64572001 |Disease', 10, 'a term that begins here has no "|" at its end'],
    ['64572001 trailing', 10, 'the expression should end here'],
    ['64572001 ; 71388002', 10, 'this character has no meaning here'],
    ['(64572001', 1, 'the bracket "(" is not closed'],
    ['64572001)', 9, 'there is no bracket that ")" closes'],
    ['(64572001]', 10, 'there is no bracket that "]" closes'],
    ['64572001 AND 71388002 OR 404684003', 23, 'brackets are needed to tell what belongs together'],
    ['64572001 MINUS 71388002 MINUS 404684003', 25, 'brackets are needed to tell what belongs together'],
    ['64572001 AND', 13, 'a concept id is expected'],
    ['64572001 :', 11, 'a concept id is expected'],
    ['64572001 : 363698007', 21, 'a comparison such as "=" or "!=" is expected'],
    ['64572001 : 363698007 = 80891009, 1142135004 = 1 OR 127489000 = *', 47, 'a concept id has 6 to 18 digits and does not begin with 0'],
    ['64572001 : 363698007 = *, 127489000 = * OR 116676008 = *', 41, 'brackets are needed to tell what belongs together'],
    ['64572001 : 363698007 > 80891009', 22, 'a number such as #5 is expected behind this comparison'],
    ['64572001 : [3..1] 363698007 = *', 13, 'the cardinality allows nothing'],
    ['64572001 : [1-3] 363698007 = *', 14, 'this character has no meaning here'],
    ['64572001 : { { 363698007 = * } }', 14, 'a concept id is expected'],
    ['64572001 : 363698007 = #', 24, 'a number is expected after "#"'],
    ['64572001 : 363698007 = "unclosed', 24, 'a string that begins here is not closed, or has a "\\" before something other than ", \\ and *'],
    ['64572001 {{ term = "" }}', 20, 'the string is empty'],
    ['64572001 {{ colour = "red" }}', 13, 'term, language, type, typeId, dialect, dialectId, moduleId, effectiveTime, active or id is expected'],
    ['64572001 {{ C term = "red" }}', 15, 'definitionStatus, definitionStatusId, moduleId, effectiveTime or active is expected'],
    ['64572001 {{ M active = true }}', 10, 'a filter of members belongs directly behind what "^" is of'],
    ['64572001 {{ type = synonym }}', 20, 'one of fsn, syn, def is expected'],
    ['64572001 {{ type = constructor }}', 20, 'one of fsn, syn, def is expected'],
    ['64572001 {{ language = eng }}', 24, 'a language of two letters is expected'],
    ['64572001 {{ C effectiveTime > "2020-01-01" }}', 31, 'a date such as "20260131" is expected'],
    ['64572001 {{ C active = maybe }}', 24, 'true, false, 1 or 0 is expected'],
    ['64572001 {{ + HISTORY-ALL }}', 15, 'HISTORY, HISTORY-MIN, HISTORY-MOD or HISTORY-MAX is expected'],
    ['! 64572001', 1, 'a concept id is expected'],
    ['!!! 64572001', 3, '"!!>" or "!!<" is expected'],
    ['"no scheme"', 1, 'a code of another scheme is written "scheme#code"'],
  ])('%s', (text, position, reason) => { expect(refused(text)).toEqual([position, reason]); });

  test('deeper than 40 levels, at once', () => {
    expect(refused(`${'('.repeat(5000)}64572001${')'.repeat(5000)}`)?.[1]).toBe('it is nested deeper than 40 levels');
    expect(refused(`64572001 : ${'('.repeat(5000)}363698007 = *${')'.repeat(5000)}`)?.[1]).toBe('it is nested deeper than 40 levels');
  });

  test('longer than 20000 characters', () => { expect(refused('<'.repeat(20_001))).toEqual([20_001, 'it is longer than 20000 characters']); });

  test('whatever the text: a tree, or the place of what is wrong with it', () => {
    const pieces = fc.constantFrom('<', '<<', '>', '!', '!!<', '^', '*', '(', ')', '{', '}', '{{', '}}', '[', ']', '1', '..', '.', ':', ',', '=', '!=', '64572001', '|a b|', 'AND', 'OR', 'MINUS', 'R', '"x"', '#5', 'term', 'D', 'C', 'M', '+', 'HISTORY', 'active', 'true', ' ', '/* c */', 'é', '\\', '"');
    fc.assert(fc.property(fc.array(pieces, { maxLength: 30 }), (list) => {
      const text = list.join(' ');
      const position = refused(text)?.[0];
      if (position !== undefined) {
        expect(position).toBeGreaterThanOrEqual(1);
        expect(position).toBeLessThanOrEqual(text.length + 1);
      }
    }), { numRuns: 2000 });
  });
});

describe('what a constraint says', () => {
  test.each([
    ['<', 'descendantOf'], ['<<', 'descendantOrSelfOf'], ['<!', 'childOf'], ['<<!', 'childOrSelfOf'], ['>', 'ancestorOf'], ['>>', 'ancestorOrSelfOf'],
    ['>!', 'parentOf'], ['>>!', 'parentOrSelfOf'], ['!!>', 'top'], ['!!<', 'bottom'], ['< <', 'descendantOrSelfOf'],
  ])('%s is %s', (sign, operator) => { expect(tree(`${sign} 64572001 |Disease|`)).toEqual({ kind: 'hierarchy', operator, of: concept('64572001', 'Disease') }); });

  test('comments and blanks mean nothing', () => {
    expect(tree(' /* all */ <<\n64572001 /* of ** them */ |  Disease  | ')).toEqual(tree('<<64572001|Disease|'));
  });

  test('a hierarchy is of members, not members of a hierarchy', () => {
    expect(tree('<< ^ 700043003')).toEqual({ kind: 'hierarchy', operator: 'descendantOrSelfOf', of: { kind: 'members', of: concept('700043003'), filters: [] } });
    expect(tree('^ (< 700043003)')).toEqual({ kind: 'members', of: { kind: 'hierarchy', operator: 'descendantOf', of: concept('700043003') }, filters: [] });
    expect(tree('^ [mapTarget, mapGroup] 700043003')).toMatchObject({ fields: ['mapTarget', 'mapGroup'] });
  });

  test('and, or, minus, comma; words in any case', () => {
    expect(tree('64572001 and 71388002, 404684003')).toEqual({ kind: 'and', of: [concept('64572001'), concept('71388002'), concept('404684003')] });
    expect(tree('64572001 Or 71388002')).toEqual({ kind: 'or', of: [concept('64572001'), concept('71388002')] });
    expect(tree('64572001 MINUS (71388002 OR 404684003)')).toMatchObject({ kind: 'minus', from: concept('64572001'), without: { kind: 'or' } });
  });

  test('a bracket holds the name of an attribute where a comparison follows, and refinements where none does', () => {
    expect(tree('64572001 : (363698007 OR 116676008) = *')).toMatchObject({ by: { kind: 'attribute', name: { kind: 'or' } } });
    expect(tree('64572001 : (363698007 = * OR 116676008 = *), 42752001 = *')).toMatchObject({ by: { kind: 'and', of: [{ kind: 'or' }, { kind: 'attribute' }] } });
    expect(tree('64572001 : (363698007) {{ C active = true }} = *')).toMatchObject({ by: { kind: 'attribute', name: { kind: 'filtered' } } });
  });

  test('groups, cardinalities and the reverse flag', () => {
    expect(tree('64572001 : [1..3] { [0..*] R 363698007 != << 80891009 }')).toEqual({
      kind: 'refined', focus: concept('64572001'),
      by: {
        kind: 'group', cardinality: { min: 1, max: 3 },
        by: {
          kind: 'attribute', cardinality: { min: 0, max: 'many' }, reverse: true, name: concept('363698007'),
          value: { kind: 'concepts', operator: '!=', value: { kind: 'hierarchy', operator: 'descendantOrSelfOf', of: concept('80891009') } },
        },
      },
    });
  });

  test.each([
    ['>= #-0.5', { kind: 'number', operator: '>=', value: '-0.5' }],
    ['!= #200', { kind: 'number', operator: '!=', value: '200' }],
    ['= "PANADOL"', { kind: 'text', operator: '=', anyOf: [{ kind: 'match', text: 'PANADOL' }] }],
    [String.raw`= (wild: "a*\*" match : "b\"c")`, { kind: 'text', operator: '=', anyOf: [{ kind: 'wild', text: String.raw`a*\*` }, { kind: 'match', text: 'b"c' }] }],
    ['!= false', { kind: 'boolean', operator: '!=', value: false }],
    ['= LOINC#54486-6 |x|', { kind: 'concepts', operator: '=', value: { kind: 'alternate', scheme: 'LOINC', code: '54486-6' } }],
  ])('an attribute %s', (text, value) => { expect(tree(`* : 127489000 ${text}`)).toMatchObject({ by: { value } }); });

  test('dots lead on', () => {
    expect(tree('64572001 . 363698007 . 116676008')).toEqual({
      kind: 'dotted', from: { kind: 'dotted', from: concept('64572001'), attribute: concept('363698007') }, attribute: concept('116676008'),
    });
  });

  test('filters of descriptions', () => {
    const { filters } = tree('<< 64572001 {{ term = ("heart" wild:"*itis"), language = (en es), type = (syn fsn), dialect = en-gb (prefer), active = 1, id = 754786011 }}') as { filters: readonly unknown[] };
    expect(filters).toEqual([
      { kind: 'term', operator: '=', anyOf: [{ kind: 'match', text: 'heart' }, { kind: 'wild', text: '*itis' }] },
      { kind: 'language', operator: '=', anyOf: ['en', 'es'] },
      { kind: 'type', operator: '=', value: { kind: 'or', of: [concept('900000000000013009'), concept('900000000000003001')] } },
      { kind: 'dialect', operator: '=', anyOf: [{ acceptability: ['900000000000548007'], refset: concept('900000000000508004') }] },
      { kind: 'active', value: true },
      { kind: 'id', operator: '=', anyOf: ['754786011'] },
    ]);
    expect(tree('* {{ D dialectId = (900000000000509007 (accept) 900000000000508004 |GB| (prefer)) }}')).toMatchObject({
      filters: [{ anyOf: [{ acceptability: ['900000000000549004'] }, { acceptability: ['900000000000548007'] }] }],
    });
    expect(tree('* {{ typeId = (900000000000013009 |syn| 900000000000003001) }}')).toMatchObject({ filters: [{ value: { kind: 'or' } }] });
  });

  test('filters of concepts and members, and history', () => {
    expect(tree('* {{ c definitionStatus != defined, moduleId = 900000000000207008, effectiveTime >= ("20200131" "20210131"), active != true }}')).toMatchObject({
      kind: 'filtered', filters: [{ kind: 'definitionStatus', operator: '!=' }, { kind: 'module' }, { kind: 'effectiveTime', operator: '>=', anyOf: ['20200131', '20210131'] }, { kind: 'active', value: false }],
    });
    expect(tree('^ 447562003 {{ M mapTarget = "J45.9", mapGroup = #1, correlationId = << 447247004 }} {{ D term = "x" }}')).toMatchObject({
      kind: 'described', of: { kind: 'members', filters: [{ kind: 'field', name: 'mapTarget' }, { kind: 'field', name: 'mapGroup' }, { kind: 'field', name: 'correlationId' }] },
    });
    expect(tree('64572001 {{ + history_min }}')).toMatchObject({ kind: 'history', profile: 'min' });
    expect(tree('64572001 {{ + HISTORY }}')).toMatchObject({ kind: 'history', profile: 'max' });
    expect(tree('64572001 {{ + HISTORY (^ 900000000000527005) }}')).toMatchObject({ kind: 'history', profile: { kind: 'members' } });
  });
});
