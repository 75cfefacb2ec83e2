/**
 * 275 to FHIR: each document that came (BIN or BDS) as a DocumentReference that names the request or claim it belongs
 * to by the control number the payer or the provider gave it. The document itself is carried as it came; a PAS Bundle
 * in a BDS (CAT02 `HL`, BDS01 `B64`; PAS 2.2.1, spec-28) is a document of the media type application/fhir+json.
 * What the documents say is read by others, out of what is stored.
 */
import type { Bundle } from '@medplum/fhirtypes';
import { Draft } from '../../draft.ts';
import type { Cursor } from '../reading/target.ts';
import type { MappingIssue } from '../../ledger.ts';
import { genderOf } from '../codes.ts';
import { isTime, toFhirDate } from '../grammar/dates.ts';
import type { LoopOccurrence } from '../grammar/definition.ts';
import { SYSTEM, TRACE_SYSTEM_PREFIX, x12System } from '../pas.ts';
import { numberOf, type Reading, Urns } from '../reading/frame.ts';
import { Members } from '../reading/members.ts';
import { mapName, mapParty } from '../reading/parties.ts';
import { loopsOf, pieceOf, piecesOf, placesBelow } from '../reading/piece.ts';
import type { SetMapper, SetMapperOptions } from '../set-unit.ts';
import { payloadOf } from './payload.ts';
import { reasonFor } from './unmapped-reasons.ts';

const IDENTIFIER_TYPES = 'http://terminology.hl7.org/CodeSystem/v2-0203';
const EXTERNAL_CODES = 'http://loinc.org';

interface Frame extends Reading {
  set: LoopOccurrence;
  members: Members;
  patient: string;
  author: string | undefined;
  custodian: string | undefined;
  options: SetMapperOptions;
  issues: MappingIssue[];
}

export const mapAttachment: SetMapper = function* (set, origin, options) {
  const draft = new Draft();
  const urns = new Urns(origin);
  const [payer, patient] = [loopsOf(set, '1000A')[0], loopsOf(set, '1000D')[0]];
  const members = new Members(urns, numberOf(payer?.segments[0]), payer?.segments[0] ?? set.segments[0]!);
  const patientUrl = members.named(numberOf(patient?.segments[0])) ?? urns.ofPlace('patient', patient?.segments[0] ?? set.segments[0]!);
  const frame: Frame = { draft, urns, set, members, options, issues: [], patient: patientUrl, author: undefined, custodian: undefined };
  frame.custodian = mapNamed(frame, payer);
  for (const provider of loopsOf(set, '1000C')) frame.author = mapNamed(frame, provider) ?? frame.author;
  mapPatient(frame, patient);
  let first: string | undefined;
  for (const assigned of loopsOf(set, '2000A')) {
    pieceOf(draft, assigned, 'LX')?.consult(1);
    for (const category of loopsOf(assigned, '2110B')) {
      for (const format of loopsOf(category, '2120B')) {
        const url = mapDocument(frame, assigned, category, format);
        first ??= url;
      }
    }
  }
  if (first === undefined) frame.issues.push({ severity: 'error', code: 'attachment-empty', text: 'The 275 holds no document (BIN or BDS) that can be read.', source: 'ST', segment: 1 });
  const bundle: Bundle = { resourceType: 'Bundle', type: 'collection', entry: draft.entries(first) };
  yield {
    kind: 'attachment', until: Number.POSITIVE_INFINITY,
    mapping: { bundle, issues: frame.issues, get ledger() { return draft.ledger(); }, get unmapped() { return draft.unmapped(placesBelow(set), ({ source }) => reasonFor(source)); } },
  };
};

function mapNamed(frame: Frame, loop: LoopOccurrence | undefined): string | undefined {
  const nm1 = pieceOf(frame.draft, loop, 'NM1');
  if (loop === undefined || nm1 === undefined) return undefined;
  nm1.consult(1);
  return mapParty(frame, loop).url;
}

function mapPatient({ draft, patient, members }: Frame, loop: LoopOccurrence | undefined): void {
  const cursor = draft.resource('Patient', patient);
  const nm1 = pieceOf(draft, loop, 'NM1');
  if (loop === undefined || nm1 === undefined) return;
  nm1.consult(1);
  nm1.consult(2);
  members.mapNumber(nm1, cursor);
  mapName(nm1, cursor);
  const dmg = pieceOf(draft, loop, 'DMG');
  if (dmg?.put(cursor, 'birthDate', 2, undefined, toFhirDate) === true) dmg.consult(1);
  dmg?.put(cursor, 'gender', 3, undefined, genderOf);
  // EA is the medical record number; the others are numbers of the claim, and stand with the documents.
  const record = pieceOf(draft, loop, 'REF', 'EA');
  if (record?.put(cursor.another('identifier').set('type', { coding: [{ system: IDENTIFIER_TYPES, code: 'MR' }] }).set('system', x12System('128')), 'value', 2) === true) record.consult(1);
}

