/**
 * X12 278 (requests 005010X217, inquiries 005010X215) and PAS: bytes in, Bundles and issues out, and back. Pure: no
 * clock, no counters, no input or output.
 *
 *   readDelivery          a delivery to checked transaction sets, each request or inquiry with its PAS Bundle and context
 *   writeAcknowledgment   the interchange that answers it: TA1, 999, 278 responses
 *   responseFor           a decision (PAS response Bundle) as a 278 response
 *   inquiryResponseFor    what an inquiry found as a 278 response
 *   requestInterchange    a PAS request Bundle as a 278 request
 *   inquiryInterchange    a PAS inquiry Bundle as a 278 inquiry
 *   readResponse          a 278 response, read
 */
export { type AnswerParts, type AnswerStamps, acknowledgmentCode, answerGroupCount, functionalAcknowledgment, groupAcknowledgmentCode, interchangeAcknowledgment, writeAcknowledgment } from './acknowledgment.ts';
export { type Delivery, type ReadingOptions, readDelivery, type ReceivedGroup, type ReceivedInterchange, type ReceivedTransaction } from './delivery.ts';
export { type Delimiters, STANDARD_DELIMITERS } from './delimiters.ts';
export type { InterchangeControl, InterchangeParty, Rejection } from './envelope.ts';
export { type OutgoingEnvelope, type OutgoingGroup, writeInterchange, type WrittenInterchange } from './interchange.ts';
export { inquiryInterchange } from './inverse/inquiry.ts';
export type { RequestEnvelope, WrittenRequest } from './inverse/message.ts';
export { requestInterchange } from './inverse/request.ts';
export type { IssueLocation, SyntaxError278, X12Issue } from './issue.ts';
export type { EchoLoop, RequestContext } from './request/context.ts';
export type { MappedRequest } from './request/frame.ts';
export type { LedgerEntry, Unmapped } from './request/recorder.ts';
export { type ReadLine, readResponse, type ReadRejection, type ReadReview, type ResponseReading } from './response/read.ts';
export { type FoundAuthorization, inquiryResponseFor, responseFor, type ResponseStamps, type WrittenResponse } from './response/respond.ts';
export type { Segment } from './segment.ts';
export { DEFAULT_LIMITS, type Limits } from './tokenizer.ts';
