/** Organizations that an N1 names: payer, payee, sponsor. */
import type { Cursor } from './target.ts';
import { identifierSystem } from '../codes.ts';
import type { LoopOccurrence } from '../grammar/definition.ts';
import { SYSTEM } from '../pas.ts';
import type { Reading } from './frame.ts';
import { ABSENT } from './parties.ts';
import { pieceOf } from './piece.ts';

/** N102 to N104; without an N1 the organization is told to lack its name. */
export function mapOrganization({ draft }: Pick<Reading, 'draft'>, loop: LoopOccurrence | undefined, url: string): Cursor {
  const organization = draft.resource('Organization', url);
  const n1 = pieceOf(draft, loop, 'N1');
  if (n1 === undefined) return organization.set('_name', ABSENT);
  n1.consult(1);
  n1.put(organization, 'name', 2);
  if (n1.text(4) !== '') n1.put(organization.another('identifier').set('system', identifierOfN1(n1.qualifier(3))), 'value', 4);
  return organization;
}

/** FI is a federal taxpayer's number; others are told by their code list. */
function identifierOfN1(qualifier: string): string {
  return qualifier === 'FI' ? SYSTEM.ein : identifierSystem('66', qualifier);
}
