/**
 * A small checker of PAS 2.2.1 response Bundles, written from the specification and not from the code under test.
 * `faultsOf` names every rule that an answer breaks; an answer that keeps them all has none.
 */
import type { Bundle, BundleEntry, Claim, ClaimResponse, Extension } from '@medplum/fhirtypes';

const structure = 'http://hl7.org/fhir/us/davinci-pas/StructureDefinition';
const outcomes = new Set(['complete', 'error', 'partial']);
const absolute = /^(https?:\/\/\S+|urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/i;

export interface Expectation {
  /** Did a person decide? */
  readonly human?: boolean;
  readonly inquiry?: boolean;
}

export function faultsOf(response: Bundle, request: Bundle, expected: Expectation = {}): string[] {
  const faults: string[] = [];
  const fault = (condition: boolean, text: string): void => { if (condition) faults.push(text); };
  const entries = response.entry ?? [];
  const first = entries[0]?.resource;
  fault(response.resourceType !== 'Bundle' || response.type !== 'collection', 'the answer is no collection');
  fault(response.timestamp === undefined, 'Bundle.timestamp is missing');
  fault(response.identifier?.value === undefined, 'Bundle.identifier is missing');
  if (request.identifier) fault(JSON.stringify(response.identifier) !== JSON.stringify(request.identifier), 'Bundle.identifier is not that of the request');
  fault(first?.resourceType !== 'ClaimResponse', 'ClaimResponse is not first');
  fault(entries.filter((entry) => entry.resource?.resourceType === 'ClaimResponse').length !== 1, 'there is not exactly one ClaimResponse');
  fault(response.meta?.profile?.[0] !== `${structure}/profile-pas-${expected.inquiry ? 'inquiry-' : ''}response-bundle`, 'Bundle.meta.profile is wrong');
  faults.push(...addressFaults(entries), ...echoFaults(entries, request));
  if (first?.resourceType === 'ClaimResponse') faults.push(...claimResponseFaults(first, request, expected), ...referenceFaults(response, request));
  return faults;
}

function addressFaults(entries: readonly BundleEntry[]): string[] {
  const urls = entries.map((entry) => entry.fullUrl ?? '');
  return [
    ...urls.filter((url) => !absolute.test(url)).map(() => 'a fullUrl is not absolute'),
    ...(new Set(urls).size < urls.length ? ['a fullUrl occurs twice'] : []),
    ...entries.filter((entry) => entry.search ?? entry.request ?? entry.response).map(() => 'an entry has search, request or response'),
  ];
}

/** What was sent under a fullUrl comes back under it, to the letter, and with what it refers to. */
function echoFaults(entries: readonly BundleEntry[], request: Bundle): string[] {
  return [...changedEchoes(entries, request), ...halfEchoes(entries, request)];
}

function halfEchoes(entries: readonly BundleEntry[], request: Bundle): string[] {
  const sent = new Map((request.entry ?? []).filter((entry) => entry.resource?.resourceType !== 'Claim').map((entry) => [entry.fullUrl, entry]));
  const back = new Set(entries.map((entry) => entry.fullUrl));
  return entries.filter((entry) => sent.has(entry.fullUrl)).flatMap(({ fullUrl, resource }) => referencesOf(resource)
    .map(({ value }) => /^[a-z][a-z\d+.-]*:/i.test(value) ? value : fullUrl!.replace(/[^/]+\/[^/]+$/, value))
    .filter((url) => sent.has(url) && !back.has(url))
    .map(() => `the echoed ${resource!.resourceType} refers to a resource that was sent and is not echoed`));
}

function changedEchoes(entries: readonly BundleEntry[], request: Bundle): string[] {
  const sent = new Map((request.entry ?? []).flatMap((entry) => entry.fullUrl === undefined ? [] : [[entry.fullUrl, JSON.stringify(entry.resource)]]));
  return entries.filter((entry) => sent.has(entry.fullUrl ?? '') && sent.get(entry.fullUrl!) !== JSON.stringify(entry.resource)).map((entry) => `the echoed ${entry.resource?.resourceType} differs from what was sent`);
}

/** Every reference of what is ours resolves to exactly one entry by its fullUrl; the Claim may stay with its sender. */
function referenceFaults(response: Bundle, request: Bundle): string[] {
  const urls = (response.entry ?? []).map((entry) => entry.fullUrl);
  const sent = new Set((request.entry ?? []).map((entry) => JSON.stringify(entry.resource)));
  const ours = (response.entry ?? []).map((entry) => entry.resource!).filter((resource) => !sent.has(JSON.stringify(resource)));
  return ours.flatMap((resource) => referencesOf(resource)
    .filter(({ path, value }) => !(resource.resourceType === 'ClaimResponse' && path === '.request.reference') && urls.filter((url) => url === value).length !== 1)
    .map(({ path }) => `${resource.resourceType}${path} does not resolve to exactly one entry`));
}

function referencesOf(value: unknown, path = ''): { path: string; value: string }[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, element]) => {
    const place = Array.isArray(value) ? `${path}[${name}]` : `${path}.${name}`;
    return name === 'reference' && typeof element === 'string' ? [{ path: place, value: element }] : referencesOf(element, place);
  });
}

