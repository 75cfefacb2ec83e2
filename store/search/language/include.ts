/**
 * `_include` and `_revinclude`: what goes along with the matches
 * (https://hl7.org/fhir/R4/search.html#revinclude): `Type:parameter[:Target]`, `Type:*` or `*`, with `:iterate` also
 * from what goes along.
 */
import { isResourceType, resourceTypes } from '../../../fhir/resource-types.ts';
import type { Context } from '../../context.ts';
import type { Inclusion } from '../expression.ts';
import { followedParameter } from './chain.ts';
import { invalid, unsupportedModifier } from './reading.ts';
import { isCanonical, targetsOf } from './reference.ts';

interface Searched {
  /** The types whose resources are matches. */
  readonly types: readonly string[];
  readonly context: Pick<Context, 'parameters'>;
}

/**
 * @param name `_include` or `_revinclude`, with its modifier
 * @throws {Problem} `invalid-search-value`, `unsupported-modifier`, `unknown-search-parameter`, `invalid-chain`
 */
export function readInclusion(name: string, value: string, searched: Searched): Inclusion[] {
  const colon = name.indexOf(':');
  const [code, modifier] = colon < 0 ? [name, ''] : [name.slice(0, colon), name.slice(colon + 1)];
  if (colon >= 0 && modifier !== 'iterate') throw unsupportedModifier(modifier, code);
  const direction = code === '_include' ? 'include' : 'revinclude';
  const iterate = modifier === 'iterate';
  if (value === '*') return sourcesOfAll(direction, searched).map((source) => ({ direction, source, parameter: '*', iterate }));

  const [source = '', parameter = '', target, ...more] = value.split(':');
  if (!isResourceType(source) || parameter === '' || more.length > 0) throw invalid(code, 'a type and a reference are expected, as in Observation:patient');
  if (target !== undefined && !isResourceType(target)) throw invalid(code, 'what is behind the second ":" is no resource type');
  const { types } = searched;
  if (direction === 'include' && !iterate && !types.includes(source)) throw invalid(code, `no resource of type ${source} is searched for; :iterate includes from what is included`);
  if (parameter !== '*') {
    const targets = targetsOf(followedParameter({ type: source, context: searched.context }, parameter), source);
    if (target !== undefined && !targets.includes(target)) throw invalid(code, `${parameter} of ${source} does not refer to resources of type ${target}`);
    if (direction === 'revinclude' && !iterate && !targets.some((type) => types.includes(type))) throw invalid(code, `${parameter} of ${source} does not refer to what is searched for`);
  }
  return [{ direction, source, parameter, ...(target !== undefined && { target }), iterate }];
}

/** Where `*` looks for references: in the matches, or in every type that may refer to one of them. */
function sourcesOfAll(direction: Inclusion['direction'], { types, context }: Searched): readonly string[] {
  if (direction === 'include') return types;
  return resourceTypes.filter((source) => context.parameters.of(source).some((parameter) =>
    parameter.type === 'reference' && !isCanonical(parameter, source) && targetsOf(parameter, source).some((target) => types.includes(target))));
}
