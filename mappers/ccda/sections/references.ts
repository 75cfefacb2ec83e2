/**
 * Statements that only lead to others: an entry reference is the statement it names, a comment belongs to what it is on.
 * Source: C-CDA 2.1, Entry Reference, Comment Activity
 */
import { businessKey, type Conversion, type Placed } from '../conversion.ts';
import type { Element } from '../xml/element.ts';
import type { SectionRules } from './rules.ts';
import { markStatement } from './statement.ts';

const root = '2.16.840.1.113883.10.20.22.4.';

export const references: SectionRules = {
  statements: [
    { templates: [`${root}122`], map: entryReference },
    { templates: [`${root}64`, '2.16.840.1.113883.10.20.1.40'], map: (c, statement) => leave(c, statement, 'a comment on what has no notes') },
    { templates: [`${root}123`], map: (c, statement) => leave(c, statement, 'who monitors a drug has no place') },
    { templates: [`${root}118`], map: (c, statement) => leave(c, statement, 'the substance of a series is told by the immunization') },
    { templates: ['2.16.840.1.113883.10.20.1.46', '2.16.840.1.113883.10.20.1.47'], map: (c, statement) => leave(c, statement, 'the state of a medication is told by its own status') },
    { templates: [`${root}129`], map: (c, statement) => leave(c, statement, 'a coverage that is planned has no place') },
  ],
  sections: [],
};

/** The resource of the statement that is named, where it stands before. */
function entryReference(c: Conversion, act: Element): readonly Placed[] {
  markStatement(c, act);
  const key = businessKey(act);
  const named = key === undefined ? undefined : c.statedBy(...key);
  if (named === undefined) return leave(c, act, 'refers to a statement that is not in the document, or comes later');
  act.useAll();
  return [named];
}

function leave(c: Conversion, statement: Element, reason: string): readonly Placed[] {
  markStatement(c, statement);
  c.leave(statement, reason);
  return [];
}
