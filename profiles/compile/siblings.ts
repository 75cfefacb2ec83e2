/**
 * `_name` beside a primitive: its id and its extensions.
 * Source: FHIR R4, "JSON Representation" (https://hl7.org/fhir/R4/json.html#primitive, #null)
 */
import { Decimal } from '../../fhir/json.ts';
import { isObject, own, type JsonObject, type Session } from './check.ts';
import { checkExtensions } from './extensions.ts';
import { idTwice, isEmpty, isFilledList, notAnObject, notThePrimitive, otherLength, unknownElement, wrong } from './form.ts';
import type { Site } from './site.ts';

export function checkSibling(value: unknown, hasValue: boolean, site: Site, session: Session): void {
  if (!isObject(value) || value instanceof Decimal) {
    session.add(notAnObject(value));
    return;
  }
  let filled = hasValue;
  let count = 0;
  for (const name of Object.keys(value)) {
    const item = value[name];
    if (item === undefined) continue;
    count++;
    const from = session.n;
    if (name === 'extension') {
      filled = true;
      checkExtensions(item, value, site, false, session);
      session.at(from, '.extension');
    } else if (name === 'id') {
      if (typeof item !== 'string' || item === '') session.addAt(notThePrimitive(item, wrong('must be a string')), '.id');
      else if (!session.isNewId(item)) session.addAt(idTwice, '.id');
    } else session.add(unknownElement('Element', name, 'http://hl7.org/fhir/StructureDefinition/Element'));
  }
  if (count === 0 || !filled) session.add(isEmpty);
}

/** `_name` of primitives that repeat: as long as `name`, and null where there is nothing to add. */
export function checkSiblings(list: unknown, owner: JsonObject, element: string, site: Site, session: Session): void {
  if (!isFilledList(list, session)) return;
  const values = own(owner, element);
  if (Array.isArray(values) && values.length !== list.length) session.add(otherLength);
  for (const [index, item] of list.entries()) {
    // Where both arrays hold null, the check of the values has told it.
    if (item === null && Array.isArray(values) && index < values.length) continue;
    const from = session.n;
    checkSibling(item, Array.isArray(values) && values[index] !== undefined && values[index] !== null, site, session);
    session.at(from, `[${index}]`);
  }
}
