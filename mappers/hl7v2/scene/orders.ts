/** ORC, OBR, TQ1, OBX, NTE and SPM: orders, and what came of them. */
import type { Cursor } from '../../draft.ts';
import { Part, repetitionsOf } from '../engine/part.ts';
import { referTo } from '../engine/compile.ts';
import { isSame, type Run } from '../engine/run.ts';
import { type Hl7Segment, valueAt } from '../syntax/message.ts';
import { fillConcept, stringOf, wordsOf } from '../types/coded.ts';
import { dateTimeOf } from '../types/date-time.ts';
import { authorityKey } from '../types/identifiers.ts';
import { fillObservationValue } from '../types/observation-value.ts';
import { vitalSignOf } from './vital-signs.ts';
import { applyMap, begin, type Handler, refer, referToo, type Scene, type Scope } from './scope.ts';

/** Messages that bring results: their OBR is a report as well. */
const RESULTS = new Set(['ORU', 'OUL', 'ORF']);

/** What an EI is known by. */
export function entityKey(segment: Hl7Segment | undefined, field: number, run: Run): string | undefined {
  if (segment === undefined) return undefined;
  const part = new Part(segment, field);
  return part.textAt(1) === undefined ? undefined : `${authorityKey(part, run, 2)}|${part.textAt(1)}`;
}

export const orc: Handler = (segment, scope, scene) => {
  const { beside } = scope;
  scope.order = undefined;
  scope.report = undefined;
  scope.observation = undefined;
  if (beside['RXA'] !== undefined) {
    scope.order = begin(scene, 'Immunization', segment, entityKey(segment, 3, scene.run) ?? entityKey(segment, 2, scene.run));
    applyMap(scene, 'ORC[Immunization]', segment, scope.order, scope);
    refer(scope.order, 'patient', scope.patient);
  } else if (beside['RXO'] !== undefined || beside['RXE'] !== undefined) {
    scope.order = begin(scene, 'MedicationRequest', segment, entityKey(segment, 2, scene.run) ?? entityKey(segment, 3, scene.run));
    applyMap(scene, 'ORC[MedicationRequest]', segment, scope.order, scope);
    scope.order.set('intent', 'order');
    refer(scope.order, 'subject', scope.patient);
    refer(scope.order, 'encounter', scope.encounter);
  } else serviceRequest(segment, scope, scene);
  scope.noted = scope.order;
  scope.participated = scope.order;
};

function serviceRequest(segment: Hl7Segment, scope: Scope, scene: Scene): Cursor {
  const { beside } = scope;
  const key = entityKey(beside['ORC'], 2, scene.run) ?? entityKey(beside['OBR'], 2, scene.run) ?? entityKey(beside['OBR'], 3, scene.run) ?? entityKey(beside['ORC'], 3, scene.run);
  const order = begin(scene, 'ServiceRequest', segment, key);
  scope.order = order;
  if (segment.id === 'ORC') applyMap(scene, 'ORC[ServiceRequest]', segment, order, scope);
  refer(order, 'subject', scope.patient);
  refer(order, 'encounter', scope.encounter);
  return order;
}

export const obr: Handler = (segment, scope, scene) => {
  const order = scope.order?.peek('resourceType') === 'ServiceRequest' && scope.order.peek('code') === undefined ? scope.order : serviceRequest(segment, scope, scene);
  applyMap(scene, 'OBR[ServiceRequest]', segment, order, scope);
  repeated(segment, scope, scene.run);
  scope.noted = order;
  scope.participated = order;
  scope.observation = undefined;
  if (!RESULTS.has(scene.code) && valueAt(segment, 25) === undefined) {
    specimenOf(segment, scope, scene);
    return;
  }
  const report = begin(scene, 'DiagnosticReport', segment, entityKey(segment, 3, scene.run) ?? entityKey(scope.beside['ORC'], 3, scene.run), valueAt(segment, 4) ?? '');
  scope.report = report;
  if (scope.beside['ORC'] !== undefined) applyMap(scene, 'ORC[DiagnosticReport]', scope.beside['ORC'], report, scope);
  applyMap(scene, 'OBR[DiagnosticReport]', segment, report, scope);
  refer(report, 'subject', scope.patient);
  refer(report, 'encounter', scope.encounter);
  referToo(report, 'basedOn', order);
  if (scope.specimen !== undefined) referToo(report, 'specimen', scope.specimen);
  specimenOf(segment, scope, scene);
};

