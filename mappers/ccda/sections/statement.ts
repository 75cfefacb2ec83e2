/** What all statements have in common: their templates and kind are read, an author and a status have a meaning of their own. */
import type { Conversion } from '../conversion.ts';
import type { Element } from '../xml/element.ts';

/** What a statement is has been read: its templates, class and mood, and that it is completed. */
export function markStatement(c: Conversion, statement: Element): void {
  c.consult(statement, 'classCode', 'moodCode', 'nullFlavor');
  for (const child of statement.children) {
    if (child.name === 'templateId') child.useAll();
    // Of an observation it says that the observing is done, not what has become of what was observed.
    else if (child.name === 'statusCode' && child.get('code') === 'completed') c.consult(child, 'code', 'codeSystem', 'displayName');
  }
}
