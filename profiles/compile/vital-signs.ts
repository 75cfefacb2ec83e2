/**
 * Observations that have a code of a vital sign conform to the profile for it, whether they claim it or not.
 * Source: https://hl7.org/fhir/R4/observation-vitalsigns.html
 */
import { isObject, own, type ResourceRule } from './check.ts';

const loinc = 'http://loinc.org';
const base = 'http://hl7.org/fhir/StructureDefinition/';

const profileOfCode: ReadonlyMap<string, string> = new Map([
  ['85353-1', 'vitalspanel'], ['9279-1', 'resprate'], ['8867-4', 'heartrate'], ['2708-6', 'oxygensat'], ['8310-5', 'bodytemp'],
  ['8302-2', 'bodyheight'], ['9843-4', 'headcircum'], ['29463-7', 'bodyweight'], ['39156-5', 'bmi'], ['85354-9', 'bp'],
]);

export const vitalSignRule: ResourceRule = (observation, session) => {
  const code = own(observation, 'code');
  const codings = isObject(code) ? own(code, 'coding') : undefined;
  if (!Array.isArray(codings)) return;
  for (const coding of codings) {
    if (!isObject(coding) || coding['system'] !== loinc || typeof coding['code'] !== 'string') continue;
    const name = profileOfCode.get(coding['code']);
    const profile = name === undefined ? undefined : session.library.profile(base + name);
    if (profile === undefined) continue;
    session.checkProfile(observation, profile);
    return;
  }
};
