/** FHIR to HL7v2: what was mapped and is written again says the same in the fields that are declared to come back. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { messages } from '../../../bench/hl7v2/messages.ts';
import { type Hl7Envelope, writeAdt, writeOru } from '../../../mappers/hl7v2/inverse/write.ts';
import { mapMessage } from '../../../mappers/hl7v2/map.ts';
import { type Hl7Message, valueAt } from '../../../mappers/hl7v2/syntax/message.ts';
import { parseMessage } from '../../../mappers/hl7v2/syntax/parse.ts';
import { writeMessage } from '../../../mappers/hl7v2/syntax/write.ts';
import { corporaAreHere, messageFiles } from './corpora.ts';

const envelope: Hl7Envelope = { event: 'A01', controlId: 'B1', time: '20261012113000-0400', sendingApplication: 'PRIORA' };

/** Fields by segment, each with the components that come back. */
const DECLARED: Readonly<Record<string, readonly (readonly [field: number, ...components: number[]])[]>> = {
  PID: [[3, 1, 5], [5, 1, 2], [7, 1], [8, 1], [11, 1, 3, 4, 5]], OBR: [[4, 1], [25, 1]], OBX: [[3, 1], [5, 1], [11, 1]],
};

function declared(message: Hl7Message): string[] {
  return message.segments.flatMap((segment) => (DECLARED[segment.id] ?? []).flatMap(([field, ...components]) => components.map((component) => `${segment.id}-${field}.${component}=${valueAt(segment, field, 1, component) ?? ''}`)));
}

const parse = (bytes: Uint8Array): Hl7Message => parseMessage(bytes).message!;

function again(message: Hl7Message, write: typeof writeAdt, event: string): Hl7Message {
  const { bundle } = mapMessage(message, { timeZone: 'America/New_York' });
  return parse(writeMessage(write(bundle, { ...envelope, event }))!);
}

describe('A message that was mapped and is written again', () => {
  test.each([['adt-a01', writeAdt, 'A01'], ['oru-r01', writeOru, 'R01']] as const)('says the same: %s', (name, write, event) => {
    const message = parse(Buffer.from(messages[name]!.join('\r')));
    expect(declared(again(message, write, event))).toEqual(declared(message));
  });

  test('is mapped to the same patient, the second time and every time after', () => {
    const patientOf = (message: Hl7Message): unknown => mapMessage(message, { timeZone: 'America/New_York' }).bundle.entry!.find(({ resource }) => resource?.resourceType === 'Patient')!.resource;
    const first = again(parse(Buffer.from(messages['adt-a01']!.join('\r'))), writeAdt, 'A01');
    expect(patientOf(again(first, writeAdt, 'A01'))).toEqual(patientOf(first));
  });

  test('has its delimiters escaped', () => {
    const sent = parse(Buffer.from([String.raw`MSH|^~\&|A|B|C|D|20261012113000-0400||ADT^A01^ADT_A01|1|P|2.5.1`, 'EVN|A01|20261012', String.raw`PID|1||7^^^N^MR||O\T\Hara\S\x^J`, 'PV1|1|I'].join('\r')));
    expect(valueAt(again(sent, writeAdt, 'A01').segments[2], 5)).toBe('O&Hara^x');
  });
});

(corporaAreHere ? test : test.skip)('of the ADT and ORU messages in ../shared/corpora/hl7v2 nearly all declared values come back', () => {
  let [kept, sent] = [0, 0];
  for (const file of messageFiles()) {
    const message = parse(readFileSync(file));
    const [code, event] = [valueAt(message.segments[0], 9), valueAt(message.segments[0], 9, 1, 2) ?? ''];
    const write = code === 'ADT' ? writeAdt : code === 'ORU' ? writeOru : undefined;
    // Patients who are swapped or merged are two in one message.
    if (write === undefined || message.segments.filter(({ id }) => id === 'PID').length !== 1) continue;
    const back = new Set(declared(again(message, write, event)));
    for (const value of declared(message)) {
      if (value.endsWith('=') || value.endsWith('=""') || (code === 'ADT' && value.startsWith('OB'))) continue;
      sent += 1;
      if (back.has(value)) kept += 1;
    }
  }
  expect(kept / sent).toBeGreaterThan(0.9);
});
