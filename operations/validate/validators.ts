/** Validators, one for each set of definitions, made when it is first needed and kept as long as the set is. */
import { valueSetsOf } from '../../profiles/codes/value-set.ts';
import type { Definitions } from '../../profiles/definitions.ts';
import { createValidator } from '../../profiles/validator.ts';
import type { Context } from '../../store/context.ts';
import type { ReadyValidator } from './content.ts';

/**
 * Everything that is known to a tenant, complete for the canonicals that are named.
 * @param canonicals of profiles, and of extensions that a resource has
 */
export type DefinitionSource = (canonicals: ReadonlySet<string>, context: Context) => Promise<Definitions>;

export function validatorsOf(source: DefinitionSource): (canonicals: ReadonlySet<string>, context: Context) => Promise<ReadyValidator> {
  const made = new WeakMap<Definitions, ReadyValidator>();
  return async (canonicals, context) => {
    const definitions = await source(canonicals, context);
    let ready = made.get(definitions);
    if (ready === undefined) {
      const valueSets = valueSetsOf(definitions);
      made.set(definitions, ready = { valueSets, validate: createValidator(definitions, { valueSets }) });
    }
    return ready;
  };
}
