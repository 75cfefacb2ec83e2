/** Entries of the index tables: dates, strings and numbers, alone or behind the code of a composite. */
import type { DateValue, SearchValue, SimpleSearchValue, StringValue, TokenValue } from '../../fhir/search-values/values.ts';
import { normalizedString } from '../../fhir/search-values/strings.ts';
import { systemKey, type KeyMaker } from '../search-keys.ts';

interface Entry {
  readonly scope: bigint;
  /** Of a composite with a token: the hash of the code's system. */
  readonly tokenSystem: bigint | undefined;
}

export interface DateEntry extends Entry {
  readonly low: string;
  readonly high: string;
}

export interface StringEntry extends Entry {
  readonly value: string;
  readonly written: string;
}

export interface NumberEntry extends Entry {
  readonly low: number;
  readonly high: number;
  readonly second: { readonly low: number; readonly high: number } | undefined;
  readonly system: string | undefined;
  readonly code: string | undefined;
  readonly unit: string | undefined;
}

export interface Entries {
  readonly dates: DateEntry[];
  readonly strings: StringEntry[];
  readonly numbers: NumberEntry[];
  readonly displays: Map<bigint, { readonly scope: bigint; readonly key: bigint; readonly value: string }>;
}

export function addEntries(entries: Entries, value: SearchValue, make: KeyMaker): void {
  if (value.type === 'composite') addComposite(entries, value.parameter.code, value.components, make);
  else if (value.type === 'token') addDisplay(entries, value, make);
  else addSimple(entries, value, { scope: make.scope(value.parameter.code), tokenSystem: undefined });
}

function addSimple(entries: Entries, value: SimpleSearchValue, place: Entry): void {
  switch (value.type) {
    case 'date':
      entries.dates.push({ ...place, ...rangeOf(value) });
      break;
    case 'string': {
      const text = textOf(value);
      if (text.value !== '') entries.strings.push({ ...place, ...text });
      break;
    }
    case 'number': case 'quantity':
      entries.numbers.push({
        ...place, ...boundsOf(value), second: undefined,
        ...(value.type === 'quantity' ? { system: storableOrNone(value.system), code: storableOrNone(value.code), unit: storableOrNone(value.unit) } : { system: undefined, code: undefined, unit: undefined }),
      });
      break;
    case 'special':
      entries.numbers.push({ ...place, low: value.latitude, high: value.latitude, second: { low: value.longitude, high: value.longitude }, system: undefined, code: undefined, unit: undefined });
      break;
    case 'token': case 'reference': case 'uri':
      break;
  }
}

/**
 * A composite whose first part is a token and whose others are ranges: the code is in the scope, its system beside it.
 * Composites of tokens, references and uris alone are keys.
 */
function addComposite(entries: Entries, parameter: string, components: readonly SimpleSearchValue[], make: KeyMaker): void {
  const [token, first, second, ...more] = components;
  if (token?.type !== 'token' || token.code === undefined || first === undefined || more.length > 0) return;
  const place = { scope: make.compositeScope(parameter, token.code), tokenSystem: token.system === undefined ? undefined : systemKey(token.system) };
  if (second === undefined) {
    addSimple(entries, first, place);
  } else if (first.type === 'number' && second.type === 'number') {
    entries.numbers.push({ ...place, ...boundsOf(first), second: boundsOf(second), system: undefined, code: undefined, unit: undefined });
  }
}

function addDisplay(entries: Entries, value: TokenValue, make: KeyMaker): void {
  if (value.text === undefined) return;
  const normalized = normalizedString(value.text);
  const text = storable(normalized);
  if (text === '') return;
  const key = make.display(value.parameter.code, normalized);
  entries.displays.set(key, { scope: make.scope(value.parameter.code), key, value: text });
}

/** A number that is known is a point, whatever its precision; a range is what it is. */
function boundsOf(value: { readonly value: number | undefined; readonly low: number; readonly high: number }): { low: number; high: number } {
  const { value: point, low, high } = value;
  const open = low === -Infinity || high === Infinity;
  return point === undefined || open ? { low, high } : { low: point, high: point };
}

function textOf(value: StringValue): { value: string; written: string } {
  return { value: storable(value.normalized), written: storable(value.value) };
}

// oxlint-disable-next-line no-control-regex -- they are what is looked for
const controls = /[\u0000-\u0008\u000B\u000C\u000E-\u001F]/g;

/** Without the control characters that FHIR text cannot have, and PostgreSQL's or our own columns neither. */
function storable(text: string): string {
  return text.replace(controls, '').toWellFormed();
}

/** Undefined where nothing is left. */
const storableOrNone = (text: string | undefined): string | undefined => text === undefined ? undefined : storable(text) || undefined;

function rangeOf({ low, high }: DateValue): { low: string; high: string } {
  return { low: instant(low), high: instant(high + 1) };
}

const startOfYear1 = -62_135_596_800_000;
const endOfYear9999 = 253_402_300_799_999;

/** An instant for PostgreSQL, which knows infinity by name; what is outside the years that FHIR writes means that. */
export function instant(milliseconds: number): string {
  if (milliseconds < startOfYear1) return '-infinity';
  return milliseconds > endOfYear9999 ? 'infinity' : new Date(milliseconds).toISOString();
}
