/** Values that a constraint or a rule in words asks for and that nothing in the rows tells: by the id of the row, or the url of the extension. */

const identifier = (system: string, value: string): unknown => ({ system, value });

const values: Readonly<Record<string, unknown>> = {
  'Organization.identifier:NPI': identifier('http://hl7.org/fhir/sid/us-npi', '1234567893'),
  'Practitioner.identifier:NPI': identifier('http://hl7.org/fhir/sid/us-npi', '1234567893'),
  'Organization.identifier:CLIA': identifier('urn:oid:2.16.840.1.113883.4.7', '12D4567890'),
  'Organization.identifier:NAIC': identifier('urn:oid:2.16.840.1.113883.6.300', '12345'),
  'Organization.telecom.use': 'work',
  'Organization.address.use': 'work',
  'Timing.repeat': { frequency: 1, period: 1, periodUnit: 'd' },
};

const coverageInformation = 'http://hl7.org/fhir/us/davinci-crd/StructureDefinition/ext-coverage-information';

/** In CRD 2.0.1 what is covered says whether it needs authorization. */
const covered: unknown = {
  url: coverageInformation,
  extension: [
    { url: 'coverage', valueReference: { reference: 'Coverage/example' } }, { url: 'covered', valueCode: 'covered' }, { url: 'pa-needed', valueCode: 'auth-needed' },
    { url: 'date', valueDate: '2020-01-01' }, { url: 'coverage-assertion-id', valueString: 'x' },
  ],
};

/** Where the constraints of a guide want something else than those of another. */
const ofGuides: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'hl7.fhir.us.davinci-crd-2.0.1': { [coverageInformation]: covered },
  'hl7.fhir.us.davinci-pas-2.0.1': {
    [coverageInformation]: covered,
    // All members may be Practitioners by their slice, and by what is said of all only Organizations and roles.
    'Claim.careTeam:OverallClaimMember.provider': { reference: 'Organization/example' },
    'Claim.careTeam:ItemClaimMember.provider': { reference: 'Organization/example' },
  },
};

const otherwise: Readonly<Record<string, unknown>> = { 'Extension.extension:covered.value[x]': 'covered' };

/** @param guide as `hl7.fhir.us.core-7.0.0` */
export function byHandIn(guide: string): (id: string) => unknown {
  const own = ofGuides[guide] ?? otherwise;
  return (id) => own[id] ?? values[id];
}
