/**
 * What the definition of Bundle cannot say: identities of entries, and what belongs in a document, a message or the
 * answer to a search.
 * Source: https://hl7.org/fhir/R4/bundle.html, https://hl7.org/fhir/R4/documents.html, https://hl7.org/fhir/R4/http.html#search
 */
import type { ProblemCode, ProblemDetails } from '../../fhir/problems.ts';
import { isResourceType } from '../../fhir/resource-types.ts';
import { readReference } from '../../fhir/references.ts';
import { isObject } from '../../fhir/shape/elements.ts';
import { unreachable } from './reachable.ts';

type JsonObject = Readonly<Record<string, unknown>>;

export interface BundleFinding {
  readonly code: ProblemCode;
  readonly details: ProblemDetails;
  readonly severity: 'error' | 'warning' | 'information';
  /** FHIRPath from the Bundle on, empty or with a dot in front. */
  readonly step: string;
}

interface Entry {
  readonly step: string;
  readonly fullUrl: string | undefined;
  readonly resource: JsonObject | undefined;
  readonly mode: unknown;
}

/** Types of Bundle whose entries are resources that have an identity. */
const identifying = new Set(['document', 'message', 'collection', 'searchset', 'history']);
const uuid = /^urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const oid = /^urn:oid:[0-2](?:\.(?:0|[1-9]\d*))+$/;
const absolute = /^[A-Za-z][A-Za-z0-9+.-]*:\S+$/;

export function bundleFindings(bundle: JsonObject): readonly BundleFinding[] {
  const findings: BundleFinding[] = [];
  const list: unknown = bundle['entry'];
  const entries = (Array.isArray(list) ? list : []).flatMap((entry: unknown, index): Entry[] => isObject(entry) ? [entryOf(entry, index)] : []);
  const type = typeof bundle['type'] === 'string' ? bundle['type'] : '';
  for (const entry of entries) identityFindings(entry, type, findings);
  switch (type) {
    case 'document': startFindings('Composition', entries, findings); break;
    case 'message': startFindings('MessageHeader', entries, findings); break;
    case 'searchset': searchFindings(bundle, entries, findings); break;
    default: break;
  }
  return findings;
}

function entryOf(entry: JsonObject, index: number): Entry {
  const { fullUrl, resource, search } = entry;
  return {
    step: `.entry[${index}]`,
    fullUrl: typeof fullUrl === 'string' ? fullUrl : undefined,
    resource: isObject(resource) ? resource : undefined,
    mode: isObject(search) ? search['mode'] : undefined,
  };
}

function identityFindings({ step, fullUrl, resource }: Entry, type: string, findings: BundleFinding[]): void {
  const add = (reason: string): void => { findings.push({ code: 'bundle-full-url', details: { reason }, severity: 'error', step: fullUrl === undefined ? step : `${step}.fullUrl` }); };
  if (resource === undefined) return;
  if (fullUrl === undefined) {
    if (identifying.has(type)) add('each entry of a Bundle needs one, except in batches and transactions');
    return;
  }
  if (!absolute.test(fullUrl)) add('it must be an absolute URL');
  else if (fullUrl.startsWith('urn:uuid:') && !uuid.test(fullUrl)) add('a UUID has 32 hexadecimal digits in lower case, in groups of 8, 4, 4, 4 and 12');
  else if (fullUrl.startsWith('urn:oid:') && !oid.test(fullUrl)) add('it holds no OID');
  else if (/^https?:/.test(fullUrl)) {
    const { type: named, id } = readReference(fullUrl) ?? {};
    if (!isResourceType(named)) return;
    if (named !== resource['resourceType']) add('it names another type than that of the resource');
    else if (resource['id'] === undefined) add('it names an id, and the resource has none');
    else if (resource['id'] !== id) add('it names another id than that of the resource');
  }
}

/** A document starts with its Composition, a message with its header, and both hold what that leads to. */
function startFindings(start: string, entries: readonly Entry[], findings: BundleFinding[]): void {
  const [first] = entries;
  if (first?.resource?.['resourceType'] !== start) {
    findings.push({ code: 'bundle-start', details: { type: start }, severity: 'error', step: first === undefined ? '' : `${first.step}.resource` });
    return;
  }
  const { missing, ambiguous, apart, backwards } = unreachable(entries.map(({ fullUrl, resource, step }) => ({ fullUrl, resource, step })));
  const isDocument = start === 'Composition';
  for (const step of ambiguous) findings.push({ code: 'bundle-target-several', details: {}, severity: 'error', step });
  for (const step of missing) findings.push({ code: 'bundle-target-missing', details: { start }, severity: isDocument ? 'error' : 'warning', step });
  for (const step of apart) findings.push({ code: 'bundle-entry-apart', details: { start }, severity: isDocument ? 'error' : 'information', step });
  if (isDocument) for (const step of backwards) findings.push({ code: 'bundle-entry-apart', details: { start }, severity: 'warning', step });
}

function searchFindings(bundle: JsonObject, entries: readonly Entry[], findings: BundleFinding[]): void {
  const { link } = bundle;
  if (!Array.isArray(link) || !link.some((one) => isObject(one) && one['relation'] === 'self')) findings.push({ code: 'bundle-search', details: { reason: 'it has no link "self" that tells what was searched' }, severity: 'warning', step: '' });
  if (entries.some(({ resource, mode }) => resource !== undefined && mode === undefined)) findings.push({ code: 'bundle-search', details: { reason: 'entries do not tell by search.mode why they are there' }, severity: 'warning', step: '' });
  for (const { resource, mode, step } of entries) {
    if (resource === undefined) continue;
    const isOutcome = resource['resourceType'] === 'OperationOutcome';
    if (mode === 'outcome' && !isOutcome) findings.push({ code: 'bundle-search', details: { reason: 'an entry of mode outcome is an OperationOutcome' }, severity: 'error', step: `${step}.resource` });
    if (mode !== 'outcome' && !isOutcome && resource['id'] === undefined) findings.push({ code: 'bundle-search', details: { reason: 'what was found has an id' }, severity: 'error', step: `${step}.resource` });
    if (mode === 'match' && isOutcome) findings.push({ code: 'bundle-search', details: { reason: 'an OperationOutcome is no match' }, severity: 'error', step: `${step}.resource` });
  }
}
