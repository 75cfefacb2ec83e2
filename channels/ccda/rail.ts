/**
 * C-CDA for the inbox: a delivery is one document. CDA has no acknowledgement of its own; its sender gets an
 * OperationOutcome.
 */
import type { Composition } from '@medplum/fhirtypes';
import { stringifyJson } from '../../fhir/json.ts';
import type { Mapping } from '../../mappers/ledger.ts';
import { type DocumentOptions, type DocumentReceipt, readClinicalDocument } from '../../mappers/ccda/index.ts';
import { outcomeOfMessage } from '../../operations/intake/issues.ts';
import type { IncomingMessage, MessageIssue, MessageOutcome, Rail } from '../../operations/intake/message.ts';

const fhirJson = 'application/fhir+json; charset=utf-8';
const charsetForm = /;\s*charset\s*=\s*"?([\w.:-]{1,40})"?/i;

/** What the sender is told besides what is wrong, by state. */
const told: Readonly<Record<MessageOutcome['state'], MessageIssue>> = {
  accepted: { severity: 'information', code: 'accepted', text: 'The document was taken.' },
  review: { severity: 'information', code: 'accepted', text: 'The document was taken.' },
  quarantined: { severity: 'error', code: 'quarantined', text: 'The document was kept and not taken.' },
  duplicate: { severity: 'error', code: 'duplicate', text: 'The document was not taken.' },
};

const statusOf = { accepted: 200, review: 200, quarantined: 422, duplicate: 409 } as const;

export function ccdaRail(options: Omit<DocumentOptions, 'charset'> = {}): Rail {
  return {
    channel: 'ccda',
    * read(body, mediaType) {
      const charset = charsetForm.exec(mediaType)?.[1];
      yield documentOf(body, { ...options, ...(charset !== undefined && { charset }) });
    },
    // What a matching by a person is about is nothing to the sender.
    acknowledge: (_, { state, issues }) => stringifyJson(outcomeOfMessage([told[state], ...(state === 'review' ? [] : issues.filter(({ severity }) => severity !== 'information'))])),
    answer: ([first]) => first ? { status: statusOf[first.outcome.state], mediaType: fhirJson, body: first.acknowledgement } : { status: 422, mediaType: fhirJson, body: stringifyJson(outcomeOfMessage([told.quarantined])) },
    refuse: (issues, status) => ({ status, mediaType: fhirJson, body: stringifyJson(outcomeOfMessage(issues)) }),
  };
}

function documentOf(content: Uint8Array, options: DocumentOptions): IncomingMessage {
  let mapping: Mapping<DocumentReceipt>;
  try {
    // Its name is inside, so it is read before it is known whether it came before.
    mapping = readClinicalDocument(content, options);
  } catch (error) {
    return { key: undefined, kind: 'C-CDA', content, map: () => { throw error; } };
  }
  const { document, set, version } = mapping.acknowledgement;
  const author = custodianOf(mapping);
  return {
    key: document && nameOf(document), kind: kindOf(mapping), content, carries: 'whole', document: { mediaType: 'application/cda+xml' },
    ...(author !== undefined && { author }),
    ...(set && version !== undefined && { series: { id: nameOf(set), version } }),
    map: () => mapping,
  };
}

function nameOf({ root, extension }: { readonly root: string; readonly extension?: string }): string {
  return extension === undefined ? root : `${root}|${extension}`;
}

/** With the LOINC code of its type, which says nothing of anybody. */
function kindOf(mapping: Mapping<unknown>): string {
  const code = compositionOf(mapping)?.type.coding?.[0]?.code;
  return code !== undefined && /^\d{1,6}-\d$/.test(code) ? `C-CDA ${code}` : 'C-CDA';
}

function custodianOf(mapping: Mapping<unknown>): string | undefined {
  const reference = compositionOf(mapping)?.custodian?.reference;
  const custodian = mapping.bundle.entry?.find(({ fullUrl }) => reference !== undefined && fullUrl === reference)?.resource;
  return custodian?.resourceType === 'Organization' ? (custodian).name : undefined;
}

function compositionOf({ bundle }: Mapping<unknown>): Composition | undefined {
  return bundle.entry?.find(({ resource }) => resource?.resourceType === 'Composition')?.resource as Composition | undefined;
}
