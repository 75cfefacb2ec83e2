/** Documents for requests, as Parameters of $submit-attachment, and requests that ask for them. */
import type { Bundle, CommunicationRequest, Parameters, ParametersParameter, Resource } from '@medplum/fhirtypes';
import { pasExtension } from '../../profiles/pas/names.ts';
import { send, type TestAnswer, type TestHouse } from './house.ts';
import { claimOf, claimResponseOf, pendingRequest, resourceOf, submitted, withItems } from './pas-requests.ts';

export const loinc = 'http://loinc.org';

/** A letter; of no kind where `code` is null. */
export function document(code: string | null = '28633-6', text = 'A sleep study.'): Resource {
  return {
    resourceType: 'DocumentReference', status: 'current', ...(code !== null && { type: { coding: [{ system: loinc, code }] } }),
    content: [{ attachment: { contentType: 'text/plain', data: Buffer.from(text).toString('base64') } }],
  };
}

export interface Sent {
  readonly tracking: string;
  readonly member: string;
  readonly contents?: readonly Resource[];
  readonly items?: readonly number[];
  readonly code?: string;
  readonly more?: readonly ParametersParameter[];
}

export function parametersOf({ tracking, member, contents = [document()], items = [], code, more = [] }: Sent): Parameters {
  return {
    resourceType: 'Parameters',
    parameter: [
      { name: 'TrackingId', valueIdentifier: { value: tracking } }, { name: 'AttachTo', valueCode: 'preauthorization' }, { name: 'MemberId', valueIdentifier: { value: member } }, ...more,
      ...contents.map((resource): ParametersParameter => ({
        name: 'Attachment', part: [...items.map((item) => ({ name: 'LineItem', valueString: String(item) })), ...(code === undefined ? [] : [{ name: 'Code', valueCodeableConcept: { coding: [{ system: loinc, code }] } }]), { name: 'Content', resource }],
      })),
    ],
  };
}

export function attach(house: TestHouse, parameters: unknown): Promise<TestAnswer> {
  return send('POST', `${house.fhir}/$submit-attachment`, parameters);
}

export function problemsOf(answer: TestAnswer): unknown[] {
  return answer.json.issue.map(({ details }: { details: { coding?: { code: string }[] } }) => details.coding?.[0]?.code);
}

/** The texts of an OperationOutcome. */
export function textsOf(answer: TestAnswer): string[] {
  return answer.json.issue.map(({ details }: { details: { text: string } }) => details.text);
}

export interface Asking {
  readonly claim: string;
  readonly member: string;
  /** Numbers of the requests for information. */
  readonly tracking: readonly string[];
  /** Of the authorization. */
  readonly reference: string;
  readonly requests: readonly CommunicationRequest[];
  /** Id of the ClaimResponse. */
  readonly response: string;
}

/** A request that pends and asks for documents; by which numbers they are to come. */
export async function asking(house: TestHouse, lines = 1, change: (bundle: Bundle) => void = () => {}): Promise<Asking> {
  const bundle = pendingRequest(house);
  if (lines > 1) withItems(bundle, lines, (item, index) => { item.servicedDate = new Date(house.clock.now.getTime() + (index + 900) * 86_400_000).toISOString().slice(0, 10); });
  change(bundle);
  const { claim, response } = await submitted(house, bundle);
  const requests = response.entry!.flatMap(({ resource }) => resource?.resourceType === 'CommunicationRequest' ? [resource] : []);
  const tracking = requests.map(({ identifier }) => identifier![0]!.value!);
  return { claim, requests, tracking, reference: tracking[0]!.split('-')[0]!, member: resourceOf(bundle, 'Coverage').identifier![0]!.value!, response: claimResponseOf(response).id! };
}

/** A request that says that a document comes by another way, under this number. */
export function announcing(house: Pick<TestHouse, 'clock'>, number: string): Bundle {
  const bundle = pendingRequest(house);
  const claim = claimOf(bundle);
  claim.supportingInfo = [...claim.supportingInfo ?? [], {
    sequence: 40, category: { coding: [{ system: 'http://hl7.org/fhir/us/davinci-pas/CodeSystem/PASTempCodes', code: 'additionalInformation' }] }, valueReference: { identifier: { value: number } },
    extension: [{ url: pasExtension.documentInformation, extension: [{ url: 'reportTypeCode', valueCodeableConcept: { coding: [{ system: 'https://codesystem.x12.org/005010/755', code: 'OZ' }] } }, { url: 'controlNumber', valueString: number }] }],
  }];
  return bundle;
}
