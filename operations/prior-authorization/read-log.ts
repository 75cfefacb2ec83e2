/**
 * The entries of a log, read. The log is ours and the database guards it, but what the fold decides on is read, not
 * believed: an entry whose kind, authority or reason is none stops the reading of its authorization.
 */
import type { AuthorizationEvent, ItemChange, ItemEvent } from './events.ts';

type Fields = Readonly<Record<string, unknown>>;
type Check = (value: unknown) => boolean;

const text: Check = (value) => typeof value === 'string';
const words: Check = (value) => typeof value === 'string' && value.trim() !== '';
const count: Check = (value) => Number.isInteger(value) && (value as number) > 0;
const flag: Check = (value) => typeof value === 'boolean';
const fields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);
const has = (checks: Readonly<Record<string, Check>>): Check => (value) => fields(value) && Object.entries(checks).every(([name, check]) => check(own(value, name)));
const listOf = (check: Check): Check => (value) => Array.isArray(value) && value.every(check);

const optional = (check: Check): Check => (value) => value === undefined || check(value);
const changes: ReadonlySet<unknown> = new Set<ItemChange>(['added', 'changed', 'appealed']);

const own = (value: Fields, name: string): unknown => Object.hasOwn(value, name) ? value[name] : undefined;

const authorities: Readonly<Record<ItemEvent['authority']['kind'], Check>> = {
  'administrative-rule': has({ rule: has({ title: text }), category: optional(text) }),
  'clinical-criterion': has({ rule: has({ title: text }), truth: text }),
  person: has({ name: words }),
  requester: () => true,
};

const authority: Check = (value) => fields(value) && kindIn(authorities, value);

function kindIn(checks: Readonly<Record<string, Check>>, value: Fields): boolean {
  const kind = own(value, 'kind');
  return typeof kind === 'string' && Object.hasOwn(checks, kind) && checks[kind]!(value);
}

const reason = has({ system: text, code: words, text: words });
const decided = { item: count, authority };
const instant: Check = (value) => typeof value === 'string' && value === new Date(Date.parse(value) || 0).toISOString();
const amount: Check = (value) => typeof value === 'number' && Number.isFinite(value) && value >= 0;
const span = has({ amount: count, unit: text });
const clock = has({
  rule: words, title: text, source: words, lineOfBusiness: words, state: optional(text), timeZone: optional(text), atRiskHours: amount,
  extension: optional(has({ by: span, grounds: listOf(text) })), pause: optional(has({ when: text, atMost: span })), downgrade: optional((value) => value === true),
});

const wantedBefore = has({ item: count, system: text, code: text, questionnaire: optional(text) });

const kinds: Readonly<Record<'received' | ItemEvent['kind'], Check>> = {
  received: has({
    version: count, rail: text, receivedAt: text, expedited: flag, dueAt: text, items: listOf(count),
    administrativeReference: text, certificationNumber: text, stored: fields,
    changes: optional((value) => fields(value) && Object.entries(value).every(([item, change]) => /^[1-9]\d*$/.test(item) && changes.has(change))),
    asserted: optional(listOf(has({ item: count, outcome: text, id: optional(text) }))),
    answered: optional(listOf(wantedBefore)), declined: optional(listOf(wantedBefore)), informed: optional(listOf(count)), refused: optional(listOf(count)), misflagged: optional(listOf(count)), clock: optional(clock), made: optional(listOf(text)), attached: optional(listOf(text)), certifiedFor: optional((value) => fields(value) && Object.values(value).every(fields)),
  }),
  certified: has({ ...decided, number: text, period: fields, explanation: text, takes: optional(has({ item: count, quantity: optional(amount), unit: optional(text) })) }),
  denied: has({ ...decided, reason }),
  modified: has({ ...decided, number: text, period: fields, approved: fields, reason }),
  pended: has({ ...decided, explanation: text }),
  cancelled: has(decided),
  extended: has({ ...decided, reason, notice: words, dueAt: instant }),
  paused: has({ ...decided, until: instant, dueAt: instant }),
  resumed: has({ ...decided, dueAt: instant }),
  downgraded: has({ ...decided, reason, notice: words, dueAt: instant, clock }),
  'information-requested': has({ ...decided, wanted: listOf(has({ system: text, code: text, text, questionnaire: optional(text), modifier: optional(has({ system: text, code: text })) })) }),
};

const isStamped = has({ sequence: count, at: text });

/**
 * @param log the text of a JSON array
 * @throws {RangeError} where an entry is none; it does not repeat what the entry says
 */
export function readLog(log: string): readonly AuthorizationEvent[] {
  return (JSON.parse(log) as readonly unknown[]).map(readEvent);
}

/** Which authority may do what is for the fold (state.ts). */
function readEvent(entry: unknown): AuthorizationEvent {
  if (!isStamped(entry) || !kindIn(kinds, entry as Fields)) throw new RangeError('An entry in the log of an authorization is none.');
  return entry as AuthorizationEvent;
}
