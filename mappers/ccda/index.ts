/**
 * C-CDA: bytes in, a FHIR document Bundle out, with the account of every value, and the way back. Pure: no clock, no input or output.
 *
 *   readClinicalDocument   a document to a Bundle, issues, receipt, ledger and unmapped report
 *   writeClinicalDocument  a Bundle to a document (CCD, Referral Note), issues and unmapped report
 */
export { type DocumentOptions, type DocumentReceipt, readClinicalDocument } from './document.ts';
export type { ConversionOptions } from './conversion.ts';
export { defaultXmlLimits, type XmlLimits } from './xml/parse.ts';
export { statementTypes, type WritingOptions, type WrittenDocument, writeClinicalDocument } from './inverse/document.ts';
