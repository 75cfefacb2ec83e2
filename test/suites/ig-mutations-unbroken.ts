/**
 * Constraints that no broken copy shows to be checked, with the reason. Each was looked at by hand; one that is caught
 * after all fails the test, so that the list only gets shorter.
 */

export interface Unbroken {
  /** The key of an invariant, or the kind of another constraint. */
  readonly constraint: string;
  /** The group of guides that it is seen in (`ig-mutations-*.test.ts`). */
  readonly seen: readonly ('pas' | 'us-core' | 'others')[];
  /** Ends of the canonicals of the profiles. */
  readonly profiles?: readonly string[];
  readonly reason: string;
}

export const unbroken: readonly Unbroken[] = [
  {
    seen: ['pas'], constraint: 'context',
    profiles: ['authorizationNumber', 'certificationType', 'communicatedDiagnosis', 'infoChanged', 'itemAuthorizedProvider', 'productOrServiceCodeEnd', 'revenueUnitRateLimit', 'serviceItemRequestType'].map((name) => `extension-${name}`),
    reason: 'their contexts contradict the profiles of PAS that use them (profiles/pas/extension-contexts.ts), and are not looked at',
  },
  { seen: ['others'], constraint: 'context', profiles: ['base-ext-contactpoint-availabletime'], reason: 'its context is `descendants()`: everywhere' },
  {
    seen: ['us-core'], constraint: 'binding', profiles: ['head-occipital-frontal-circumference-percentile', 'pediatric-bmi-for-age', 'pediatric-weight-for-height'],
    reason: 'units of vital signs are bound extensibly, as HL7\'s validator takes it (decision 0020)',
  },
  { seen: ['pas'], constraint: 'ImmediateLevelOfCare', reason: 'always true: it asks for `value.code` of a CodeableConcept, which has none' },
  { seen: ['us-core'], constraint: 'us-core-3', reason: 'always true: it asks for `valueQuantity`, which FHIRPath does not know (value.ofType(Quantity))' },
  { seen: ['us-core'], constraint: 'us-core-1', profiles: ['us-core-observation-lab'], reason: 'always true of a dateTime: it asks for System.DateTime' },
  { seen: ['others'], constraint: 'provenance-1', reason: 'resolves agent.who, which is elsewhere in every example' },
  { seen: ['others'], constraint: 'crdver-1', reason: 'of a profile of the primitive string, for JSON of CDS Hooks: none of the changes that are tried breaks it' },
  { seen: ['others'], constraint: 'target-profile', profiles: ['profile-devicerequest'], reason: 'the one profile that `code[x]` may lead to demands nothing that a Device could lack' },
  { seen: ['others'], constraint: 'que-1a', reason: 'asks for the status `complete`, which no Questionnaire of R4 can have' },
  { seen: ['others'], constraint: 'qrs-2', reason: 'about items within answers within items, which no example has' },
  { seen: ['others'], constraint: 'dtrq-6', reason: 'about a pair of extensions which no example has' },
  { seen: ['others'], constraint: 'cdex-5', reason: 'about inputs of a Task which no example has in that combination' },
  { seen: ['others'], constraint: 'cdex-6', reason: 'about inputs of a Task which no example has in that combination' },
  { seen: ['others'], constraint: 'cdex-7', reason: 'about inputs of a Task which no example has in that combination' },
  { seen: ['others'], constraint: 'cdex-8', reason: 'about inputs of a Task which no example has in that combination' },
];

export interface Unplaced {
  /** Names of guides. */
  readonly guides: readonly string[];
  /** As `profile-claim Claim.item`: the row, and all below it. */
  readonly rows: readonly string[];
  readonly reason: string;
}

/** Rows that the guides bring in and that no valid instance can have, or none was found that has: all there are of these guides. */
export const unplaced: readonly Unplaced[] = [
  {
    guides: ['hl7.fhir.us.davinci-pas-2.2.1'],
    rows: ['profile-claim', 'profile-claim-base', 'profile-claim-inquiry', 'profile-claim-update'].map((profile) => `${profile} Claim.extension:administrationReferenceNumber`),
    reason: 'the contexts of the extension do not allow it on a Claim',
  },
  { guides: ['hl7.fhir.us.davinci-pas-2.2.1'], rows: ['profile-claim-update Claim.supportingInfo.modifierExtension:infoCancelledFlag'], reason: 'the contexts of the extension do not allow it there' },
  {
    guides: ['hl7.fhir.us.davinci-pas-2.2.1'],
    rows: ['epsdtIndicator', 'nursingHomeLevelOfCare', 'revenue', 'authorizedService'].map((name) => `extension-itemAuthorizedDetail Extension.extension:${name}`),
    reason: 'the contexts of these extensions do not allow them within another extension',
  },
  { guides: ['hl7.fhir.us.davinci-pas-2.2.1'], rows: ['profile-datatype-timing Timing.extension:calendarPattern', 'profile-datatype-timing Timing.extension:deliveryPattern'], reason: 'the contexts of the extensions are `Request`, which is no type, and `Dosage.timing`, whose Timing is of no profile' },
  { guides: ['hl7.fhir.us.davinci-pas-2.2.1'], rows: ['profile-coverage Coverage.relationship.coding:X12Code'], reason: 'the slice is told by codes of X12, which nobody here has: no coding is found to be in it' },
  { guides: ['hl7.fhir.us.core-7.0.0'], rows: ['us-core-questionnaireresponse QuestionnaireResponse.item.answer.extension:ordinalValue'], reason: 'the contexts of the extension do not allow it on an answer' },
  { guides: ['hl7.fhir.us.core-7.0.0'], rows: ['uscdi-requirement Extension'], reason: 'an extension of ElementDefinition, and the guide has no StructureDefinition that is an example' },
];

/** Whether the reason is told why a row has no place; undefined for a guide that is not gone through by name. */
export function isUnplaced(guide: string, profile: string, row: string): boolean | undefined {
  const known = unplaced.filter(({ guides }) => guides.includes(guide));
  if (known.length === 0) return undefined;
  const place = `${profile.slice(profile.lastIndexOf('/') + 1)} ${row}`;
  return known.some(({ rows }) => rows.some((start) => place === start || place.startsWith(`${start}.`) || place.startsWith(`${start} `)));
}

export function isUnbroken(profile: string, constraint: string): boolean {
  const key = constraint.slice(constraint.lastIndexOf(' ') + 1);
  return unbroken.some((one) => one.constraint === key && (one.profiles === undefined || one.profiles.some((name) => profile.endsWith(`/${name}`))));
}
