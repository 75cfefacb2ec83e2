/** The parts of a FHIRPath expression, as far as search expressions go. */

export type Expression =
  /** The node the expression is applied to: `$this`, or nothing written at all before the first name. */
  | { readonly kind: 'this' }
  /** `%resource`: the resource the evaluation began with. */
  | { readonly kind: 'resource' }
  | { readonly kind: 'literal'; readonly value: string | number | boolean }
  | { readonly kind: 'member'; readonly of: Expression; readonly name: string; readonly position: number }
  | { readonly kind: 'call'; readonly of: Expression; readonly name: string; readonly arguments: readonly Expression[]; readonly position: number }
  | { readonly kind: 'index'; readonly of: Expression; readonly index: number }
  | { readonly kind: 'union'; readonly branches: readonly Expression[] }
  /** `x as T`, and `x.as(T)`, `x.ofType(T)`, which mean the same in search expressions. */
  | { readonly kind: 'as'; readonly of: Expression; readonly type: string }
  /** `x is T` and `x.is(T)`. */
  | { readonly kind: 'is'; readonly of: Expression; readonly type: string }
  | { readonly kind: 'equality'; readonly negated: boolean; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'and' | 'or'; readonly left: Expression; readonly right: Expression };