/** One BIN or BDS; gives the fullUrl, or nothing where it holds no document. */
function mapDocument(frame: Frame, assigned: LoopOccurrence, category: LoopOccurrence, format: LoopOccurrence): string | undefined {
  const { draft, urns, patient, author, custodian } = frame;
  const data = pieceOf(draft, format, 'BDS') ?? pieceOf(draft, format, 'BIN');
  if (data === undefined) return undefined;
  const payload = payloadOf(data);
  if (payload === undefined) {
    frame.issues.push({ severity: 'warning', code: 'attachment-unreadable', text: 'A document is not in the encoding that its BDS01 names.', ...data.from(data.segment.id === 'BDS' ? 1 : 2) });
    return undefined;
  }
  const url = urns.ofPlace('document', data.segment);
  const document = draft.resource('DocumentReference', url);
  const trn = pieceOf(draft, assigned, 'TRN') ?? pieceOf(draft, frame.set, 'TRN');
  if (trn !== undefined) {
    trn.consult(1);
    const identifier = document.another('identifier');
    if (trn.put(identifier, 'value', 2)) trn.put(identifier, 'system', 3, undefined, (organization) => `${TRACE_SYSTEM_PREFIX}${organization}`);
  }
  document.set('status', 'current').set('docStatus', 'final').set('subject', { reference: patient });
  mapKind(draft, category, assigned, document);
  mapDate(frame, document);
  if (author !== undefined) document.set('author', [{ reference: author }]);
  if (custodian !== undefined) document.set('custodian', { reference: custodian });
  const attachment = document.another('content').within('attachment').set('contentType', payload.mediaType);
  data.put(attachment, 'data', data.segment.id === 'BDS' ? 3 : 2, undefined, () => payload.base64);
  data.consult(data.segment.id === 'BDS' ? 2 : 1);
  if (data.segment.id === 'BDS') data.consult(1);
  mapContext(frame, assigned, document);
  return url;
}

/** CAT01 is the kind of report; CAT04, and STC01 of a solicited one, name the LOINC code that was asked for. */
function mapKind(draft: Reading['draft'], category: LoopOccurrence, assigned: LoopOccurrence, document: Cursor): void {
  const cat = pieceOf(draft, category, 'CAT');
  const type = document.within('type');
  cat?.code(type, x12System('755'), 1);
  cat?.consult(2);
  const isLoinc = (code: string): boolean => /^\d{1,7}-\d$/.test(code);
  if (cat !== undefined && isLoinc(cat.text(4))) {
    cat.consult(3);
    cat.code(type, EXTERNAL_CODES, 4);
  }
  for (const stc of piecesOf(draft, assigned, 'STC')) {
    for (const composite of [1, 10, 11]) {
      if (isLoinc(stc.text(composite, 2))) stc.code(document.another('category'), SYSTEM.loinc, composite, 2);
    }
  }
}

function mapDate({ draft, set, options, issues }: Frame, document: Cursor): void {
  const bgn = pieceOf(draft, set, 'BGN');
  const day = toFhirDate(bgn?.text(3) ?? '');
  if (bgn === undefined || day === undefined) return;
  const time = bgn.text(4);
  // An instant needs an offset, and X12 times have none.
  const offset = options.utcOffset ?? 'Z';
  if (options.utcOffset === undefined) issues.push({ severity: 'information', code: 'assumed-utc', text: 'BGN04 has no offset; UTC is assumed.', ...bgn.from(4) });
  const clock = isTime(time) ? `${time.slice(0, 2)}:${time.slice(2, 4)}:${time.slice(4, 6) || '00'}` : '00:00:00';
  bgn.put(document, 'date', 3, undefined, () => `${day}T${clock}${offset}`);
  if (isTime(time)) bgn.put(document, 'date', 4, undefined, () => document.peek('date') as string);
}

/** Numbers of the claim, request or authorization, by which the document finds where it belongs. */
function mapContext({ draft, set }: Frame, assigned: LoopOccurrence, document: Cursor): void {
  const patient = loopsOf(set, '1000D')[0];
  const context = document.within('context');
  for (const ref of [...piecesOf(draft, patient, 'REF'), ...piecesOf(draft, assigned, 'REF')]) {
    if (ref.text(1) === 'EA' || ref.text(2) === '') continue;
    const identifier = context.another('related').within('identifier');
    ref.code(identifier.within('type'), x12System('128'), 1);
    ref.put(identifier, 'value', 2);
  }
  const dtp = pieceOf(draft, patient, 'DTP') ?? piecesOf(draft, assigned, 'DTP', ['472', '434'])[0];
  if (dtp === undefined) return;
  const [start, end] = dtp.text(3).split('-').map((day) => toFhirDate(day.slice(0, 8)));
  if (start === undefined) return;
  dtp.consult(1);
  dtp.consult(2);
  dtp.put(context.within('period'), 'start', 3, undefined, () => start);
  dtp.put(context.within('period'), 'end', 3, undefined, () => end ?? start);
}
