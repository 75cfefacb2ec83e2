/**
 * Sections that C-CDA gives a narrative and no statements of their own: their text is Composition.section.text, and
 * statements that stand there all the same are read by their templates.
 * Source: C-CDA 2.1, volume 2, "Section-Level Templates"
 */
import type { SectionRules } from './rules.ts';

const codes: readonly (readonly [code: string, ...templates: readonly string[]])[] = [
  ['51848-0', '2.16.840.1.113883.10.20.22.2.8'], // assessment
  ['51847-2', '2.16.840.1.113883.10.20.22.2.9'], // assessment and plan
  ['10154-3', '1.3.6.1.4.1.19376.1.5.3.1.1.13.2.1'], // chief complaint
  ['46239-0', '2.16.840.1.113883.10.20.22.2.13'], // chief complaint and reason for visit
  ['29299-5', '2.16.840.1.113883.10.20.22.2.12'], // reason for visit
  ['42349-1', '1.3.6.1.4.1.19376.1.5.3.1.3.1'], // reason for referral
  ['10164-2', '1.3.6.1.4.1.19376.1.5.3.1.3.4'], // history of present illness
  ['10187-3', '1.3.6.1.4.1.19376.1.5.3.1.3.18'], // review of systems
  ['29545-1', '2.16.840.1.113883.10.20.2.10'], // physical examination
  ['10210-3', '2.16.840.1.113883.10.20.2.5'], // general status
  ['8648-8', '1.3.6.1.4.1.19376.1.5.3.1.3.5', '2.16.840.1.113883.10.20.22.2.64'], // hospital course
  ['8653-8', '2.16.840.1.113883.10.20.22.2.41'], // discharge instructions
  ['69730-0', '2.16.840.1.113883.10.20.22.2.45'], // instructions
  ['11493-4', '2.16.840.1.113883.10.20.22.2.16'], // discharge studies
  ['10184-0', '1.3.6.1.4.1.19376.1.5.3.1.3.26'], // discharge physical
  ['18841-7', '2.16.840.1.113883.10.20.22.2.42'], // consultations
  ['42344-2', '1.3.6.1.4.1.19376.1.5.3.1.3.33'], // discharge diet
  ['61149-1', '2.16.840.1.113883.10.20.21.2.1'], // objective
  ['61150-9', '2.16.840.1.113883.10.20.21.2.2'], // subjective
  ['11329-0', '2.16.840.1.113883.10.20.22.2.39'], // medical history
  ['59776-5', '2.16.840.1.113883.10.20.22.2.28'], // procedure findings
  ['59774-0', '2.16.840.1.113883.10.20.22.2.25'], // anesthesia
  ['59770-8', '2.16.840.1.113883.10.20.18.2.9'], // estimated blood loss
  ['59775-7', '2.16.840.1.113883.10.20.18.2.12'], // procedure disposition
  ['59773-2', '2.16.840.1.113883.10.20.22.2.31'], // specimens taken
  ['59771-6', '2.16.840.1.113883.10.20.22.2.40'], // implants
  ['59768-2', '2.16.840.1.113883.10.20.22.2.29'], // indications
  ['59772-4', '2.16.840.1.113883.10.20.22.2.30'], // planned procedure
  ['29554-3', '2.16.840.1.113883.10.20.22.2.27'], // procedure description
  ['11537-8', '2.16.840.1.113883.10.20.7.13'], // surgical drains
  ['10216-0', '2.16.840.1.113883.10.20.7.12'], // fluids
  ['10223-6', '2.16.840.1.113883.10.20.7.14'], // surgical procedure
  ['10182-4', '1.3.6.1.4.19376.1.5.3.1.1.5.3.6'], // travel
  ['61144-2', '2.16.840.1.113883.10.20.22.2.57'], // nutrition
  ['121181', '2.16.840.1.113883.10.20.6.1.1'], // DICOM catalog
  ['121070', '2.16.840.1.113883.10.20.6.1.2'], // DICOM findings
];

export const narrativeOnly: SectionRules = { statements: [], sections: codes.map(([code, ...templates]) => ({ code, templates })) };
