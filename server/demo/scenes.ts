/** The scenes of the demo: what is sent, on which rail, and what came back. */
import type { Bundle, ClaimResponse, OperationOutcome, Parameters } from '@medplum/fhirtypes';
import { readResponse } from '../../mappers/x12/index.ts';
import { pasExtension } from '../../profiles/pas/names.ts';
import { clinicNumber, consultation, demoBundle, hcpcsService } from './requests.ts';
import { inquiryFor, interchangeFor } from './interchange.ts';

export interface Scene {
  readonly rail: string;
  readonly request: string;
  readonly answer: string;
  readonly code: string;
  readonly milliseconds: number;
  readonly link: string;
  readonly asExpected: boolean;
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly delivery: string | null;
  readonly milliseconds: number;
}

/** Runs the scenes one after another against the server at `origin`. `run` makes the trace numbers, `at` is the time of the requests. */
export async function* demoScenes(origin: string, run: string, at: string): AsyncGenerator<Scene> {
  const fhir = `${origin}/fhir`;
  const post = async (url: string, body: string | Uint8Array, mediaType: string): Promise<Answer> => {
    const start = performance.now();
    const response = await fetch(url, { method: 'POST', headers: { 'content-type': mediaType }, body });
    const text = await response.text();
    return { status: response.status, text, delivery: response.headers.get('priora-delivery'), milliseconds: performance.now() - start };
  };
  const submit = (bundle: unknown): Promise<Answer> => post(`${fhir}/Claim/$submit`, typeof bundle === 'string' ? bundle : JSON.stringify(bundle), 'application/fhir+json');
  const landed = (answer: Answer): string => answer.delivery === null ? '' : `${origin}/landing/${answer.delivery}`;

  const clinic = clinicNumber(run);
  const certified = demoBundle({ member: 'demo-joe-smith', run: `${run}A`, clinic, at, service: consultation, category: '3', placeOfService: '11', diagnosis: 'G89.4' });
  const first = await submit(certified);
  yield fhirScene('Office consultation, PAS 2.2.1 Bundle', first, 'A1', claimResponseLink(first));

  const second = await post(`${origin}/x12`, interchangeFor(certified, `${run}A`, at), 'application/edi-x12');
  yield x12Scene('The same request as X12 278 005010X217', second, 'A1', landed(second));

  const oxygen = demoBundle({ member: 'demo-daniel-reyes', run: `${run}B`, clinic, at, service: hcpcsService('E1390'), category: '12', placeOfService: '12', diagnosis: 'J44.9', saturation: 93 });
  const pended = await submit(oxygen);
  yield fhirScene('Home oxygen, saturation 93 %', pended, 'A4', claimResponseLink(pended));
  const claim = await claimOf(fhir, pended);
  const decided = await post(`${fhir}/Claim/${claim}/$decide`, JSON.stringify(decision()), 'application/fhir+json');
  yield fhirScene('  Dr. Ines Moreau certifies it ($decide)', decided, 'A1', `${fhir}/Claim/${claim}`);
  const inquiry = { ...oxygen, identifier: { ...oxygen.identifier, value: `${run}B-inquiry` } };
  const inquired = await post(`${fhir}/Claim/$inquire`, JSON.stringify(inquiry), 'application/fhir+json');
  yield fhirScene('  the clinic asks for the outcome ($inquire)', inquired, 'A1', claimResponseLink(inquired));
  const asked = await post(`${origin}/x12`, inquiryFor(inquiry, `${run}B`, at), 'application/edi-x12');
  yield x12Scene('  it asks by X12 278 005010X215', asked, 'A1', landed(asked));

  const excluded = await submit(demoBundle({ member: 'demo-lena-fischer', run: `${run}C`, clinic, at, service: hcpcsService('A9270'), category: '12', placeOfService: '12', diagnosis: 'Z00.00' }));
  yield fhirScene('A service that the plan excludes', excluded, 'A3', claimResponseLink(excluded));

  const broken = new TextDecoder('latin1').decode(interchangeFor(certified, `${run}D`, at)).replace(/HL\*2\*1\*21/, 'HL*2*7*21');
  const refused = await post(`${origin}/x12`, Buffer.from(broken, 'latin1'), 'application/edi-x12');
  yield x12Scene('A 278 whose HL tree is broken', refused, '999', landed(refused));

  const stranger = structuredClone(certified);
  for (const { resource } of stranger.entry ?? []) {
    if (resource?.resourceType === 'Coverage') { resource.subscriberId = 'PD9999999'; resource.identifier![0]!.value = 'PD9999999'; }
    if (resource?.resourceType === 'Patient') resource.identifier![0]!.value = 'PD9999999';
  }
  const unknown = await post(`${origin}/x12`, interchangeFor(stranger, `${run}E`, at), 'application/edi-x12');
  yield x12Scene('A 278 for somebody who is no member', unknown, 'AAA', landed(unknown));

  const headless = await submit({ ...certified, entry: certified.entry!.slice(1) });
  yield fhirScene('A Bundle without its Claim', headless, 'error', landed(headless));
}

