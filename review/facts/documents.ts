/**
 * Documents that came with the request, by type: DocumentReference.type, and the report type the Claim gives one
 * (PAS extension documentInformation on its supportingInfo). A DocumentReference without content is no document.
 */
import { codeFacts } from './codes.ts';
import { asObject, asText, extensionOf, objectsIn } from './loose.ts';
import { isModified, type Entry, type Submission } from './submission.ts';
import type { Code, Fact } from './types.ts';

const DOCUMENT_INFORMATION = 'http://hl7.org/fhir/us/davinci-pas/StructureDefinition/extension-documentInformation';

/** `candidates` are the DocumentReferences about the patient. */
export function documentFacts(submission: Submission, candidates: readonly Entry[]): Fact<Code>[] {
  const documents = candidates.filter(isPresent);
  const typed = documents.flatMap(({ reference, resource }) => codeFacts(resource['type'], { reference, expression: 'DocumentReference.type' }));
  return [...typed, ...reportTypes(submission, new Set(documents))];
}

function isPresent({ resource }: Entry): boolean {
  if (resource['status'] !== 'current' || resource['docStatus'] === 'entered-in-error') return false;
  return objectsIn(resource['content']).some(([, content]) => {
    const attachment = asObject(content['attachment']);
    return asText(attachment?.['data']) !== undefined || asText(attachment?.['url']) !== undefined;
  });
}

function reportTypes(submission: Submission, documents: ReadonlySet<Entry>): Fact<Code>[] {
  const claim = submission.claim;
  return objectsIn(claim?.resource['supportingInfo']).flatMap(([index, info]) => {
    const document = submission.resolve(info['valueReference']);
    const information = extensionOf(info, DOCUMENT_INFORMATION);
    if (claim === undefined || document === undefined || information === undefined || !documents.has(document) || isModified(info)) return [];
    const expression = `Claim.supportingInfo[${index}].extension.where(url='${DOCUMENT_INFORMATION}').extension.where(url='reportTypeCode').value`;
    return codeFacts(extensionOf(information, 'reportTypeCode')?.['valueCodeableConcept'], { reference: claim.reference, expression });
  });
}
