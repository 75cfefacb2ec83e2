/**
 * What is wrong with a narrative, beside the constraints that it does not meet: txt-1 and txt-2 say of a whole text that
 * it is not right, and nothing of where.
 * Source: https://hl7.org/fhir/R4/narrative.html
 */
import { narrativeIssues, outsideStyle } from '../../fhir/narrative.ts';
import { isObject, type Session } from './check.ts';

/** What is told of one text. */
const most = 5;

export function explainNarrative(narrative: unknown, session: Session): void {
  if (!isObject(narrative) || typeof narrative['div'] !== 'string' || session.environment.htmlChecks?.(narrative['div']) !== false) return;
  for (const { reason, where } of narrativeIssues(narrative['div'], most)) {
    if (reason !== outsideStyle) session.addAt({ code: 'narrative-wrong', details: { reason, ...where }, severity: 'information' }, '.div');
  }
}
