/** Issues of what no definition can say, and the specification says in words: as severe as the caller takes them. */
import type { Session } from './check.ts';
import type { Template } from './findings.ts';

/** @param step empty for the value that the session is at */
export function tellInWords(template: Template, step: string, session: Session): void {
  session.addAt(session.options.inWords === 'warning' ? { ...template, severity: 'warning' } : template, step);
}
