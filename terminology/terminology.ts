/**
 * What search asks of terminology: codes of a value set, and what is above and below a code.
 * A terminology service answers more; this is the part that conditions on codes need.
 */

/** A code in its system; without a code, any code of the system. */
export interface CodeOf {
  /** Undefined: a code that stands without a system. */
  readonly system: string | undefined;
  readonly code: string | undefined;
}

export interface Terminology {
  /**
   * Every code of a value set.
   * @param url canonical address, with `|version` where one is meant, or `ValueSet/id`
   * @throws {Problem} `unknown-value-set`, `value-set-not-expandable`, `value-set-too-large`
   */
  codesOf(url: string): Promise<readonly CodeOf[]>;
  /** The code and all that it subsumes. @throws {Problem} `unknown-code-system`, `value-set-too-large` */
  descendants(system: string, code: string): Promise<readonly string[]>;
  /** The code and all that subsume it. @throws {Problem} `unknown-code-system`, `value-set-too-large` */
  ancestors(system: string, code: string): Promise<readonly string[]>;
}
