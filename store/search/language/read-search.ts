/**
 * The parameters of a search URL: conditions to an expression tree for each type that is searched, and beside them what
 * the answer shall hold and in which order.
 * Source: https://hl7.org/fhir/R4/search.html
 */
import { Problem, type ProblemIssue } from '../../../fhir/problems.ts';
import { isResourceType, resourceTypes } from '../../../fhir/resource-types.ts';
import { compartmentTypes } from '../../../fhir/search-parameters.ts';
import type { Expression, Inclusion, Order, Place, ResourceQuery } from '../expression.ts';
import { compartmentCondition, type Compartment } from './compartment.ts';
import { readCondition } from './condition.ts';
import { openPlace, sealPlace, type CursorBinding } from './cursor.ts';
import { readInclusion } from './include.ts';
import { allOf, invalid, nameShown, newBudget, readingOf, type LanguageSettings } from './reading.ts';
import { readSort } from './sort.ts';

/** What is searched: one type, or with none in the address what `_type` says, or all; of a compartment, or of all. */
export interface SearchAddress {
  readonly type?: string;
  readonly compartment?: Compartment;
}

export interface SearchSettings extends LanguageSettings {
  readonly handling: 'strict' | 'lenient';
  /** What signs cursors. */
  readonly cursorKey: Uint8Array;
}

export interface SearchRequest {
  readonly query: ResourceQuery;
  readonly total: 'none' | 'estimate' | 'accurate';
  /** The path behind the base, for links. */
  readonly path: string;
  /** The parameters that were used, for links; the cursor is not among them. */
  readonly used: readonly (readonly [string, string])[];
  /** What lenient handling left out. */
  readonly ignored: readonly ProblemIssue[];
  /** What a client brings back to get the page that begins behind a place. */
  readonly cursorOf: (place: Place) => string;
}

type Parameters = Iterable<readonly [string, string]>;

const defaultCount = 20;
const largestCount = 1000;
/** More than a person or a program needs, and few enough for one query. */
const mostParameters = 100;

/** Parameters about the form of the answer, which server/http/representation.ts reads. */
const presentation: ReadonlySet<string> = new Set(['_format', '_pretty', '_summary', '_elements']);
/** Parameters that are not among the conditions. */
const aboutTheAnswer: ReadonlySet<string> = new Set(['_count', '_total', '_sort', '_cursor', '_type', '_contained', '_containedType', '_include', '_revinclude']);
/**
 * Of these one alone has a meaning; several inclusions, types and keys of order add up
 * (https://hl7.org/fhir/R4/search.html#return: what is there more than once may be treated as an error).
 */
const single: ReadonlySet<string> = new Set(['_count', '_total', '_cursor', '_contained', '_containedType']);
/** What leaves a search the same search: a cursor outlives their change. */
const asYouLike: ReadonlySet<string> = new Set([...presentation, '_count', '_total', '_cursor']);

/** What lenient handling passes over: names, not values and not modifiers (https://hl7.org/fhir/R4/search.html#lenient). Of what is repeated the first holds. */
const passedOver: ReadonlySet<string> = new Set(['unknown-search-parameter', 'unsupported-search-parameter', 'repeated-search-parameter']);

/** The conditions of a query alone, as of a conditional interaction. @throws {Problem} for anything that cannot be answered exactly */
export async function readConditions(type: string, parameters: Parameters, settings: LanguageSettings): Promise<Expression> {
  const reading = readingOf(type, settings, newBudget(), readCondition);
  const conditions: Expression[] = [];
  for (const [name, value] of limited(parameters)) conditions.push(await readCondition(name, value, reading));
  return { kind: 'all', of: conditions };
}

/** @throws {Problem} for anything that cannot be answered exactly */
export async function readSearch(address: SearchAddress, parameters: Parameters, settings: SearchSettings): Promise<SearchRequest> {
  const { context, handling } = settings;
  const asked = limited(parameters);
  const types = typesOf(address, asked);
  const budget = newBudget();
  const readings = types.map((type) => readingOf(type, settings, budget, readCondition));
  const wheres: Expression[][] = readings.map((reading) => (address.compartment === undefined ? [] : [compartmentCondition(address.compartment, reading)]));
  const used: (readonly [string, string])[] = [];
  const ignored: ProblemIssue[] = [];
  const answer = newAnswer();
  const seen = new Set<string>();

  for (const parameter of asked) {
    const [name, value] = parameter;
    try {
      if (single.has(name) && seen.has(name)) throw new Problem('repeated-search-parameter', { name });
      seen.add(name);
      if (isAboutTheAnswer(name)) readAboutTheAnswer(answer, name, value, types, settings);
      else if (!presentation.has(name)) {
        const conditions = await Promise.all(readings.map((reading) => readCondition(name, value, reading)));
        for (const [index, condition] of conditions.entries()) wheres[index]!.push(condition);
      }
      if (name !== '_cursor') used.push(parameter);
    } catch (error) {
      if (handling === 'strict' || !(error instanceof Problem && passedOver.has(error.code))) throw error;
      ignored.push(...error.issues.map((issue) => ({ ...issue, severity: 'warning' as const })));
    }
  }

  const path = pathOf(address);
  const binding = (): CursorBinding => bindingOf(context.tenant.id, path, used);
  const after = answer.cursor === undefined ? undefined : openPlace(settings.cursorKey, binding(), answer.cursor);
  return {
    query: {
      of: types.map((type, index) => ({ type, where: allOf(wheres[index]!) })),
      limit: answer.count, order: answer.order, include: answer.include, ...(after !== undefined && { after }),
    },
    total: answer.total, path, used, ignored,
    cursorOf: (place) => sealPlace(settings.cursorKey, binding(), place),
  };
}

