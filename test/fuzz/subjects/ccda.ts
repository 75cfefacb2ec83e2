/** C-CDA documents: whatever the bytes, an account of them. */
import { readClinicalDocument } from '../../../mappers/ccda/index.ts';
import { corpusDocuments } from '../../mappers/ccda/corpus.ts';
import { mutateMarkup } from '../markup.ts';
import type { Outcome, Subject } from '../subject.ts';

/** Ours first: the corpora may not be there. */
const own = `<?xml version="1.0" encoding="UTF-8"?>
<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <templateId root="2.16.840.1.113883.10.20.22.1.2"/><id root="1.2.3"/><code code="34133-9" codeSystem="2.16.840.1.113883.6.1"/><effectiveTime value="20260101"/>
  <recordTarget><patientRole><id root="1.2" extension="M1"/><patient><name><given>Jane</given><family>Doe</family></name><administrativeGenderCode code="F" codeSystem="2.16.840.1.113883.5.1"/><birthTime value="19850515"/></patient></patientRole></recordTarget>
  <component><structuredBody><component><section><templateId root="2.16.840.1.113883.10.20.22.2.6.1"/><code code="48765-2" codeSystem="2.16.840.1.113883.6.1"/><title>Allergies</title><text>None</text></section></component></structuredBody></component>
</ClinicalDocument>`;

const samples = [{ name: 'own', bytes: Buffer.from(own) }, ...corpusDocuments().filter(({ bytes }) => bytes.length < 150_000).map(({ name, bytes }) => ({ name, bytes: Buffer.from(bytes) }))];

export const ccda: Subject = { name: 'ccda', samples, mutate: mutateMarkup, read };

function read(bytes: Buffer): Outcome {
  const mapping = readClinicalDocument(bytes);
  return { refused: mapping.acknowledgement.outcome === 'refused', issues: mapping.issues, bundles: [mapping] };
}
