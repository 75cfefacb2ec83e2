/** The providers of a claim and of its lines (2310, 2420), in the roles X12 has for them, and the places. */
import type { Cursor } from '../reading/target.ts';
import type { LoopOccurrence } from '../grammar/definition.ts';
import { SYSTEM, x12System } from '../pas.ts';
import { mapAddress, mapContacts, mapNumber, mapParty, mapReferences } from '../reading/parties.ts';
import { pieceOf } from '../reading/piece.ts';
import { valueAt } from '../segment.ts';
import type { Frame } from './frame.ts';

/** The X12 code of an entity (element 98). */
const ENTITY = x12System('98');

const ROLES = 'http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBClaimCareTeamRole';

/** Entities (element 98) in CARIN's words; any other keeps X12's code alone. */
const BY_ENTITY: ReadonlyMap<string, string> = new Map(Object.entries({ '82': 'rendering', DN: 'referring', P3: 'pcp', '71': 'attending', '72': 'operating', ZZ: 'otheroperating', DQ: 'supervisor', DK: 'prescribing', QB: 'purchasedservice', DD: 'assist' }));

const PLACES = new Set(['77', 'PW', '45']);

/** The provider loops of a claim or line, which begin with `prefix`. Gives the sequences of the care team, and the facility. */
export function mapProviders(frame: Frame, { loops }: LoopOccurrence, prefix: '2310' | '2420'): { team: number[]; facility: string | undefined; places: number[] } {
  const team: number[] = [];
  const places: number[] = [];
  let facility: string | undefined;
  for (const loop of loops) {
    if (!loop.id.startsWith(prefix)) continue;
    const entity = valueAt(loop.segments[0], 1).trim();
    const nm1 = pieceOf(frame.draft, loop, 'NM1')!;
    if (!PLACES.has(entity)) {
      team.push(mapMember(frame, loop, entity));
      continue;
    }
    nm1.consult(1);
    const place = mapPlace(frame, loop);
    if (entity === '77') facility = place;
    else places.push(frame.information.add({ system: ENTITY, code: entity }, (info) => info.set('valueReference', { reference: place }).exists)!);
  }
  return { team, facility, places };
}

function mapMember(frame: Frame, loop: LoopOccurrence, entity: string): number {
  const nm1 = pieceOf(frame.draft, loop, 'NM1')!;
  const party = mapParty(frame, loop);
  return frame.careTeam.add(`${entity}|${party.url}`, (member) => {
    member.set('provider', { reference: party.url });
    const known = BY_ENTITY.get(entity);
    if (known !== undefined && known !== 'assist' && known !== 'supervisor') nm1.codeAt(member, 'role', ROLES, 1, undefined, () => known);
    nm1.codeAt(member, 'role', ENTITY, 1);
    mapSpecialty(frame, loop, () => member.within('qualification'));
  });
}

/** A place with a name: service facility, pick-up, drop-off. */
function mapPlace(frame: Frame, loop: LoopOccurrence): string {
  const nm1 = pieceOf(frame.draft, loop, 'NM1')!;
  const url = frame.urns.ofParty('location', nm1.segment);
  const isKnown = frame.draft.has(url);
  const cursor = frame.draft.resource('Location', url);
  nm1.consult(2);
  mapNumber(nm1, cursor, isKnown);
  if (!isKnown || nm1.text(3) === cursor.peek('name')) nm1.put(cursor, 'name', 3);
  if (!isKnown) {
    mapAddress(frame, loop, cursor.within('address'));
    mapContacts(frame, loop, cursor, undefined);
  }
  mapReferences(frame, loop, cursor);
  return url;
}

/** The specialty of PRV, as a qualification or a specialty. */
export function mapSpecialty(frame: Frame, loop: LoopOccurrence, concept: () => Cursor): void {
  const prv = pieceOf(frame.draft, loop, 'PRV');
  if (prv === undefined || valueAt(prv.segment, 3) === '') return;
  prv.consult(1);
  prv.consult(2);
  prv.code(concept(), SYSTEM.providerTaxonomy, 3);
}
