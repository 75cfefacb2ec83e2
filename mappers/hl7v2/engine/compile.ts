/**
 * Rules compiled into functions, once. What a rule needs to know of FHIR is settled here: where lists are, which type
 * stands at its end, whether it goes through references. A rule that cannot be used is told by a fault with its name.
 *
 * A slot is an object of the target that several rules fill: `identifier[2]`, or an element without a number. For each
 * repetition of a field there is one more of what first repeats on the way.
 */
import fixedSystems from '../../../fhir/r4/code-systems.json' with { type: 'json' };
import type { Cursor, Value } from '../../draft.ts';
import { type Condition, type Operand, parseCondition } from '../rules/condition.ts';
import { type Rule, RuleFault, type RuleSet } from '../rules/rule.ts';
import { resolveTarget, type Step } from '../rules/target.ts';
import type { Hl7Segment } from '../syntax/message.ts';
import { codeOf, fillCoding, fillConcept, fillConceptOfTable, fillLanguage, stringOf, wordsOf } from '../types/coded.ts';
import { dateOf, dateTimeOf, instantOf, timeOf } from '../types/date-time.ts';
import { emitEnd } from '../types/identifiers.ts';
import type { Party } from '../types/parties.ts';
import { decimalOf, integerOf } from '../types/quantities.ts';
import { type Fill, fillOf, partyOf } from './maps.ts';
import { Part, repetitionsOf } from './part.ts';
import type { Run } from './run.ts';

type Test = (segment: Hl7Segment, part: Part | undefined, run: Run) => boolean;
type Read = (part: Part, run: Run) => { value: Value; from: Part } | undefined;

interface Compiled {
  readonly name: string;
  readonly field: number;
  readonly component: number;
  readonly steps: readonly Step[];
  /** The last of them; undefined where the value goes into the resource itself. */
  readonly last: Step | undefined;
  /** Slot number of each step. */
  readonly slots: readonly number[];
  /** Slot number of the resource that a step goes into through its reference; -1 for other steps. */
  readonly inside: readonly number[];
  /** The step that takes a further object for each repetition; -1 where none does. */
  readonly repeating: number;
  readonly test: Test | undefined;
  readonly constant: Value | undefined;
  /** The step of a constant whose object must be there, as it says something about a value of the same field; -1 where it stands alone. */
  readonly follows: number;
  readonly fill: Fill | undefined;
  readonly read: Read | undefined;
  /** What a value is that stands for a resource of its own. */
  readonly party: Party | undefined;
  readonly codes: string | undefined;
}

/** A map ready to be applied. */
export interface SegmentMap {
  readonly name: string;
  readonly resourceType: string;
  apply(segment: Hl7Segment, at: Cursor, run: Run): void;
}

/** Compiles every map of a set. */
export function compileRules(sets: RuleSet): ReadonlyMap<string, SegmentMap> {
  const maps = new Map<string, SegmentMap>();
  for (const [name, rules] of Object.entries(sets)) if (name !== '$note') maps.set(name, compileMap(name, rules));
  return maps;
}

