/**
 * A rail of the tests' own: letters of `field=value` lines, several in a delivery with `--` between them. Its mapper is a
 * real one in small: pure, every value by a Draft, ids from business keys, `""` erases.
 */
import type { Bundle } from '@medplum/fhirtypes';
import { nameBasedUuid } from '../../../fhir/ids.ts';
import { Problem } from '../../../fhir/problems.ts';
import { Draft, type Cursor } from '../../../mappers/draft.ts';
import type { Mapping, MappingIssue, SourceRef } from '../../../mappers/ledger.ts';
import type { IncomingMessage, Rail } from '../../../operations/intake/message.ts';

export interface Letter extends IncomingMessage {
  readonly fields: ReadonlyMap<string, readonly [value: string, line: number]>;
}

export interface LetterRules {
  /** What the mapper of tomorrow does otherwise. */
  readonly withPhone?: boolean;
  readonly withoutVisit?: boolean;
}

const space = 'https://priora.health/test/letters';
const typeOf = (code: string) => ({ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code }] });

/** The text of a letter. */
export function letter(fields: Readonly<Record<string, string>>): string {
  return Object.entries({ sender: 'north', ...fields }).map(([name, value]) => `${name}=${value}`).join('\n');
}

export const letters = (...each: Readonly<Record<string, string>>[]): string => each.map(letter).join('\n--\n');

export function letterRail(rules: LetterRules = {}): Rail<Letter> {
  return {
    channel: 'letters',
    read(body) {
      const text = new TextDecoder().decode(body);
      if (text.startsWith('nothing')) throw new Problem('empty-body', { expected: 'a letter' });
      return text.split('\n--\n').map((part) => readLetter(part, rules));
    },
    acknowledge: (message, { state, issues }) => `${state} ${message.fields.get('id')?.[0] ?? '?'} ${issues.filter(({ severity }) => severity === 'error').map(({ code, source, line }) => `${code}@${source ?? '-'}:${line ?? '-'}`).join(',')}`.trim(),
    answer: (messages) => ({ status: 200, mediaType: 'text/plain', body: messages.map(({ acknowledgement }) => acknowledgement).join('\n') }),
    refuse: (issues, status) => ({ status, mediaType: 'text/plain', body: `refused ${issues.map(({ code }) => code).join(',')}` }),
  };
}

function readLetter(text: string, rules: LetterRules): Letter {
  const fields = new Map(text.split('\n').map((line, index) => {
    const [name = '', ...value] = line.split('=');
    return [name, [value.join('='), index + 1] as const];
  }));
  const value = (name: string): string | undefined => fields.get(name)?.[0];
  const key = value('id') === undefined ? undefined : `${value('sender')}|${value('id')}`;
  const series = value('series') === undefined ? undefined : { id: value('series')!, version: Number(value('version')) };
  return {
    key, kind: value('kind') ?? 'letter', author: `House ${value('sender')}`, content: new TextEncoder().encode(text), fields, carries: value('whole') === 'yes' ? 'whole' : 'part',
    ...(series && { series }), map: () => mapLetter(fields, key ?? text, rules),
  };
}

function mapLetter(fields: Letter['fields'], key: string, rules: LetterRules): Mapping<unknown> {
  const draft = new Draft();
  const issues: MappingIssue[] = [];
  const from = (name: string): SourceRef => ({ source: name, line: fields.get(name)![1], column: 1 });
  const value = (name: string): string | undefined => fields.get(name)?.[0];
  const put = (cursor: Cursor, element: string, name: string): void => {
    if (value(name) === '""') cursor.erase(element, from(name), `letter/${name}`);
    else if (value(name) !== undefined) cursor.emit(element, value(name), from(name), `letter/${name}`);
  };
  for (const name of ['id', 'sender', 'kind', 'series', 'version', 'whole']) if (fields.has(name)) draft.consult(from(name));
  if (value('throws') !== undefined) throw new Error(`a value of the data: ${value('family')}`);
  if (value('broken') !== undefined) issues.push({ severity: 'error', code: 'broken', text: 'The letter is broken.', ...from('broken') });

  const patientUrl = (number: string | undefined): string => `urn:uuid:${nameBasedUuid(space, number === undefined ? `${key}|patient` : `record|${value('sender')}|${number}`)}`;
  const url = patientUrl(value('record'));
  const patient = draft.resource('Patient', url);
  const identifier = (at: Cursor, code: string, system: string, name: string): void => {
    if (value(name) === undefined) return;
    at.another('identifier').set('type', typeOf(code)).set('system', system).emit('value', value(name), from(name), `letter/${name}`);
  };
  identifier(patient, 'MR', `urn:letters:${value('sender')}`, 'record');
  identifier(patient, 'MB', value('memberSystem') ?? 'urn:letters:plan', 'member');
  if (value('memberSystem') !== undefined) draft.consult(from('memberSystem'));
  if (value('family') === '""') patient.erase('name', from('family'), 'letter/family');
  else {
    const name = patient.another('name');
    put(name, 'family', 'family');
    if (value('given') !== undefined) name.emitItem('given', value('given'), from('given'), 'letter/given');
  }
  put(patient, 'birthDate', 'birthDate');
  put(patient, 'gender', 'gender');
  if (value('city') !== undefined) put(patient.another('address'), 'city', 'city');
  if (rules.withPhone && value('phone') !== undefined) put(patient.another('telecom').set('system', 'phone'), 'value', 'phone');
  if (value('visit') !== undefined && !rules.withoutVisit) {
    const visit = draft.resource('Encounter', `urn:uuid:${nameBasedUuid(space, `visit|${value('sender')}|${value('visit')}`)}`);
    visit.another('identifier').set('system', `urn:letters:${value('sender')}:visit`).emit('value', value('visit'), from('visit'), 'letter/visit');
    visit.set('status', value('end') === undefined ? 'in-progress' : 'finished').set('class', { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'IMP' });
    visit.set('subject', { reference: value('dangling') === undefined ? url : 'urn:uuid:00000000-0000-5000-8000-000000000000' });
    if (value('dangling') !== undefined) draft.consult(from('dangling'));
    const period = visit.within('period');
    put(period, 'start', 'start');
    put(period, 'end', 'end');
  }
  if (value('replaces') !== undefined) {
    const other = patientUrl(value('replaces'));
    const prior = draft.resource('Patient', other).set('active', false).set('link', [{ other: { reference: url }, type: 'replaced-by' }]);
    prior.another('identifier').set('type', typeOf('MR')).set('system', `urn:letters:${value('sender')}`).emit('value', value('replaces'), from('replaces'), 'letter/replaces');
    patient.set('link', [{ other: { reference: other }, type: 'replaces' }]);
  }
  const bundle: Bundle = { resourceType: 'Bundle', type: 'collection', entry: draft.entries() };
  return { bundle, issues, acknowledgement: undefined, ledger: draft.ledger(), unmapped: draft.unmapped([...fields.keys()].map(from), () => 'no map') };
}
