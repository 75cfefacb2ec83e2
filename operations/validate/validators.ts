/** Validators, one for each set of definitions, made when it is first needed and kept as long as the set is. */
import { valueSetsOf } from '../../profiles/codes/value-set.ts';
import type { Definitions } from '../../profiles/definitions.ts';
import { createValidator } from '../../profiles/validator.ts';
import type { ReadyValidator } from './content.ts';

export function keptValidators(): (definitions: Definitions) => ReadyValidator {
  const made = new WeakMap<Definitions, ReadyValidator>();
  return (definitions) => {
    let ready = made.get(definitions);
    if (ready === undefined) {
      const valueSets = valueSetsOf(definitions);
      made.set(definitions, ready = { valueSets, validate: createValidator(definitions, { valueSets }) });
    }
    return ready;
  };
}
