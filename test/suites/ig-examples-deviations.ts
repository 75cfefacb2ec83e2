/**
 * Official examples that are not valid, and the rule that each breaks. Read by hand against the example and the
 * definition; a deviation that no longer occurs fails the test, so that the list only gets shorter.
 */

export interface Deviation {
  /** As `hl7.fhir.us.core-3.1.1`. */
  readonly guide: string;
  readonly file: string;
  /** The errors, as `code expression`. */
  readonly errors: readonly string[];
  readonly reason: string;
}

const otherId = 'fullUrl and id of the entry differ (Bundle.entry.fullUrl: "consistent with the id in the resource")';

export const deviations: readonly Deviation[] = [
  ...['3.1.1', '4.0.0', '5.0.1', '6.1.0'].map((version) => ({
    guide: `hl7.fhir.us.core-${version}`, file: 'Bundle-66c8856b-ba11-4876-8aa8-467aad8c11a2.json', errors: ['bundle-full-url Bundle.entry[2].fullUrl'], reason: otherId,
  })),
  { guide: 'hl7.fhir.us.core-6.1.0', file: 'Bundle-docref-example-2.json', errors: ['bundle-full-url Bundle.entry[2].fullUrl'], reason: otherId },
  ...['3.1.1', '4.0.0'].map((version) => ({
    guide: `hl7.fhir.us.core-${version}`, file: 'Bundle-uscore-mo3.json', errors: ['bundle-full-url Bundle.entry[1].fullUrl'], reason: 'fullUrl is /Medication/uscore-med2: not an absolute URL (Bundle.entry.fullUrl)',
  })),
  { guide: 'hl7.fhir.us.core-3.1.1', file: 'DiagnosticReport-cardiology-report.json', errors: ['primitive-format DiagnosticReport.presentedForm[0].hash'], reason: 'EQH/..AgME is no Base64: it has dots' },
];

/** References to other examples of the guide that are not what the profile asks for. */
export const misleading: readonly { readonly guide: string; readonly file: string; readonly expression: string; readonly reason: string }[] = [
  { file: 'Bundle-home-o2-questionnaireresponse-bundle.json', expression: 'Bundle.entry[0].resource.subject' },
  { file: 'QuestionnaireResponse-home-o2-questionnaireresponse.json', expression: 'QuestionnaireResponse.subject' },
].map((place) => ({ ...place, guide: 'hl7.fhir.us.davinci-dtr-2.0.1', reason: 'Patient/examplepatient has no identifier and no name, which US Core 3.1.1 demands' }));
