/** What is told quickly to be a plain narrative is one for the parser, too; and what generators write is told quickly. */
import * as fc from 'fast-check';
import { parsedIssues } from '../../fhir/narrative.ts';
import { isPlainNarrative } from '../../fhir/plain-narrative.ts';

const div = (content: string): string => `<div xmlns="http://www.w3.org/1999/xhtml">${content}</div>`;

test.each([
  'x', '<p class="res-header-id"><b>Generated Narrative: Patient 1</b></p>', '<table class="grid"><tr><td style="display: none">a &amp; b</td></tr></table>',
  '<a href="https://example.org/x?a=1#b">x</a><br/><hr />', 'Grüße – 5 > 3 "quoted"', '<p title="a: b">x</p>',
])('plain: %s', (content) => {
  expect(isPlainNarrative(div(content))).toBe(true);
});

test.each([
  '', '   ', '&nbsp;', '<script>x</script>', '<p onclick="x">x</p>', '<a href="javascript:x">x</a>', '<p style="width: expression(x)">x</p>', '<p style="background: url(x)">x</p>', '<p style="a\\62">x</p>',
  '<p class="a" class="b">x</p>', '<p class="a"id="b">x</p>', '<p>x', 'x</p>', '<p><b>x</p></b>', 'a & b', '&nothing;', 'x<!-- c -->', '<![CDATA[x]]>', ']]>', '<p class="<">x</p>', `${'<p>'.repeat(60)}x`, '\u0000x', '\ud800x', '<P>x</P>', '</div><div>x',
])('left to the parser: %j', (content) => {
  expect(isPlainNarrative(div(content))).toBe(false);
});

test('whatever is made of pieces of markup: plain for the one means nothing wrong for the other', () => {
  const pieces = ['<p>', '</p>', '<b class="x">', '</b>', '<br/>', '<img src="x"/>', '<a href="', 'http://', 'javascript:', '">', '</a>', 'text', ' ', '&amp;', '&', ';', '<', '>', '"', "'", '=', ' class="a"', ' style="color: red"', ' style="x:expression(y)"', '<!--', '-->', ']]>', '<script>', '</script>', '\u00a0', '\u200b', '\ud800', '\u0001', 'é', '<div>', '</div>', ' xmlns="http://www.w3.org/1999/xhtml"', ' xmlns:x="y"', '/', ':', ' onclick="x"', ' id="a"', ' id="a" id="b"'];
  let plain = 0;
  const check = (content: string): void => {
    if (!isPlainNarrative(content)) return;
    plain++;
    expect(parsedIssues(content, 5)).toEqual([]);
  };
  fc.assert(fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 12 }), (parts) => { check(div(parts.join(''))); check(parts.join('')); }), { numRuns: 20_000 });
  expect(plain).toBeGreaterThan(100);
});

test('long texts take time in proportion to their length, and no stack', () => {
  expect(isPlainNarrative(div('word &amp; '.repeat(500_000)))).toBe(true);
  expect(isPlainNarrative(div('<b>x</b>'.repeat(500_000)))).toBe(true);
  expect(isPlainNarrative(`<div${' id="a"'.repeat(100_000)}>x</div>`)).toBe(false);
});
