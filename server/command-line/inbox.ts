/** `priora inbox list | show | replay | post`: what became of messages, and taking them in again. Asks the server. */
import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { withServer } from './client.ts';
import { table } from './table.ts';

const help = `priora inbox list [--state S,S] [--channel C] [--since TIME] [--patient ID] [--limit N] [--json]
priora inbox show ID [--raw] [--json]
priora inbox replay ID [--patient ID | --patient new] [--json]
priora inbox replay --state S,S [--channel C] [--since TIME] [--json]
priora inbox post CHANNEL FILE | -

States are accepted, review, quarantined, duplicate; replay takes received too, for deliveries
that landed and were never answered. CHANNEL is hl7v2 or ccda.
show tells what was wrong and where; the message itself only with --raw.
replay takes messages in again from the bytes that landed; --patient says whose one in review is.
Of another tenant than the default one: --tenant NAME.
`;

const options = {
  state: { type: 'string' }, channel: { type: 'string' }, since: { type: 'string' }, patient: { type: 'string' }, limit: { type: 'string' }, tenant: { type: 'string' },
  json: { type: 'boolean' }, raw: { type: 'boolean' },
} as const;
interface Values {
  readonly state?: string;
  readonly channel?: string;
  readonly since?: string;
  readonly patient?: string;
  readonly limit?: string;
  readonly tenant?: string;
  readonly json?: boolean;
  readonly raw?: boolean;
}

interface Summary {
  readonly id: string;
  readonly channel: string;
  readonly kind: string;
  readonly state: string;
  readonly receivedAt: string;
  readonly share?: { readonly mapped: number; readonly sent: number };
  readonly problems: readonly string[];
}

interface Shown extends Summary {
  readonly key: string;
  readonly attempts: number;
  readonly delivery: string;
  readonly position: number;
  readonly patient?: string;
  readonly issues: readonly { readonly severity: string; readonly code: string; readonly text: string; readonly source?: string; readonly segment?: number; readonly line?: number; readonly column?: number; readonly expression?: string }[];
  readonly unmapped: readonly { readonly source: string; readonly segment?: number; readonly line?: number; readonly reason: string }[];
}

export async function inbox(words: readonly string[]): Promise<number> {
  let parsed: { values: Values; positionals: string[] };
  try {
    parsed = parseArgs({ args: [...words], options, allowPositionals: true });
  } catch (error) {
    return complain(error instanceof Error ? error.message : '');
  }
  const { values, positionals: [command, id, file, ...more] } = parsed;
  const base = values.tenant === undefined ? '/inbox' : `/tenant/${encodeURIComponent(values.tenant)}/inbox`;
  if (more.length === 0 && command === 'list' && id === undefined) return list(base, values);
  if (more.length === 0 && command === 'show' && id !== undefined && file === undefined) return show(base, id, values);
  if (more.length === 0 && command === 'replay' && file === undefined && (id === undefined) !== (values.state === undefined)) return replay(base, id, values);
  if (more.length === 0 && command === 'post' && id !== undefined && file !== undefined) return post(base, id, file);
  return complain('inbox takes list, show ID, replay ID, replay --state, or post CHANNEL FILE');
}

function complain(text: string): number {
  process.stderr.write(`priora: ${text}\n\n${help}`);
  return 2;
}

function list(base: string, values: Values): Promise<number> {
  return asked('GET', `${base}?${queryOf(values, ['state', 'channel', 'since', 'patient', 'limit'])}`, undefined, (told) => {
    const answer = told as { messages: Summary[]; more: boolean };
    if (values.json) return tell(answer);
    process.stdout.write(table(['id', 'received', 'channel', 'kind', 'state', 'mapped', 'problems'], answer.messages.map((message) => [
      message.id, message.receivedAt, message.channel, message.kind, message.state, shareOf(message), message.problems.join(' '),
    ])));
    if (answer.more) process.stderr.write('There are more; --limit and --since show them.\n');
    return 0;
  });
}

