/** What is told of a narrative, and what of it keeps a resource from being stored (https://hl7.org/fhir/R4/narrative.html). */
import * as fc from 'fast-check';
import { narrativeIssues, refusedNarrative, type NarrativeCode } from '../../fhir/narrative.ts';
import { shapeIssues } from '../../fhir/shape.ts';
import { corePackageIsHere, packageNames, packageResources } from './package-resources.ts';
import { sharedDataIsHere, sharedResources } from './shared-resources.ts';

const div = (content: string): string => `<div xmlns="http://www.w3.org/1999/xhtml">${content}</div>`;
const codes = (xhtml: string): NarrativeCode[] => narrativeIssues(xhtml).map(({ code }) => code);

describe('active, and refused', () => {
  test.each<[name: string, content: string]>([
    ['a script', 'x<script>alert(1)</script>'],
    ['a script in capitals', 'x<SCRIPT>alert(1)</SCRIPT>'],
    ['a script with a prefix', 'x<h:script xmlns:h="http://www.w3.org/1999/xhtml">alert(1)</h:script>'],
    ['an event handler', '<img src="#a" onerror="alert(1)"/>'],
    ['an event handler in capitals', '<p OnClick="alert(1)">x</p>'],
    ['an event handler that nobody knows yet', '<p onsomething="alert(1)">x</p>'],
    ['an address of a script', '<a href="javascript:alert(1)">x</a>'],
    ['the same with a tab in it', '<a href="java&#9;script:alert(1)">x</a>'],
    ['the same behind spaces, in capitals', '<a href=" &#10; JAVASCRIPT:alert(1)">x</a>'],
    ['the same with a character that is not seen', '<a href="java&#x200b;script:alert(1)">x</a>'],
    ['the same as a picture', '<img src="vbscript:x"/>'],
    ['a page as an address', '<a href="data:text/html,&lt;script>alert(1)&lt;/script>">x</a>'],
    ['a drawing as a picture, which may have scripts', '<img src="data:image/svg+xml;base64,AAAA"/>'],
    ['a frame', 'x<iframe src="https://example.org/"/>'],
    ['an object', 'x<object data="https://example.org/x.swf"/>'],
    ['a form', '<form action="https://example.org/"><input name="password"/></form>'],
    ['a style sheet', '<style>p { background: url(https://example.org/seen) }</style>x'],
    ['a link to a style sheet', '<link rel="stylesheet" href="https://example.org/x.css"/>x'],
    ['an address for all others', '<base href="https://example.org/"/>x'],
    ['a page that moves on', '<meta http-equiv="refresh" content="0;url=https://example.org/"/>x'],
    ['a drawing', '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>x'],
    ['an element of a language of its own', '<x xmlns="http://www.w3.org/1998/Math/MathML"/>x'],
    ['a style that runs', '<p style="width: expression(alert(1))">x</p>'],
    ['the same, escaped and commented', '<p style="width: ex\\70r/* */ession(alert(1))">x</p>'],
    ['what is an attribute in XML, and behind the end of a title in HTML', '<title><b title="&lt;/title>&lt;img src=x onerror=alert(1)>"/></title>x'],
    ['what is a comment in XML and none in HTML', 'x<!--><img src="x" onerror="alert(1)"/>-->'],
    ['the same with a dash', 'x<!---><img src="x" onerror="alert(1)"/> -->'],
    ['a comment for one browser', 'x<!--[if IE]><script>alert(1)</script><![endif]-->'],
    ['a section that HTML ends early', 'x<![CDATA[><img src=x onerror=alert(1)>]]>'],
    ['an instruction that HTML ends early', 'x<?a ><img src=x onerror=alert(1)>?>'],
  ])('%s', (_name, content) => {
    expect(codes(div(content))).toContain('active');
    expect(refusedNarrative(div(content)).length).toBeGreaterThan(0);
  });
});

describe('malformed, and refused', () => {
  test.each<[name: string, xhtml: string]>([
    ['a text', 'x'], ['another element', '<p xmlns="http://www.w3.org/1999/xhtml">x</p>'], ['two', div('x') + div('y')], ['no end', '<div xmlns="http://www.w3.org/1999/xhtml">x'],
    ['HTML that is no XML', div('x<br>y')], ['an attribute without quotes', div('<p class=x>x</p>')], ['an ampersand', div('a & b')], ['an unknown entity', div('&nothing;')],
    ['a document type', `<!DOCTYPE div [<!ENTITY x "y">]>${div('&x;')}`], ['101 levels', div(`${'<p>'.repeat(101)}x${'</p>'.repeat(101)}`)],
  ])('%s', (_name, xhtml) => {
    expect(codes(xhtml)[0]).toBe('malformed');
    expect(refusedNarrative(xhtml)[0]!.code).toBe('malformed');
  });
});

test('told, and not refused: what txt-1 does not list, and nothing to read (txt-2)', () => {
  const told: [content: string, code: NarrativeCode][] = [['<u>x</u>', 'beyond'], ['<p data-x="1">x</p>', 'beyond'], ['<p style="background: url(https://example.org/x.png)">x</p>', 'beyond'], ['', 'empty'], [' <p> </p>&#10;', 'empty'], ['<img alt="none"/>', 'empty']];
  for (const [content, code] of told) {
    expect([content, codes(div(content))]).toEqual([content, [code]]);
    expect(refusedNarrative(div(content))).toEqual([]);
  }
  for (const xhtml of ['<div>x</div>', '<div xmlns="">x</div>', '<div title="a" class="b">x</div>']) expect([xhtml, codes(xhtml)]).toEqual([xhtml, ['beyond']]);
  expect(codes('<div xmlns="http://hl7.org/fhir">x</div>')).toEqual(['active']);
});

