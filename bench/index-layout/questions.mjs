/** Parameters of the searches, from what the generator knows; the same list for every layout. */
import { patientRows, tokenKey } from './resources.mjs';

const loinc = 'http://loinc.org', snomed = 'http://snomed.info/sct';

/** @param patients how many patients are loaded  @param lastChange time of the newest resource, milliseconds */
export function questions(generator, seed, patients, lastChange, count = 100) {
  const random = generator.makeRng(seed, 77, patients), list = [];
  while (list.length < count) {
    const { tenant, id, facts, rows } = patientRows(generator, seed, random.int(0, patients - 1));
    if (tenant !== 1) continue;
    const encounter = random.pick(rows.filter((r) => r.type === 'Encounter'));
    const number = encounter.tokens.find((t) => t.parameter === 'identifier');
    list.push({
      patient: id,
      identifier: tokenKey(1, 'Patient', 'identifier', generator.MRN_SYSTEM, facts.mrn),
      family: facts.family.toLowerCase(),
      birthDate: `${facts.birthDate}Z`,
      heartRate: tokenKey(1, 'Observation', 'code', loinc, generator.HR_CODE),
      code: tokenKey(1, 'Observation', 'code', loinc, random.pick(['4548-4', '2339-0', '8302-2', '29463-7', generator.HR_CODE])),
      rareCode: tokenKey(1, 'Observation', 'code', loinc, random.pick(['4548-4', '2339-0', '6299-2'])),
      since: `${random.int(2017, 2023)}-01-01Z`,
      active: tokenKey(1, 'Claim', 'status', '', 'active'),
      final: tokenKey(1, 'Observation', 'status', '', 'final'),
      condition: tokenKey(1, 'Condition', 'code', snomed, random.pick(['22298006', '49436004', '53741008', '254837009', '44054006'])),
      changed: new Date(lastChange - random.int(60, 3600) * 1000).toISOString(),
      encounter: tokenKey(1, 'Encounter', 'identifier', number.system, number.code),
    });
  }
  return list;
}
