/** The parts of a FHIRPath expression. Source: FHIRPath 2.0 (http://hl7.org/fhirpath/N1/#grammar). */
import type { Exact } from './exact.ts';
import type { Moment } from './moments.ts';

export type Expression =
  /** The focus: `$this`, or nothing written at all before the first name. */
  | { readonly kind: 'this' }
  | { readonly kind: 'index' }
  | { readonly kind: 'total' }
  | { readonly kind: 'empty' }
  | { readonly kind: 'literal'; readonly type: 'String' | 'Boolean' | 'Integer'; readonly value: string | boolean | number }
  | { readonly kind: 'decimal'; readonly value: Exact }
  | { readonly kind: 'moment'; readonly value: Moment }
  | { readonly kind: 'quantity'; readonly value: Exact; readonly unit: string; readonly calendar: boolean }
  | { readonly kind: 'variable'; readonly name: string; readonly position: number }
  | Member
  | Call
  | { readonly kind: 'item'; readonly of: Expression; readonly index: Expression }
  | { readonly kind: 'sign'; readonly negative: boolean; readonly of: Expression }
  | Operation
  | TypeOperation;

/** `of.name` */
export interface Member {
  readonly kind: 'member';
  readonly of: Expression;
  readonly name: string;
  readonly position: number;
}

/** `of.name(arguments)` */
export interface Call {
  readonly kind: 'call';
  readonly of: Expression;
  readonly name: string;
  readonly arguments: readonly Expression[];
  readonly position: number;
}

export type Operator =
  | '*' | '/' | 'div' | 'mod' | '+' | '-' | '&' | '|' | '<=' | '<' | '>' | '>=' | '=' | '~' | '!=' | '!~' | 'in' | 'contains' | 'and' | 'xor' | 'or' | 'implies';

/** `left operator right` */
export interface Operation {
  readonly kind: 'operation';
  readonly operator: Operator;
  readonly left: Expression;
  readonly right: Expression;
  readonly position: number;
}

/** `of is type` and `of as type`, also as functions; `ofType` is a filter of its own. */
export interface TypeOperation {
  readonly kind: 'type';
  readonly operator: 'is' | 'as' | 'ofType';
  readonly of: Expression;
  /** The qualified name as written: `Quantity`, `FHIR.Patient`, `System.String`. */
  readonly type: TypeName;
  readonly position: number;
}

export interface TypeName {
  readonly namespace: 'FHIR' | 'System' | undefined;
  readonly name: string;
}
