/** Documents the payer asks for (CommunicationRequest, or a PAS Task) as PWK, HI*LOI and TRN. */
import type { CommunicationRequest, Task } from '@medplum/fhirtypes';
import { EXTENSION, SYSTEM, x12System } from '../pas.ts';
import { buildSegment, type Segment } from '../segment.ts';
import { codeIn, findExtension, firstCode, isType, list } from '../shapes.ts';
import type { Answer } from './answer.ts';

export interface RequestedDocuments {
  /** PWK of the event, and of lines by their sequence. */
  pwk: { sequence?: number; segment: Segment }[];
  /** LOINC codes for HI composites with the qualifier LOI. */
  loinc: string[];
  /** DTR contexts, for TRN02 of a trace the payer assigns. */
  contexts: string[];
}

/** LOINC code that stands for a DTR questionnaire, whose context is in a TRN. */
const QUESTIONNAIRE = '102089-0';

/** Collects what is asked for. */
export function requestedDocuments(answer: Answer): RequestedDocuments {
  const documents: RequestedDocuments = { pwk: [], loinc: [], contexts: [] };
  for (const { resource } of answer.source.entries) {
    if (isType(resource, 'CommunicationRequest')) addCommunicationRequest(documents, resource);
    if (isType(resource, 'Task')) addTask(documents, resource);
  }
  return { ...documents, loinc: [...new Set(documents.loinc)] };
}

function addCommunicationRequest(documents: RequestedDocuments, request: CommunicationRequest): void {
  const report = list(request.category).map((category) => codeIn(category, x12System('755'))).find((code) => code !== undefined);
  const medium = list(request.medium).map((each) => codeIn(each, x12System('756'))).find((code) => code !== undefined) ?? 'EL';
  const controlNumber = list(request.identifier)[0]?.value;
  const sequence = findExtension(request, EXTENSION.serviceLineNumber)?.valuePositiveInt;
  if (report !== undefined) addPwk(documents, report, medium, controlNumber, sequence);
  documents.loinc.push(...list(request.payload).flatMap((payload) => (/^\d{1,7}-\d$/.test(payload.contentString ?? '') ? [payload.contentString!] : [])));
}

function addTask(documents: RequestedDocuments, task: Task): void {
  for (const input of list(task.input)) {
    const kind = firstCode(input.type);
    if (kind === 'attachments-needed') {
      const report = codeIn(input.valueCodeableConcept, x12System('755'));
      const loinc = codeIn(input.valueCodeableConcept, SYSTEM.loinc);
      if (report !== undefined) addPwk(documents, report, 'EL', undefined, findExtension(input, EXTENSION.serviceLineNumber)?.valuePositiveInt);
      if (loinc !== undefined) documents.loinc.push(loinc);
    }
    if (kind === 'questionnaire-context' && input.valueString !== undefined) {
      documents.contexts.push(input.valueString);
      documents.loinc.push(QUESTIONNAIRE);
    }
  }
}

function addPwk(documents: RequestedDocuments, report: string, medium: string, controlNumber: string | undefined, sequence: number | undefined): void {
  const segment = buildSegment('PWK', report, medium, '', '', controlNumber === undefined ? '' : 'AC', controlNumber);
  documents.pwk.push({ segment, ...(sequence === undefined ? {} : { sequence }) });
}
