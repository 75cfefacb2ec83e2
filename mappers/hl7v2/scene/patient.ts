/** PID, PD1, NK1, MRG, GT1, ROL and PRT: the patient and those around the patient. */
import type { Cursor } from '../../draft.ts';
import { Part, repetitionsOf } from '../engine/part.ts';
import { referTo } from '../engine/compile.ts';
import type { Run } from '../engine/run.ts';
import type { Hl7Segment } from '../syntax/message.ts';
import { codeSystemOf } from '../types/code-systems.ts';
import { fillConcept, stringOf, wordsOf } from '../types/coded.ts';
import { fillXad, fillXtn } from '../types/contacts.ts';
import { dateTimeOf } from '../types/date-time.ts';
import { authorityKey, fillCx } from '../types/identifiers.ts';
import { applyMap, begin, type Handler, refer, referToo, type Scope } from './scope.ts';

export const pid: Handler = (segment, scope, scene) => {
  const { run } = scene;
  const url = patientUrl(segment, 3, run) ?? run.placeUrl('Patient', segment);
  if (run.draft.has(url) && run.differs(url, segment.fields)) {
    // The same number with other particulars, as in a swap of visits: both are kept.
    scope.patient = run.draft.resource('Patient', run.placeUrl('Patient', segment));
  } else if (run.draft.has(url)) {
    scope.patient = run.draft.resource('Patient', url);
    for (let field = 1; field < segment.fields.length; field += 1) for (let r = 1; r <= repetitionsOf(segment, field); r += 1) for (const place of new Part(segment, field, r).places()) run.draft.consult(place);
    return;
  } else {
    run.differs(url, segment.fields);
    scope.patient = run.draft.resource('Patient', url);
  }
  const { patient } = scope;
  applyMap(scene, 'PID[Patient]', segment, patient, scope);
  emitPopulation(patient, segment, run);
  emitFlags(patient, segment, run);
  scope.noted = undefined;
  scope.participated = patient;
  if (new Part(segment, 18).valued) {
    const account = begin(scene, 'Account', segment, numberKey(segment, 18, 1, run));
    applyMap(scene, 'PID[Account]', segment, account, scope);
    referToo(account, 'subject', patient);
  }
  emitMother(segment, scope, run);
  if (scope.appointment !== undefined) {
    const participant = scope.appointment.another('participant');
    participant.within('actor').set('reference', patient.root().url);
    participant.set('status', 'accepted');
  }
  if (new Part(segment, 33).valued && new Part(segment, 34).valued) {
    const provenance = begin(scene, 'Provenance', segment, run.messageKey, 'PID', String(segment.position));
    applyMap(scene, 'PID[Provenance-Patient]', segment, provenance, scope);
    provenance.another('target').set('reference', patient.root().url);
  }
};

/** The address of a patient: by the first number that is a record number, otherwise the first that has an authority. */
export function patientUrl(segment: Hl7Segment, field: number, run: Run): string | undefined {
  const numbers = Array.from({ length: Math.min(repetitionsOf(segment, field), 50) }, (_, at) => at + 1).filter((r) => new Part(segment, field, r, 1).text !== undefined);
  const ofType = (types: readonly string[]): number | undefined => numbers.find((r) => types.includes(new Part(segment, field, r, 5).text ?? ''));
  const chosen = ofType(['MR', 'PI']) ?? numbers.find((r) => new Part(segment, field, r, 4).valued) ?? numbers[0];
  return chosen === undefined ? undefined : run.url('Patient', numberKey(segment, field, chosen, run)!);
}

/** What a CX is known by: its authority and number. */
export function numberKey(segment: Hl7Segment, field: number, repetition: number, run: Run): string | undefined {
  const part = new Part(segment, field, repetition);
  return part.textAt(1) === undefined ? undefined : `${authorityKey(part.at(4), run)}|${part.textAt(1)}`;
}

const RACE = { extension: 'http://hl7.org/fhir/us/core/StructureDefinition/us-core-race', system: 'urn:oid:2.16.840.1.113883.6.238', broad: /^(?:1002-5|2028-9|2054-5|2076-8|2106-3)$/ };
const ETHNICITY = { extension: 'http://hl7.org/fhir/us/core/StructureDefinition/us-core-ethnicity', system: 'urn:oid:2.16.840.1.113883.6.238', broad: /^(?:2135-2|2186-5)$/ };
/** Codes of table 0189 for the two categories. */
const ETHNIC_GROUPS: Readonly<Record<string, string>> = { H: '2135-2', N: '2186-5' };

