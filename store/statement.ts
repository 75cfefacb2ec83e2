/** What is asked of PostgreSQL. */

/** Text with numbered parameters; a name makes PostgreSQL keep the plan (only for queries whose best plan never varies). */
export interface Statement {
  readonly text: string;
  readonly values?: unknown[];
  readonly name?: string;
  /** The text may come again; after its second use it gets a name (statement-names.ts). */
  readonly recurring?: boolean;
  /** Is a search: given up when it takes longer than searches may. */
  readonly limited?: boolean;
  /** Writes, in a transaction of its own unless it is inside of another. */
  readonly writes?: boolean;
  /** Only reads, and may be answered by a replica that is as far as the primary (replica.ts). */
  readonly replicable?: boolean;
}
