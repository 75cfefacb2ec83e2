/**
 * C-CDA: bytes in, a FHIR document Bundle out, with the account of every value. Pure: no clock, no input or output.
 *
 *   readClinicalDocument   a document to a Bundle, issues, receipt, ledger and unmapped report
 */
export { type DocumentOptions, type DocumentReceipt, readClinicalDocument } from './document.ts';
export type { ConversionOptions } from './conversion.ts';
export { defaultXmlLimits, type XmlLimits } from './xml/parse.ts';
