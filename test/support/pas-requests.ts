/** Requests and readers for the tests of prior authorization: Bundles of the demo's members, and what answers say. */
import type { Bundle, Claim, ClaimItem, ClaimResponse, Parameters, Resource } from '@medplum/fhirtypes';
import type pg from 'pg';
import { pasExtension } from '../../profiles/pas/names.ts';
import { consultation, demoBundle, hcpcsService, type DemoRequest } from '../../server/demo/requests.ts';
import { send, type TestAnswer, type TestHouse } from './house.ts';

let runs = 0;

/** A request that a rule certifies, unless told otherwise. Every call has trace numbers of its own. */
export function request(house: Pick<TestHouse, 'clock'>, options: Partial<DemoRequest> = {}): Bundle {
  runs += 1;
  return demoBundle({ member: 'demo-joe-smith', run: `T${runs.toString(16).padStart(7, '0')}A`, at: house.clock.now.toISOString(), service: consultation, category: '3', placeOfService: '11', diagnosis: 'G89.4', ...options });
}

/** Home oxygen, saturation not low enough: pends for a person. Each for a day of its own, so that none is a duplicate of another. */
export function pendingRequest(house: Pick<TestHouse, 'clock'>, options: Partial<DemoRequest> = {}): Bundle {
  const bundle = request(house, { member: 'demo-daniel-reyes', service: hcpcsService('E1390'), category: '12', placeOfService: '12', diagnosis: 'J44.9', saturation: 93, ...options });
  claimOf(bundle).item![0]!.servicedDate = new Date(house.clock.now.getTime() + runs * 86_400_000).toISOString().slice(0, 10);
  return bundle;
}

/** A service that the plan's document excludes: denied by a rule of the contract. */
export function excludedRequest(house: Pick<TestHouse, 'clock'>): Bundle {
  return request(house, { member: 'demo-lena-fischer', service: hcpcsService('A9270'), category: '12', placeOfService: '12', diagnosis: 'Z00.00' });
}

export function claimOf(bundle: Bundle): Claim {
  return bundle.entry![0]!.resource as Claim;
}

export function resourceOf<T extends Resource['resourceType']>(bundle: Bundle, type: T): Extract<Resource, { resourceType: T }> {
  const found = bundle.entry!.find((entry) => entry.resource?.resourceType === type)?.resource;
  if (!found) throw new Error(`no ${type} in the Bundle`);
  return found as Extract<Resource, { resourceType: T }>;
}

/** The Bundle with its items replaced by copies of the first, changed by `change`. */
export function withItems(bundle: Bundle, count: number, change: (item: ClaimItem, index: number) => void = () => {}): Bundle {
  const [first] = claimOf(bundle).item!;
  claimOf(bundle).item = Array.from({ length: count }, (_, index) => {
    const item = { ...structuredClone(first!), sequence: index + 1 };
    change(item, index);
    return item;
  });
  return bundle;
}

export function submit(house: TestHouse, bundle: unknown): Promise<TestAnswer> {
  return send('POST', `${house.fhir}/Claim/$submit`, bundle);
}

export function inquire(house: TestHouse, bundle: unknown): Promise<TestAnswer> {
  return send('POST', `${house.fhir}/Claim/$inquire`, bundle);
}

export function decide(house: TestHouse, claim: string, parameters: unknown): Promise<TestAnswer> {
  return send('POST', `${house.fhir}/Claim/${claim}/$decide`, parameters);
}

export interface Decision {
  readonly action: string;
  readonly sequence?: number;
  readonly reason?: string;
  readonly text?: string;
  readonly more?: NonNullable<NonNullable<Parameters['parameter']>[number]['part']>;
}

/** The Parameters of $decide by Dr. Ines Moreau. */
export function decision(...items: readonly Decision[]): Parameters {
  return {
    resourceType: 'Parameters',
    parameter: [
      { name: 'author', valueReference: { display: 'Dr. Ines Moreau', identifier: { system: 'http://hl7.org/fhir/sid/us-npi', value: '1487000006' } } },
      ...items.map(({ action, sequence = 1, reason, text, more = [] }) => ({
        name: 'item',
        part: [
          { name: 'sequence', valuePositiveInt: sequence }, { name: 'action', valueCode: action },
          ...(reason === undefined ? [] : [{ name: 'reason', valueCodeableConcept: { coding: [{ system: 'https://codesystem.x12.org/external/886', code: reason }] } }]),
          ...(text === undefined ? [] : [{ name: 'text', valueString: text }]),
          ...more,
        ],
      })),
    ],
  };
}

export const certification: Decision = { action: 'certify', text: 'The sleep study on file shows nocturnal desaturation.' };
export const denial: Decision = { action: 'deny', reason: '0V', text: 'The documents do not show low oxygen at rest, during sleep or under exertion.' };

export function claimResponseOf(bundle: Bundle): ClaimResponse {
  const first = bundle.entry?.[0]?.resource;
  if (first?.resourceType !== 'ClaimResponse') throw new Error('the answer does not begin with a ClaimResponse');
  return first;
}

/** The response Bundles of an $inquire. */
export function returnedBundles(answer: TestAnswer): Bundle[] {
  return ((answer.json as Parameters).parameter ?? []).map((parameter) => parameter.resource as Bundle);
}

/** Review action codes (A1, A3, A4, A6) by item sequence. */
export function actionsOf(bundle: Bundle): Record<number, string | undefined> {
  return Object.fromEntries((claimResponseOf(bundle).item ?? []).map((item) => [item.itemSequence, actionOf(item.adjudication)]));
}

export function actionOf(adjudication: ClaimResponse['adjudication']): string | undefined {
  return reviewOf(adjudication, pasExtension.reviewActionCode)?.valueCodeableConcept?.coding?.[0]?.code;
}

/** Certification number of the first item. */
export function numberOf(bundle: Bundle): string | undefined {
  return reviewOf(claimResponseOf(bundle).item?.[0]?.adjudication, 'number')?.valueString;
}

function reviewOf(adjudication: ClaimResponse['adjudication'], url: string): NonNullable<NonNullable<ClaimResponse['extension']>[number]['extension']>[number] | undefined {
  return adjudication?.[0]?.extension?.find((extension) => extension.url === pasExtension.reviewAction)?.extension?.find((extension) => extension.url === url);
}

/** Id of the Claim as the store keeps it. */
export async function storedClaimId(house: TestHouse, bundle: Bundle): Promise<string> {
  const stored = await send('GET', bundle.entry![0]!.fullUrl!);
  return (stored.json as ClaimResponse).request!.reference!.replace('Claim/', '');
}

/** Submits and returns the id of the stored Claim. */
export async function submitted(house: TestHouse, bundle: Bundle): Promise<{ claim: string; response: Bundle }> {
  const answer = await submit(house, bundle);
  if (answer.status !== 200) throw new Error(`submit answered ${answer.status}: ${answer.text}`);
  const response = answer.json as Bundle;
  return { claim: await storedClaimId(house, response), response };
}

/**
 * Rows of every table, by name, but for the notes of exchanges, which whatever is answered has (test/operations/exchanges.test.ts),
 * and later answers, which are written after their commit (test/delivery/answers.test.ts).
 */
export async function tableCounts(sql: pg.Pool): Promise<Record<string, number>> {
  const { rows } = await sql.query<{ name: string }>(`select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE' and table_name not in ('prior_authorization_exchange', 'later_answer') order by 1`);
  const counts: Record<string, number> = {};
  for (const { name } of rows) counts[name] = Number((await sql.query<{ count: string }>(`select count(*) from "${name}"`)).rows[0]!.count);
  return counts;
}
