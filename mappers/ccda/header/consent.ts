/**
 * authorization/consent to Consent: that there is one, of which kind. What it permits is in no element of CDA.
 * Source: CDA R2, 4.2.3.1 (consent); https://hl7.org/fhir/R4/consent.html (ppc-1: a policy, which is not told)
 */
import { type Conversion, dataAbsent } from '../conversion.ts';
import { fixedConcept, requireConcept } from '../values/concept.ts';
import { putIdentifiers } from '../values/identifier.ts';
import type { Element } from '../xml/element.ts';

export function putConsent(c: Conversion, holder: Element): void {
  const from = holder.child('consent');
  if (from === undefined) return;
  c.consult(holder, 'typeCode');
  c.consult(from, 'classCode', 'moodCode');
  const { cursor } = c.stated('Consent', from);
  putIdentifiers(c, cursor, from, 'consent/id');
  const status = from.child('statusCode');
  if (status !== undefined) c.consult(status, 'code');
  cursor.set('status', 'active').set('scope', fixedConcept('http://terminology.hl7.org/CodeSystem/consentscope', 'patient-privacy'));
  if (cursor.peek('category') === undefined) requireConcept(c, cursor.another('category'), from.child('code'), 'consent/code');
  c.refer(cursor, 'patient', c.patient);
  cursor.set('policyRule', { extension: [dataAbsent('unknown')] });
}
