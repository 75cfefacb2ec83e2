/**
 * Devices: product instances and supplies to Device, with the parts of a UDI; what is supplied to SupplyDelivery or
 * DeviceUseStatement.
 * Source: C-CDA 2.1, Product Instance, Non-Medicinal Supply Activity, UDI Organizer; https://hl7.org/fhir/us/core/STU7/StructureDefinition-us-core-implantable-device.html
 */
import type { Cursor } from '../../draft.ts';
import type { Conversion, Placed, Scope } from '../conversion.ts';
import { organization } from '../header/participants.ts';
import { putConcept, requireConcept, saysSomething } from '../values/concept.ts';
import { putIdentifiers } from '../values/identifier.ts';
import { putValue } from '../values/observation.ts';
import { putTime, putTimeOrPeriod } from '../values/times.ts';
import { type Element, ownText } from '../xml/element.ts';
import { putNotes } from './medications.ts';
import { nestedStatements } from './nested.ts';
import type { SectionRules } from './rules.ts';
import { markStatement } from './statement.ts';

const root = '2.16.840.1.113883.10.20.22.4.';
const udiRoot = '2.16.840.1.113883.3.3719';

export const devices: SectionRules = {
  statements: [
    { templates: [`${root}50`], map: supply },
    { templates: [`${root}135`], map: equipment },
    { templates: [`${root}311`, `${root}304`, `${root}308`, `${root}302`, `${root}303`, `${root}301`, `${root}309`, `${root}315`, `${root}316`, `${root}317`, `${root}318`, `${root}319`, `${root}305`, `${root}306`, `${root}307`, `${root}310`, `${root}312`, `${root}313`, `${root}314`, `${root}320`], map: leftToDevice },
  ],
  sections: [{ code: '46264-8', templates: ['2.16.840.1.113883.10.20.22.2.23'], fallbacks: { supply } }],
};

/** The device of a participantRole: product instance. */
export function device(c: Conversion, role: Element): Placed | undefined {
  c.consult(role, 'classCode', 'nullFlavor');
  for (const template of role.all('templateId')) template.useAll();
  const entity = role.child('playingDevice') ?? role.child('playingEntity');
  const model = entity?.child('manufacturerModelName');
  if (!saysSomething(c, entity?.child('code')) && model?.text === undefined && !role.all('id').some((id) => id.get('root') !== undefined)) return undefined;
  const made = c.stated('Device', role);
  if (made.again) return made;
  const at = made.cursor;
  if (entity !== undefined) c.consult(entity, 'classCode', 'determinerCode', 'nullFlavor');
  putUdi(c, at, role);
  putIdentifiers(c, at, role, 'device/id');
  putConcept(c, at.within('type'), entity?.child('code'), 'device/code');
  c.refer(at, 'patient', c.patient);
  if (model?.text !== undefined) c.put(at.another('deviceName').set('type', 'model-name'), 'name', model.text, model, ownText, 'device/model');
  c.refer(at, 'owner', organization(c, owner(role), 'device/scopingEntity'));
  return made;
}

/** An FDA number that is a UDI in its human readable form. */
function putUdi(c: Conversion, at: Cursor, role: Element): void {
  for (const id of role.all('id')) {
    const number = id.get('extension');
    if (id.get('root') !== udiRoot || number === undefined) continue;
    const carrier = at.another('udiCarrier');
    c.put(carrier, 'carrierHRF', number, id, 'extension', 'device/udi');
    const identifier = /\(01\)(\d{14})/.exec(number)?.[1];
    if (identifier !== undefined) carrier.set('deviceIdentifier', identifier);
    c.consult(id, 'root', 'assigningAuthorityName');
    return;
  }
}

function owner(role: Element): Element | undefined {
  const scoping = role.child('scopingEntity');
  return scoping?.child('desc') === undefined ? undefined : scoping;
}

/** Something that is supplied, used or planned. */
function supply(c: Conversion, statement: Element, _scope: Scope): readonly Placed[] {
  markStatement(c, statement);
  c.consult(statement, 'negationInd');
  const roles = statement.all('participant').flatMap((part) => {
    c.consult(part, 'typeCode');
    return part.child('participantRole') ?? [];
  });
  const made = roles.flatMap((role) => device(c, role) ?? []);
  const use = c.stated('DeviceUseStatement', statement);
  if (use.again) return [use, ...made];
  const at = use.cursor;
  putIdentifiers(c, at, statement, 'supply/id');
  const status = statement.child('statusCode');
  const isNegated = statement.get('negationInd') === 'true';
  const told = { completed: 'completed', active: 'active', aborted: 'stopped', suspended: 'on-hold', nullified: 'entered-in-error' }[status?.get('code') ?? ''];
  if (status === undefined || !c.put(at, 'status', told, status, 'code', 'supply/status')) at.set('status', 'active');
  c.refer(at, 'subject', c.patient);
  const [first] = made;
  if (first === undefined) at.set('device', { extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: isNegated ? 'not-applicable' : 'unknown' }] });
  else c.refer(at, 'device', first);
  putTimeOrPeriod(c, at, 'timing', statement.child('effectiveTime'), 'supply/time');
  const code = statement.child('code');
  if (saysSomething(c, code)) putConcept(c, at.another('reasonCode'), code, 'supply/code');
  putNotes(c, at, statement);
  return [use, ...made];
}

/** An organizer of equipment: what is in it stands for itself. */
function equipment(c: Conversion, organizer: Element, scope: Scope): readonly Placed[] {
  markStatement(c, organizer);
  for (const name of ['id', 'code', 'statusCode', 'effectiveTime']) for (const part of organizer.all(name)) if (part.left === undefined) c.leave(part, 'an organizer of equipment is told by what is in it');
  return nestedStatements(organizer).filter((nested) => !nested.taken).flatMap((nested) => c.place(nested, { ...scope, within: organizer }));
}

/** Parts of a UDI, outside of the organizer that says whose they are. */
function leftToDevice(c: Conversion, statement: Element): readonly Placed[] {
  markStatement(c, statement);
  const made = c.stated('Observation', statement);
  if (made.again) return [made];
  putIdentifiers(c, made.cursor, statement, 'device/part/id');
  made.cursor.set('status', 'final');
  requireConcept(c, made.cursor.within('code'), statement.child('code'), 'device/part/code');
  c.refer(made.cursor, 'subject', c.patient);
  putTime(c, made.cursor, 'effectiveDateTime', statement.child('effectiveTime'), 'device/part/time');
  const value = statement.child('value');
  putValue(c, made.cursor, value, 'device/part/value');
  return [made];
}
