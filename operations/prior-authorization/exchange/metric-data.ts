/**
 * The record of an exchange, as PAS has payers keep it for their figures: who asked whom, when, what came of each item.
 * It holds the codes of services and of providers, and nothing of the patient.
 * Source: PAS 2.2.1, logical model PASMetricData
 * (http://hl7.org/fhir/us/davinci-pas/STU2.2/StructureDefinition-PASMetricData.html).
 */
import type { CodeableConcept, Identifier, Resource } from '@medplum/fhirtypes';
import { systemOf } from '../../../profiles/pas/names.ts';
import type { Rejection } from '../rejection.ts';
import type { RequestReading } from '../request/read-request.ts';
import { isUndecided, type AuthorizationState, type ItemState } from '../state.ts';

export interface MetricData {
  readonly source: 'payer';
  readonly providerId: Identifier;
  readonly groupId: Identifier;
  readonly payerId: Identifier;
  readonly exchange: readonly { readonly type: string; readonly with: 'provider'; readonly method: 'restful' | 'x12' | 'other'; readonly requestTime: string; readonly responseTime: string; readonly httpResponse: string }[];
  readonly issue?: readonly { readonly code: string; readonly details: CodeableConcept }[];
  readonly aaaCodes?: readonly { readonly loopID: string; readonly aaaCode: string }[];
  readonly itemDetail?: readonly ItemDetail[];
  readonly requestedDoc?: readonly { readonly docRequest: readonly CodeableConcept[]; readonly timeRequested: string }[];
  readonly businessLine?: CodeableConcept;
}

export interface ItemDetail {
  readonly item: CodeableConcept;
  readonly assertionId?: string;
  readonly initialSubmissionTime: string;
  readonly finalResponseTime?: string;
  readonly locationType?: 'inpatient' | 'outpatient' | 'home';
  readonly result: 'approved' | 'modified' | 'denied' | 'pended' | 'cancelled';
  readonly denialReason?: string;
}

/** The model wants an id of everybody; whoever named none is unknown. */
const unknown: Identifier = { system: systemOf.dataAbsent, value: 'unknown' };

export type Parties = Pick<MetricData, 'providerId' | 'groupId' | 'payerId'>;

export const unknownParties: Parties = { providerId: unknown, groupId: unknown, payerId: unknown };

/** Where only an organization asks it stands for the provider too, and the other way round. */
export function partiesOf({ requester, insurer, index }: Pick<RequestReading, 'requester' | 'insurer' | 'index'>): Parties {
  const { resource } = requester ?? {};
  const [person, group] = resource?.resourceType === 'PractitionerRole'
    ? [resource.practitioner, resource.organization].map((reference) => identifierOf(index.resolve(reference?.reference, requester)?.resource))
    : resource?.resourceType === 'Organization' ? [undefined, identifierOf(resource)] : [identifierOf(resource), undefined];
  const payer = identifierOf(insurer?.resource);
  return { providerId: person ?? group ?? unknown, groupId: group ?? person ?? unknown, payerId: payer && { system: payer.system ?? systemOf.dataAbsent, ...payer } || unknown };
}

/** The NPI, or else the first that there is: system and value alone. */
function identifierOf(resource: Resource | undefined): Identifier | undefined {
  const identifiers = (resource as { identifier?: Identifier[] } | undefined)?.identifier ?? [];
  const best = identifiers.find(({ system, value }) => system === systemOf.npi && value !== undefined) ?? identifiers.find(({ value }) => value !== undefined);
  return best && { ...(best.system !== undefined && { system: best.system }), value: best.value! };
}

export const methodOf = (rail: string): MetricData['exchange'][number]['method'] => rail === 'fhir' ? 'restful' : rail === 'x12' ? 'x12' : 'other';

const results = { certified: 'approved', modified: 'modified', denied: 'denied', cancelled: 'cancelled', pended: 'pended', requested: 'pended' } as const;

export function itemDetails(state: AuthorizationState, request: RequestReading): ItemDetail[] {
  return request.items.flatMap(({ sequence, element }): ItemDetail[] => {
    const item = state.items.get(sequence);
    if (!item) return [];
    const assertionId = state.received.asserted?.find((each) => each.item === sequence)?.id;
    const location = locationOf(element.locationCodeableConcept);
    return [{
      item: codesOnly(element.productOrService), ...(assertionId !== undefined && { assertionId }), initialSubmissionTime: item.clock.receivedAt,
      ...(!isUndecided(item) && item.decision && { finalResponseTime: item.decision.at }), ...(location && { locationType: location }),
      result: results[item.status], ...denialReason(item),
    }];
  });
}

function denialReason({ decision }: ItemState): { denialReason?: string } {
  return decision?.kind === 'denied' ? { denialReason: decision.reason.code } : {};
}

/** Without texts, which people write. */
function codesOnly(concept: CodeableConcept | undefined): CodeableConcept {
  return { coding: (Array.isArray(concept?.coding) ? concept.coding : []).flatMap((coding) => typeof coding?.code === 'string' ? [{ ...(typeof coding.system === 'string' && { system: coding.system }), code: coding.code }] : []) };
}

const placesOfService = 'https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set';
const inpatient: ReadonlySet<string> = new Set(['21', '51', '61']);

function locationOf(concept: CodeableConcept | undefined): ItemDetail['locationType'] {
  const code = concept?.coding?.find(({ system }) => system === placesOfService)?.code;
  return code === undefined ? undefined : code === '12' ? 'home' : inpatient.has(code) ? 'inpatient' : 'outpatient';
}

export function requestedDocuments(state: AuthorizationState, at: Date): NonNullable<MetricData['requestedDoc']> {
  const wanted = [...state.items.values()].flatMap((item) => item.wanted).filter(({ code }) => code !== '');
  return wanted.length === 0 ? [] : [{ docRequest: wanted.map(({ system, code }) => ({ coding: [{ system, code }] })), timeRequested: at.toISOString() }];
}

export function aaaCodes(rejections: readonly Rejection[]): NonNullable<MetricData['aaaCodes']> {
  return rejections.map(({ element, code }) => ({ loopID: element.split('-')[0]!, aaaCode: code }));
}
