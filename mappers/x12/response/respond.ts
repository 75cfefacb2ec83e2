/**
 * Decisions as a 278 response: the levels down to the patient echoed, and below them each event with what the payer
 * says there. The decision stands where the service stood: at 2000F line by line, or at 2000E when the request had no
 * lines. A request (005010X217) has one event; an inquiry (005010X215) one for each authorization found.
 */
import type { Bundle } from '@medplum/fhirtypes';
import type { X12Issue } from '../issue.ts';
import { levelSegments } from '../levels.ts';
import type { RequestContext } from '../request/context.ts';
import { buildSegment, type Segment } from '../segment.ts';
import { transactionSet } from '../writer.ts';
import { type Answer, readAnswer, rejection } from './answer.ts';
import { authorizationContext } from './authorization-context.ts';
import { NOTHING_FOUND, NUMBER_NOT_FOUND } from './rejections.ts';
import { ResponseWriter } from './writer.ts';

export interface ResponseStamps {
  /** CCYYMMDD and HHMM of the answer. */
  date: string;
  time: string;
  /** ST02, four to nine characters. */
  controlNumber: string;
}

export interface WrittenResponse {
  /** ST to SE, for `writeAcknowledgment` or `writeInterchange`. */
  segments: Segment[];
  issues: X12Issue[];
}

/**
 * The response to a request.
 * @param context what `readDelivery` gave with the request
 * @param answer a PAS response Bundle of sound FHIR structure, its ClaimResponse first
 */
export function responseFor(context: RequestContext, answer: Bundle, stamps: ResponseStamps): WrittenResponse {
  const read = readAnswer(answer);
  if (read === undefined) return { segments: [], issues: [{ severity: 'error', code: 'no-claim-response', text: 'The Bundle holds no ClaimResponse.' }] };
  return writeResponse(context, [new ResponseWriter(context, read)], stamps, []);
}

/** An authorization as an inquiry found it. */
export interface FoundAuthorization {
  /** PAS inquiry response Bundle: its current state, or why the inquiry cannot be answered. */
  answer: Bundle;
  /** PAS request Bundle that it was asked for with; absent beside an error. */
  request?: Bundle;
}

/**
 * The response to an inquiry (005010X215): the inquirer, the member and the trace numbers as asked, then an event for
 * each authorization, with what its own request said and what was decided. Where there is none, one event says so: AAA
 * with NC, or AA when the inquiry names a number. An inquirer who may not hear of an authorization gets the same.
 *
 * The guide was not at hand. Published mappings have the event repeat below the patient, which is followed here. That
 * BHT02 is 11 and BHT06 tells whether more will follow, as in 005010X217, is unverified (one published response has 49
 * and RD), as are the reject reasons of this guide.
 * @param context what `readDelivery` gave with the inquiry
 * @param notes what is said of the whole answer: a message (MSG) of its first event, before that event's own
 */
export function inquiryResponseFor(context: RequestContext, found: readonly FoundAuthorization[], stamps: ResponseStamps, notes: readonly string[] = []): WrittenResponse {
  const issues: X12Issue[] = [];
  const writers = found.flatMap(({ answer, request }) => {
    const read = readAnswer(answer);
    if (read === undefined) {
      issues.push({ severity: 'error', code: 'no-claim-response', text: 'The Bundle holds no ClaimResponse.' });
      return [];
    }
    const own = request === undefined ? undefined : authorizationContext(context, request);
    issues.push(...(own?.issues ?? []));
    return [new ResponseWriter(own?.context ?? context, read)];
  });
  const writing = writers.length > 0 ? writers : [new ResponseWriter(context, nothingFound(context))];
  writing[0]!.say(notes);
  return writeResponse(context, writing, stamps, issues);
}

function nothingFound({ event, services }: RequestContext): Answer {
  const namesNumber = [event, ...services].some(({ segments }) => segments.some(({ id }) => id === 'REF'));
  return rejection({ code: namesNumber ? NUMBER_NOT_FOUND : NOTHING_FOUND, loop: '2000E', followUp: 'C' });
}

function writeResponse(context: RequestContext, writers: readonly ResponseWriter[], stamps: ResponseStamps, others: readonly X12Issue[]): WrittenResponse {
  // A rejection above the events is the whole answer.
  const rejecting = writers.find((writer) => writer.cutsOffEvent);
  const writing = rejecting === undefined ? writers : [rejecting];
  const levels = writing[0]!.parties();
  const patientAt = levels.length - 1;
  for (const writer of writing) levels.push(...writer.eventLevels(patientAt, levels.length));
  const isFinal = writing.every((writer) => writer.isFinal);
  const bht = buildSegment('BHT', '0007', '11', context.referenceIdentification, stamps.date, stamps.time, isFinal ? '18' : '19');
  return { segments: transactionSet('278', stamps.controlNumber, context.guide, [bht, ...levelSegments(levels)]), issues: [...others, ...writing.flatMap((writer) => writer.issues)] };
}