/** Numbers and orderer stand in ORC and OBR alike: what says the same again is read with it. */
function repeated(segment: Hl7Segment, scope: Scope, run: Run): void {
  const order = scope.beside['ORC'];
  if (order === undefined) return;
  for (const [here, there] of [[2, 2], [3, 3], [16, 12], [17, 14]] as const) {
    const [one, other] = [new Part(segment, here), new Part(order, there)];
    if (!one.valued || !isSame(one.content, other.content)) continue;
    for (const part of [one, other]) for (const place of part.places()) run.draft.consult(place);
  }
}

/** What an OBR can say of a specimen: its volume, who took it, when it was received, what it is, and the collector's comment. */
const OF_SPECIMEN = [9, 10, 14, 15, 39] as const;

/** An SPM comes behind the results of its OBR, so it is not beside it yet. */
function isFollowedBySpecimen({ position }: Hl7Segment, { run }: Scene): boolean {
  const { segments } = run.message;
  const next = segments.find((each) => each.position > position && (each.id === 'SPM' || each.id === 'OBR'));
  return next?.id === 'SPM';
}

/** A specimen, unless SPM tells of one. */
function specimenOf(segment: Hl7Segment, scope: Scope, scene: Scene): void {
  if (scope.beside['SPM'] !== undefined || scope.specimen !== undefined || isFollowedBySpecimen(segment, scene) || !OF_SPECIMEN.some((field) => new Part(segment, field).valued)) return;
  const specimen = scene.run.draft.resource('Specimen', scene.run.placeUrl('Specimen', segment));
  applyMap(scene, 'OBR[Specimen]', segment, specimen, scope);
  refer(specimen, 'subject', scope.patient);
  if (scope.report !== undefined) referToo(scope.report, 'specimen', specimen);
  else if (scope.order?.peek('resourceType') === 'ServiceRequest') referToo(scope.order, 'specimen', specimen);
}

export const tq1: Handler = (segment, scope, scene) => {
  const type = scope.order?.peek('resourceType');
  if (type === 'ServiceRequest' || type === 'MedicationRequest') applyMap(scene, `TQ1[${type}]`, segment, scope.order!, scope);
};

export const obx: Handler = (segment, scope, scene) => {
  const { run } = scene;
  if (scope.document !== undefined || isDocument(segment)) {
    // Handled with its document: the text of TXA, or what is encapsulated here.
    if (attach(segment, scope, scene)) return;
  }
  const order = scope.beside['OBR'];
  const filler = scope.order === undefined ? undefined : entityKey(order, 3, run) ?? entityKey(scope.beside['ORC'], 3, run);
  const observation = begin(scene, 'Observation', segment, ...(filler === undefined || valueAt(segment, 3) === undefined ? [] : [filler, valueAt(order, 4) ?? '', valueAt(segment, 3), valueAt(segment, 3, 1, 3) ?? '', valueAt(segment, 4) ?? '']));
  scope.observation = observation;
  const taken = order === undefined || scope.report === undefined || !new Part(order, 7).valued ? undefined : dateTimeOf(new Part(order, 7), run);
  const measured = vitalSignOf(segment, run);
  if (measured !== undefined) withholdVagueTimes(segment, run);
  // Without a day it is no vital sign as FHIR has them: the code then stands with its value, as a component.
  const isDated = isOfDay(segment, new Part(segment, 14).valued ? 14 : 19, run) || (taken !== undefined && taken.length >= 10);
  const vital = isDated ? measured : undefined;
  if (measured !== undefined && !isDated) run.withheld.add(`${segment.position}|3`);
  applyMap(scene, 'OBX[Observation]', segment, observation, scope);
  refer(observation, 'subject', scope.patient);
  refer(observation, 'encounter', scope.encounter);
  const code = new Part(segment, 3);
  const count = Math.min(repetitionsOf(segment, 5), 200);
  if (measured !== undefined && !isDated) {
    const words = wordsOf(code);
    if (words !== undefined) observation.within('code').emit('text', stringOf(words), words.from, 'OBX[Observation]#3');
    if (count === 0) fillConcept(observation.another('component').within('code'), code, 'OBX[Observation]#component', run);
  }
  if (vital !== undefined) observation.another('category').another('coding').set('system', 'http://terminology.hl7.org/CodeSystem/observation-category').set('code', 'vital-signs');
  if (count <= 1 && (measured === undefined || (vital !== undefined && (!new Part(segment, 5).valued || vital.isQuantity)))) fillObservationValue(observation, segment, 1, run, vital?.unit);
  else for (let repetition = 1; repetition <= count; repetition += 1) component(observation, segment, repetition, run);
  if (vital !== undefined && !new Part(segment, 5).valued && observation.peek('dataAbsentReason') === undefined) observation.within('dataAbsentReason').another('coding').set('system', 'http://terminology.hl7.org/CodeSystem/data-absent-reason').set('code', 'unknown');
  const sub = new Part(segment, 4);
  if (sub.text !== undefined) subIdentifier(observation, sub);
  if (observation.peek('effectiveDateTime') === undefined && taken !== undefined && (vital === undefined || taken.length >= 10)) observation.set('effectiveDateTime', taken);
  attachTo(observation, scope);
  scope.noted = observation;
  scope.participated = observation;
};

