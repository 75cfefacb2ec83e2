/** What is no document that can be read: told by line and column, in bounded time, without a word of what was sent. */
import fc from 'fast-check';
import { readClinicalDocument } from '../../../mappers/ccda/index.ts';
import { convert, documentText, patient, resources, section, template } from './build.ts';

const read = (text: string): ReturnType<typeof readClinicalDocument> => readClinicalDocument(Buffer.from(text));
const deep = `${'<a>'.repeat(200)}${'</a>'.repeat(200)}`;

describe('a document that cannot be read', () => {
  test.each([
    ['with a document type', '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n<ClinicalDocument xmlns="urn:hl7-org:v3">&x;</ClinicalDocument>', 'a document type declaration is not allowed', 1],
    ['with an entity that nobody knows', '<ClinicalDocument xmlns="urn:hl7-org:v3">\n&secret;</ClinicalDocument>', 'undefined entity', 2],
    ['that ends early', '<ClinicalDocument xmlns="urn:hl7-org:v3">\n<id', 'unclosed tag', 2],
    ['nested too deep', `<ClinicalDocument xmlns="urn:hl7-org:v3">${deep}</ClinicalDocument>`, 'nested deeper than 100 levels', 1],
    ['with an attribute twice', '<ClinicalDocument xmlns="urn:hl7-org:v3"><id root="1" root="2"/></ClinicalDocument>', 'duplicate attribute', 1],
    ['with too many attributes', `<ClinicalDocument ${Array.from({ length: 60 }, (_, at) => `a${at}="1"`).join(' ')}/>`, 'more than 50 attributes', 1],
    ['that is no XML at all', 'MSH|^~\\&|', 'text data outside of root node', 1],
    ['that is empty', '', 'document must contain a root element', 1],
    ['in an encoding that nobody knows', '<?xml version="1.0" encoding="EBCDIC-US"?><ClinicalDocument/>', 'the encoding must be', 1],
  ])('%s is refused', (_, text, reason, line) => {
    const { acknowledgement, issues, bundle, ledger, unmapped } = read(text);
    expect(acknowledgement).toEqual({ outcome: 'refused' });
    expect(bundle).toEqual({ resourceType: 'Bundle', type: 'collection' });
    expect(issues).toEqual([{ severity: 'error', code: 'malformed-xml', text: expect.stringContaining(reason), source: '/', line, column: expect.any(Number) }]);
    expect([ledger, unmapped]).toEqual([[], []]);
    expect(issues[0]!.text).not.toContain('secret');
  });

  test('bytes that are not of the encoding are told by their place', () => {
    const bytes = Buffer.concat([Buffer.from('<ClinicalDocument xmlns="urn:hl7-org:v3">\n<title>'), Buffer.from([0xe9]), Buffer.from('</title></ClinicalDocument>')]);
    expect(readClinicalDocument(bytes).issues).toEqual([expect.objectContaining({ line: 2, column: 8, text: expect.stringContaining('bytes that are not UTF-8') })]);
    expect(readClinicalDocument(bytes, { charset: 'windows-1252' }).acknowledgement.outcome).toBe('mapped');
  });

  test('another XML document is no ClinicalDocument', () => {
    expect(read('<Patient xmlns="http://hl7.org/fhir"/>').issues[0]).toMatchObject({ code: 'not-a-clinical-document', line: 1, column: 1 });
  });

  test('a bound on elements holds', () => {
    const { issues } = readClinicalDocument(Buffer.from(documentText({ body: section('11450-4', Array.from({ length: 50 }, () => '<act/>')) })), { limits: { elements: 60, attributes: 50 } });
    expect(issues[0]!.text).toContain('more than 60 elements');
  });
});

describe('encodings', () => {
  const text = documentText({ header: patient.replace('Ann', 'Zoë') });
  const given = (bytes: Uint8Array): unknown => resources(readClinicalDocument(bytes), 'Patient')[0]!.name![0]!.given;

  test.each([
    ['UTF-8 with a mark', Buffer.from(`\ufeff${text}`)],
    ['UTF-16LE with a mark', Buffer.from(`\ufeff${text}`, 'utf16le')],
    ['UTF-16BE with a mark', Buffer.from(`\ufeff${text}`, 'utf16le').swap16()],
    ['UTF-16LE without a mark', Buffer.from(text, 'utf16le')],
    ['ISO-8859-1 by declaration', Buffer.from(text.replace('UTF-8', 'ISO-8859-1'), 'latin1')],
  ])('%s', (_, bytes) => {
    expect(given(bytes)).toEqual(['Zoë']);
  });
});

test('whatever is cut from or put into a document, nothing is thrown, and what is refused has a place', () => {
  const whole = documentText({ body: section('48765-2', [`<act classCode="ACT" moodCode="EVN">${template('30')}<entryRelationship typeCode="SUBJ"><observation classCode="OBS" moodCode="EVN">${template('7')}<code code="ASSERTION" codeSystem="2.16.840.1.113883.5.4"/><effectiveTime><low value="20200101"/></effectiveTime><value xsi:type="CD" code="419511003" codeSystem="2.16.840.1.113883.6.96"/></observation></entryRelationship></act>`]) });
  fc.assert(fc.property(fc.nat(whole.length), fc.nat(60), fc.constantFrom('', '<', '&', '"', '</act>', '<value/>', '\u0000', ' nullFlavor="NI"'), (at, length, put) => {
    const { acknowledgement, issues, bundle } = read(whole.slice(0, at) + put + whole.slice(at + length));
    const [first] = issues;
    return acknowledgement.outcome === 'mapped' ? bundle.entry !== undefined : issues.length === 1 && first?.severity === 'error' && first.line !== undefined && first.column !== undefined;
  }), { numRuns: 300, seed: 20261122 });
  expect(read(whole).acknowledgement.outcome).toBe('mapped');
});

test('issues never carry what was sent', () => {
  const { issues } = convert({ header: patient.replace('value="19700102"', 'value="Secretname"').replace('code="F"', 'code="Secretname"'), body: section('Secretname', ['<observation classCode="OBS" moodCode="EVN"><templateId root="Secretname"/><value xsi:type="PQ" value="Secretname"/></observation>']) });
  expect(issues.length).toBeGreaterThan(2);
  expect(JSON.stringify(issues)).not.toContain('Secretname');
});
