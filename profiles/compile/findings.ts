/**
 * What a pass over a resource finds. A finding starts with no place: every level puts its own step in front on the way
 * back, so that a resource in which nothing is wrong builds no paths and allocates nothing.
 */
import type { ProblemCode, ProblemDetails } from '../../fhir/problems.ts';
import type { Question, ValidationIssue } from '../validation.ts';

/** All of an issue but its place: made once, when a definition is compiled. */
export interface Template {
  readonly code: ProblemCode;
  readonly details: ProblemDetails;
  readonly severity: 'error' | 'warning' | 'information';
  readonly profile?: string;
  readonly constraint?: string;
}

/** What becomes a question once its place is known. */
export type Asked = (expression: string) => Question;

export class Finding {
  path = '';
  readonly template: Template | undefined;
  readonly asked: Asked | undefined;

  constructor(template: Template | undefined, asked: Asked | undefined) {
    this.template = template;
    this.asked = asked;
  }
}

/** Of each severity, and of questions, so many at most: a flood of one leaves the others their room. */
interface Room {
  information: number;
  warning: number;
  questions: number;
}

/** Far more than are answered. */
const mostQuestions = 200_000;

export class Findings {
  /** How many there are, questions counted: compared before and after each step down. */
  n = 0;
  /** From which number on checking stops: as many errors as are wanted, and whatever else was found on the way. */
  limit: number;
  /** How many were not kept, for there was no room; checking goes on unless they are errors. */
  dropped = 0;
  /** Whether all of it was kept, hints aside. */
  isWhole = true;
  readonly #room: Room;
  readonly #found: Finding[] = [];

  /** @param limit of each severity */
  constructor(limit: number) {
    this.limit = limit;
    this.#room = { information: limit, warning: limit, questions: mostQuestions };
  }

  add(template: Template): void {
    const { severity } = template;
    if (severity === 'error') {
      if (this.n >= this.limit) this.#drop('error');
      else this.n = this.#found.push(new Finding(template, undefined));
    } else this.#addBeside(severity, new Finding(template, undefined));
  }

  ask(asked: Asked): void {
    this.#addBeside('questions', new Finding(undefined, asked));
  }

  /** What takes no room from errors. */
  #addBeside(kind: keyof Room, finding: Finding): void {
    if (this.#room[kind] === 0) {
      this.#drop(kind);
      return;
    }
    this.#room[kind]--;
    this.limit++;
    this.n = this.#found.push(finding);
  }

  #drop(kind: keyof Room | 'error'): void {
    this.dropped++;
    if (kind !== 'information') this.isWhole = false;
  }

  /** The same, one step down. */
  addAt(template: Template, step: string): void {
    const from = this.n;
    this.add(template);
    this.at(from, step);
  }

  /** Puts a step in front of everything from the finding `from` on. */
  at(from: number, step: string): void {
    const found = this.#found;
    for (let at = from; at < found.length; at++) found[at]!.path = step + found[at]!.path;
  }

  /** Whether something from the finding `from` on is an error. */
  failed(from: number): boolean {
    const found = this.#found;
    for (let at = from; at < found.length; at++) if (found[at]!.template?.severity === 'error') return true;
    return false;
  }

  /** The errors from the finding `from` on. */
  errors(from: number): Finding[] {
    return this.#found.slice(from).filter(({ template }) => template?.severity === 'error');
  }

  /** Errors that were found elsewhere: with their places as they are, or as hints where they are not wrong here. */
  keep(found: readonly Finding[], as: 'errors' | 'hints'): void {
    for (const { path, template } of found) {
      if (template === undefined) continue;
      if (as === 'errors') this.addAt(template, path);
      else this.add({ ...template, severity: 'information' });
    }
  }

  /** Forgets everything from the finding `from` on. */
  forget(from: number): void {
    const found = this.#found;
    for (let at = from; at < found.length; at++) {
      const { template } = found[at]!;
      if (template === undefined) this.#room.questions++;
      else if (template.severity !== 'error') this.#room[template.severity]++;
    }
    found.length = from;
    this.n = from;
  }

  /** All of it, placed under `start`; what is said twice of one place is told once. */
  settled(start: string): { issues: ValidationIssue[]; questions: Question[] } {
    const issues: ValidationIssue[] = [];
    const questions: Question[] = [];
    const told = this.#found.length > 1 ? new Told() : undefined;
    for (const { path, template, asked } of this.#found) {
      const expression = start + path;
      if (asked !== undefined) questions.push(asked(expression));
      else if (template !== undefined && told?.isNew(template, expression) !== false) issues.push(issueAt(template, expression));
    }
    return { issues, questions };
  }
}

/** What was told, by place: of most places there is one thing to tell, and what that means need not be looked at. */
class Told {
  readonly #first = new Map<string, Template>();
  /** Of places of which there is more. */
  readonly #meanings = new Set<string>();

  isNew(template: Template, expression: string): boolean {
    const first = this.#first.get(expression);
    if (first === undefined) {
      this.#first.set(expression, template);
      return true;
    }
    const meaning = meaningOf(template);
    if (meaning === meaningOf(first)) return false;
    const { size } = this.#meanings;
    return this.#meanings.add(`${expression} ${meaning}`).size > size;
  }
}

/** What templates of one meaning have in common, whichever definition they are of. */
const meanings = new WeakMap<Template, string>();

function meaningOf(template: Template): string {
  let meaning = meanings.get(template);
  if (meaning === undefined) meanings.set(template, meaning = JSON.stringify([template.code, template.constraint, template.details]));
  return meaning;
}

export function issueAt({ code, details, severity, profile, constraint }: Template, expression: string): ValidationIssue {
  if (profile === undefined && constraint === undefined) return { code, details, severity, expression };
  return { code, details, severity, expression, ...(profile !== undefined && { profile }), ...(constraint !== undefined && { constraint }) };
}