function isOfDay(segment: Hl7Segment, field: number, run: Run): boolean {
  const time = new Part(segment, field);
  return time.valued && !run.withheld.has(`${segment.position}|${field}`) && (dateTimeOf(time, run)?.length ?? 0) >= 10;
}

/** A vital sign is of a day at least (vs-1). */
function withholdVagueTimes(segment: Hl7Segment, run: Run): void {
  for (const field of [14, 19]) {
    const time = new Part(segment, field);
    if (time.text === undefined || /^\d{8}/.test(time.text)) continue;
    run.withheld.add(`${segment.position}|${field}`);
    run.draft.leave(time.at(1).from, 'a vital sign needs a day');
  }
}

/** Where a result belongs by the group it is in. */
function attachTo(observation: Cursor, scope: Scope): void {
  const group = scope.groups.at(-1) ?? '';
  if (scope.report !== undefined && /^(?:OBSERVATION|RESULT|ORDER_OBSERVATION|ORDER|RESULTS|OBSERVATION_PRIOR)$/.test(group)) referToo(scope.report, 'result', observation);
  else if (group.startsWith('SPECIMEN') && scope.specimen !== undefined) refer(observation, 'specimen', scope.specimen);
  else if (scope.order?.peek('resourceType') === 'ServiceRequest') referToo(scope.order, 'supportingInfo', observation);
  else if (scope.order?.peek('resourceType') === 'Immunization') referToo(observation, 'partOf', scope.order);
  else if (scope.order?.peek('resourceType') === 'MedicationRequest') referToo(scope.order, 'supportingInformation', observation);
  if (scope.specimen !== undefined && scope.report !== undefined) refer(observation, 'specimen', scope.specimen);
}

function component(observation: Cursor, segment: Hl7Segment, repetition: number, run: Run): void {
  const value = new Part(segment, 5, repetition);
  if (!value.valued) return;
  const piece = observation.another('component');
  if (!fillObservationValue(piece, segment, repetition, run)) return;
  const code = new Part(segment, 3);
  if (code.valued) fillConcept(piece.within('code'), code, 'OBX[Observation]#component', run);
}

/** OBX-4 tells results of one code apart; R4 has an extension for it. */
function subIdentifier(observation: Cursor, sub: Part): void {
  const extension = observation.another('extension');
  extension.set('url', 'http://hl7.org/fhir/5.0/StructureDefinition/extension-Observation.subId');
  extension.emit('valueString', stringOf(sub), sub.from, 'OBX[Observation]#4');
}

const ENCAPSULATED = new Set(['ED', 'RP']);

function isDocument(segment: Hl7Segment): boolean {
  return ENCAPSULATED.has(valueAt(segment, 2) ?? '');
}

