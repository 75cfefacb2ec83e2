/**
 * Strings that look like markup: a page that shows them without escaping would run what is in them.
 * Source: https://hl7.org/fhir/R4/security.html#narrative
 */
import type { Session } from './check.ts';
import type { Template } from './findings.ts';

const told: Template = { code: 'markup-in-string', details: {}, severity: 'information' };
const refused: Template = { ...told, severity: 'error' };

/** A start tag or an end tag: no text with a comparison in it. */
const tag = /<\/?[A-Za-z][\w:-]*(?:\s[^<>]*)?\/?>/;

export function checkMarkup(value: string, session: Session): void {
  if (value.includes('<') && tag.test(value)) session.add(session.options.markup === 'error' ? refused : told);
}