function show(base: string, id: string, values: Values): Promise<number> {
  const address = `${base}/${encodeURIComponent(id)}`;
  if (values.raw) {
    return withServer({}, async (origin) => {
      const response = await fetch(`${origin}${address}/raw`);
      if (!response.ok) return refused(response);
      process.stdout.write(Buffer.from(await response.arrayBuffer()));
      return 0;
    });
  }
  return asked('GET', address, undefined, (told) => {
    const message = told as Shown;
    if (values.json) return tell(message);
    process.stdout.write(table(['', ''], [
      ['id', message.id], ['state', message.state], ['kind', `${message.channel} ${message.kind}`], ['key', message.key], ['received', message.receivedAt],
      ['delivery', `${message.delivery}, message ${message.position + 1}`], ['decided', `${message.attempts} times`], ['mapped', shareOf(message)], ...(message.patient === undefined ? [] : [['patient', `Patient/${message.patient}`]]),
    ]));
    if (message.issues.length > 0) process.stdout.write(`\n${table(['severity', 'code', 'place', 'text'], message.issues.map((issue) => [issue.severity, issue.code, placeOf(issue) || (issue.expression ?? ''), issue.text]))}`);
    if (message.unmapped.length > 0) process.stdout.write(`\n${table(['without a place', 'reason'], message.unmapped.map((value) => [placeOf(value), value.reason]))}`);
    return 0;
  });
}

function replay(base: string, id: string | undefined, values: Values): Promise<number> {
  const address = id === undefined ? `${base}/replay?${queryOf(values, ['state', 'channel', 'since'])}` : `${base}/${encodeURIComponent(id)}/replay`;
  const body = id !== undefined && values.patient !== undefined ? JSON.stringify({ patient: values.patient }) : undefined;
  return asked('POST', address, body, (told) => {
    const answer = told as { messages: { id: string; channel: string; kind: string; before: string; after: string }[]; deliveries?: number; more?: boolean };
    if (values.json) return tell(answer);
    process.stdout.write(table(['id', 'channel', 'kind', 'before', 'after'], answer.messages.map((message) => [message.id, message.channel, message.kind, message.before, message.after])));
    if (answer.deliveries) process.stdout.write(`${answer.deliveries} deliveries that were never answered\n`);
    if (answer.more === true) process.stderr.write('There are more; replay again.\n');
    return answer.messages.some(({ after }) => after === 'quarantined') ? 1 : 0;
  });
}

async function post(base: string, channel: string, file: string): Promise<number> {
  let body: Buffer;
  try {
    body = file === '-' ? await buffer(process.stdin) : await readFile(file);
  } catch {
    process.stderr.write(`priora: ${file} cannot be read\n`);
    return 1;
  }
  return withServer({}, async (origin) => {
    const response = await fetch(`${origin}${base}/${encodeURIComponent(channel)}`, { method: 'POST', headers: { 'content-type': 'application/octet-stream' }, body: new Uint8Array(body) });
    process.stdout.write(`${(await response.text()).replaceAll('\r', '\n').trimEnd()}\n`);
    return response.ok ? 0 : 1;
  });
}

function asked(method: string, address: string, body: string | undefined, told: (answer: unknown) => number): Promise<number> {
  return withServer({}, async (origin) => {
    const response = await fetch(`${origin}${address}`, { method, ...(body !== undefined && { body, headers: { 'content-type': 'application/json' } }) });
    return response.ok ? told(await response.json()) : refused(response);
  });
}

async function refused(response: Response): Promise<number> {
  const outcome = await response.json().catch(() => undefined) as { issue?: { diagnostics?: string }[] } | undefined;
  process.stderr.write(`priora: ${outcome?.issue?.[0]?.diagnostics ?? `the server answered ${response.status}`}\n`);
  return 1;
}

function tell(answer: unknown): number {
  process.stdout.write(`${JSON.stringify(answer, undefined, 2)}\n`);
  return 0;
}

function queryOf(values: Values, names: readonly ('state' | 'channel' | 'since' | 'patient' | 'limit')[]): string {
  return new URLSearchParams(names.flatMap((name): [string, string][] => values[name] === undefined ? [] : [[name, values[name]]])).toString();
}

function shareOf({ share }: Summary): string {
  return share === undefined ? '' : `${share.mapped} of ${share.sent}`;
}

function placeOf({ source, segment, line, column }: { readonly source?: string; readonly segment?: number; readonly line?: number; readonly column?: number }): string {
  return [source, segment === undefined ? undefined : `segment ${segment}`, line === undefined ? undefined : `line ${line}`, column === undefined ? undefined : `column ${column}`].filter((part) => part !== undefined).join(', ');
}
