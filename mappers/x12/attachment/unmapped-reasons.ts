/** Why an element of a 275 has no place in FHIR. */

const BY_SEGMENT: Readonly<Record<string, string>> = {
  BGN: 'The transaction is told by its control numbers.', EFI: 'Security levels and file names of the document are not mapped.', STC: 'The status that the document answers is the payer\'s own.', SVC: 'Lines of the claim are told by the claim.', PWK: 'How the document was announced is told by the claim.', PRV: 'The specialty of the provider is not mapped.',
  DTP: 'No date of the document.', TRN: 'No number of the document.', CAT: 'No kind that the document has.',
};

/** The reason for a place such as `2120B.EFI01`. */
export function reasonFor(source: string): string {
  const [loop = '', name = ''] = source.split('.');
  if (loop === '1000B') return 'The submitter is told by the interchange.';
  return BY_SEGMENT[name.replace(/[-[].*$/, '').slice(0, -2)] ?? 'DocumentReference has no place for this element.';
}