function decision(): Parameters {
  return {
    resourceType: 'Parameters',
    parameter: [
      { name: 'author', valueReference: { display: 'Dr. Ines Moreau', identifier: { system: 'http://hl7.org/fhir/sid/us-npi', value: '1487000006' } } },
      { name: 'item', part: [
        { name: 'sequence', valuePositiveInt: 1 }, { name: 'action', valueCode: 'certify' },
        { name: 'text', valueString: 'Nocturnal desaturation is documented in the sleep study on file.' },
      ] },
    ],
  };
}

function fhirScene(request: string, answer: Answer, expected: string, link: string): Scene {
  const { code, text } = readFhir(answer);
  return { rail: 'FHIR', request, answer: text, code, milliseconds: answer.milliseconds, link, asExpected: code === expected };
}

function readFhir({ status, text }: Answer): { code: string; text: string } {
  const body = JSON.parse(text) as Bundle | Parameters | OperationOutcome;
  if (body.resourceType === 'OperationOutcome') return { code: 'error', text: `${status}: ${body.issue[0]?.diagnostics ?? ''}`.slice(0, 46) };
  const response = claimResponseIn(body);
  const item = response?.item?.[0];
  const review = item?.adjudication?.[0]?.extension?.find((extension) => extension.url === pasExtension.reviewAction)?.extension ?? [];
  const code = review.find((extension) => extension.url === pasExtension.reviewActionCode)?.valueCodeableConcept?.coding?.[0]?.code ?? '?';
  const number = review.find((extension) => extension.url === 'number')?.valueString;
  const reason = item?.adjudication?.[0]?.reason?.coding?.[0]?.code;
  return { code, text: [response?.disposition, number, reason].filter((part) => part !== undefined).join(', ') };
}

function claimResponseIn(body: Bundle | Parameters): ClaimResponse | undefined {
  const bundle = body.resourceType === 'Parameters' ? body.parameter?.find((parameter) => parameter.name === 'return')?.resource as Bundle | undefined : body;
  const first = bundle?.entry?.[0]?.resource;
  return first?.resourceType === 'ClaimResponse' ? first : undefined;
}

function claimResponseLink({ text }: Answer): string {
  const body = JSON.parse(text) as Bundle | Parameters;
  const bundle = body.resourceType === 'Parameters' ? body.parameter?.[0]?.resource as Bundle | undefined : body;
  return bundle?.entry?.[0]?.fullUrl ?? '';
}

/** Id of the Claim as the server keeps it: the ClaimResponse says so. */
async function claimOf(fhir: string, answer: Answer): Promise<string> {
  const response = await fetch(claimResponseLink(answer).replace(/^.*\/ClaimResponse\//, `${fhir}/ClaimResponse/`));
  const stored = await response.json() as ClaimResponse;
  return stored.request?.reference?.replace('Claim/', '') ?? '';
}

function x12Scene(request: string, answer: Answer, expected: string, link: string): Scene {
  const { code, text } = readX12(answer);
  return { rail: 'X12', request, answer: text, code, milliseconds: answer.milliseconds, link, asExpected: code === expected };
}

function readX12({ text }: Answer): { code: string; text: string } {
  const segments = text.split('~').map((segment) => segment.trim().split('*'));
  const rejected = segments.find((segment) => segment[0] === 'IK5' && segment[1] === 'R');
  if (rejected) {
    const place = segments.find((segment) => segment[0] === 'IK3');
    return { code: '999', text: `rejected: ${place?.[1] ?? ''} at segment ${place?.[2] ?? ''}, error ${place?.[4] ?? ''}` };
  }
  const [reading] = readResponse(new TextEncoder().encode(text));
  const aaa = segments.find((segment) => segment[0] === 'AAA');
  if (aaa) return { code: 'AAA', text: `not found: reject reason ${aaa[3] ?? ''}, follow-up ${aaa[4] ?? ''}` };
  const review = segments.find((segment) => segment[0] === 'HCR');
  return { code: review?.[1] ?? '?', text: reading ? `278 response, certification ${review?.[2] ?? 'none'}` : 'no 278 response' };
}