function limited(parameters: Parameters): readonly (readonly [string, string])[] {
  const all = [...parameters];
  if (all.length > mostParameters) throw invalid(nameShown(all[mostParameters]![0]), `there are more than ${mostParameters} parameters`);
  // No text of FHIR's has it, and PostgreSQL has no parameter with it.
  for (const [name, value] of all) if (name.includes('\u0000') || value.includes('\u0000')) throw invalid(nameShown(name), 'it holds a NUL character');
  return all;
}

/** @throws {Problem} `invalid-search-value` */
function typesOf({ type, compartment }: SearchAddress, parameters: readonly (readonly [string, string])[]): readonly string[] {
  const named = parameters.filter(([name]) => name === '_type').flatMap(([, value]) => value.split(','));
  if (type !== undefined) {
    if (named.length > 0) throw invalid('_type', 'the address says the type');
    return [type];
  }
  if (named.some((name) => !isResourceType(name))) throw invalid('_type', 'names of resource types with "," between them are expected');
  const possible = compartment === undefined ? resourceTypes : [...new Set([...compartmentTypes(compartment.name), compartment.name])];
  const outside = named.find((name) => !possible.includes(name));
  if (outside !== undefined) throw new Problem('not-in-compartment', { type: outside, compartment: compartment!.name });
  return named.length === 0 ? possible : [...new Set(named)];
}

interface Answer {
  count: number;
  total: SearchRequest['total'];
  order: Order;
  include: Inclusion[];
  cursor: string | undefined;
}

function newAnswer(): Answer {
  return { count: defaultCount, total: 'none', order: [], include: [], cursor: undefined };
}

function isAboutTheAnswer(name: string): boolean {
  const colon = name.indexOf(':');
  return aboutTheAnswer.has(colon < 0 ? name : name.slice(0, colon));
}

function readAboutTheAnswer(answer: Answer, name: string, value: string, types: readonly string[], { context }: SearchSettings): void {
  switch (name) {
    case '_count': answer.count = readCount(value); break;
    case '_total': answer.total = readTotal(value); break;
    case '_sort': answer.order = [...answer.order, ...readSort(value, types, context)]; break;
    case '_cursor': answer.cursor = value; break;
    case '_type': break;
    case '_contained': if (value !== 'false') throw invalid(name, 'contained resources are not searched; false is possible'); break;
    case '_containedType': throw invalid(name, 'contained resources are not searched');
    default: {
      if (!/^_(rev)?include(:|$)/.test(name)) throw new Problem('unsupported-modifier', { modifier: nameShown(name.slice(name.indexOf(':') + 1)), name: name.slice(0, name.indexOf(':')) });
      answer.include.push(...readInclusion(name, value, { types, context }));
    }
  }
}

function readCount(value: string): number {
  if (!/^\d{1,9}$/.test(value)) throw invalid('_count', 'a whole number is expected');
  return Math.min(Number(value), largestCount);
}

function readTotal(value: string): SearchRequest['total'] {
  if (value === 'none' || value === 'accurate' || value === 'estimate') return value;
  throw invalid('_total', 'none, estimate or accurate is expected');
}

function pathOf({ type, compartment }: SearchAddress): string {
  return compartment === undefined ? type ?? '' : `${compartment.name}/${compartment.id}/${type ?? '*'}`;
}

/** What decides which resources are found, and in which order. */
function bindingOf(tenant: number, path: string, used: readonly (readonly [string, string])[]): CursorBinding {
  const conditions = used.filter(([name]) => !asYouLike.has(name)).map(([name, value]) => `${name}=${value}`).toSorted();
  // The order of sort keys means something, also where they come in several parameters.
  const order = used.filter(([name]) => name === '_sort').map(([, value]) => value);
  return ['search', tenant, path, ...conditions, ...order];
}

