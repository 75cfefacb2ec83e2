/** What the two halves of the compiler, paths and conditions, tell each other. */
import type { Expression } from './syntax.ts';
import type { Visit } from './visit.ts';

/** The FHIR types an expression is compiled between: of the node at hand, and of the resource the walk began with. */
export interface Scope {
  readonly type: string;
  readonly root: string;
}

/** What to do with the nodes of a type at the end of a path; undefined where they are of no interest. */
export type Ending<Out> = (type: string) => Visit<Out> | undefined;

/** Compiles a path: the visit of every node it selects. */
export type Select = <Out>(expression: Expression, scope: Scope, ending: Ending<Out>) => Visit<Out> | undefined;
