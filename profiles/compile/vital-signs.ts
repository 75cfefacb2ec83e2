/**
 * Observations that have a code of a vital sign conform to the profile for it, whether they claim it or not.
 * Source: https://hl7.org/fhir/R4/observation-vitalsigns.html
 */
import { isObject, own, type ResourceRule } from './check.ts';

const base = 'http://hl7.org/fhir/StructureDefinition/';

/** Of LOINC, as the specification names them. */
const byLoinc: ReadonlyMap<string, string> = new Map([
  ['85353-1', 'vitalspanel'], ['9279-1', 'resprate'], ['8867-4', 'heartrate'], ['2708-6', 'oxygensat'], ['8310-5', 'bodytemp'],
  ['8302-2', 'bodyheight'], ['9843-4', 'headcircum'], ['29463-7', 'bodyweight'], ['39156-5', 'bmi'], ['85354-9', 'bp'],
]);

/** Of SNOMED CT, those that mean the same; HL7's validator goes by them, too. */
const bySnomed: ReadonlyMap<string, string> = new Map([
  ['86290005', 'resprate'], ['364075005', 'heartrate'], ['103228002', 'oxygensat'], ['386725007', 'bodytemp'], ['276885007', 'bodytemp'],
  ['50373000', 'bodyheight'], ['363812007', 'headcircum'], ['27113001', 'bodyweight'], ['60621009', 'bmi'], ['75367002', 'bp'],
]);

const profileOfCode: ReadonlyMap<unknown, ReadonlyMap<string, string>> = new Map([['http://loinc.org', byLoinc], ['http://snomed.info/sct', bySnomed]]);

export const vitalSignRule: ResourceRule = (observation, session) => {
  const code = own(observation, 'code');
  const codings = isObject(code) ? own(code, 'coding') : undefined;
  if (!Array.isArray(codings)) return;
  for (const coding of codings) {
    if (!isObject(coding) || typeof coding['code'] !== 'string') continue;
    const name = profileOfCode.get(coding['system'])?.get(coding['code']);
    const profile = name === undefined ? undefined : session.library.profile(base + name);
    if (profile === undefined) continue;
    session.checkProfile(observation, profile);
    return;
  }
};
