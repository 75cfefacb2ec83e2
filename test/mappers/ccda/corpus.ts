/**
 * The C-CDA corpora of the shared data: whole documents as they are, and HL7's examples of parts, each put into a
 * document that has nothing else. Read in place; none where the data is absent.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface CorpusDocument {
  /** Path below the corpora. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** It is an example of a part. */
  readonly isPart: boolean;
}

export const corpusFolder = join(process.cwd(), '..', 'shared', 'corpora', 'ccda');

const headerParts = new Set(['recordTarget', 'author', 'dataEnterer', 'informant', 'custodian', 'informationRecipient', 'legalAuthenticator', 'authenticator', 'participant', 'inFulfillmentOf', 'documentationOf', 'relatedDocument', 'authorization', 'componentOf']);
const statements = new Set(['observation', 'act', 'organizer', 'procedure', 'substanceAdministration', 'supply', 'encounter']);

/** All of them, in the order of their names. */
export function corpusDocuments(): readonly CorpusDocument[] {
  if (!existsSync(corpusFolder)) return [];
  return readdirSync(corpusFolder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(?:xml|ccda)$/i.test(name) && !name.includes('conceptmaps') && !name.includes('ig-examples/organization') && !name.includes('ig-examples/practitioner'))
    .toSorted()
    .flatMap((name) => {
      const bytes = readFileSync(join(corpusFolder, name));
      if (bytes.length === 0) return [];
      const text = bytes.toString('utf8');
      return /<(?:\w+:)?ClinicalDocument[\s>]/.test(text) ? [{ name, bytes, isPart: false }] : wrapped(name, text);
    });
}

function wrapped(name: string, text: string): readonly CorpusDocument[] {
  const part = text.replace(/^\uFEFF/, '').replace(/<\?xml[^>]*\?>/, '');
  const root = /<([A-Za-z][\w:]*)[\s/>]/.exec(part.replaceAll(/<!--.*?-->/gs, ''))?.[1];
  if (root === undefined) return [];
  return [{ name, bytes: Buffer.from(documentOf(root, part)), isPart: true }];
}

function documentOf(root: string, part: string): string {
  const header = headerParts.has(root) ? part : '';
  const entry = statements.has(root) ? `<entry>${part}</entry>` : root === 'entryRelationship' ? `<entry><act classCode="ACT" moodCode="EVN">${part}</act></entry>` : root === 'entry' ? part : '';
  const section = root === 'section' ? part : root === 'component' ? '' : `<section>${headerParts.has(root) ? '' : '<title>Example</title>'}<text>Example</text>${entry}</section>`;
  const component = root === 'component' && /<section[\s>]/.test(part) && !/<structuredBody[\s>]/.test(part) ? part : section === '' ? '' : `<component>${section}</component>`;
  const patient = root === 'recordTarget' ? '' : '<recordTarget><patientRole><id root="2.16.840.1.113883.19.5" extension="1"/><patient><name><given>A</given><family>B</family></name><administrativeGenderCode code="F" codeSystem="2.16.840.1.113883.5.1"/><birthTime value="19700101"/></patient></patientRole></recordTarget>';
  return `<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:sdtc="urn:hl7-org:sdtc" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/><id root="2.16.840.1.113883.19.5.99999.1" extension="1"/><code code="34133-9" codeSystem="2.16.840.1.113883.6.1"/><title>Example</title><effectiveTime value="20200101120000+0000"/>${patient}${header}<component><structuredBody>${component}</structuredBody></component></ClinicalDocument>`;
}
