/** What FHIR XML may not be (https://hl7.org/fhir/R4/xml.html): refused with line and column, and without the text that was sent. */
import { maximumDepth } from '../../../fhir/json.ts';
import { Problem } from '../../../fhir/problems.ts';
import { parseXml } from '../../../fhir/xml/read.ts';

const fhir = 'xmlns="http://hl7.org/fhir"';
const div = 'xmlns="http://www.w3.org/1999/xhtml"';

function refusal(text: string): Problem {
  try {
    parseXml(text);
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error('accepted');
}

const patient = (content: string): string => `<Patient ${fhir}>${content}</Patient>`;

test.each([
  ['nothing', '', /must contain a root element/],
  ['JSON', '{"resourceType":"Patient"}', /text data outside of root node/],
  ['an element that is not closed', `<Patient ${fhir}>`, /unclosed tag/],
  ['an element closed by another', patient('<name><text value="a"/></nome>'), /unexpected close tag/],
  ['two documents', `${patient('')}${patient('')}`, /only one root/],
  ['an attribute without quotes', patient('<active value=true/>'), /unquoted attribute value/],
  ['the same attribute twice', patient('<active value="true" value="true"/>'), /duplicate attribute/],
  ['a prefix without a namespace', patient('<f:active value="true"/>'), /unbound namespace prefix/],
  ['a NUL', patient('<id value="a\0b"/>'), /disallowed character/],
  ['an escaped control character', patient('<id value="a&#1;b"/>'), /malformed character entity/],
  ['an escaped half of a character', patient('<id value="a&#xD800;b"/>'), /malformed character entity/],
  ['a control character of XML 1.1', `<?xml version="1.1"?>${patient('<id value="a&#1;b"/>')}`, /malformed character entity/],
  ['another encoding', `<?xml version="1.0" encoding="ISO-8859-1"?>${patient('')}`, /UTF-8/],
  ['a document type', `<!DOCTYPE Patient>${patient('')}`, /document type declaration is not allowed/],
  ['an entity of its own', `<!DOCTYPE Patient [<!ENTITY x "y">]>${patient('<id value="&x;"/>')}`, /document type declaration is not allowed/],
  ['an outside entity', `<!DOCTYPE Patient [<!ENTITY x SYSTEM "file:///etc/passwd">]>${patient('<id value="&x;"/>')}`, /document type declaration is not allowed/],
  ['an entity that nobody defined', patient('<id value="&nbsp;"/>'), /undefined entity/],
  ['a resource without a namespace', '<Patient/>', /namespace http:\/\/hl7\.org\/fhir/],
  ['a resource in another namespace', '<Patient xmlns="urn:hl7-org:v3"/>', /namespace http:\/\/hl7\.org\/fhir/],
  ['an element in another namespace', patient('<active xmlns="urn:x" value="true"/>'), /active is not in its namespace/],
  ['no resource', `<Patent ${fhir}/>`, /a resource of FHIR R4/],
  ['an abstract resource', `<DomainResource ${fhir}/>`, /a resource of FHIR R4/],
  ['a data type', `<HumanName ${fhir}/>`, /a resource of FHIR R4/],
  ['an unknown element', patient('<nickname value="x"/>'), /nickname is no element of Patient/],
  ['an element every object of the language has', patient('<constructor value="x"/><toString/>'), /is no element of Patient/],
  ['__proto__', patient('<__proto__><isAdmin value="true"/></__proto__>'), /what stands here is no element of Patient/],
  ['__proto__ as an attribute', patient('<name __proto__="x"/>'), /what stands here is no attribute of name/],
  ['an attribute of Element as an element', patient('<name><id value="1"/></name>'), /id is no element of HumanName/],
  ['the url of an extension as an element', patient('<extension><url value="http://x"/></extension>'), /url is no element of Extension/],
  ['an element as an attribute', patient('<name family="x"/>'), /family is no attribute of name/],
  ['an id as an attribute of a resource', `<Patient ${fhir} id="1"/>`, /id is no attribute of Patient/],
  ['a value on an element that has none', patient('<name value="x"/>'), /value is no attribute of name/],
  ['an attribute of another namespace', patient('<active xmlns:o="urn:o" o:value="true" value="true"/>'), /value is no attribute of active/],
  ['a single element twice', patient('<active value="true"/><active value="true"/>'), /active may occur once only/],
  ['a single primitive twice, once only with an extension', patient('<birthDate><extension url="http://x"><valueCode value="a"/></extension></birthDate><birthDate value="2000"/>'), /birthDate may occur once only/],
  ['a single complex element twice', patient('<maritalStatus><text value="a"/></maritalStatus><maritalStatus><text value="b"/></maritalStatus>'), /maritalStatus may occur once only/],
  ['text', patient('Joan'), /text is allowed in attributes/],
  ['text as a CDATA section', patient('<![CDATA[Joan]]>'), /text is allowed in attributes/],
  ['text in a primitive', patient('<birthDate>2000-01-01</birthDate>'), /text is allowed in attributes/],
  ['an empty element', patient('<contact/>'), /contact must not be empty/],
  ['an empty primitive', patient('<active/>'), /active must not be empty/],
  ['an empty value', patient('<birthDate value=""/>'), /value must not be empty/],
  ['a boolean that is none', patient('<active value="yes"/>'), /active must be true or false/],
  ['an integer with a point', patient('<telecom><rank value="1.0"/></telecom>'), /rank must be an integer/],
  ['an integer with a plus', patient('<telecom><rank value="+1"/></telecom>'), /rank must be an integer/],
  ['a decimal that is none', `<Observation ${fhir}><valueQuantity><value value="1,5"/></valueQuantity></Observation>`, /value must be a decimal/],
  ['a decimal that is infinite', `<Observation ${fhir}><valueQuantity><value value="INF"/></valueQuantity></Observation>`, /value must be a decimal/],
  ['two contained resources in one element', patient(`<contained><Basic/><Basic/></contained>`), /one resource only/],
  ['nothing contained', patient('<contained/>'), /contained must not be empty/],
  ['a data type contained', patient('<contained><HumanName/></contained>'), /a resource of FHIR R4/],
  ['a narrative in the namespace of FHIR', patient('<text><status value="generated"/><div>x</div></text>'), /div is not in its namespace/],
  ['a narrative that is no div', patient(`<text><p ${div}>x</p></text>`), /p is no element of Narrative/],
  ['two narratives', patient(`<text><div ${div}>x</div><div ${div}>y</div></text>`), /div may occur once only/],
  ['an element that is no XHTML in a narrative', patient(`<text><div ${div}><svg xmlns="http://www.w3.org/2000/svg"/></div></text>`), /XHTML only/],
  ['an attribute of elsewhere in a narrative', patient(`<text><div ${div}><a xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="x"/></div></text>`), /attributes of XHTML only/],
])('%s', (_what, text, reason) => {
  const problem = refusal(text);
  expect(problem.code).toBe('malformed-xml');
  expect(problem.message).toMatch(reason);
});

test('where a mistake is', () => {
  expect(refusal(`<Patient ${fhir}>\n  <active value="true"/>\n  <nickname value="x"/>\n</Patient>`).message).toBe('The body is not well-formed FHIR XML: line 3, column 23: nickname is no element of Patient.');
});

test.each([
  patient('<Joan078 value="Doe 078-05-1120"/>').replace('Joan078', 'Joan.078'), patient('<name><family value="Doe"></Joan></name>'), patient('<Joan:Doe/>'), patient('<name Joan="1" Joan="2"/>'), `<?xml version="1.0" Joan="1"?>${patient('')}`,
  patient('&Joan;'), patient('<?xml Joan?>'), '<Joan:Patient xmlns:Joan=""/>', patient('Joan Doe'), patient('<id value="Joan&Doe;"/>'), `<!DOCTYPE Joan>${patient('')}`, '<a.Joan/>',
])('%s: a message keeps the content to itself', (text) => {
  expect(refusal(text).message).not.toMatch(/Joan|Doe|078/);
});

test('an expansion of entities cannot begin', () => {
  const levels = Array.from({ length: 20 }, (_, level) => `<!ENTITY l${level + 1} "${`&l${level};`.repeat(20)}">`).join('');
  expect(refusal(`<!DOCTYPE x [<!ENTITY l0 "lol">${levels}]>${patient('<id value="&l20;"/>')}`).message).toMatch(/document type declaration is not allowed/);
});

describe('depth', () => {
  const extended = (levels: number): string => patient(`${'<extension url="http://x">'.repeat(levels)}<valueCode value="a"/>${'</extension>'.repeat(levels)}`);

  test('is counted as in the JSON it becomes, so that what is stored can be read again', () => {
    // Each extension is an object in a list.
    expect(() => parseXml(extended(49))).not.toThrow();
    expect(refusal(extended(50)).message).toMatch(/deeper than 100 levels of objects and lists/);
  });

  test('is bounded in a narrative', () => {
    const nested = (levels: number): string => patient(`<text><div ${div}>${'<p>'.repeat(levels)}${'</p>'.repeat(levels)}</div></text>`);
    expect(() => parseXml(nested(maximumDepth - 3))).not.toThrow();
    expect(refusal(nested(maximumDepth - 2)).message).toMatch(/deeper than 100 levels/);
  });

  test('without end is refused early', () => {
    expect(refusal(`<Patient ${fhir}>${'<contact>'.repeat(1_000_000)}`).code).toBe('malformed-xml');
    expect(refusal(extended(200_000)).message).toMatch(/deeper/);
  });
});
