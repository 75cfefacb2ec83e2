/** Small documents for tests: a header with one patient, and the sections of the test. */
import type { Resource } from '@medplum/fhirtypes';
import { readClinicalDocument } from '../../../mappers/ccda/index.ts';
import type { DocumentOptions } from '../../../mappers/ccda/index.ts';

export const patient = '<recordTarget><patientRole><id root="2.16.840.1.113883.19.5" extension="P1"/><patient><name use="L"><given>Ann</given><family>Secretname</family></name><administrativeGenderCode code="F" codeSystem="2.16.840.1.113883.5.1"/><birthTime value="19700102"/></patient></patientRole></recordTarget>';

export interface Parts {
  readonly header?: string;
  readonly body?: string;
  readonly encoding?: string;
  readonly effectiveTime?: string;
}

/** The text of a document. */
export function documentText({ header = patient, body = '', encoding = 'UTF-8', effectiveTime = '20200101120000+0000' }: Parts): string {
  return `<?xml version="1.0" encoding="${encoding}"?>
<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:sdtc="urn:hl7-org:sdtc" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/><id root="2.16.840.1.113883.19.5.99999.1" extension="D1"/>
<code code="34133-9" codeSystem="2.16.840.1.113883.6.1"/><title>Summary</title><effectiveTime value="${effectiveTime}"/>
${header}<component><structuredBody>${body}</structuredBody></component></ClinicalDocument>`;
}

/** A section with its statements as entries. */
export function section(code: string, statements: readonly string[], text = 'Words'): string {
  return `<component><section><code code="${code}" codeSystem="2.16.840.1.113883.6.1"/><title>Section</title><text>${text}</text>${statements.map((one) => `<entry>${one}</entry>`).join('')}</section></component>`;
}

export function template(last: string): string {
  return `<templateId root="2.16.840.1.113883.10.20.22.4.${last}"/>`;
}

export function convert(parts: Parts, options?: DocumentOptions): ReturnType<typeof readClinicalDocument> {
  return readClinicalDocument(Buffer.from(documentText(parts)), options);
}

/** The resources of a type, as plain objects. */
export function resources<Type extends Resource['resourceType']>({ bundle }: ReturnType<typeof readClinicalDocument>, type: Type): readonly (Resource & { readonly resourceType: Type })[] {
  return (bundle.entry ?? []).flatMap(({ resource }) => (resource?.resourceType === type ? [resource as Resource & { resourceType: Type }] : []));
}
