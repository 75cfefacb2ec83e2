/** The searches, by address, for some patients each. */
import type { LoadedChart } from './load.ts';
import { pulse, systems } from '../engine/words.ts';

export interface PlannedSearch {
  readonly name: string;
  readonly addresses: readonly string[];
}

const q = encodeURIComponent;

export function searchesOf(charts: readonly LoadedChart[]): readonly PlannedSearch[] {
  const some = Array.from({ length: 20 }, (_, index) => charts[(index * 37) % charts.length]!);
  const each = (address: (chart: LoadedChart) => string): string[] => some.map(address);
  const code = q(`${systems.finding}|${pulse}`);
  const number = ({ facts }: LoadedChart): string => q(`${systems.record}|${facts.recordNumber}`);
  const diagnosis = ({ facts }: LoadedChart): string => q([...facts.diagnoses][0] ?? 'none');
  const rarest = ({ facts }: LoadedChart): string => q([...facts.findings].toSorted((a, b) => a[1].length - b[1].length)[0]![0]);
  return [
    // Those of the shared load tool.
    { name: 'patient-identifier', addresses: each((chart) => `Patient?identifier=${number(chart)}`) },
    { name: 'patient-name-birthdate', addresses: each(({ facts }) => `Patient?name=${q(facts.family)}&birthdate=${facts.birthDate}`) },
    { name: 'obs-patient-code-sort', addresses: each(({ patient }) => `Observation?patient=Patient/${patient}&code=${code}&_sort=-date&_count=50`) },
    { name: 'obs-patient-page100', addresses: each(({ patient }) => `Observation?patient=Patient/${patient}&_count=100`) },
    { name: 'obs-code-date-sort', addresses: each((chart) => `Observation?code=${code}&date=ge${2017 + chart.facts.recordNumber.length % 6}-01-01&_sort=-date&_count=50`) },
    { name: 'claim-patient-status-created', addresses: each(({ patient }) => `Claim?patient=Patient/${patient}&status=active&created=ge2018-01-01&_count=50`) },
    { name: 'claim-chained-identifier', addresses: each((chart) => `Claim?patient.identifier=${number(chart)}&_count=50`) },
    { name: 'patient-has-condition', addresses: each((chart) => `Patient?_has:Condition:patient:code=${diagnosis(chart)}&_count=20`) },
    { name: 'claim-include-patient', addresses: each(({ patient }) => `Claim?patient=Patient/${patient}&_include=Claim:patient&_count=20`) },
    { name: 'patient-revinclude-claim', addresses: each((chart) => `Patient?identifier=${number(chart)}&_revinclude=Claim:patient`) },
    { name: 'obs-total-accurate', addresses: [`count:Observation?code=${code}`] },
    // Others.
    { name: 'obs-total-estimate', addresses: [`estimate:Observation?code=${code}`] },
    { name: 'obs-newest', addresses: ['Observation?_sort=-_lastUpdated&_count=50'] },
    { name: 'obs-by-date', addresses: ['Observation?_sort=-date&_count=50', 'Observation?_sort=date&_count=50'] },
    { name: 'obs-code', addresses: each((chart) => `Observation?code=${rarest(chart)}&_count=20`) },
    { name: 'obs-status', addresses: ['Observation?status=final&_sort=-_lastUpdated&_count=20'] },
    { name: 'obs-code-status', addresses: [`Observation?code=${code}&status=final&_count=20`] },
    { name: 'obs-value', addresses: ['Observation?value-quantity=gt120&_count=20'] },
    { name: 'obs-code-value', addresses: [`Observation?code-value-quantity=${q(pulse)}$gt98&_count=20`] },
    { name: 'obs-code-text', addresses: ['Observation?code:text=blood&_count=20'] },
    { name: 'obs-not-status', addresses: ['Observation?status:not=final&_count=20'] },
    { name: 'obs-missing', addresses: ['Observation?value-quantity:missing=true&_count=20'] },
    { name: 'obs-chain-encounter', addresses: ['Observation?encounter.class=EMER&_count=20'] },
    { name: 'obs-chain-name', addresses: each(({ facts }) => `Observation?patient.name=${q(facts.family)}&_count=20`) },
    { name: 'encounter-has-observation', addresses: each((chart) => `Encounter?_has:Observation:encounter:code=${rarest(chart)}&_count=20`) },
    { name: 'encounter-date', addresses: ['Encounter?date=2020-05&_count=20', 'Encounter?date=ge2020-05-01&date=lt2020-06-01&_sort=-date&_count=20'] },
    { name: 'patient-name-contains', addresses: each(({ facts }) => `Patient?name:contains=${q(facts.family.slice(1, 4))}&_count=20`) },
    { name: 'patient-sort-name', addresses: ['Patient?_sort=family&_count=20'] },
    { name: 'patient-text', addresses: each(({ facts }) => `Patient?_text=${q(facts.recordNumber)}&_count=20`) },
    { name: 'compartment', addresses: each(({ patient }) => `Patient/${patient}/Observation?_count=20`) },
    { name: 'obs-include-all', addresses: each(({ patient }) => `Observation?patient=Patient/${patient}&_include=*&_count=20`) },
    { name: 'encounter-revinclude', addresses: each(({ patient }) => `Encounter?patient=Patient/${patient}&_revinclude=Observation:encounter&_count=10`) },
    { name: 'system', addresses: ['?_lastUpdated=gt2026-01-01&_count=20'] },
    { name: 'system-types', addresses: ['?_type=Patient,Encounter,Claim&_lastUpdated=gt2026-01-01&_sort=-_lastUpdated&_count=20'] },
    { name: 'history-type', addresses: ['history:Observation'] },
    { name: 'history-system', addresses: ['history:'] },
  ];
}
