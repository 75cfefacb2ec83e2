/**
 * A C-CDA document to a FHIR document Bundle. Pure: the same bytes give the same Bundle. A document that cannot be read
 * gives an empty Bundle and an issue with line and column; nothing in one that can be read stops the rest of it.
 * Source: C-CDA 2.1; HL7 C-CDA on FHIR (https://build.fhir.org/ig/HL7/ccda-on-fhir); US Core 7
 */
import type { Bundle, BundleEntry } from '@medplum/fhirtypes';
import { Problem } from '../../fhir/problems.ts';
import type { Mapping, MappingIssue } from '../ledger.ts';
import { putBody } from './body.ts';
import { claimProfiles } from './claims.ts';
import { isUuid } from './codes/systems.ts';
import { businessKey, Conversion, type ConversionOptions } from './conversion.ts';
import { keyOfText, putComposition } from './header/composition.ts';
import { placeStatement } from './dispatch.ts';
import { closeEncounters, putEncompassingEncounter } from './header/encounter.ts';
import { putPatient } from './header/patient.ts';
import { textsOf } from './narrative.ts';
import { unmappedOf } from './unmapped.ts';
import { readTime } from './values/time.ts';
import { decodeXml } from './xml/decode.ts';
import type { Element } from './xml/element.ts';
import { defaultXmlLimits, parseTree, type XmlLimits } from './xml/parse.ts';

export interface DocumentOptions extends ConversionOptions {
  /** The charset that the channel told; a byte order mark outranks it, an XML declaration does not. */
  readonly charset?: string;
  readonly limits?: XmlLimits;
}

/** Which document was taken, and whether. CDA has no acknowledgement of its own. */
export interface DocumentReceipt {
  readonly outcome: 'mapped' | 'refused';
  /** ClinicalDocument.id: the same for the same document. */
  readonly document?: { readonly root: string; readonly extension?: string };
  /** What all versions of a document share, and which of them this is. */
  readonly set?: { readonly root: string; readonly extension?: string };
  readonly version?: number;
}

/** Converts one document. Never throws for what was sent. */
export function readClinicalDocument(bytes: Uint8Array, options: DocumentOptions = {}): Mapping<DocumentReceipt> {
  let root: Element;
  let text: string;
  try {
    text = decodeXml(bytes, options.charset);
    root = parseTree(text, options.limits ?? defaultXmlLimits);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const { line, column, reason } = error.issues[0].details;
    return refused({ severity: 'error', code: 'malformed-xml', text: `The document is no XML that can be read: ${String(reason)}.`, source: '/', line: Number(line), column: Number(column) });
  }
  if (root.name !== 'ClinicalDocument') return refused({ severity: 'error', code: 'not-a-clinical-document', text: 'The document is no ClinicalDocument of HL7 version 3.', source: '/', line: root.line, column: root.column });
  return convert(root, text, options);
}

function refused(issue: MappingIssue): Mapping<DocumentReceipt> {
  return { bundle: { resourceType: 'Bundle', type: 'collection' }, issues: [issue], acknowledgement: { outcome: 'refused' }, ledger: [], unmapped: [] };
}

function convert(root: Element, text: string, options: DocumentOptions): Mapping<DocumentReceipt> {
  const key = businessKey(root);
  const c = new Conversion(key === undefined ? keyOfText(text) : JSON.stringify(key), textsOf(root), options, placeStatement);
  if (key === undefined) c.tell('warning', 'document-id-missing', 'The document does not say which one it is: it is known by its text.', root);
  putPatient(c, root);
  c.encounter = putEncompassingEncounter(c, root);
  const composition = putComposition(c, root);
  putBody(c, composition, root);
  c.finish();
  closeEncounters(c);
  const entry = c.draft.entries(composition.url);
  claimProfiles(c, entry);
  const bundle = bundleOf(c, root, entry);
  return { bundle, issues: c.issues, acknowledgement: receiptOf(root), ledger: c.draft.ledger(), unmapped: unmappedOf(root) };
}

/** A document has a time, which is that of the CDA document; one without offset is read as UTC here, and told. */
function bundleOf(c: Conversion, root: Element, entry: BundleEntry[]): Bundle {
  const identifier = identifierOf(c, root);
  const sent = root.child('effectiveTime');
  const time = readTime(sent?.get('value') ?? '', c.options.offset ?? '+00:00');
  if (time === undefined) return { resourceType: 'Bundle', type: 'collection', identifier, entry };
  if (readTime(sent!.get('value')!, c.options.offset)?.instant === undefined) c.tell('information', 'timestamp-assumed', 'The time of the document is without an offset or time of day: the Bundle has its first moment in UTC.', sent!);
  return { resourceType: 'Bundle', type: 'document', identifier, timestamp: time.instant ?? `${`${time.dateTime}-01-01`.slice(0, 10)}T00:00:00Z`, entry };
}

/** The document's own id where it names something, else the key that it is known by. */
function identifierOf(c: Conversion, root: Element): { system: string; value: string } {
  const own = businessKey(root);
  if (own === undefined) return { system: 'urn:ietf:rfc:3986', value: `urn:uuid:${c.key}` };
  const [name, extension] = own;
  const uri = `urn:${isUuid(name) ? 'uuid' : 'oid'}:${name}`;
  return extension === '' ? { system: 'urn:ietf:rfc:3986', value: uri } : { system: uri, value: extension };
}

function readId(id: Element): { root: string; extension?: string } | undefined {
  const root = id.get('root');
  const extension = id.get('extension');
  return root === undefined ? undefined : { root, ...(extension !== undefined && { extension }) };
}

function receiptOf(root: Element): DocumentReceipt {
  const id = root.child('id');
  const set = root.child('setId');
  const document = id === undefined ? undefined : readId(id);
  const ofSet = set === undefined ? undefined : readId(set);
  const version = root.child('versionNumber')?.get('value');
  return {
    outcome: 'mapped',
    ...(document !== undefined && { document }),
    ...(ofSet !== undefined && { set: ofSet }),
    ...(version !== undefined && /^\d{1,9}$/.test(version) && { version: Number(version) }),
  };
}