/** PID-10 and PID-22 in the extensions of US Core, which have the CDC's categories and a text. */
function emitPopulation(patient: Cursor, segment: Hl7Segment, run: Run): void {
  for (const [field, { extension: url, system, broad }] of [[10, RACE], [22, ETHNICITY]] as const) {
    let holder: Cursor | undefined;
    for (let r = 1; r <= repetitionsOf(segment, field); r += 1) {
      const part = new Part(segment, field, r);
      if (!part.valued) continue;
      const rule = `PID[Patient]#PID-${field}`;
      const [code, words] = [part.at(1), wordsOf(part)];
      if (words === undefined) continue;
      if (holder === undefined) {
        holder = patient.another('extension');
        holder.set('url', url);
      }
      const cdc = field === 22 ? ETHNIC_GROUPS[code.text ?? ''] ?? code.text : code.text;
      if (cdc !== undefined && broad.test(cdc)) {
        const category = holder.another('extension');
        category.set('url', 'ombCategory');
        category.within('valueCoding').set('system', system).emit('code', cdc, code.from, rule);
        if (part.at(2).text !== undefined) category.within('valueCoding').emit('display', stringOf(part.at(2)), part.at(2).from, rule);
      } else if (cdc !== undefined && /^\d{4}-\d$/.test(cdc)) {
        const detailed = holder.another('extension');
        detailed.set('url', 'detailed');
        detailed.within('valueCoding').set('system', system).emit('code', cdc, code.from, rule);
      }
      if (codeSystemOf(part.textAt(3), run) !== undefined) run.draft.consult(part.at(3).from);
      const isFirst = !(holder.peek('extension') as readonly { url?: string }[] | undefined)?.some((each) => each.url === 'text');
      if (isFirst) {
        const text = holder.another('extension');
        text.set('url', 'text');
        text.emit('valueString', stringOf(words), words.from, rule);
      }
    }
  }
}

/** PID-25 says that there was more than one birth, PID-30 that the patient is dead, even where other fields are blank. */
function emitFlags(patient: Cursor, segment: Hl7Segment, run: Run): void {
  const dead = new Part(segment, 30);
  if (dead.text === 'Y' && patient.peek('deceasedDateTime') === undefined && patient.peek('deceasedBoolean') === undefined) patient.emit('deceasedBoolean', true, dead.from, 'PID[Patient]#PID-30');
  else if (dead.text !== undefined) run.draft.consult(dead.from);
  const multiple = new Part(segment, 24);
  if (multiple.text !== undefined && patient.peek('multipleBirthInteger') !== undefined) run.draft.consult(multiple.from);
}

/** PID-21: the mother by her number. */
function emitMother(segment: Hl7Segment, scope: Scope, run: Run): void {
  const number = new Part(segment, 21);
  if (number.textAt(1) === undefined) return;
  const mother = run.draft.resource('RelatedPerson', run.placeUrl('RelatedPerson', segment, 21));
  refer(mother, 'patient', scope.patient);
  mother.another('relationship').another('coding').set('system', 'http://terminology.hl7.org/CodeSystem/v3-RoleCode').set('code', 'MTH');
  fillCx(mother.another('identifier'), number, 'PID[RelatedPerson]#PID-21', run);
}

export const pd1: Handler = (segment, scope, scene) => {
  if (scope.patient === undefined) return;
  applyMap(scene, 'PD1[Patient]', segment, scope.patient, scope);
  if (!new Part(segment, 7).valued) return;
  const will = begin(scene, 'Observation', segment);
  applyMap(scene, 'PD1[Observation-LivingWill]', segment, will, scope);
  refer(will, 'subject', scope.patient);
};

/** Roles of contacts that are no relation of the patient's: NK1 is then a contact and not a person of its own. */
const CONTACTS = new Set(['E', 'F', 'I', 'S', 'EMR']);

export const nk1: Handler = (segment, scope, scene) => {
  if (scope.patient === undefined) return;
  const hasPerson = new Part(segment, 2).valued;
  const relation = new Part(segment, 3).text;
  if (!CONTACTS.has(relation ?? '') && hasPerson) {
    const related = begin(scene, 'RelatedPerson', segment, numberKey(segment, 33, 1, scene.run));
    applyMap(scene, 'NK1[RelatedPerson]', segment, related, scope);
    refer(related, 'patient', scope.patient);
    return;
  }
  applyMap(scene, 'NK1[Patient]', segment, scope.patient, scope);
};

/** MRG: the record that was merged into that of PID. Both stay, linked to each other. */
export const mrg: Handler = (segment, scope, scene) => {
  const { run } = scene;
  if (new Part(segment, 1).valued || new Part(segment, 4).valued) {
    const url = patientUrl(segment, 1, run) ?? run.placeUrl('Patient', segment);
    if (url !== scope.patient?.root().url && scope.patient !== undefined) {
      const isNew = !run.draft.has(url);
      const former = run.draft.resource('Patient', url);
      if (isNew) applyMap(scene, 'MRG[Patient]', segment, former, scope);
      const isMerge = /^A(?:18|30|34|36|39|40|46|47)$/.test(scene.event);
      former.set('active', isMerge ? false : undefined);
      link(former, 'replaced-by', scope.patient);
      link(scope.patient, 'replaces', former);
    }
  }
  if (new Part(segment, 3).valued) {
    const account = begin(scene, 'Account', segment, numberKey(segment, 3, 1, run));
    applyMap(scene, 'MRG[Account]', segment, account, scope);
    if (scope.patient !== undefined) referToo(account, 'subject', scope.patient);
  }
  if (new Part(segment, 5).valued) {
    const visit = begin(scene, 'Encounter', segment, numberKey(segment, 5, 1, run));
    applyMap(scene, 'MRG[Encounter]', segment, visit, scope);
    refer(visit, 'subject', scope.patient);
  }
};