/** Content types of table 0191 and 0291 where they have one in MIME. */
const MIME: Readonly<Record<string, string>> = {
  PDF: 'application/pdf', HTML: 'text/html', XML: 'application/xml', 'X-HL7-CDA-LEVEL-ONE': 'application/hl7-sda+xml', RTF: 'application/rtf', JPEG: 'image/jpeg', JPG: 'image/jpeg', PNG: 'image/png', GIF: 'image/gif', TIFF: 'image/tiff', TIF: 'image/tiff', DICOM: 'application/dicom', TXT: 'text/plain', TEXT: 'text/plain', PLAIN: 'text/plain', BASIC: 'audio/basic', MSWORD: 'application/msword', DOC: 'application/msword', DOCX: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
};

/**
 * What an OBX encapsulates, as a DocumentReference; in a document message also its lines of text, put together into one
 * attachment. Tells whether the segment is done with.
 */
function attach(segment: Hl7Segment, scope: Scope, scene: Scene): boolean {
  const { run } = scene;
  const value = new Part(segment, 5);
  const type = valueAt(segment, 2);
  if (!value.valued) return scope.document !== undefined && type !== undefined;
  if (type === 'ED') {
    const data = value.at(5);
    const encoding = value.textAt(4)?.toLowerCase();
    const bytes = data.text === undefined ? undefined : bytesOf(data.text, encoding);
    if (bytes === undefined) {
      for (const place of value.places()) run.draft.leave(place, 'content that cannot be decoded');
      run.issue('warning', 'content-unreadable', 'Encapsulated content is not of the encoding it names.', value.from);
      return scope.document !== undefined;
    }
    const document = documentFor(segment, scope, scene);
    const attachment = document.another('content').within('attachment');
    const subtype = value.textAt(3) ?? '';
    const mime = MIME[subtype.toUpperCase()] ?? (/^[a-z]+\/[a-z0-9.+-]+$/i.test(subtype) ? subtype.toLowerCase() : undefined);
    if (mime === undefined || !attachment.emit('contentType', mime, value.at(3).from, 'OBX[DocumentReference]#ED.3')) attachment.set('contentType', 'application/octet-stream');
    attachment.emit('data', bytes.toString('base64'), data.from, 'OBX[DocumentReference]#ED.5');
    for (const n of [1, 2, 4]) if (value.textAt(n) !== undefined) run.draft.consult(value.at(n).from);
    named(attachment, segment, scope, scene);
    return true;
  }
  if (type === 'RP') {
    const pointer = value.at(1);
    if (pointer.text === undefined || /\s/.test(pointer.text)) return false;
    const attachment = documentFor(segment, scope, scene).another('content').within('attachment');
    attachment.emit('url', pointer.text, pointer.from, 'OBX[DocumentReference]#RP.1');
    named(attachment, segment, scope, scene);
    return true;
  }
  if (scope.document === undefined || !(type === 'TX' || type === 'FT' || type === 'ST')) return false;
  // Lines: each repetition and each segment is one.
  const root = scope.document;
  const contents = (root.peek('content') as { attachment?: { contentType?: string; data?: string } }[] | undefined) ?? [];
  const text = contents.find(({ attachment }) => attachment?.contentType === 'text/plain');
  const lines: string[] = [];
  for (let r = 1; r <= repetitionsOf(segment, 5); r += 1) {
    const line = new Part(segment, 5, r);
    lines.push(line.text ?? '');
    if (line.text !== undefined && (r > 1 || text !== undefined)) run.draft.consult(line.from);
  }
  const before = text?.attachment?.data === undefined ? '' : `${Buffer.from(text.attachment.data, 'base64').toString('utf8')}\n`;
  const data = Buffer.from(before + lines.join('\n'), 'utf8').toString('base64');
  if (text?.attachment !== undefined) text.attachment.data = data;
  else {
    const attachment = root.another('content').within('attachment');
    attachment.set('contentType', 'text/plain');
    const first = Array.from({ length: repetitionsOf(segment, 5) }, (_, at) => new Part(segment, 5, at + 1)).find((line) => line.text !== undefined)!;
    attachment.emit('data', data, first.from, 'OBX[DocumentReference]#lines');
    named(attachment, segment, scope, scene);
  }
  for (const field of [2, 3, 11]) for (const place of new Part(segment, field).places()) run.draft.consult(place);
  return true;
}

