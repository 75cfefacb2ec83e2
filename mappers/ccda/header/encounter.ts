/**
 * Encounters of the header and of the Encounters section, one resource for both where they have the same id.
 * Source: C-CDA on FHIR, "Encounters" (CF-encounters); https://hl7.org/fhir/us/core/STU7/StructureDefinition-us-core-encounter.html
 */
import type { Cursor } from '../../draft.ts';
import { isForeign } from '../codes/hl7-systems.ts';
import { systemOf } from '../codes/systems.ts';
import { businessKey, type Conversion, type Placed } from '../conversion.ts';
import { codeOf, putCoding, putConcept, saysSomething } from '../values/concept.ts';
import { putIdentifiers } from '../values/identifier.ts';
import { putPeriod } from '../values/times.ts';
import type { Element } from '../xml/element.ts';
import { location, participant } from './participants.ts';

const participationType = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType';
const actCode = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
const classes: ReadonlySet<string> = new Set(['AMB', 'EMER', 'FLD', 'HH', 'IMP', 'ACUTE', 'NONAC', 'OBSENC', 'PRENC', 'SS', 'VR']);

/** The resource of an encounter by its id, begun or found. */
export function encounterAt(c: Conversion, from: Element): Placed {
  const key = businessKey(from);
  const placed = key === undefined ? c.placed('Encounter', from) : c.keyed('Encounter', ...key);
  if (placed.cursor.peek('subject') === undefined) c.refer(placed.cursor, 'subject', c.patient);
  putIdentifiers(c, placed.cursor, from, 'encounter/id');
  return placed;
}

/** The kind of encounter: a class where it is one of those of HL7 v3, else a type; translations tell classes too. */
export function putEncounterCode(c: Conversion, at: Cursor, code: Element | undefined, rule: string): void {
  if (code === undefined) return;
  const said = [code, ...code.all('translation')];
  const kind = said.find((one) => systemOf(one.get('codeSystem') ?? '') === actCode && classes.has(codeOf(one) ?? ''));
  if (kind !== undefined && at.peek('class') === undefined) putCoding(c, at.within('class'), kind, rule);
  if (kind === code && code.children.length === 0) return;
  if (saysSomething(c, code) && at.peek('type') === undefined) putConcept(c, at.another('type'), code, rule);
}

/** What FHIR requires of encounters, once all of the document is read: a class, which is unknown where none was told. */
export function closeEncounters(c: Conversion): void {
  for (const { fullUrl, resource } of c.draft.entries()) {
    if (resource?.resourceType !== 'Encounter') continue;
    const at = c.draft.resource('Encounter', fullUrl!);
    if (resource.class === undefined) at.set('class', { system: 'http://terminology.hl7.org/CodeSystem/v3-NullFlavor', code: 'UNK' });
    if (resource.status === undefined) at.set('status', 'unknown');
  }
}

/** componentOf/encompassingEncounter. */
export function putEncompassingEncounter(c: Conversion, document: Element): Placed | undefined {
  const from = document.at('componentOf', 'encompassingEncounter');
  if (from === undefined) return undefined;
  c.consult(from.parent!, 'typeCode');
  c.consult(from, 'classCode', 'moodCode');
  const placed = encounterAt(c, from);
  const at = placed.cursor;
  putEncounterCode(c, at, from.child('code'), 'encompassingEncounter/code');
  const when = from.child('effectiveTime');
  putPeriod(c, at.within('period'), when, 'encompassingEncounter/time');
  at.set('status', (at.peek('period') as { end?: string } | undefined)?.end === undefined ? 'unknown' : 'finished');
  putConcept(c, at.within('hospitalization').within('dischargeDisposition'), from.child('dischargeDispositionCode'), 'encompassingEncounter/discharge');
  for (const part of [...from.all('responsibleParty'), ...from.all('encounterParticipant')]) {
    c.consult(part, 'typeCode');
    const who = participant(c, part.child('assignedEntity'), 'encompassingEncounter/participant');
    if (who === undefined) continue;
    const holder = at.another('participant');
    if (who.type === 'Organization') c.refer(at, 'serviceProvider', who);
    else c.refer(holder, 'individual', who);
    const typeCode = part.name === 'responsibleParty' ? undefined : part.get('typeCode');
    if (typeCode !== undefined && holder.exists && !isForeign(participationType, typeCode)) c.put(holder.another('type').another('coding').set('system', participationType), 'code', typeCode, part, 'typeCode', 'encompassingEncounter/participant');
    if (holder.exists) putPeriod(c, holder.within('period'), part.child('time'), 'encompassingEncounter/participant');
  }
  const facility = from.at('location', 'healthCareFacility');
  if (facility !== undefined) c.consult(facility.parent!, 'typeCode');
  const where = location(c, facility, 'encompassingEncounter/location');
  if (where !== undefined) c.refer(at.another('location'), 'location', where);
  return placed;
}