function link(from: Cursor, type: string, to: Cursor): void {
  const entry = from.another('link');
  entry.within('other').set('reference', to.root().url);
  entry.set('type', type);
}

/** GT1: who answers for the bill, a person or an organization, with the account if there is one. */
export const gt1: Handler = (segment, scope, scene) => {
  const isPerson = new Part(segment, 3).valued;
  if (!isPerson && !new Part(segment, 21).valued) return;
  const guarantor = begin(scene, isPerson ? 'RelatedPerson' : 'Organization', segment, numberKey(segment, 2, 1, scene.run));
  applyMap(scene, isPerson ? 'GT1[RelatedPerson]' : 'GT1[Organization]', segment, guarantor, scope);
  if (isPerson) refer(guarantor, 'patient', scope.patient);
  const account = begin(scene, 'Account', segment);
  account.set('status', 'active');
  referToo(account, 'subject', scope.patient);
  account.another('guarantor').within('party').set('reference', guarantor.root().url);
};

/** ROL and PRT: who takes part in what the segments before are about. */
export const rol: Handler = (segment, scope, scene) => participate(segment, 'ROL', 3, 4, [5, 6], scope, scene);
export const prt: Handler = (segment, scope, scene) => participate(segment, 'PRT', 4, 5, [11, 12], scope, scene);

function participate(segment: Hl7Segment, id: 'ROL' | 'PRT', roleAt: number, personAt: number, [from, to]: readonly [number, number], scope: Scope, scene: Parameters<Handler>[2]): void {
  const { run } = scene;
  const about = scope.participated ?? scope.encounter ?? scope.patient;
  const type = about?.peek('resourceType');
  const rule = `${id}[${String(type)}]`;
  if (id === 'PRT' && new Part(segment, 10).valued && type === 'Observation') {
    const device = referTo('Device', 'EI[Device]', new Part(segment, 10), `${rule}#PRT-10`, run);
    applyMap(scene, 'PRT[Device]', segment, device, scope);
    refer(about!, 'device', device);
  }
  const person = new Part(segment, personAt);
  if (about === undefined || !person.valued) return;
  const practitioner = referTo('Practitioner', 'XCN[Practitioner]', person, `${rule}#${id}-${personAt}`, run);
  const url = practitioner.root().url;
  const [role, address, phone] = [new Part(segment, roleAt), new Part(segment, id === 'ROL' ? 11 : 14), new Part(segment, id === 'ROL' ? 12 : 15)];
  if (address.valued && practitioner.peek('address') === undefined) fillXad(practitioner.another('address'), address, `${rule}#address`, run);
  if (phone.valued && practitioner.peek('telecom') === undefined) fillXtn(practitioner.another('telecom'), phone, `${rule}#telecom`, run);
  switch (type) {
    case 'Encounter': {
      const participant = about.another('participant');
      participant.within('individual').set('reference', url);
      if (role.valued) fillConcept(participant.another('type'), role, `${rule}#role`, run, 'ProviderRole');
      if (new Part(segment, from).valued) participant.within('period').emit('start', dateTimeOf(new Part(segment, from), run), new Part(segment, from).from, `${rule}#start`);
      if (new Part(segment, to).valued) participant.within('period').emit('end', dateTimeOf(new Part(segment, to), run), new Part(segment, to).from, `${rule}#end`);
      return;
    }
    case 'Patient':
      if (role.text === 'PP' || role.text === 'FHCP') {
        run.draft.consult(role.from);
        referToo(about, 'generalPractitioner', practitioner);
        return;
      }
      team(about, practitioner, role, rule, segment, scope, scene);
      return;
    case 'Procedure': {
      const performer = about.another('performer');
      performer.within('actor').set('reference', url);
      if (role.valued) fillConcept(performer.within('function'), role, `${rule}#role`, run, 'ProviderRole');
      return;
    }
    case 'Observation':
    case 'ServiceRequest':
    case 'DiagnosticReport':
      if (role.text !== undefined) run.draft.consult(role.from);
      referToo(about, 'performer', practitioner);
      return;
    default:
      team(about, practitioner, role, rule, segment, scope, scene);
  }
}

function team(_about: Cursor, practitioner: Cursor, role: Part, rule: string, segment: Hl7Segment, scope: Scope, scene: Parameters<Handler>[2]): void {
  const careTeam = begin(scene, 'CareTeam', segment);
  refer(careTeam, 'subject', scope.patient);
  const participant = careTeam.another('participant');
  participant.within('member').set('reference', practitioner.root().url);
  if (role.valued) fillConcept(participant.another('role'), role, `${rule}#role`, scene.run, 'ProviderRole');
}