test('nothing to tell', () => {
  const fine = [
    'x', '<!-- a note --><p class="a" style="color: red; background: #fff">x</p>', '<a href="https://example.org/javascript:x?a=data:b">x</a>', '<a href="#a" name="b" title="javascript: a language">x</a>', '<a href="mailto:x@example.org">x</a>',
    '<img src="#picture" alt="x"/>', '<img src="data:image/png;base64,iVBORw0KGgo="/>', '&nbsp;&alpha;&frac12;&hellip;&rang;', '&lt;script&gt;alert(1)&lt;/script&gt;', '<![CDATA[a & b]]>', '<p xml:lang="de" lang="de">x</p>', '<table><tbody><tr><td colspan="2">x</td></tr></tbody></table>',
  ];
  for (const content of fine) expect([content, narrativeIssues(div(content))]).toEqual([content, []]);
  expect(narrativeIssues(`\n ${div('x')} \n`)).toEqual([]);
});

test('the place is told, and nothing of the text', () => {
  expect(narrativeIssues(div('a\n<script>Jane</script>'))).toEqual([{ code: 'active', reason: 'must not have the element script', where: { line: 2, column: 9 } }]);
  const secret = 'Jane-Doe-1970';
  for (const content of [`<${secret}>x</${secret}>`, `<p ${secret}="x">x</p>`, `<p>${secret}</q>`, `&${secret};`, `<a href="javascript:${secret}">${secret}</a>`, `<?${secret} ?>x`]) expect([content, JSON.stringify(narrativeIssues(div(content)))]).toEqual([content, expect.not.stringContaining(secret)]);
});

test('no more than a bound is told, and what is long is judged as fast as it is read', () => {
  expect(narrativeIssues(div('<script/>'.repeat(1000)))).toHaveLength(20);
  expect(codes(div(`${'<script/>'.repeat(1000)}<`))[0]).toBe('malformed');
  // Each would take hours in quadratic time.
  const long = 1_000_000;
  for (const content of [`<p style="${'/*'.repeat(long)}">x</p>`, `<p style="${'\\'.repeat(long)}">x</p>`, `<a href="${' '.repeat(long)}:">x</a>`, `<a href="${'&#9;'.repeat(long)}x:">x</a>`, `x<!--${' -'.repeat(long)} -->`, 'x '.repeat(long), '<br/>'.repeat(200_000)]) refusedNarrative(div(content));
});

test('whatever is sent is judged', () => {
  const piece = fc.constantFrom('<', '>', '</', '/>', 'div', 'p', 'script', ' ', '"', "'", '=', 'href', 'onclick', 'style', 'javascript:', '&', ';', '#', '<!--', '-->', '<![CDATA[', ']]>', '<?', '?>', 'xmlns', ':', 'http://www.w3.org/1999/xhtml', '\u0000', '\ud800', 'é');
  fc.assert(fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
    for (const text of [pieces.join(''), div(pieces.join(''))]) for (const { reason } of narrativeIssues(text)) expect(reason).toMatch(/^must /);
  }), { numRuns: 500 });
});

test('it is part of what a resource must be, wherever the narrative stands, with the path to it', () => {
  const bad = { status: 'generated', div: div('<script>x</script>') };
  const bundle = { resourceType: 'Bundle', type: 'collection', entry: [{ resource: { resourceType: 'Composition', text: bad, section: [{ title: 'a', text: bad }], contained: [{ resourceType: 'Patient', id: 'p', text: bad }] } }] };
  expect(shapeIssues(bundle).map(({ expression }) => expression)).toEqual(['text', 'section[0].text', 'contained[0].text'].map((path) => `Bundle.entry[0].resource.${path}.div`));
  expect(shapeIssues({ resourceType: 'Patient', text: bad })).toEqual([{ expression: 'Patient.text.div', reason: 'must not have the element script (line 1, column 51 of the text)' }]);
});

const narrativesIn = function* (value: unknown): Generator<string> {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, item] of Object.entries(value)) {
    if (name === 'div' && typeof item === 'string') yield item;
    else yield* narrativesIn(item);
  }
};

(corePackageIsHere ? test : test.skip)('no narrative of the published packages is refused', () => {
  let count = 0;
  const refused: unknown[] = [];
  for (const [name, text] of packageNames().flatMap((one) => packageResources(one, /^[A-Za-z]/))) {
    if (!text.includes('"div"')) continue;
    for (const narrative of narrativesIn(JSON.parse(text))) {
      count++;
      for (const issue of refusedNarrative(narrative)) refused.push([name, issue]);
    }
  }
  expect(refused).toEqual([]);
  expect(count).toBeGreaterThan(500);
});

(sharedDataIsHere ? test : test.skip)('nor one of the shared examples', () => {
  let count = 0;
  const refused: unknown[] = [];
  for (const resource of sharedResources()) {
    for (const narrative of narrativesIn(resource)) {
      count++;
      for (const issue of refusedNarrative(narrative)) refused.push([resource.resourceType, resource['id'], issue]);
    }
  }
  expect(refused).toEqual([]);
  expect(count).toBeGreaterThan(100);
});
