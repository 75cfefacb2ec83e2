/** PAS Bundles of the demo as X12 278 interchanges, in an envelope of a clearing house that does not exist. */
import type { Bundle } from '@medplum/fhirtypes';
import { inquiryInterchange, requestInterchange, type RequestEnvelope } from '../../mappers/x12/index.ts';

/** A request (005010X217). @param run eight hexadecimal digits behind a letter, and a letter for the scene: control numbers are made of it */
export function interchangeFor(bundle: Bundle, run: string, at: string): Uint8Array {
  return requestInterchange(bundle, envelopeFor(run, at)).bytes;
}

/** An inquiry (005010X215). @param run as for a request */
export function inquiryFor(bundle: Bundle, run: string, at: string): Uint8Array {
  return inquiryInterchange(bundle, envelopeFor(run, at)).bytes;
}

function envelopeFor(run: string, at: string): RequestEnvelope {
  const controlNumber = (Number.parseInt(run.slice(1, 8), 16) + run.charCodeAt(run.length - 1)) % 999_999_999 || 1;
  return {
    sender: { qualifier: 'ZZ', id: 'HARBORCLINIC' },
    receiver: { qualifier: 'ZZ', id: 'DEMOPLAN' },
    usage: 'T',
    date: at.slice(0, 10).replaceAll('-', ''),
    time: at.slice(11, 16).replace(':', ''),
    controlNumber,
    applicationSender: 'HARBORCLINIC',
    applicationReceiver: 'DEMOPLAN',
    groupControlNumber: controlNumber,
    transactionControlNumber: '0001',
    traceOrganization: '9012345678',
  };
}
