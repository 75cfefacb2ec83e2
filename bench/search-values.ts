/**
 * How fast search values are drawn from resources: one JSON line per resource type, in resources per second.
 * The resources are made here, of the size and make that payers' Patients, Observations and Claims have.
 */
import { extractSearchValues } from '../fhir/search-values/extract.ts';
import { ownersOf } from '../fhir/search-values/owners.ts';

const concept = (system: string, code: string, display: string) => ({ coding: [{ system, code, display }], text: display });

const resources = {
  Patient: {
    resourceType: 'Patient',
    id: 'bench-patient',
    meta: { versionId: '1', lastUpdated: '2026-01-02T03:04:05.678Z', profile: ['http://example.org/StructureDefinition/member'] },
    identifier: [
      { system: 'http://example.org/member', value: 'M-100200300', type: concept('http://terminology.hl7.org/CodeSystem/v2-0203', 'MB', 'Member number') },
      { system: 'http://example.org/record', value: 'R-7' },
    ],
    active: true,
    name: [{ family: 'Núñez', given: ['María', 'Elena'], prefix: ['Dr.'] }, { use: 'maiden', family: 'Garcia' }],
    telecom: [{ system: 'phone', value: '+1-555-0100', use: 'home' }, { system: 'email', value: 'maria@example.org' }],
    gender: 'female',
    birthDate: '1961-04-30',
    address: [{ line: ['1 Main Street'], city: 'Springfield', state: 'MA', postalCode: '01101', country: 'US' }],
    communication: [{ language: concept('urn:ietf:bcp:47', 'en-US', 'English') }],
    managingOrganization: { reference: 'Organization/plan' },
  },
  Observation: {
    resourceType: 'Observation',
    id: 'bench-observation',
    meta: { versionId: '1', lastUpdated: '2026-01-02T03:04:05.678Z' },
    status: 'final',
    category: [concept('http://terminology.hl7.org/CodeSystem/observation-category', 'laboratory', 'Laboratory')],
    code: concept('http://example.org/tests', 'a1c', 'Hemoglobin A1c'),
    subject: { reference: 'Patient/bench-patient' },
    encounter: { reference: 'Encounter/bench-encounter' },
    effectiveDateTime: '2026-01-01T08:30:00-05:00',
    issued: '2026-01-01T09:00:00.000-05:00',
    valueQuantity: { value: 6.8, unit: '%', system: 'http://unitsofmeasure.org', code: '%' },
  },
  Claim: {
    resourceType: 'Claim',
    id: 'bench-claim',
    meta: { versionId: '1', lastUpdated: '2026-01-02T03:04:05.678Z' },
    identifier: [{ system: 'http://example.org/requests', value: '20260102-1' }],
    status: 'active',
    type: concept('http://terminology.hl7.org/CodeSystem/claim-type', 'professional', 'Professional'),
    use: 'preauthorization',
    patient: { reference: 'Patient/bench-patient' },
    created: '2026-01-02T03:04:05Z',
    insurer: { reference: 'Organization/plan' },
    provider: { reference: 'Organization/clinic' },
    priority: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/processpriority', code: 'normal' }] },
    careTeam: [{ sequence: 1, provider: { reference: 'Practitioner/one' } }, { sequence: 2, provider: { reference: 'Practitioner/two' } }],
    diagnosis: [{ sequence: 1, diagnosisCodeableConcept: concept('http://example.org/diagnoses', 'D1', 'A diagnosis') }],
    insurance: [{ sequence: 1, focal: true, coverage: { reference: 'Coverage/bench-coverage' } }],
    item: [1, 2, 3].map((sequence) => ({
      sequence,
      productOrService: concept('http://example.org/services', `S${sequence}`, 'A service'),
      servicedDate: '2026-01-10',
      encounter: [{ reference: 'Encounter/bench-encounter' }],
      unitPrice: { value: 120.5, currency: 'USD' },
    })),
  },
};

const warmUpMilliseconds = 300;
const measuredMilliseconds = 1500;

function perSecond(work: () => void): number {
  const runFor = (milliseconds: number): number => {
    const start = performance.now();
    let done = 0;
    while (performance.now() - start < milliseconds) {
      for (let i = 0; i < 500; i++) work();
      done += 500;
    }
    return (done / (performance.now() - start)) * 1000;
  };
  runFor(warmUpMilliseconds);
  return Math.round(runFor(measuredMilliseconds));
}

export function run(): void {
  for (const [type, resource] of Object.entries(resources)) {
    const values = extractSearchValues(resource).length;
    console.log(JSON.stringify({ bench: 'search-values', case: type, values, resourcesPerSecond: perSecond(() => void extractSearchValues(resource)) }));
    console.log(JSON.stringify({ bench: 'search-values', case: `${type} owners`, resourcesPerSecond: perSecond(() => void ownersOf(resource)) }));
  }
}
