/**
 * $ccda: the record of a patient as a C-CDA document, for those who take one in that form only. It goes out as it is; who
 * asks for FHIR gets it in a DocumentReference, with an account of what of the record is not in it.
 * Source: C-CDA 2.1, Continuity of Care Document, Referral Note; https://hl7.org/fhir/R4/documentreference.html
 */
import { createHash } from 'node:crypto';
import type { Bundle, DocumentReference, OperationDefinition, OperationOutcome, OperationOutcomeIssue, Parameters } from '@medplum/fhirtypes';
import { stringifyJson } from '../../fhir/json.ts';
import { Problem } from '../../fhir/problems.ts';
import { dateRange, type DateRange } from '../../fhir/search-values/dates.ts';
import { writeClinicalDocument, type WrittenDocument } from '../../mappers/ccda/index.ts';
import type { Context } from '../../store/context.ts';
import type { Queryable } from '../../store/database.ts';
import { newId } from '../../store/shard.ts';
import { readInputs } from '../inputs.ts';
import { fhirAnswer, type Operation, type OperationCall } from '../registry.ts';
import { clinicalDocumentType, recordBundle } from './record.ts';

/** Codes by which the account of what was left out can be switched on. */
export const writingIssueSystem = 'https://priora.health/fhir/CodeSystem/document-issue';

/** More is told by their number. */
const mostTold = 500;

const kinds = {
  ccd: { code: '34133-9', display: 'Summarization of Episode Note' },
  referral: { code: '57133-1', display: 'Referral note' },
} as const;

const definition: OperationDefinition & { id: string; url: string } = {
  resourceType: 'OperationDefinition',
  id: 'Patient-ccda',
  url: 'https://priora.health/fhir/OperationDefinition/Patient-ccda',
  name: 'PatientCcda',
  title: 'The record of a patient as a C-CDA document',
  status: 'active',
  kind: 'operation',
  description: `Writes a C-CDA 2.1 document of what is stored about a patient. It is answered as ${clinicalDocumentType}; a client that asks for FHIR gets Parameters.`,
  affectsState: false,
  code: 'ccda',
  resource: ['Patient'],
  system: false,
  type: false,
  instance: true,
  parameter: [
    { name: 'type', use: 'in', min: 0, max: '1', type: 'code', documentation: 'ccd (Continuity of Care Document, unless said otherwise) or referral (Referral Note).' },
    { name: 'start', use: 'in', min: 0, max: '1', type: 'date', documentation: 'Only what was then or later, by the principal date of its type; what has none is always in.' },
    { name: 'end', use: 'in', min: 0, max: '1', type: 'date', documentation: 'Only what was then or earlier.' },
    { name: 'document', use: 'out', min: 1, max: '1', type: 'DocumentReference', documentation: 'The document, as the attachment of a DocumentReference that is not stored.' },
    { name: 'issues', use: 'out', min: 1, max: '1', type: 'OperationOutcome', documentation: 'What of the record is not in the document, and why.' },
  ],
};

export function clinicalDocumentOperation(database: Queryable): Operation {
  return {
    code: 'ccda', resource: 'Patient', levels: ['instance'], canonical: definition.url, byGet: true, definition, native: clinicalDocumentType,
    async handle(call) {
      const { context, id } = call;
      const { type, start, end } = readAsked(call);
      const bundle = await recordBundle(database, id!, { start, end }, context);
      const documentId = newId(context);
      const time = context.now().toISOString();
      const written = writeClinicalDocument(bundle, { type, id: { root: documentId }, time });
      if (call.isNative === true) return { status: 200, mediaType: `${clinicalDocumentType}; charset=utf-8`, body: written.document, headers: asFile };
      const parameters: Parameters = { resourceType: 'Parameters', parameter: [{ name: 'document', resource: referenceTo(written, { type, documentId, time, patient: id! }) }, { name: 'issues', resource: account(written, bundle, context) }] };
      return { status: 200, mediaType: fhirAnswer, body: stringifyJson(parameters) };
    },
  };
}

/** What a record says is strangers' words: no page that is opened from here may act in this server's name. */
const asFile = { 'content-disposition': 'attachment', 'content-security-policy': `default-src 'none'; sandbox`, 'cross-origin-resource-policy': 'same-origin', vary: 'accept' };