function claimResponseFaults(response: ClaimResponse, request: Bundle, expected: Expectation): string[] {
  const faults: string[] = [];
  const fault = (condition: boolean, text: string): void => { if (condition) faults.push(text); };
  const claim = request.entry?.[0]?.resource;
  if (claim?.resourceType !== 'Claim') return ['the request has no Claim'];
  fault(response.meta?.profile?.[0] !== `${structure}/profile-claim${expected.inquiry ? 'inquiry' : ''}response`, 'ClaimResponse.meta.profile is wrong');
  fault(response.status !== 'active' || response.use !== 'preauthorization', 'status or use is wrong');
  fault(JSON.stringify(response.type) !== JSON.stringify(claim.type), 'type is not that of the Claim');
  fault(!outcomes.has(response.outcome ?? ''), 'outcome is none of complete, error, partial');
  fault(response.created === undefined || response.patient === undefined || response.insurer === undefined || response.request === undefined, 'a mandatory element is missing');
  const reviewer = response.extension?.find((extension) => extension.url === `${structure}/extension-claimResponseReviewer`)?.extension;
  fault(reviewer?.find((part) => part.url === 'wasHumanReviewedFlag')?.valueBoolean !== (expected.human ?? false), 'wasHumanReviewedFlag is not truthful');
  if (response.outcome === 'error') {
    fault((response.error?.length ?? 0) === 0, 'outcome error without an error');
    for (const error of response.error ?? []) faults.push(...errorFaults(error));
    return faults;
  }
  if (!expected.inquiry) fault(numbersOf(response) !== numbersOf(claim), 'identifier is not that of the Claim');
  if (claim.item) fault(JSON.stringify(sorted(response.item?.map((item) => item.itemSequence))) !== JSON.stringify(sorted(claim.item.map((item) => item.sequence))), 'itemSequence is not what was asked');
  for (const item of [...response.item ?? [], ...response.addItem ?? []]) faults.push(...(item.adjudication ?? []).flatMap(adjudicationFaults), ...(item.adjudication?.length === 1 ? [] : ['an item has not exactly one adjudication']));
  const notes = response.processNote?.map((note) => note.number) ?? [];
  for (const item of response.item ?? []) fault((item.noteNumber ?? []).some((number) => !notes.includes(number)), 'noteNumber names no note');
  for (const item of response.item ?? []) fault(!item.extension?.some((extension) => extension.url === `${structure}/extension-itemAuthorizedProvider` && extension.extension?.some((part) => part.url === `${structure}/extension-authorizedProviderType`)), 'an item has no authorized provider with a type');
  for (const item of response.item ?? []) {
    const action = codeOf(item.adjudication?.[0]?.extension);
    if (action === 'A6') fault(!response.addItem?.some((added) => added.itemSequence?.length === 1 && added.itemSequence[0] === item.itemSequence), 'a modified item has no addItem');
    if (action === 'A3') fault((item.noteNumber?.length ?? 0) === 0, 'a denial has no words');
  }
  return faults;
}

const numbersOf = ({ identifier }: Claim | ClaimResponse): string => JSON.stringify(identifier?.map(({ system, value }) => ({ system, value })));
const sorted = (numbers: readonly (number | undefined)[] | undefined): (number | undefined)[] => [...numbers ?? []].toSorted((a, b) => (a ?? 0) - (b ?? 0));

/** category `submitted`, and extension-reviewAction with its code under the full canonical and the number under a bare name. */
function adjudicationFaults(adjudication: NonNullable<ClaimResponse['adjudication']>[number]): string[] {
  const category = adjudication.category?.coding?.[0];
  const reviews = adjudication.extension?.filter((extension) => extension.url === `${structure}/extension-reviewAction`) ?? [];
  if (reviews.length !== 1) return ['an adjudication has not exactly one reviewAction'];
  const parts = reviews[0]!.extension ?? [];
  const action = codeOf(adjudication.extension);
  const number = parts.find((part) => part.url === 'number');
  return [
    ...(category?.system === 'http://terminology.hl7.org/CodeSystem/adjudication' && category.code === 'submitted' ? [] : ['adjudication.category is not submitted']),
    ...(action !== undefined && ['A1', 'A3', 'A4', 'A6', 'C'].includes(action) ? [] : ['the review action is none of A1, A3, A4, A6, C']),
    ...(parts.every((part) => [`${structure}/extension-reviewActionCode`, 'number', 'reasonCode', 'secondSurgicalOpinionFlag'].includes(part.url)) ? [] : ['reviewAction has an unknown part']),
    ...((action === 'A1' || action === 'A6') === (number?.valueString !== undefined) ? [] : ['a certification number is missing, or given without a certification']),
    ...(reviews[0]!.url && 'value' in reviews[0]! ? ['reviewAction has a value'] : []),
  ];
}

function codeOf(extensions: readonly Extension[] | undefined): string | undefined {
  const coding = extensions?.find((extension) => extension.url === `${structure}/extension-reviewAction`)?.extension
    ?.find((part) => part.url === `${structure}/extension-reviewActionCode`)?.valueCodeableConcept?.coding?.[0];
  return coding?.system === 'https://codesystem.x12.org/005010/306' ? coding.code : undefined;
}

function errorFaults(error: NonNullable<ClaimResponse['error']>[number]): string[] {
  const part = (name: string): Extension | undefined => error.extension?.find((extension) => extension.url === `${structure}/extension-${name}`);
  const element = part('errorElement')?.extension?.find((extension) => extension.url === 'error')?.valueString ?? '';
  return [
    ...(error.code?.coding?.[0]?.system === 'https://codesystem.x12.org/005010/901' ? [] : ['error.code is not of X12 901']),
    ...(part('errorFollowupAction')?.valueCodeableConcept?.coding?.[0]?.system === 'https://codesystem.x12.org/005010/889' ? [] : ['errorFollowupAction is not of X12 889']),
    ...(/^20[01]0[A-F][A-C]?-[A-Z0-9]{2,3}\d{2}$/.test(element) ? [] : ['errorElement names no X12 element']),
    ...(/^Bundle\.entry\[\d+\]/.test(part('errorPath')?.valueString ?? '') ? [] : ['errorPath is no FHIRPath from the Bundle']),
  ];
}
