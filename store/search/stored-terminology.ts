/** The terminology that searches go by: what the tenant sees in the tables, above what ships. */
import { terminologyOf, type Terminology } from '../../terminology/terminology.ts';
import type { Context } from '../context.ts';
import type { Queryable } from '../database.ts';
import { withShipped } from '../terminology/shipped.ts';
import { withTerminology } from '../terminology/stored-source.ts';

export function storedTerminology(database: Queryable, { access }: Pick<Context, 'access'>): Terminology {
  return terminologyOf((ask) => withTerminology(database, access, (stored) => ask(withShipped(stored))));
}
