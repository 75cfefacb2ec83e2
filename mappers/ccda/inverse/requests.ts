/**
 * ServiceRequest to the act of a referral or to a planned procedure.
 * Source: C-CDA 2.1, Patient Referral Act, Planned Procedure; Reason for Referral Section, Plan of Treatment Section
 */
import { authorsOf, performersOf } from './parties.ts';
import type { SourceResource } from './source.ts';
import { commentsOf, indicationsOf, readSubject, related, statusCode } from './statements.ts';
import { conceptOf, idsOf, timeOrPeriod, timeWords, wordsOf } from './values.ts';
import { ccda, textReference, type Writing, type Written } from './writing.ts';
import { el } from './xml.ts';

const states: Readonly<Record<string, string>> = { active: 'active', completed: 'completed', revoked: 'aborted', draft: 'new', 'on-hold': 'held' };
const moods: Readonly<Record<string, string>> = { plan: 'INT', order: 'RQO', proposal: 'PRP', option: 'DEF', 'original-order': 'RQO', 'instance-order': 'RQO', 'reflex-order': 'RQO', 'filler-order': 'RQO', directive: 'RQO' };

/** @param as what the section has: referrals, or what is planned */
export function writeRequest(c: Writing, resource: SourceResource, as: 'referral' | 'planned'): Written {
  const { source } = resource;
  const id = c.rowId(as);
  readSubject(c, source, 'subject');
  const intent = source.word('intent');
  if (['plan', 'order', 'proposal', 'option'].includes(intent)) source.use('intent');
  const isDenied = source.peek('doNotPerform') === true;
  source.use('doNotPerform');
  const instruction = source.text('patientInstruction');
  const name = as === 'referral' ? 'act' : 'procedure';
  const priority = { routine: 'R', urgent: 'UR', asap: 'A', stat: 'S' }[source.word('priority')];
  if (priority !== undefined) source.use('priority');
  const statement = el(
    name, { classCode: as === 'referral' ? 'PCPR' : 'PROC', moodCode: moods[intent] ?? 'INT', negationInd: isDenied ? 'true' : undefined }, as === 'referral' ? ccda('140') : ccda('41', '2014-06-09'), idsOf(c, resource),
    conceptOf('code', source.one('code')), textReference(id), statusCode(source, states[source.word('status')]), timeOrPeriod('effectiveTime', source, 'occurrence') ?? el('effectiveTime', { nullFlavor: 'UNK' }),
    priority === undefined ? undefined : el('priorityCode', { code: priority, codeSystem: '2.16.840.1.113883.5.7' }), as === 'planned' ? source.all('bodySite').map((site) => conceptOf('targetSiteCode', site)) : undefined,
    performersOf(c, source.all('performer')), authorsOf(c, resource, ['requester'], 'authoredOn'), indicationsOf(c, source, 'reasonCode'),
    instruction === undefined ? undefined : related('SUBJ', el('act', { classCode: 'ACT', moodCode: 'INT' }, ccda('20', '2014-06-09'), el('code', { nullFlavor: 'NI' }), el('text', {}, instruction), el('statusCode', { code: 'completed' })), true),
    commentsOf(source),
  );
  return { statement, rows: [{ id, cells: [wordsOf(source.one('code')), source.word('status'), timeWords(source, 'occurrence'), source.all('reasonCode').map(wordsOf).join(', ')] }] };
}