interface Asked {
  readonly type: keyof typeof kinds;
  readonly start: DateRange | undefined;
  readonly end: DateRange | undefined;
}

/** @throws {Problem} `invalid-operation-parameter`, `unknown-operation-parameter` */
function readAsked(call: OperationCall): Asked {
  const inputs = readInputs(call, 'ccda', { primitives: ['type', 'start', 'end'] });
  const type = inputs.one('type') ?? 'ccd';
  if (type !== 'ccd' && type !== 'referral') throw new Problem('invalid-operation-parameter', { name: 'type', reason: 'ccd or referral is expected' });
  const [start, end] = ['start', 'end'].map((name) => {
    const value = inputs.one(name);
    const range = value === undefined ? undefined : dateRange(value);
    if (value !== undefined && range === undefined) throw new Problem('invalid-operation-parameter', { name, reason: 'a date such as 2026-01-31 is expected' });
    return range;
  });
  if (start && end && start.low > end.high) throw new Problem('invalid-operation-parameter', { name: 'end', reason: 'it is before start' });
  return { type, start, end };
}

function referenceTo({ document }: WrittenDocument, { type, documentId, time, patient }: { readonly type: keyof typeof kinds; readonly documentId: string; readonly time: string; readonly patient: string }): DocumentReference {
  const bytes = Buffer.from(document);
  return {
    resourceType: 'DocumentReference',
    masterIdentifier: { system: 'urn:ietf:rfc:3986', value: `urn:uuid:${documentId}` },
    status: 'current',
    type: { coding: [{ system: 'http://loinc.org', ...kinds[type] }] },
    subject: { reference: `Patient/${patient}` },
    date: time,
    content: [{
      attachment: { contentType: clinicalDocumentType, language: 'en-US', data: bytes.toString('base64'), size: bytes.length, hash: createHash('sha1').update(bytes).digest('base64'), creation: time },
      format: { system: 'http://terminology.hl7.org/CodeSystem/v3-HL7DocumentFormatCodes', code: 'urn:hl7-org:sdwg:ccda-structuredBody:2.1' },
    }],
  };
}

const entryForm = /^Bundle\.entry\[(\d+)\]\.resource\.?(.*)$/;

/** What follows from the form of a document, and is missed by nobody. */
const ofForm: ReadonlySet<string> = new Set(['a document has nothing about its resources as records', 'the narrative is written from the values']);

/** Issues first, then what was left out value by value. Places are those of the resources as they are stored. */
function account({ issues, unmapped }: WrittenDocument, bundle: Bundle, context: Context): OperationOutcome {
  const told = [
    ...issues.map(({ severity, code, text, source }) => issueAt(bundle, context, severity, code, text, source)),
    ...unmapped.filter(({ reason }) => !ofForm.has(reason)).map(({ source, reason }) => issueAt(bundle, context, 'information', 'left-out', `Not in the document: ${reason}.`, source)),
  ];
  if (told.length === 0) return { resourceType: 'OperationOutcome', issue: [issueAt(bundle, context, 'information', 'complete', 'All of it is in the document.')] };
  const more = told.length - mostTold;
  const rest = more > 0 ? [issueAt(bundle, context, 'information', 'more', `${more} further values are not in the document.`)] : [];
  return { resourceType: 'OperationOutcome', issue: [...told.slice(0, mostTold), ...rest] };
}

function issueAt(bundle: Bundle, { base }: Context, severity: OperationOutcomeIssue['severity'], code: string, text: string, source = ''): OperationOutcomeIssue {
  const [, at, path = ''] = entryForm.exec(source) ?? [];
  const resource = at === undefined ? undefined : bundle.entry?.[Number(at)]?.resource;
  return {
    severity, code: severity === 'information' ? 'informational' : 'incomplete',
    details: { coding: [{ system: writingIssueSystem, code }], text },
    ...(resource && { diagnostics: `${base}/${resource.resourceType}/${resource.id ?? ''}`, expression: [path === '' ? resource.resourceType : `${resource.resourceType}.${path}`] }),
  };
}
