/**
 * Social history: smoking and tobacco, pregnancy, occupation, and what US Core makes part of the Patient (birth sex,
 * gender identity) beside an observation of it.
 * Source: C-CDA on FHIR, "Social History" (CF-social); https://hl7.org/fhir/us/core/STU7/StructureDefinition-us-core-smokingstatus.html
 */
import type { Conversion, Placed, Scope } from '../conversion.ts';
import { codeOf, putConcept, saysSomething } from '../values/concept.ts';
import type { Element } from '../xml/element.ts';
import { observe } from './observation.ts';
import type { SectionRules } from './rules.ts';

const usCore = 'http://hl7.org/fhir/us/core/StructureDefinition/';
const loinc = 'http://loinc.org';
const smokingStatus = ['2.16.840.1.113883.10.20.22.4.78'];
const birthSex = ['2.16.840.1.113883.10.20.22.4.200'];
const genderIdentity = ['2.16.840.1.113883.10.20.34.3.45'];
const pregnancy = ['2.16.840.1.113883.10.20.15.3.8', '2.16.840.1.113883.10.20.22.4.293'];

/** Tobacco use, social history, sexual orientation, occupation, industry, pregnancy intention, delivery date, caregiver, home, culture, travel, tribal affiliation, characteristics of disability. */
const others = ['2.16.840.1.113883.10.20.22.4.85', '2.16.840.1.113883.10.20.22.4.38', '2.16.840.1.113883.10.20.1.33', '2.16.840.1.113883.10.20.22.4.501', '2.16.840.1.113883.10.20.22.4.503', '2.16.840.1.113883.10.20.22.4.504', '2.16.840.1.113883.10.20.22.4.281', '2.16.840.1.113883.10.20.15.3.1', '2.16.840.1.113883.10.20.22.4.72', '2.16.840.1.113883.10.20.22.4.109', '2.16.840.1.113883.10.20.22.4.111', '2.16.840.1.113883.10.20.22.4.506', '2.16.840.1.113883.10.20.22.4.502.1', '2.16.840.1.113883.10.20.22.4.280', '2.16.840.1.113883.10.20.22.4.507'];

export const socialHistory: SectionRules = {
  statements: [
    { templates: smokingStatus, map: (c, statement, scope) => observe(c, statement, scope, { categories: ['social-history'], code: { system: loinc, code: '72166-2' } }) },
    { templates: birthSex, map: sexAtBirth },
    { templates: genderIdentity, map: identity },
    { templates: pregnancy, map: (c, statement, scope) => observe(c, statement, scope, { categories: ['social-history'], code: { system: loinc, code: '82810-3' } }) },
    { templates: others, map: social },
  ],
  sections: [{ code: '29762-2', templates: ['2.16.840.1.113883.10.20.22.2.17'], fallbacks: { observation: social } }],
};

function social(c: Conversion, statement: Element, scope: Scope): readonly Placed[] {
  return observe(c, statement, scope, { categories: ['social-history'] });
}

function sexAtBirth(c: Conversion, statement: Element, scope: Scope): readonly Placed[] {
  const value = statement.child('value');
  const code = codeOf(value);
  const told = code === 'F' || code === 'M' ? code : value?.get('nullFlavor') === 'UNK' ? 'UNK' : undefined;
  const patient = c.patient?.cursor;
  if (value !== undefined && told !== undefined && patient !== undefined && !hasExtension(patient.peek('extension'), `${usCore}us-core-birthsex`)) {
    c.put(patient.another('extension').set('url', `${usCore}us-core-birthsex`), 'valueCode', told, value, code === undefined ? 'nullFlavor' : 'code', 'birthSex/value');
  }
  return observe(c, statement, scope, { categories: ['social-history'], code: { system: loinc, code: '76689-9' } });
}

function identity(c: Conversion, statement: Element, scope: Scope): readonly Placed[] {
  const value = statement.child('value');
  const patient = c.patient?.cursor;
  if (saysSomething(c, value) && patient !== undefined && !hasExtension(patient.peek('extension'), `${usCore}us-core-genderIdentity`)) {
    putConcept(c, patient.another('extension').set('url', `${usCore}us-core-genderIdentity`).within('valueCodeableConcept'), value, 'genderIdentity/value');
  }
  return observe(c, statement, scope, { categories: ['social-history'], code: { system: loinc, code: '76691-5' } });
}

function hasExtension(extensions: unknown, url: string): boolean {
  return Array.isArray(extensions) && (extensions as readonly { url?: string }[]).some((extension) => extension.url === url);
}