function compileMap(name: string, rules: readonly Rule[]): SegmentMap {
  const resourceType = /\[([A-Za-z]+)/.exec(name)?.[1] ?? '';
  const slotNumbers = new Map<string, number>();
  const compiled = rules.map((rule) => compileRule(name, resourceType, rule, slotNumbers, rules));
  const fields = [...new Set(compiled.map((rule) => rule.field))].toSorted((a, b) => a - b);
  const byField = fields.map((field) => ({ field, rules: [...compiled.filter((rule) => rule.field === field && rule.constant === undefined), ...compiled.filter((rule) => rule.field === field && rule.constant !== undefined)], absent: compiled.filter((rule) => rule.field === field && rule.constant !== undefined && rule.test !== undefined && rule.follows < 0) }));
  const count = slotNumbers.size;
  return {
    name,
    resourceType,
    apply(segment, at, run) {
      const slots: (Cursor | undefined)[] = [];
      for (const { field, rules: those, absent } of byField) {
        const repetitions = field === 0 ? 1 : Math.min(repetitionsOf(segment, field), 500);
        for (let repetition = 1; repetition <= repetitions; repetition += 1) {
          const part = field === 0 ? undefined : new Part(segment, field, repetition);
          if (part !== undefined && !part.valued) {
            noteDeletion(part, run);
            continue;
          }
          for (const rule of those) applyRule(rule, segment, part, at, run, slots, count);
        }
        // Rules for what is absent: `IF MSH-24 NOT VALUED`.
        if (repetitions === 0) for (const rule of absent) applyRule(rule, segment, undefined, at, run, slots, count);
      }
    },
  };
}

/** `""`: the sender says to delete what the receiver holds. It is noted, and decided by whoever stores. */
function noteDeletion(part: Part, run: Run): void {
  for (const place of part.places()) {
    run.draft.leave(place, 'the sender asks to delete what is held');
    run.issue('information', 'delete-requested', 'The sender asks to delete what is held of this value.', place);
  }
}

function applyRule(rule: Compiled, segment: Hl7Segment, whole: Part | undefined, at: Cursor, run: Run, slots: (Cursor | undefined)[], count: number): void {
  const repetition = whole?.repetition ?? 1;
  if (repetition > 1 && rule.repeating < 0) return;
  const part = whole === undefined || rule.component === 0 ? whole : whole.at(rule.component);
  if (part !== undefined && rule.component > 0 && !part.valued) return;
  if (rule.test !== undefined && !rule.test(segment, part, run)) return;
  if (rule.constant !== undefined) {
    applyConstant(rule, repetition, at, run, segment, slots, count);
    return;
  }
  if (part === undefined || (run.withheld.size > 0 && run.withheld.has(`${segment.position}|${rule.field}`))) return;
  const { last } = rule;
  if (last === undefined) {
    rule.fill!(at, part, rule.name, run, rule.codes);
    return;
  }
  if (rule.read !== undefined) {
    const found = rule.read(part, run);
    if (found === undefined) return;
    const holder = walk(rule, rule.steps.length - 1, repetition, at, run, segment, slots, count);
    if (holder === undefined || hasOther(last, holder)) return;
    if (last.property === 'end' && last.type === 'dateTime' && typeof found.value === 'string') {
      if (holder.peek('end') === undefined) emitEnd(holder, found.value, found.from, rule.name, run);
      return;
    }
    if (last.repeats) holder.emitItem(last.property, found.value, found.from.from, rule.name);
    else if (holder.peek(last.property) === undefined) holder.emit(last.property, found.value, found.from.from, rule.name);
    return;
  }
  if (last.through !== undefined) {
    refer(rule, part, repetition, at, run, segment, slots, count);
    return;
  }
  const cursor = walk(rule, rule.steps.length, repetition, at, run, segment, slots, count);
  if (cursor !== undefined) rule.fill!(cursor, part, rule.name, run, rule.codes);
}

function applyConstant(rule: Compiled, repetition: number, at: Cursor, run: Run, segment: Hl7Segment, slots: (Cursor | undefined)[], count: number): void {
  const last = rule.last!;
  if (rule.follows >= 0) {
    const holder = slots[slotAt(rule, rule.follows, repetition, count)] ?? slots[rule.slots[rule.follows]! + (rule.repeating >= 0 && rule.follows >= rule.repeating ? (repetition - 1) * count : 0)];
    if (holder === undefined || !holder.exists) return;
  }
  let cursor: Cursor | undefined = at;
  for (let index = 0; index < rule.steps.length - 1; index += 1) {
    const step = rule.steps[index]!;
    const slot = slotAt(rule, index, repetition, count);
    // What a value brought by itself is not added to: CX.5 tells the type of a number better than the rule for its field.
    if (slots[slot] === undefined && !step.repeats && step.through === undefined && cursor?.peek(step.property) !== undefined && index > 0) return;
    cursor = stepInto(rule, index, cursor, repetition, run, segment, slots, count);
    if (cursor === undefined) return;
  }
  if (last.repeats) cursor.setItem(last.property, rule.constant);
  else if (cursor.peek(last.property) === undefined) cursor.set(last.property, rule.constant);
}

function slotAt(rule: Compiled, index: number, repetition: number, count: number): number {
  return (rule.inside[index]! < 0 ? rule.slots[index]! : rule.inside[index]!) + (rule.repeating >= 0 && index >= rule.repeating ? (repetition - 1) * count : 0);
}

/** The object after the first `length` steps. */
function walk(rule: Compiled, length: number, repetition: number, at: Cursor, run: Run, segment: Hl7Segment, slots: (Cursor | undefined)[], count: number): Cursor | undefined {
  let cursor: Cursor | undefined = at;
  for (let index = 0; index < length && cursor !== undefined; index += 1) cursor = stepInto(rule, index, cursor, repetition, run, segment, slots, count);
  return cursor;
}

function stepInto(rule: Compiled, index: number, cursor: Cursor, repetition: number, run: Run, segment: Hl7Segment, slots: (Cursor | undefined)[], count: number): Cursor | undefined {
  const step = rule.steps[index]!;
  const slot = slotAt(rule, index, repetition, count);
  const known = slots[slot];
  if (known !== undefined) return known;
  if (hasOther(step, cursor)) return undefined;
  let next: Cursor;
  if (step.through === undefined) next = step.repeats ? cursor.another(step.property) : cursor.within(step.property);
  else {
    const url = run.placeUrl(step.through, segment, rule.name.slice(0, 3), rule.slots[index]!, repetition);
    next = run.draft.resource(step.through as 'Organization', url);
    reference(rule, index, repetition, cursor, slots, count).set('reference', url);
  }
  slots[slot] = next;
  return next;
}

/** Whether a value of another type has the place already. */
function hasOther({ others }: Step, holder: Cursor): boolean {
  if (others !== undefined) for (const other of others) if (holder.peek(other) !== undefined) return true;
  return false;
}

/** A value that stands for a resource: the reference to it, and the resource, unless it is there already. */
function refer(rule: Compiled, part: Part, repetition: number, at: Cursor, run: Run, segment: Hl7Segment, slots: (Cursor | undefined)[], count: number): void {
  const index = rule.steps.length - 1;
  const step = rule.steps[index]!;
  const { party } = rule;
  if (party === undefined) return;
  const holder = walk(rule, index, repetition, at, run, segment, slots, count);
  if (holder === undefined) return;
  const slot = slotAt(rule, index, repetition, count);
  const begun = slots[slot];
  if (begun !== undefined) {
    // Another rule has begun the resource by one of its parts.
    party.fill(begun, part, rule.name, run);
    return;
  }
  const cursor = referToParty(step.through!, party, part, rule.name, run);
  slots[slot] = cursor;
  reference(rule, index, repetition, holder, slots, count).set('reference', cursor.root().url);
}

/** The Reference of a step that goes through one: rules may say more of it than where it leads. */
function reference(rule: Compiled, index: number, repetition: number, holder: Cursor, slots: (Cursor | undefined)[], count: number): Cursor {
  const step = rule.steps[index]!;
  const slot = rule.slots[index]! + (rule.repeating >= 0 && index >= rule.repeating ? (repetition - 1) * count : 0);
  return slots[slot] ??= step.repeats ? holder.another(step.property) : holder.within(step.property);
}

/**
 * The resource that a value stands for, made with its first mention in the message. A second mention with other content
 * is another resource, so that nothing of it is lost.
 */
export function referTo(type: string, map: string, part: Part, rule: string, run: Run): Cursor {
  const party = partyOf(map);
  if (party === undefined) throw new RuleFault(`${rule}: no party ${map}`);
  return referToParty(type, party, part, rule, run);
}

function referToParty(type: string, party: Party, part: Part, rule: string, run: Run): Cursor {
  const key = party.key(part, run);
  const place = (): string => run.placeUrl(type, part.segment, part.field, part.repetition);
  let url = key === undefined ? place() : run.url(type, key);
  if (key !== undefined && run.differs(url, part.content)) url = place();
  const isKnown = run.draft.has(url);
  const cursor = run.draft.resource(type as 'Organization', url);
  if (isKnown) for (const each of part.places()) run.draft.consult(each);
  else party.fill(cursor, part, rule, run);
  return cursor;
}

function compileRule(map: string, resourceType: string, rule: Rule, slotNumbers: Map<string, number>, all: readonly Rule[]): Compiled {
  const [id, source, target, dataMap = '', condition = '', codes = '', value] = rule;
  const name = `${map}#${id}`;
  const place = /^[A-Z][A-Z0-9]{2}(?:-(\d+)(?:\.(\d+))?)?$/.exec(source);
  if (place === null) throw new RuleFault(`${name}: ${source} names no value`);
  try {
    const steps = target === '$this' ? [] : resolveTarget(resourceType, target);
    const [slots, inside]: [number[], number[]] = [[], []];
    const numberOf = (of: string): number => slotNumbers.get(of) ?? (slotNumbers.set(of, slotNumbers.size), slotNumbers.size - 1);
    let key = '';
    for (const step of steps) {
      key += `/${step.property}[${step.slot}]`;
      slots.push(numberOf(key));
      if (step.through !== undefined) key += `(${step.through})`;
      inside.push(step.through === undefined ? -1 : numberOf(key));
    }
    const last = steps.at(-1);
    const constant = value === undefined || value === '' || last === undefined ? undefined : constantOf(value, last.type);
    const follows = constant === undefined || place[1] === undefined ? -1 : followed(rule, all);
    const fill = constant === undefined ? fillFor(last, dataMap, codes) : undefined;
    return {
      name, field: Number(place[1] ?? 0), component: Number(place[2] ?? 0), steps, last, slots, inside, repeating: steps.findIndex((step) => step.repeats),
      test: condition === '' ? undefined : testOf(parseCondition(condition), Number(place[1] ?? 0)), constant, follows, fill,
      read: constant === undefined && last !== undefined && fill === undefined && last.through === undefined ? readFor(last, steps, resourceType, codes, name) : undefined,
      party: partyOf(dataMap), codes: codes === '' ? undefined : codes,
    };
  } catch (error) {
    if (error instanceof RuleFault) throw new RuleFault(`${name}: ${error.message}`);
    throw error;
  }
}

/** How far the path of a constant goes together with that of a value of the same field. */
function followed(rule: Rule, all: readonly Rule[]): number {
  const path = splitPath(rule[2]);
  let longest = 0;
  for (const other of all) {
    if (other === rule || (other[6] ?? '') !== '' || other[1].split('.')[0] !== rule[1].split('.')[0]) continue;
    const against = splitPath(other[2]);
    let shared = 0;
    while (shared < path.length - 1 && path[shared] === against[shared]) shared += 1;
    longest = Math.max(longest, shared);
  }
  return longest - 1;
}

function splitPath(path: string): string[] {
  return path.split(/[.()]+/).filter((step) => step !== '' && !/^[A-Z]/.test(step));
}

function constantOf(value: string, type: string): Value {
  if (type === 'boolean') return value === 'true';
  return type === 'decimal' || type === 'integer' || type === 'positiveInt' ? Number(value) : value;
}

function fillFor(last: Step | undefined, map: string, codes: string): Fill | undefined {
  if (last !== undefined && (/^[a-z]/.test(last.type) || last.through !== undefined)) return undefined;
  const isLanguage = last?.property === 'language';
  const named = isLanguage ? undefined : fillOf(map);
  if (named !== undefined) return named;
  switch (last?.type) {
    case 'CodeableConcept':
      if (isLanguage) return fillLanguage;
      return map === '' && codes !== '' ? fillConceptOfTable : fillConcept;
    case 'Coding':
      return fillCoding;
    default:
      throw new RuleFault(`no map ${map} for ${last?.type ?? 'a resource'}`);
  }
}

const bound = fixedSystems as Readonly<Record<string, Readonly<Record<string, string>>>>;

function readFor(last: Step, steps: readonly Step[], resourceType: string, codes: string, name: string): Read {
  const table = codes === '' ? undefined : codes;
  const owner = steps.at(-2)?.through ?? steps.at(-2)?.type ?? resourceType;
  const plain = (read: (part: Part, run: Run) => Value | undefined): Read => (part, run) => {
    const value = read(part, run);
    return value === undefined ? undefined : { value, from: part };
  };
  switch (last.type) {
    case 'date':
      return plain(dateOf);
    case 'dateTime':
      return plain(dateTimeOf);
    case 'instant':
      return plain(instantOf);
    case 'time':
      return plain(timeOf);
    case 'decimal':
      return plain(decimalOf);
    case 'integer':
      return plain((part, run) => integerOf(part, run, -(2 ** 31)));
    case 'positiveInt':
      return plain((part, run) => integerOf(part, run, 1));
    case 'unsignedInt':
      return plain((part, run) => integerOf(part, run, 0));
    case 'boolean':
      return plain((part) => (part.text === 'Y' ? true : part.text === 'N' ? false : undefined));
    case 'code':
      return (part, run) => {
        const found = codeOf(part, run, table, bound[owner]?.[last.property] !== undefined);
        return found === undefined ? undefined : { value: found.code, from: found.from };
      };
    case 'uri':
    case 'url':
    case 'canonical':
      return plain((part) => (part.text === undefined || /\s/.test(part.text) ? undefined : part.text));
    case 'string':
    case 'markdown':
      return (part) => {
        const words = part.component === 0 ? (wordsOf(part) ?? part) : part;
        const value = stringOf(words);
        return value === undefined ? undefined : { value, from: words };
      };
    default:
      throw new RuleFault(`${name}: nothing is read as ${last.type}`);
  }
}

function testOf(condition: Condition, field: number): Test {
  switch (condition.test) {
    case 'and': {
      const parts = condition.parts.map((part) => testOf(part, field));
      return (segment, part, run) => parts.every((each) => each(segment, part, run));
    }
    case 'or': {
      const parts = condition.parts.map((part) => testOf(part, field));
      return (segment, part, run) => parts.some((each) => each(segment, part, run));
    }
    case 'not': {
      const inner = testOf(condition.part, field);
      return (segment, part, run) => !inner(segment, part, run);
    }
    case 'valued':
      return (segment, part, run) => operandOf(condition.of, segment, part, run)?.valued ?? false;
    case 'in':
      return (segment, part, run) => {
        const found = operandOf(condition.of, segment, part, run);
        if (found?.text === undefined || !condition.values.includes(found.text)) return false;
        run.draft.consult(found.from);
        return true;
      };
    case 'same':
      return (segment, part, run) => {
        const [one, two] = [operandOf(condition.of, segment, part, run)?.text, operandOf(condition.as, segment, part, run)?.text];
        return one !== undefined && one === two;
      };
    case 'count':
      return (segment, part, run) => compared(condition.of.segment === undefined ? repetitionsOf(segment, field) : repetitionsOf(segmentOf(condition.of, segment, run) ?? segment, condition.of.field ?? field), condition.is, condition.than);
    case 'length':
      return (segment, part, run) => compared((operandOf(condition.of, segment, part, run)?.text ?? '').length, condition.is, condition.than);
  }
}

function compared(value: number, is: '>' | '=' | '<=', than: number): boolean {
  if (is === '>') return value > than;
  return is === '=' ? value === than : value <= than;
}

function segmentOf(operand: Operand, segment: Hl7Segment, run: Run): Hl7Segment | undefined {
  return operand.segment === segment.id ? segment : run.beside[operand.segment!];
}

/** The value an operand means: one of the segment, of a segment beside it, or of the value the rule is about. */
function operandOf(operand: Operand, segment: Hl7Segment, part: Part | undefined, run: Run): Part | undefined {
  if (operand.segment === undefined) return operand.component === undefined ? part : part?.at(operand.component);
  const other = segmentOf(operand, segment, run);
  if (other === undefined) return undefined;
  const whole = new Part(other, operand.field!, other === segment && part !== undefined && part.field === operand.field ? part.repetition : 1);
  return operand.component === undefined ? whole : whole.at(operand.component);
}
