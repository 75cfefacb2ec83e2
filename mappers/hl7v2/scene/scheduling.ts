/** SCH, RGS, AIS, AIG, AIL and AIP: an appointment and what it takes. Source: HL7 v2.5.1, 10.6. */
import type { Cursor } from '../../draft.ts';
import { referTo } from '../engine/compile.ts';
import { Part } from '../engine/part.ts';
import type { Hl7Segment } from '../syntax/message.ts';
import { translated } from '../types/code-systems.ts';
import { codeText, fillConcept, stringOf, wordsOf } from '../types/coded.ts';
import { instantOf, laterBy } from '../types/date-time.ts';
import { decimalOf } from '../types/quantities.ts';
import { minutesPer } from '../types/timing.ts';
import { entityKey } from './orders.ts';
import { applyMap, begin, type Handler, type Scene, type Scope } from './scope.ts';

/** What the event says of an appointment that SCH-25 says nothing of (table 0003, S12 to S26). */
const STATUS: Readonly<Record<string, string>> = { S12: 'booked', S13: 'booked', S14: 'booked', S15: 'cancelled', S16: 'cancelled', S17: 'entered-in-error', S18: 'booked', S19: 'booked', S20: 'booked', S21: 'booked', S22: 'booked', S23: 'booked', S24: 'booked', S26: 'noshow' };
/** Words of table 0278 in any case, and those that are not in the mapping of HL7. */
const WORDS: Readonly<Record<string, string>> = { booked: 'booked', pending: 'pending', waitlist: 'waitlist', complete: 'fulfilled', completed: 'fulfilled', cancelled: 'cancelled', canceled: 'cancelled', dc: 'cancelled', discontinued: 'cancelled', deleted: 'entered-in-error', noshow: 'noshow', started: 'arrived', overbook: 'booked', blocked: 'cancelled' };

export const sch: Handler = (segment, scope, scene) => {
  const { run } = scene;
  const appointment = begin(scene, 'Appointment', segment, entityKey(segment, 2, run) ?? entityKey(segment, 1, run));
  scope.appointment = appointment;
  applyMap(scene, 'SCH[Appointment]', segment, appointment, scope);
  const status = new Part(segment, 25);
  const told = WORDS[status.text?.toLowerCase() ?? ''] ?? translated('FillerStatusCodes[Appointment]', status.text ?? '')?.code;
  if (appointment.peek('status') === undefined) {
    if (told !== undefined) appointment.emit('status', told, status.from, 'SCH[Appointment]#SCH-25');
    else appointment.set('status', STATUS[scene.event]);
  }
  scope.noted = appointment;
};

/** Start and end by a resource, where the appointment has none yet. */
function timed(segment: Hl7Segment, [at, offset, duration]: readonly [number, number, number], appointment: Cursor, participant: Cursor | undefined, scene: Scene): void {
  const { run } = scene;
  const start = new Part(segment, at);
  const from = start.valued ? instantOf(start, run) : undefined;
  const unit = new Part(segment, duration + 1);
  const per = minutesPer(codeText(unit.at(1)));
  const length = new Part(segment, duration);
  const minutes = per === undefined || length.text === undefined ? undefined : (decimalOf(length, run) ?? Number.NaN) * per;
  const until = from === undefined || minutes === undefined ? undefined : laterBy(from, minutes);
  if (from !== undefined && appointment.peek('start') === undefined) {
    appointment.emit('start', from, start.from, `${segment.id}[Appointment]#${segment.id}-${at}`);
    if (until !== undefined) appointment.emit('end', until, length.from, `${segment.id}[Appointment]#${segment.id}-${duration}`);
    // app-2 asks for both or neither.
    else appointment.set('end', from);
    if (unit.text !== undefined) run.draft.consult(unit.at(1).from);
  } else if (from !== undefined && participant !== undefined) {
    participant.within('period').emit('start', from, start.from, `${segment.id}[Appointment]#${segment.id}-${at}`);
    participant.within('period').emit('end', until, length.from, `${segment.id}[Appointment]#${segment.id}-${duration}`);
  }
  void offset;
}

export const ais: Handler = (segment, scope, scene) => {
  const { appointment } = scope;
  if (appointment === undefined) return;
  const service = new Part(segment, 3);
  if (service.valued) fillConcept(appointment.another('serviceType'), service, 'AIS[Appointment]#3', scene.run);
  timed(segment, [4, 5, 7], appointment, undefined, scene);
};

/** Filler status of a resource, as the participation of who or what takes part. */
function participation(segment: Hl7Segment, field: number, participant: Cursor, scene: Scene): void {
  const status = new Part(segment, field);
  const told = WORDS[status.text?.toLowerCase() ?? ''];
  participant.emit('status', told === 'booked' || told === 'fulfilled' || told === 'arrived' ? 'accepted' : told === 'cancelled' ? 'declined' : told === 'pending' ? 'tentative' : undefined, status.from, `${segment.id}[Appointment]#${segment.id}-${field}`);
  if (participant.peek('status') === undefined) participant.set('status', 'needs-action');
  void scene;
}

function party(type: string, map: string, segment: Hl7Segment, scope: Scope, scene: Scene, timing: readonly [number, number, number], statusAt: number): void {
  const who = new Part(segment, 3);
  if (scope.appointment === undefined || !who.valued) return;
  const participant = scope.appointment.another('participant');
  participant.within('actor').set('reference', referTo(type, map, who, `${segment.id}[Appointment]#3`, scene.run).root().url);
  const role = new Part(segment, 4);
  if (role.valued) fillConcept(participant.another('type'), role, `${segment.id}[Appointment]#4`, scene.run);
  timed(segment, timing, scope.appointment, participant, scene);
  participation(segment, statusAt, participant, scene);
}

export const ail: Handler = (segment, scope, scene) => party('Location', 'PL[Location]', segment, scope, scene, [6, 7, 9], 12);
export const aip: Handler = (segment, scope, scene) => party('Practitioner', 'XCN[Practitioner]', segment, scope, scene, [6, 7, 9], 12);

/** AIG: a resource that is no person and no place: equipment, by its words. */
export const aig: Handler = (segment, scope, scene) => {
  const [what, kind] = [new Part(segment, 3), new Part(segment, 4)];
  const words = wordsOf(what) ?? wordsOf(kind);
  if (scope.appointment === undefined || words === undefined) return;
  const participant = scope.appointment.another('participant');
  participant.within('actor').emit('display', stringOf(words), words.from, 'AIG[Appointment]#3');
  if (kind.valued) fillConcept(participant.another('type'), kind, 'AIG[Appointment]#4', scene.run);
  timed(segment, [8, 9, 11], scope.appointment, participant, scene);
  participation(segment, 14, participant, scene);
};
