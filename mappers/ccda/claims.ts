/**
 * Which US Core profiles the resources of a Bundle claim: those whose required parts are there. A claim that fails would
 * be worse than none, so that what a profile asks of the resources referred to is asked of those, too.
 * Source: US Core 7.0.0 (https://hl7.org/fhir/us/core/STU7/profiles-and-extensions.html)
 */
import type { BundleEntry } from '@medplum/fhirtypes';
import type { Conversion, ResourceType } from './conversion.ts';

type Node = Readonly<Record<string, unknown>>;

/** The resources of a Bundle by their fullUrl, and the claim of each, which is asked for by all that refer to it. */
class Resources {
  readonly #nodes: ReadonlyMap<string, Node>;
  readonly #claims = new Map<Node, string | undefined>();

  constructor(nodes: ReadonlyMap<string, Node>) {
    this.#nodes = nodes;
  }

  get(url: string): Node | undefined {
    return this.#nodes.get(url);
  }

  claimOf(node: Node): string | undefined {
    if (this.#claims.has(node)) return this.#claims.get(node);
    const claim = claims[String(node['resourceType'])]?.(node, this);
    this.#claims.set(node, claim);
    return claim;
  }
}

/** The profile that a resource keeps; undefined where it keeps none. */
type Claim = (resource: Node, resources: Resources) => string | undefined;

const core = 'http://hl7.org/fhir/us/core/StructureDefinition/us-core-';

const list = (node: Node | undefined, element: string): readonly Node[] => (node?.[element] ?? []) as readonly Node[];
const child = (node: Node | undefined, element: string): Node | undefined => node?.[element] as Node | undefined;
const has = (node: Node, ...elements: readonly string[]): boolean => elements.every((element) => node[element] !== undefined);
const hasChoice = (node: Node, element: string): boolean => Object.keys(node).some((name) => name.startsWith(element) || name.startsWith(`_${element}`));
const codesOf = (concept: Node | undefined): readonly string[] => list(concept, 'coding').map(({ code }) => String(code));
/** A concept that is there and not only said to be absent. */
const says = (concept: Node | undefined): boolean => concept !== undefined && (concept['coding'] !== undefined || concept['text'] !== undefined);

/** Whether a reference leads to a resource that keeps its own US Core profile, or to none that is asked to. */
function leads(reference: Node | undefined, resources: Resources, ...types: readonly ResourceType[]): boolean {
  if (reference === undefined) return true;
  const target = resources.get(String(reference['reference']));
  if (target === undefined || !types.includes(target['resourceType'] as ResourceType)) return false;
  return claims[target['resourceType'] as string] === undefined || resources.claimOf(target) !== undefined;
}

const clinicians = ['Practitioner', 'PractitionerRole', 'Organization', 'Patient', 'CareTeam', 'RelatedPerson', 'Device'] as const;
const leadsAll = (references: readonly Node[], resources: Resources): boolean => references.every((reference) => leads(reference, resources, ...clinicians));
const ofPatient = (node: Node, resources: Resources, element = 'subject'): boolean => has(node, element) && leads(child(node, element), resources, 'Patient');

const npi = 'http://hl7.org/fhir/sid/us-npi';

/** us-core-16 to 19: numbers of known systems have their form; an NPI has its check digit (Luhn, with 80840 before it). */
function areNumbers(identifiers: readonly Node[]): boolean {
  return identifiers.every(({ system, value }) => {
    const number = String(value);
    if (system === npi) return isNpi(number);
    if (system === 'urn:oid:2.16.840.1.113883.4.7') return /^[0-9]{2}D[0-9]{7}$/.test(number);
    return system !== 'urn:oid:2.16.840.1.113883.6.300' || /^[0-9]{5}$/.test(number);
  });
}

function isNpi(number: string): boolean {
  if (!/^[0-9]{10}$/.test(number)) return false;
  // 24 is what the prefix 80840 adds to the sum.
  const sum = Array.from(number).toReversed().reduce((total, digit, at) => total + (at % 2 === 0 ? Number(digit) : Math.floor(Number(digit) / 5) + ((Number(digit) * 2) % 10)), 24);
  return sum % 10 === 0;
}

const claims: Readonly<Record<string, Claim>> = {
  Patient: (node) => (has(node, 'identifier', 'name', 'gender') && list(node, 'identifier').every((one) => has(one, 'system', 'value')) && list(node, 'name').every((one) => has(one, 'family') || has(one, 'given')) && list(node, 'telecom').every((one) => has(one, 'system', 'value')) && list(node, 'communication').every((one) => has(one, 'language')) ? `${core}patient` : undefined),
  Practitioner: (node) => (has(node, 'identifier', 'name') && areNumbers(list(node, 'identifier')) && list(node, 'identifier').every((one) => has(one, 'system', 'value')) && list(node, 'name').every((one) => has(one, 'family')) ? `${core}practitioner` : undefined),
  PractitionerRole: (node, resources) => ((has(node, 'telecom') || has(node, 'endpoint')) && (has(node, 'practitioner') || has(node, 'organization')) && leads(child(node, 'practitioner'), resources, 'Practitioner') && leads(child(node, 'organization'), resources, 'Organization') ? `${core}practitionerrole` : undefined),
  Organization: (node) => (has(node, 'active', 'name') && areNumbers(list(node, 'identifier')) ? `${core}organization` : undefined),
  Location: (node, resources) => (has(node, 'name') && leads(child(node, 'managingOrganization'), resources, 'Organization') ? `${core}location` : undefined),
  RelatedPerson: (node, resources) => (ofPatient(node, resources, 'patient') && (has(node, 'name') || has(node, 'relationship')) ? `${core}relatedperson` : undefined),
  AllergyIntolerance: (node, resources) => (says(child(node, 'code')) && ofPatient(node, resources, 'patient') && leads(child(node, 'recorder'), resources, ...clinicians) ? `${core}allergyintolerance` : undefined),
  Condition: (node, resources) => {
    const categories = new Set(list(node, 'category').flatMap(codesOf));
    if (!says(child(node, 'code')) || !ofPatient(node, resources) || !leads(child(node, 'recorder'), resources, ...clinicians)) return undefined;
    if (!leads(child(node, 'encounter'), resources, 'Encounter')) return undefined;
    return categories.has('encounter-diagnosis') ? `${core}condition-encounter-diagnosis` : categories.has('problem-list-item') || categories.has('health-concern') ? `${core}condition-problems-health-concerns` : undefined;
  },
  MedicationRequest: (node, resources) => ((says(child(node, 'medicationCodeableConcept')) || leads(child(node, 'medicationReference'), resources, 'Medication')) && hasChoice(node, 'medication') && ofPatient(node, resources) && (node['intent'] !== 'order' || has(node, 'requester')) && leads(child(node, 'requester'), resources, ...clinicians) && leads(child(node, 'encounter'), resources, 'Encounter') ? `${core}medicationrequest` : undefined),
  Medication: (node) => (says(child(node, 'code')) ? `${core}medication` : undefined),
  MedicationDispense: (node, resources) => (hasChoice(node, 'medication') && has(node, 'subject') && ofPatient(node, resources) && (node['status'] !== 'completed' || has(node, 'whenHandedOver')) && list(node, 'performer').every((one) => leads(child(one, 'actor'), resources, ...clinicians)) && (says(child(node, 'medicationCodeableConcept')) || leads(child(node, 'medicationReference'), resources, 'Medication')) && list(node, 'authorizingPrescription').every((one) => leads(one, resources, 'MedicationRequest')) ? `${core}medicationdispense` : undefined),
  Immunization: (node, resources) => (says(child(node, 'vaccineCode')) && hasChoice(node, 'occurrence') && ofPatient(node, resources, 'patient') && leads(child(node, 'encounter'), resources, 'Encounter') && list(node, 'performer').every((one) => leads(child(one, 'actor'), resources, ...clinicians)) ? `${core}immunization` : undefined),
  Encounter: (node, resources) => (list(node, 'type').some(says) && list(node, 'type').length > 0 && ofPatient(node, resources) && has(node, 'status', 'class') && list(node, 'participant').every((one) => leads(child(one, 'individual'), resources, ...clinicians)) && list(node, 'location').every((one) => leads(child(one, 'location'), resources, 'Location')) && leads(child(node, 'serviceProvider'), resources, 'Organization') && list(node, 'reasonReference').length === 0 && list(node, 'identifier').every((one) => has(one, 'system', 'value')) ? `${core}encounter` : undefined),
  CareTeam: (node, resources) => (ofPatient(node, resources) && list(node, 'participant').length > 0 && list(node, 'participant').every((one) => says(child(one, 'role')) || list(one, 'role').some(says)) && list(node, 'participant').every((one) => has(one, 'member') && leads(child(one, 'member'), resources, ...clinicians)) ? `${core}careteam` : undefined),
  Procedure: (node, resources) => (says(child(node, 'code')) && ofPatient(node, resources) && (!['completed', 'in-progress'].includes(String(node['status'])) || hasChoice(node, 'performed')) && leads(child(node, 'encounter'), resources, 'Encounter') && list(node, 'performer').every((one) => leads(child(one, 'actor'), resources, ...clinicians)) ? `${core}procedure` : undefined),
  Goal: (node, resources) => (says(child(node, 'description')) && ofPatient(node, resources) && (node['startDate'] !== undefined || list(node, 'target').some((one) => has(one, 'dueDate'))) && leads(child(node, 'expressedBy'), resources, ...clinicians) ? `${core}goal` : undefined),
  ServiceRequest: (node, resources) => (says(child(node, 'code')) && ofPatient(node, resources) && leads(child(node, 'requester'), resources, ...clinicians) && leads(child(node, 'encounter'), resources, 'Encounter') ? `${core}servicerequest` : undefined),
  Coverage: (node, resources) => (ofPatient(node, resources, 'beneficiary') && has(node, 'relationship', 'payor') && (has(node, 'subscriberId') || list(node, 'identifier').some((one) => codesOf(child(one, 'type')).includes('MB'))) && list(node, 'payor').every((one) => leads(one, resources, 'Organization', 'Patient', 'RelatedPerson')) ? `${core}coverage` : undefined),
  Observation: observationClaim,
  DiagnosticReport: (node, resources) => {
    const isLab = list(node, 'category').flatMap(codesOf).includes('LAB');
    const parts = [...list(node, 'performer'), ...list(node, 'resultsInterpreter')];
    if (!isLab || !says(child(node, 'code')) || !ofPatient(node, resources) || !leadsAll(parts, resources) || !leads(child(node, 'encounter'), resources, 'Encounter')) return undefined;
    if (!list(node, 'result').every((one) => observationClaim(resources.get(String(one['reference'])) ?? {}, resources) === `${core}observation-lab`)) return undefined;
    const isOver = ['partial', 'preliminary', 'final', 'amended', 'corrected', 'appended'].includes(String(node['status']));
    return isOver && !(has(node, 'issued') && (has(node, 'effectiveDateTime') || has(node, 'effectivePeriod'))) ? undefined : `${core}diagnosticreport-lab`;
  },
  DocumentReference: (node, resources) => (says(child(node, 'type')) && ofPatient(node, resources) && list(node, 'category').length > 0 && leadsAll(list(node, 'author'), resources) && list(node, 'content').every((one) => has(child(one, 'attachment') ?? {}, 'contentType')) ? `${core}documentreference` : undefined),
  Provenance: (node, resources) => (has(node, 'recorded', 'target', 'agent') && list(node, 'agent').every((one) => says(child(one, 'type')) && leads(child(one, 'who'), resources, ...clinicians) && leads(child(one, 'onBehalfOf'), resources, 'Organization') && keepsProvenance1(one, resources)) ? `${core}provenance` : undefined),
};

function observationClaim(node: Node, resources: Resources): string | undefined {
  if (!says(child(node, 'code')) || !ofPatient(node, resources) || !leadsAll(list(node, 'performer'), resources) || list(node, 'hasMember').length > 0 || !leads(child(node, 'encounter'), resources, 'Encounter') || list(node, 'specimen').length > 0) return undefined;
  const categories = list(node, 'category').flatMap(codesOf);
  const codes = codesOf(child(node, 'code'));
  const hasValue = Object.keys(node).some((name) => name.startsWith('value')) || has(node, 'dataAbsentReason');
  // us-core-1: to the day.
  const isTimed = (typeof node['effectiveDateTime'] === 'string' && node['effectiveDateTime'].length >= 10) || has(node, 'effectivePeriod');
  if (categories.includes('laboratory')) return hasValue && isTimed && categories.length === 1 ? `${core}observation-lab` : undefined;
  if (categories.includes('vital-signs')) return typeof node['effectiveDateTime'] === 'string' && node['effectiveDateTime'].length >= 10 && (hasValue || list(node, 'component').length > 0) ? codes.includes('85354-9') ? `${core}blood-pressure` : `${core}vital-signs` : undefined;
  if (codes.includes('72166-2')) return says(child(node, 'valueCodeableConcept')) && isTimed && node['status'] === 'final' ? `${core}smokingstatus` : undefined;
  return undefined;
}

/** provenance-1: who is a practitioner or device acts on behalf of an organization. */
function keepsProvenance1(agent: Node, resources: Resources): boolean {
  const type = resources.get(String(child(agent, 'who')?.['reference']))?.['resourceType'];
  return (type !== 'Practitioner' && type !== 'Device') || agent['onBehalfOf'] !== undefined;
}

/** Claims what holds. */
export function claimProfiles(c: Conversion, entries: readonly BundleEntry[]): void {
  const nodes = new Map(entries.map(({ fullUrl, resource }) => [fullUrl!, resource as unknown as Node]));
  const resources = new Resources(nodes);
  for (const [fullUrl, node] of nodes) {
    const profile = resources.claimOf(node);
    if (profile !== undefined) c.draft.resource(node['resourceType'] as ResourceType, fullUrl).set('meta', { profile: [profile] });
  }
}