function named(attachment: Cursor, segment: Hl7Segment, _scope: Scope, scene: Scene): void {
  const title = wordsOf(new Part(segment, 3));
  if (title !== undefined && attachment.peek('title') === undefined) attachment.emit('title', stringOf(title), title.from, 'OBX[DocumentReference]#OBX-3');
  for (const field of [2, 11]) for (const place of new Part(segment, field).places()) scene.run.draft.consult(place);
}

function bytesOf(text: string, encoding: string | undefined): Buffer | undefined {
  if (encoding === 'base64') {
    const packed = text.replaceAll(/\s/g, '');
    return /^[A-Za-z0-9+/]*={0,2}$/.test(packed) && packed !== '' ? Buffer.from(packed, 'base64') : undefined;
  }
  if (encoding === 'hex') return /^(?:[0-9a-f]{2})+$/i.test(text) ? Buffer.from(text, 'hex') : undefined;
  return Buffer.from(text, 'utf8');
}

function documentFor(segment: Hl7Segment, scope: Scope, scene: Scene): Cursor {
  if (scope.document !== undefined) return scope.document;
  const document = begin(scene, 'DocumentReference', segment);
  document.set('status', 'current');
  refer(document, 'subject', scope.patient);
  const code = new Part(segment, 3);
  if (code.valued) fillConcept(document.within('type'), code, 'OBX[DocumentReference]#OBX-3', scene.run);
  if (scope.report !== undefined) {
    const link = scope.report.another('extension');
    link.set('url', 'http://hl7.org/fhir/5.0/StructureDefinition/extension-DiagnosticReport.supportingInfo');
    link.within('valueReference').set('reference', document.root().url);
  } else if (scope.order?.peek('resourceType') === 'ServiceRequest') referToo(scope.order, 'supportingInfo', document);
  return document;
}

/** NTE: a comment of what it follows. */
export const nte: Handler = (segment, scope, scene) => {
  const { run } = scene;
  const target = scope.noted;
  if (target === undefined) return;
  const type = String(target.peek('resourceType'));
  const lines = Array.from({ length: repetitionsOf(segment, 3) }, (_, at) => new Part(segment, 3, at + 1)).filter((part) => stringOf(part) !== undefined);
  if (lines.length === 0) return;
  const rule = `NTE[${type}]#NTE-3`;
  const text = lines.map((line) => stringOf(line)).join('\n');
  for (const line of lines.slice(1)) run.draft.consult(line.from);
  if (type === 'DocumentReference' || type === 'Appointment') {
    const element = type === 'Appointment' ? 'comment' : 'description';
    const before = target.peek(element);
    target.emit(element, typeof before === 'string' ? `${before}\n${text}` : text, lines[0]!.from, rule);
    return;
  }
  const element = type === 'DiagnosticReport' ? 'conclusion' : 'note';
  if (element === 'conclusion' || !NOTED.has(type)) return;
  const note = target.another('note');
  note.emit('text', text, lines[0]!.from, rule);
  const [author, time] = [new Part(segment, 5), new Part(segment, 6)];
  if (author.valued) refer(note, 'authorReference', referTo('Practitioner', 'XCN[Practitioner]', author, rule, run));
  if (time.valued) note.emit('time', dateTimeOf(time, run), time.from, rule);
};

const NOTED = new Set(['Observation', 'ServiceRequest', 'MedicationRequest', 'Immunization', 'Procedure', 'Condition', 'AllergyIntolerance', 'ChargeItem', 'Specimen']);

export const spm: Handler = (segment, scope, scene) => {
  const part = new Part(segment, 2);
  const key = part.valued ? `${authorityKey(part.at(2), scene.run, 2)}|${part.at(2).textAt(1) ?? ''}|${part.at(1).textAt(1) ?? ''}` : undefined;
  const specimen = begin(scene, 'Specimen', segment, key);
  scope.specimen = specimen;
  applyMap(scene, 'SPM[Specimen]', segment, specimen, scope);
  refer(specimen, 'subject', scope.patient);
  if (scope.report !== undefined) referToo(scope.report, 'specimen', specimen);
  if (scope.order?.peek('resourceType') === 'ServiceRequest') {
    referToo(scope.order, 'specimen', specimen);
    referToo(specimen, 'request', scope.order);
  }
  scope.noted = specimen;
};
