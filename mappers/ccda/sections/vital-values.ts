/**
 * Values of vital signs: FHIR asks for certain units of certain codes, wherever such a code stands. A unit that is only
 * spelled in another way is the same unit. What cannot keep the rules is no vital sign of FHIR, and its code says so.
 * Source: https://hl7.org/fhir/R4/observation-vitalsigns.html
 */
import type { Cursor } from '../../draft.ts';
import { oidOf } from '../codes/systems.ts';
import { type Conversion, decimal } from '../conversion.ts';
import type { Element } from '../xml/element.ts';

const ucum = 'http://unitsofmeasure.org';

const perMinute = ['/min'];
const length = ['cm', '[in_i]'];
const temperature = ['Cel', '[degF]'];
const weight = ['g', 'kg', '[lb_av]'];

/** Codes of LOINC and SNOMED CT that the specification names, and their units. */
const unitsOf: ReadonlyMap<string, readonly string[]> = new Map([
  ['9279-1', perMinute], ['8867-4', perMinute], ['2708-6', ['%']], ['59408-5', ['%']], ['8310-5', temperature], ['8302-2', length], ['9843-4', length], ['29463-7', weight], ['39156-5', ['kg/m2']], ['8480-6', ['mm[Hg]']], ['8462-4', ['mm[Hg]']],
  ['86290005', perMinute], ['364075005', perMinute], ['103228002', ['%']], ['386725007', temperature], ['276885007', temperature], ['50373000', length], ['363812007', length], ['27113001', weight], ['60621009', ['kg/m2']],
]);

const spellings: Readonly<Record<string, string>> = {
  mmhg: 'mm[Hg]', 'mm hg': 'mm[Hg]', 'mm(hg)': 'mm[Hg]', 'mm[hg]': 'mm[Hg]', bpm: '/min', '{beats}/min': '/min', 'beats/min': '/min', '{breaths}/min': '/min', 'breaths/min': '/min', '1/min': '/min', '/minute': '/min', 'per minute': '/min',
  lb: '[lb_av]', lbs: '[lb_av]', 'lb_av': '[lb_av]', '[lb_ap]': '[lb_ap]', pounds: '[lb_av]', in: '[in_i]', inch: '[in_i]', inches: '[in_i]', '[in_us]': '[in_us]', f: '[degF]', degf: '[degF]', '°f': '[degF]', '[degf]': '[degF]', c: 'Cel', '°c': 'Cel', cel: 'Cel', degc: 'Cel', 'kg/m^2': 'kg/m2', 'kg/m²': 'kg/m2', 'kg/m2': 'kg/m2', kgs: 'kg', kg: 'kg', cm: 'cm', cms: 'cm', percent: '%', '%': '%', '%{sat}': '%',
};

/** Those with a profile: the ones above but for pressures, which are parts, and the panels. */
const vitalCodes: ReadonlySet<string> = new Set([...[...unitsOf.keys()].filter((code) => !['8480-6', '8462-4', '59408-5'].includes(code)), '85353-1', '85354-9', '75367002']);

/** The units of the vital sign that an observation is by its code; undefined where it is none. */
export function unitsFor(at: Cursor): readonly string[] | undefined {
  for (const { code } of ((at.within('code').peek('coding') ?? []) as readonly { code?: string }[])) {
    const units = unitsOf.get(code ?? '');
    if (units !== undefined) return units;
  }
  return undefined;
}

/** The unit that a sent one means, where a vital sign may have it. */
function unitAs(units: readonly string[], sent: string | undefined): string | undefined {
  if (sent === undefined) return undefined;
  if (units.includes(sent)) return sent;
  const spelled = spellings[sent.trim().toLowerCase()];
  return spelled !== undefined && units.includes(spelled) ? spelled : undefined;
}

/** Whether a value is a quantity in a unit that the vital sign may have. */
export function isVitalQuantity(units: readonly string[], value: Element | undefined): boolean {
  return decimal(value?.get('value')) !== undefined && unitAs(units, value?.get('unit')) !== undefined;
}

/** Puts the quantity of a vital sign; false where its value is none, or in a unit that FHIR has not for it. */
export function putVitalQuantity(c: Conversion, at: Cursor, value: Element | undefined, units: readonly string[]): boolean {
  if (value === undefined || !isVitalQuantity(units, value)) return false;
  c.consult(value, 'xsi:type');
  const quantity = at.within('valueQuantity');
  c.put(quantity, 'value', decimal(value.get('value')), value, 'value', 'vital/value');
  c.put(quantity, 'unit', value.get('unit'), value, 'unit', 'vital/value');
  quantity.set('system', ucum).set('code', unitAs(units, value.get('unit')));
  for (const translation of value.all('translation')) c.leave(translation, 'a quantity of FHIR has one unit');
  return true;
}

/**
 * Takes the meaning of FHIR's vital sign from a code that stands on what is none by its rules (no day, no such unit):
 * the code stays with the OID of its system, as it was sent.
 */
export function withoutVitalCodes(at: Cursor): void {
  for (const coding of (at.within('code').peek('coding') ?? []) as { system?: string; code?: string }[]) {
    const oid = coding.system === undefined ? undefined : oidOf(coding.system);
    if (oid !== undefined && vitalCodes.has(coding.code ?? '')) coding.system = `urn:oid:${oid}`;
  }
}

/** Whether the code of an observation is one that the specification has a profile for. */
export function hasVitalCode(at: Cursor): boolean {
  return ((at.within('code').peek('coding') ?? []) as readonly { system?: string; code?: string }[]).some(({ system, code }) => vitalCodes.has(code ?? '') && !system?.startsWith('urn:oid:'));
}

/** A vital sign has a time that is known to the day (vs-1). */
export function hasDay(at: Cursor): boolean {
  const time = at.peek('effectiveDateTime');
  return typeof time === 'string' && time.length >= 10;
}
