/**
 * X12: bytes in, Bundles and issues out, and back. Pure: no clock, no counters, no input or output.
 *
 * Every transaction set that is read, by one call: 837 P, I and D (005010X222, X223, X224) to Claims, 278 requests
 * (X217) and inquiries (X215) to PAS, 278 notifications (X216) to a Communication and what it is about, 270 to questions
 * about coverage, 275 to documents, 834 to members and their coverages, 835 to payments.
 *
 *   const units = mapInterchange(bytes);            // or chunks of any size, or mapInterchangeStream
 *   for (const unit of units) {
 *     unit.kind;                                     // claim, request, inquiry, notification, eligibility, attachment, member, payment, or refused
 *     unit.bundle; unit.issues; unit.ledger; unit.unmapped;
 *     unit.acknowledgement.code;                     // A, E or R: what the 999 will say of the transaction set
 *   }
 *
 * It gives a Mapping for every unit of business, at least one for every transaction set: a set of a hundred claims
 * gives a hundred Bundles. A set that its guide refuses (999 R) gives one unit without entries whose issues say why.
 * What the generator returns when it is done is the delivery as received, for `writeAcknowledgment`. Streaming, only
 * that return value tells whether interchange and groups were whole.
 *
 * For the 278 alone, and for its answers:
 *
 *   readDelivery          a delivery to checked transaction sets, each request or inquiry with its PAS Bundle and context
 *   writeAcknowledgment   the interchange that answers it: TA1, 999, 278 responses
 *   responseFor           a decision (PAS response Bundle) as a 278 response
 *   inquiryResponseFor    what an inquiry found as a 278 response
 *   requestInterchange    a PAS request Bundle as a 278 request
 *   inquiryInterchange    a PAS inquiry Bundle as a 278 inquiry
 *   readResponse          a 278 response, read
 *   notificationAcknowledgment, notificationInterchange   the answer to a notification, and one of our own
 *
 * Answers to the others: `eligibilityResponse` (271), `claimAcknowledgment` (277CA), `applicationAdvice` (824).
 */
export { applicationAdvice } from './advice/application.ts';
export { type AdviceStamps, claimAcknowledgment } from './advice/claims.ts';
export type { UnitOutcome } from './advice/outcome.ts';
export { type AnswerParts, type AnswerStamps, acknowledgmentCode, answerGroupCount, functionalAcknowledgment, groupAcknowledgmentCode, interchangeAcknowledgment, writeAcknowledgment } from './acknowledgment.ts';
export { type Delivery, type ReadingOptions, readDelivery, type ReceivedGroup, type ReceivedInterchange, type ReceivedTransaction } from './delivery.ts';
export { delimitersAround, type Delimiters, STANDARD_DELIMITERS } from './delimiters.ts';
export { type EligibilityAnswer, eligibilityResponse } from './eligibility/answer.ts';
export type { EligibilityQuestion } from './eligibility/asked.ts';
export type { InterchangeControl, InterchangeParty, Rejection } from './envelope.ts';
export { type OutgoingEnvelope, type OutgoingGroup, writeInterchange, type WrittenInterchange } from './interchange.ts';
export { inquiryInterchange } from './inverse/inquiry.ts';
export type { RequestEnvelope, WrittenRequest } from './inverse/message.ts';
export { requestInterchange } from './inverse/request.ts';
export { type IssueLocation, mappingIssueOf, type SyntaxError278, type X12Issue } from './issue.ts';
export { type EchoLoop, type RequestContext, withItemSequences } from './request/context.ts';
export type { MappedRequest } from './request/frame.ts';
export type { LedgerEntry, MappingIssue, Unmapped } from '../ledger.ts';
export { notificationAcknowledgment, type NotificationOutcome } from './notification/acknowledge.ts';
export { notificationInterchange } from './notification/write.ts';
export { type ReadLine, readResponse, type ReadRejection, type ReadReview, type ResponseReading } from './response/read.ts';
export { readAcknowledgments, type ReceivedAcknowledgment } from './received-acknowledgments.ts';
export { type FoundAuthorization, inquiryResponseFor, responseFor, type ResponseStamps, type WrittenResponse } from './response/respond.ts';
export type { Segment } from './segment.ts';
export { type InterchangeOptions, mapInterchange, mapInterchangeStream, type MappedUnit, type SetAcknowledgement } from './sets.ts';
export { DEFAULT_LIMITS, type Limits } from './tokenizer.ts';
