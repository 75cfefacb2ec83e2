/**
 * X12 278 (005010X217) and PAS: bytes in, Bundles and issues out, and back. Pure: no clock, no counters, no input or output.
 *
 *   readDelivery          a delivery to checked transaction sets, each request with its PAS Bundle and context
 *   writeAcknowledgment   the interchange that answers it: TA1, 999, 278 responses
 *   responseFor           a decision (PAS response Bundle) as a 278 response
 *   requestInterchange    a PAS request Bundle as a 278 request
 *   readResponse          a 278 response, read
 */
export { type AnswerParts, type AnswerStamps, acknowledgmentCode, functionalAcknowledgment, groupAcknowledgmentCode, interchangeAcknowledgment, writeAcknowledgment } from './acknowledgment.ts';
export { type Delivery, type ReadingOptions, readDelivery, type ReceivedGroup, type ReceivedInterchange, type ReceivedTransaction } from './delivery.ts';
export { type Delimiters, STANDARD_DELIMITERS } from './delimiters.ts';
export type { InterchangeControl, InterchangeParty, Rejection } from './envelope.ts';
export { type OutgoingEnvelope, type OutgoingGroup, writeInterchange, type WrittenInterchange } from './interchange.ts';
export { type RequestEnvelope, requestInterchange, type WrittenRequest } from './inverse/request.ts';
export type { IssueLocation, SyntaxError278, X12Issue } from './issue.ts';
export type { EchoLoop, RequestContext } from './request/context.ts';
export type { MappedRequest } from './request/map.ts';
export type { LedgerEntry, Unmapped } from './request/recorder.ts';
export { type ReadLine, readResponse, type ReadRejection, type ReadReview, type ResponseReading } from './response/read.ts';
export { responseFor, type ResponseStamps, type WrittenResponse } from './response/respond.ts';
export type { Segment } from './segment.ts';
export { DEFAULT_LIMITS, type Limits } from './tokenizer.ts';
