/**
 * What the definition of CodeSystem says in words: how many concepts there are, what supplements name, which properties
 * concepts may have.
 * Source: https://hl7.org/fhir/R4/codesystem.html
 */
import { isObject, own, type JsonObject, type ResourceRule } from '../compile/check.ts';

/** Concepts that are looked at: of a larger system, the first. */
const most = 100_000;

export const codeSystemRule: ResourceRule = (system, session) => {
  const severity = session.options.inWords ?? 'error';
  const add = (reason: string, step: string): void => { session.addAt({ code: 'definition-senseless', details: { reason }, severity }, step); };
  const content = own(system, 'content');
  if (content === 'supplement' && own(system, 'supplements') === undefined) add('a supplement must name the code system that it supplements', '.content');
  const declared = typesOfProperties(system);
  let count = 0;
  const open: (readonly [list: unknown, step: string])[] = [[own(system, 'concept'), '.concept']];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [list, step] = next;
    if (!Array.isArray(list)) continue;
    for (const [index, concept] of list.entries()) {
      if (!isObject(concept)) continue;
      if (++count > most || session.n >= session.limit) return;
      const at = `${step}[${index}]`;
      for (const [place, reason] of wrongProperties(concept, declared)) add(reason, `${at}.property[${place}]`);
      open.push([own(concept, 'concept'), `${at}.concept`]);
    }
  }
  const stated = own(system, 'count');
  if (content === 'complete' && typeof stated === 'number' && count > 0 && stated !== count) add(`it is complete, and has ${count} concepts`, '.count');
};

/** By code: the name of the element that its values are in. */
function typesOfProperties(system: JsonObject): ReadonlyMap<unknown, string> {
  const list = own(system, 'property');
  const types = new Map<unknown, string>();
  for (const one of Array.isArray(list) ? list : []) {
    const type = isObject(one) ? own(one, 'type') : undefined;
    if (typeof type === 'string' && type !== '') types.set(own(one as JsonObject, 'code'), `value${type.charAt(0).toUpperCase()}${type.slice(1)}`);
  }
  return types;
}

function* wrongProperties(concept: JsonObject, declared: ReadonlyMap<unknown, string>): Generator<readonly [place: number, reason: string]> {
  const list = own(concept, 'property');
  if (!Array.isArray(list)) return;
  for (const [place, property] of list.entries()) {
    if (!isObject(property)) continue;
    const value = declared.get(own(property, 'code'));
    if (value !== undefined && own(property, value) === undefined && Object.keys(property).some((name) => name.startsWith('value'))) yield [place, 'the value must be of the type that the property is declared with'];
  }
}
