/**
 * What holds of every Coding and of every Quantity, whatever its element is bound to: a system that is one, a code that
 * the system has, a display that the system gives the code.
 * Source: https://hl7.org/fhir/R4/datatypes.html#Coding, https://hl7.org/fhir/R4/datatypes.html#Quantity
 */
import { isCalled } from '../codes/known-systems.ts';
import { remembered } from '../codes/remembered.ts';
import { systemMeant } from '../codes/system-slips.ts';
import { isUnit } from '../codes/units.ts';
import { isObject, type Session } from './check.ts';
import type { Template } from './findings.ts';
import { tellInWords } from './in-words.ts';

const relative: Template = { code: 'code-system-relative', details: {}, severity: 'error' };
const valueSet: Template = { code: 'code-system-value-set', details: {}, severity: 'error' };
const withoutSystem: Template = { code: 'code-without-system', details: {}, severity: 'warning' };
const noUnit: Template = { code: 'unit-unknown', details: {}, severity: 'error' };

export const ucum = 'http://unitsofmeasure.org';
const absolute = /^[A-Za-z][A-Za-z0-9+.-]*:/;
/** Of several names, what an issue tells. */
const mostNames = 5;

export function checkCoding(coding: unknown, session: Session): void {
  if (!isObject(coding)) return;
  const { system, version, code, display } = coding;
  if (typeof code !== 'string' || code === '') {
    if (typeof system === 'string' && !absolute.test(system) && system !== '') tellInWords(relative, '.system', session);
    return;
  }
  if (typeof system !== 'string') {
    if (system === undefined && coding['_system'] === undefined) session.add(withoutSystem);
    return;
  }
  const known = session.library.codeSystem(system, typeof version === 'string' ? version : undefined);
  if (known === undefined) {
    const fault = session.library.systemFault(system);
    if (fault === undefined) return;
    if (fault.code === 'code-system-slip') session.addAt(fault, '.system');
    else tellInWords(fault, '.system', session);
    return;
  }
  const names = known.displaysOf(code);
  if (names === undefined) tellInWords(system === ucum ? noUnit : { code: 'code-unknown', details: { system }, severity: 'error' }, '.code', session);
  else if (typeof display === 'string' && names.length > 0 && !isCalled(display, names)) {
    tellInWords({ code: 'code-display', details: { system, displays: names.slice(0, mostNames).join(', ') }, severity: 'error' }, '.display', session);
  }
}

/** What is wrong with the name of a system of which nothing else is known. */
export function systemFaultsOf(isValueSet: (canonical: string) => boolean): (system: string) => Template | undefined {
  return remembered((system) => {
    if (system === '') return undefined;
    if (!absolute.test(system)) return relative;
    const meant = systemMeant(system);
    if (meant !== undefined) return { code: 'code-system-slip', details: { system: meant }, severity: 'warning' };
    return isValueSet(system) ? valueSet : undefined;
  });
}

export function checkUnit(quantity: unknown, session: Session): void {
  if (!isObject(quantity)) return;
  const { system, code } = quantity;
  if (system === ucum && typeof code === 'string' && !isUnit(code)) tellInWords(noUnit, '.code', session);
}
