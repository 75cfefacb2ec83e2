/** Elements in another order than FHIR has them: where, and before which (https://hl7.org/fhir/R4/xml.html). */
import { xmlDisorder } from '../../../fhir/xml/order.ts';
import { parseXml } from '../../../fhir/xml/read.ts';

const patient = (content: string): string => `<Patient xmlns="http://hl7.org/fhir">${content}</Patient>`;
const found = (text: string): string[] => xmlDisorder(text).map(({ expression, before }) => `${expression} < ${before}`);

test.each([
  ['an element of the resource', patient('<active value="true"/><id value="a"/>'), ['Patient.id < active']],
  ['an item of a list behind another element', patient('<name><text value="a"/></name><gender value="male"/><name><text value="b"/></name>'), ['Patient.name[1] < gender']],
  ['an element of an element', patient('<name><given value="b"/><family value="a"/></name>'), ['Patient.name[0].family < given']],
  ['an extension behind elements', patient('<active value="true"/><extension url="http://a"><valueBoolean value="true"/></extension>'), ['Patient.extension[0] < active']],
  ['a choice', patient('<multipleBirthBoolean value="true"/><deceasedBoolean value="true"/>'), ['Patient.deceased < multipleBirthBoolean']],
  ['two of one list', patient('<gender value="male"/><name><text value="a"/></name><name><text value="b"/></name>'), ['Patient.name[0] < gender', 'Patient.name[1] < gender']],
  ['a contained resource', patient('<contained><Organization><name value="a"/><active value="true"/></Organization></contained><active value="true"/>'), ['Patient.contained[0].active < name']],
  ['an entry', '<Bundle xmlns="http://hl7.org/fhir"><type value="collection"/><entry><resource><Patient><active value="true"/><id value="a"/></Patient></resource></entry></Bundle>', ['Bundle.entry[0].resource.id < active']],
  ['a narrative, whose content has an order of its own', patient('<text><status value="empty"/><div xmlns="http://www.w3.org/1999/xhtml"><p>a</p><b>c</b><p>b</p></div></text><active value="true"/>'), []],
  ['an extension of a primitive', patient('<birthDate value="2000"><extension url="http://a"><valueBoolean value="true"/></extension></birthDate>'), []],
  ['nothing', patient('<id value="a"/><active value="true"/><name><family value="a"/><given value="b"/></name><gender value="male"/>'), []],
])('out of order: %s', (_, text, expected) => {
  expect(parseXml(text)).toBeInstanceOf(Object);
  expect(found(text)).toEqual(expected);
});

test('where, by line and column', () => {
  expect(xmlDisorder(patient('\n<active value="true"/>\n<id value="a"/>'))[0]!.where).toEqual({ line: 3, column: 16 });
});

test('of a text with thousands, a hundred are told', () => {
  expect(xmlDisorder(patient(`<gender value="male"/>${'<name><text value="a"/></name>'.repeat(5000)}`))).toHaveLength(100);
});
