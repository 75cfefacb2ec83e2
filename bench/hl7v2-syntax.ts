/**
 * Tokenizing HL7v2: what Priora does (mappers/hl7v2/syntax) beside `node-hl7-client`, on the same messages. Two questions
 * are asked of each: eight values by their place, and every value of the message. Ours decodes the bytes, their character
 * set and every escape sequence beforehand; the client is given text that is decoded already.
 */
import { Message } from 'node-hl7-client';
import { parseMessage } from '../mappers/hl7v2/syntax/parse.ts';
import { type Hl7Message, sentValues, valueAt } from '../mappers/hl7v2/syntax/message.ts';
import { machine } from './measure/machine.ts';
import { admission } from './mllp/messages.ts';
import { optionsOf } from './options.ts';

const PLACES: readonly (readonly [segment: string, field: number, component: number])[] = [['MSH', 9, 1], ['MSH', 9, 2], ['MSH', 10, 1], ['PID', 3, 1], ['PID', 5, 1], ['PID', 5, 2], ['PID', 7, 1], ['PV1', 2, 1]];

interface Way {
  readonly name: string;
  /** Returns the number of values that were found: so that nothing is left out as unused, and both find the same. */
  readonly read: (bytes: Buffer) => number;
}

const PRIORA: readonly Way[] = [
  {
    name: 'priora, eight values',
    read(bytes) {
      const message = parsed(bytes);
      return PLACES.filter(([id, field, component]) => valueAt(message.segments.find((segment) => segment.id === id), field, 1, component) !== undefined).length;
    },
  },
  { name: 'priora, every value', read: (bytes) => countOf(sentValues(parsed(bytes))) },
];

const CLIENT: readonly Way[] = [
  {
    name: 'node-hl7-client, eight values',
    read(bytes) {
      const message = new Message({ text: bytes.toString('utf8') });
      return PLACES.filter(([id, field, component]) => textOf(message, `${id}.${field}.${component}`, `${id}.${field}`) !== '').length;
    },
  },
  {
    name: 'node-hl7-client, every value',
    read(bytes) {
      const message = new Message({ text: bytes.toString('utf8') });
      let count = 0;
      // Its segments are asked for each field; a field gives its parts as text.
      message.forEach((segment) => {
        segment.forEach((field) => {
          if (field.toString() !== '') count += 1;
        });
      });
      return count;
    },
  },
];

export function run(words: readonly string[]): void {
  const options = optionsOf(words, ['seconds', 'bytes']);
  const seconds = options.number('seconds', 1);
  for (const size of options.numbers('bytes', [1000, 8000])) {
    const messages = Array.from({ length: 64 }, (_, number) => admission(number, size));
    const bytes = messages.reduce((total, message) => total + message.length, 0) / messages.length;
    for (const { name, read } of [...PRIORA, ...CLIENT]) {
      const perSecond = rate(messages, read, seconds);
      console.log(JSON.stringify({ bench: 'hl7v2-syntax', way: name, bytes: Math.round(bytes), values: read(messages[0]!), perSecond: Math.round(perSecond), mbPerSecond: Math.round(perSecond * bytes / 1e5) / 10, ...machine() }));
    }
  }
}

function parsed(bytes: Buffer): Hl7Message {
  const { message, issues } = parseMessage(bytes);
  if (!message || issues.length > 0) throw new Error('a message of the bench was not read');
  return message;
}

function countOf(list: Iterable<unknown>): number {
  let count = 0;
  for (const _ of list) count += 1;
  return count;
}

function textOf(message: Message, path: string, whole: string): string {
  const found = message.get(path).toString();
  return found === '' ? message.get(whole).toString() : found;
}

/** Microseconds that this process has worked: others on the machine do not count. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** In messages per second of processor time, the best of three turns, after one to warm up. */
function rate(messages: readonly Buffer[], read: (bytes: Buffer) => number, seconds: number): number {
  let best = 0;
  for (let turn = 0; turn < 4; turn += 1) {
    const start = processorTime();
    let count = 0;
    let passed = 0;
    while (passed < seconds * 1e6) {
      for (const message of messages) read(message);
      count += messages.length;
      passed = processorTime() - start;
    }
    if (turn > 0) best = Math.max(best, (count * 1e6) / passed);
  }
  return best;
}
