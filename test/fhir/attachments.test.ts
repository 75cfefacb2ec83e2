/** Which inline data is large, and what takes its place: by type, not by name, and without touching what was given. */
import fc from 'fast-check';
import type { Attachment, Resource } from '@medplum/fhirtypes';
import { decodedSize, largeAttachments, withAttachment } from '../../fhir/attachments.ts';
import { parseJson, stringifyJson } from '../../fhir/json.ts';

const data = (bytes: number): string => Buffer.alloc(bytes, 'abc').toString('base64');
const expressions = (resource: unknown, limit = 100): string[] => largeAttachments(resource as Resource, limit).map((found) => found.expression);

test.each<[name: string, resource: unknown]>([
  ['a sampled signal', { resourceType: 'Observation', valueSampledData: { origin: {}, period: 1, dimensions: 1, data: '1 '.repeat(500) } }],
  ['a signature', { resourceType: 'Provenance', signature: [{ data: data(500) }] }],
  ['a Binary inside of a resource', { resourceType: 'DocumentReference', contained: [{ resourceType: 'Binary', data: data(500) }] }],
  ['an element of our own invention', { resourceType: 'Patient', photos: [{ data: data(500) }] }],
  ['a Bundle, which may be signed', { resourceType: 'Bundle', entry: [{ resource: { resourceType: 'Patient', photo: [{ data: data(500) }] } }] }],
  ['Parameters', { resourceType: 'Parameters', parameter: [{ name: 'x', valueAttachment: { data: data(500) } }] }],
  ['as many bytes as are allowed', { resourceType: 'Patient', photo: [{ data: data(100) }] }],
  ['data that is no text', { resourceType: 'Patient', photo: [{ data: 7 }, null, 'x', { data: { x: data(500) } }] }],
])('left alone: %s', (_name, resource) => {
  expect(expressions(resource)).toEqual([]);
});

test.each<[resource: unknown, found: string[]]>([
  [{ resourceType: 'Patient', photo: [{ data: data(101) }, { data: data(5) }, { data: data(300) }] }, ['Patient.photo[0]', 'Patient.photo[2]']],
  [{ resourceType: 'DocumentReference', content: [{ attachment: { contentType: 'application/pdf', data: data(200) } }] }, ['DocumentReference.content[0].attachment']],
  [{ resourceType: 'Claim', supportingInfo: [{ valueString: 'x' }, { valueAttachment: { data: data(200) } }] }, ['Claim.supportingInfo[1].value']],
  [{ resourceType: 'QuestionnaireResponse', item: [{ item: [{ answer: [{ valueAttachment: { data: data(200) }, item: [{ answer: [{ valueAttachment: { data: data(200) } }] }] }] }] }] }, ['QuestionnaireResponse.item[0].item[0].answer[0].value', 'QuestionnaireResponse.item[0].item[0].answer[0].item[0].answer[0].value']],
  [{ resourceType: 'Basic', extension: [{ extension: [{ url: 'x', valueAttachment: { data: data(200) } }], url: 'y' }] }, ['Basic.extension[0].extension[0].value']],
  [{ resourceType: 'Basic', contained: [{ resourceType: 'Media', content: { data: data(200) } }] }, ['Basic.contained[0].content']],
  [{ resourceType: 'Consent', sourceAttachment: { data: data(200) } }, ['Consent.source']],
  [{ resourceType: 'Patient', _birthDate: { extension: [{ url: 'x', valueAttachment: { data: data(200) } }] } }, ['Patient.birthDate.extension[0].value']],
])('found: %#', (resource, found) => {
  expect(expressions(resource)).toEqual(found);
});

test('what takes the place of an attachment changes nothing else, and nothing that was given', () => {
  const text = `{"resourceType":"Patient","multipleBirthInteger":1,"extension":[{"url":"x","valueDecimal":1.50}],"photo":[{"data":"${data(200)}"},{"title":"small"}]}`;
  const patient = parseJson(text) as Resource;
  const [found] = largeAttachments(patient, 100);
  const changed = withAttachment(patient, found!.path, { url: 'Binary/1' });
  expect(stringifyJson(changed)).toBe(text.replace(`{"data":"${data(200)}"}`, '{"url":"Binary/1"}'));
  expect(stringifyJson(patient)).toBe(text);
});

test('the size of base64 is that of the bytes, with and without white space', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), fc.array(fc.nat({ max: 400 }), { maxLength: 5 }), (bytes, breaks) => {
    let text = Buffer.from(bytes).toString('base64');
    for (const place of breaks) text = `${text.slice(0, place)}\r\n${text.slice(place)}`;
    expect(decodedSize(text)).toBe(bytes.length);
  }));
});

test('every large attachment of a resource can be replaced, in any order', () => {
  fc.assert(fc.property(fc.array(fc.nat({ max: 300 }), { maxLength: 12 }), (sizes) => {
    let resource = { resourceType: 'Patient', photo: sizes.map((size): Attachment => ({ data: data(size + 1) })) } as Resource;
    for (const { path } of largeAttachments(resource, 100).toReversed()) resource = withAttachment(resource, path, { title: 'moved' });
    expect((resource as { photo: Attachment[] }).photo.map(({ title }) => title === 'moved')).toEqual(sizes.map((size) => size + 1 > 100));
  }));
});
