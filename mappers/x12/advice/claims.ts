/**
 * 277CA (005010X214): whether each claim of an 837 was taken, so that the provider need not wait for a payment to find
 * out. Says of every claim under its billing provider: accepted into the payer's system (A2), or refused and for what
 * (A3, A7); the totals of both stand over them.
 * Source: public companion guides to 005010X214; claim status codes are named by number alone.
 */
import type { Bundle, Claim, Organization, Patient, Practitioner, Resource } from '@medplum/fhirtypes';
import { decimalText, exactAmount } from '../grammar/money.ts';
import { toX12Date } from '../grammar/dates.ts';
import { levelSegments, type OutgoingLevel } from '../levels.ts';
import { buildSegment, type Segment } from '../segment.ts';
import { transactionSet } from '../writer.ts';
import type { UnitOutcome } from './outcome.ts';

/** A claim and what became of it. */
export interface AcknowledgedClaim extends UnitOutcome {
  bundle: Bundle;
}

/** The set of claims that is answered. */
export interface ClaimsAnswer {
  /** Who answers and who asked: names and numbers of the payer and of the submitter, as far as they are known. */
  payer: { name: string; number: string };
  submitter: { name: string; number: string };
  /** BHT03 of the 837. */
  batch: string;
  claims: readonly AcknowledgedClaim[];
}

export interface AdviceStamps {
  /** ST02. */
  controlNumber: string;
  /** CCYYMMDD and HHMM. */
  date: string;
  time: string;
}

/** Category and status (507, 508) of a claim: accepted for processing; refused for missing or invalid information. */
const ACCEPTED = ['A2', '20', 'PR'];
const REFUSED = ['A7', '21', 'PR'];

export function claimAcknowledgment({ payer, submitter, batch, claims }: ClaimsAnswer, stamps: AdviceStamps): Segment[] {
  const told = claims.map((claim) => partsOf(claim));
  const taken = told.filter(({ state }) => state === 'accepted');
  const refused = told.filter(({ state }) => state === 'rejected');
  const sumOf = (parts: readonly ClaimParts[]): string => amountText(parts.reduce((sum, { charge }) => sum + BigInt(exactAmount(charge) ?? 0), 0n));
  const levels: OutgoingLevel[] = [
    { code: '20', segments: [buildSegment('NM1', 'PR', '2', payer.name.slice(0, 60), '', '', '', '', ...(payer.number === '' ? [] : ['PI', payer.number])), buildSegment('TRN', '1', batch === '' ? stamps.controlNumber : batch), buildSegment('DTP', '050', 'D8', stamps.date), buildSegment('DTP', '009', 'D8', stamps.date)] },
    {
      code: '21', parent: 0, segments: [
        buildSegment('NM1', '41', '2', submitter.name.slice(0, 60), '', '', '', '', ...(submitter.number === '' ? [] : ['46', submitter.number])), buildSegment('TRN', '2', batch === '' ? stamps.controlNumber : batch),
        buildSegment('STC', [taken.length === 0 ? 'A3' : 'A1', '19', 'PR'], stamps.date, taken.length === 0 ? 'U' : 'WQ', sumOf(told)),
        ...(taken.length === 0 ? [] : [buildSegment('QTY', '90', String(taken.length))]), ...(refused.length === 0 ? [] : [buildSegment('QTY', 'AA', String(refused.length))]),
        ...(taken.length === 0 ? [] : [buildSegment('AMT', 'YU', sumOf(taken))]), ...(refused.length === 0 ? [] : [buildSegment('AMT', 'YY', sumOf(refused))]),
      ],
    },
  ];
  const providers = new Map<string, number>();
  for (const parts of told) {
    const key = parts.provider.elements.map((element) => element[0]?.[0]).join('|');
    let provider = providers.get(key);
    if (provider === undefined) {
      provider = levels.push({ code: '19', parent: 1, segments: [parts.provider] }) - 1;
      providers.set(key, provider);
    }
    levels.push({
      code: 'PT', parent: provider, segments: [
        parts.patient, buildSegment('TRN', '2', parts.number), buildSegment('STC', parts.state === 'accepted' ? ACCEPTED : REFUSED, stamps.date, parts.state === 'accepted' ? 'WQ' : 'U', amountText(BigInt(exactAmount(parts.charge) ?? 0))),
        ...(parts.period === undefined ? [] : [buildSegment('DTP', '472', ...parts.period)]),
      ],
    });
  }
  return transactionSet('277', stamps.controlNumber, '005010X214', [buildSegment('BHT', '0085', '08', batch === '' ? stamps.controlNumber : batch, stamps.date, stamps.time, 'TH'), ...levelSegments(levels)]);
}

interface ClaimParts {
  state: UnitOutcome['state'];
  /** CLM01. */
  number: string;
  charge: string;
  provider: Segment;
  patient: Segment;
  period: readonly [string, string] | undefined;
}

function partsOf({ bundle, state }: AcknowledgedClaim): ClaimParts {
  const claim = bundle.entry?.[0]?.resource as Claim;
  const find = (reference: string | undefined): Resource | undefined => bundle.entry?.find(({ fullUrl }) => fullUrl === reference)?.resource;
  const provider = find(claim.provider?.reference) as Organization | Practitioner | undefined;
  const patient = find(claim.patient?.reference) as Patient | undefined;
  const [start, end] = [toX12Date(claim.billablePeriod?.start ?? claim.item?.[0]?.servicedDate ?? claim.item?.[0]?.servicedPeriod?.start), toX12Date(claim.billablePeriod?.end)];
  return {
    state, number: (claim.identifier?.[0]?.value ?? '').slice(0, 38), charge: String(claim.total?.value ?? '0'),
    provider: nameSegment('85', provider, provider?.identifier?.find(({ system }) => system === 'http://hl7.org/fhir/sid/us-npi')?.value, 'XX'),
    patient: nameSegment('QC', patient, patient?.identifier?.find(({ type }) => type?.coding?.some(({ code }) => code === 'MB') === true)?.value, 'MI'),
    period: start === undefined ? undefined : end === undefined || end === start ? ['D8', start] : ['RD8', `${start}-${end}`],
  };
}

function nameSegment(entity: string, party: Organization | Practitioner | Patient | undefined, number: string | undefined, qualifier: string): Segment {
  const identification = number === undefined ? [] : [qualifier, number];
  if (party === undefined || party.resourceType === 'Organization') return buildSegment('NM1', entity, '2', (party?.name ?? '').slice(0, 60), '', '', '', '', ...identification);
  const [name] = party.name ?? [];
  return buildSegment('NM1', entity, '1', name?.family ?? name?.text ?? '', name?.given?.[0] ?? '', name?.given?.[1] ?? '', '', name?.suffix?.[0] ?? '', ...identification);
}

function amountText(units: bigint): string {
  const sign = units < 0n ? '-' : '';
  const digits = String(units < 0n ? -units : units).padStart(5, '0');
  const fraction = digits.slice(-4).replace(/0+$/, '');
  return decimalText(`${sign}${digits.slice(0, -4)}${fraction === '' ? '' : `.${fraction}`}`) ?? '0';
}
