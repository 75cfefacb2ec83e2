/** What FHIR adds to FHIRPath. Source: https://hl7.org/fhir/R4/fhirpath.html#functions. */
import { FhirPathError } from '../../error.ts';
import { isPrimitiveType, itemOf, none, ofBoolean, ofValue, single, systemValue, textOf, type Item, type Items } from '../items.ts';
import type { Run } from '../run.ts';
import { addChildren } from '../steps.ts';
import { typeInfo } from '../types.ts';
import { plain, withOther, type Functions } from './definition.ts';

function hasValue(items: Items): boolean {
  const [item] = items;
  return item !== undefined && items.length === 1 && item.value !== undefined && item.value !== null && (isPrimitiveType(item.type) || item.type.startsWith('System.'));
}

type Structured = Readonly<Record<string, unknown>>;

export const fhirFunctions: Functions = {
  hasValue: plain((items) => ofBoolean(hasValue(items))),
  getValue: plain((items) => (hasValue(items) ? ofValue(systemValue(items[0]!)) : none)),
  extension: withOther((items, address) => {
    const url = textOf(address);
    const found: Item[] = [];
    if (url === undefined) return found;
    for (const item of items) addChildren(item, 'extension', found);
    return found.filter(({ value }) => (value as Structured)['url'] === url);
  }),
  type: plain(typeInfo),
  resolve: plain((items, run) => items.flatMap((item) => {
    run.spend(10);
    const reference = item.type === 'Reference' ? (item.value as Structured)['reference'] : item.value;
    const target = typeof reference === 'string' ? resolved(reference, run) : undefined;
    return target === undefined || target === null ? none : [itemOf('Resource', target)];
  })),
  memberOf: { least: 1, most: 1, each: false, fixed: true, make: (of, [address], _, rules) => (scope) => {
    const [items, valueSet] = [of(scope), textOf(address!(scope))];
    // Published constraints ask it of several categories, one of which is to be a member.
    if (rules === 'specification') single(items);
    if (items.length === 0 || valueSet === undefined) return none;
    const answers = new Set(items.map(({ value, type }) => scope.run.answer(scope.run.environment.memberOf?.(value, type, valueSet))));
    return ofBoolean(answers.has(true) ? true : answers.has(undefined) ? undefined : false);
  } },
  conformsTo: withOther((items, address, run) => {
    const [item, profile] = [single(items), textOf(address)];
    if (item === undefined || profile === undefined) return none;
    return ofBoolean(run.answer(run.environment.conformsTo?.(item.value, item.type, profile)));
  }),
  subsumes: withOther((items, other, run) => subsumption(items, other, run)),
  subsumedBy: withOther((items, other, run) => subsumption(other, items, run)),
  htmlChecks: plain((items, run) => {
    const xhtml = textOf(items);
    return xhtml === undefined ? none : ofBoolean(run.environment.htmlChecks?.(xhtml) ?? true);
  }),
  checkModifiers: { least: 0, most: 20, each: false, fixed: true, make: (of, given) => (scope) => {
    const items = of(scope);
    const allowed = new Set(given.map((one) => textOf(one(scope))));
    const found: Item[] = [];
    for (const item of items) addChildren(item, 'modifierExtension', found);
    if (found.some(({ value }) => !allowed.has((value as { url?: string }).url))) throw new FhirPathError('evaluation', 'A modifier extension that is not allowed');
    return items;
  } },
};

function subsumption(general: Items, special: Items, run: Run): Items {
  const [above, below] = [single(general), single(special)];
  return above === undefined || below === undefined ? none : ofBoolean(run.answer(run.environment.subsumes?.(above.value, below.value)));
}

/** A contained resource, or whatever the environment knows. `#` alone is the container. */
function resolved(reference: string, { environment }: Run): unknown {
  if (!reference.startsWith('#')) return environment.resolve?.(reference);
  if (reference === '#') return environment.rootResource;
  const contained: unknown = (environment.rootResource as Structured | undefined)?.['contained'];
  return Array.isArray(contained) ? contained.find((one) => (one as Structured | null)?.['id'] === reference.slice(1)) : undefined;
}
