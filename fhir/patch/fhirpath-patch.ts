/**
 * FHIRPath Patch: changes to a resource told by a Parameters resource, element by element.
 * Source: https://hl7.org/fhir/R4/fhirpatch.html
 */
import { FhirPathError } from '../fhirpath/error.ts';
import type { Meter, NodeStep } from '../fhirpath/native/index.ts';
import { Decimal } from '../json.ts';
import { isResourceType } from '../resource-types.ts';
import { locateElements } from './patch-path.ts';
import { addTo, contentFor, type PatchValue, readPatchValue } from './patch-value.ts';
import { elementNamed, type JsonObject, insertAt, lengthOf, moveWithin, type Owner, ownerIn, type Place, placeAt, removeAt, replaceAt } from './place.ts';
import { malformed, notApplicable, operationLimit } from './refusal.ts';
import { withoutEmpty } from './without-empty.ts';

interface Operation {
  readonly index: number;
  readonly type: string;
  readonly path: string;
  readonly parts: ReadonlyMap<string, JsonObject>;
}

interface Patching {
  readonly root: Owner;
  readonly meter: Meter;
}

/** Each operation looks at the whole resource: how many values those after the first may look at together, a few microseconds each. */
const workLimit = 1_000_000;
/** Steps that the paths of a patch may take together: about a second. */
const stepLimit = 4_000_000;

/**
 * The resource with all operations done, and without what they have emptied; none is done when one cannot be. The given
 * resource is not changed. The shape of the result is still to be checked.
 * @param parameters the patch, a Parameters resource of right shape
 * @throws {Problem} `invalid-patch`, `patch-not-applicable`
 * @throws {RangeError} when what is to be patched is no resource of R4
 */
export function applyFhirPathPatch(resource: unknown, parameters: unknown): unknown {
  const type = isObject(resource) ? resource['resourceType'] : undefined;
  if (!isResourceType(type)) throw new RangeError('Not a resource of FHIR R4');
  const operations = operationsOf(parameters);
  const counted = { values: 0 };
  const copy = copyOf(resource, counted) as JsonObject;
  if (counted.values * (operations.length - 1) > workLimit) throw malformed(operations.length - 1, 'there are too many operations for a resource of this size');
  const patching: Patching = { root: { object: copy, type }, meter: meterOf(stepLimit) };
  for (const operation of operations) apply(operation, patching);
  return withoutEmpty(copy);
}

function operationsOf(parameters: unknown): Operation[] {
  if (!isObject(parameters) || parameters['resourceType'] !== 'Parameters') throw malformed(0, 'a patch is a Parameters resource');
  const list = parameters['parameter'] ?? [];
  if (!Array.isArray(list)) throw malformed(0, 'parameter must be a list');
  if (list.length > operationLimit) throw malformed(operationLimit, `a patch has at most ${operationLimit} operations`);
  return list.map(readOperation);
}

function readOperation(parameter: unknown, index: number): Operation {
  if (!isObject(parameter) || parameter['name'] !== 'operation') throw malformed(index, 'a parameter of the name operation is expected');
  const parts = new Map<string, JsonObject>();
  for (const part of Array.isArray(parameter['part']) ? parameter['part'] as unknown[] : []) {
    if (!isObject(part) || typeof part['name'] !== 'string') throw malformed(index, 'a part has no name');
    if (parts.has(part['name'])) throw malformed(index, 'a part is there twice');
    parts.set(part['name'], part);
  }
  const read = { index, parts };
  return { ...read, type: textOf(read, 'type'), path: textOf(read, 'path') };
}

function apply(operation: Operation, patching: Patching): void {
  switch (operation.type) {
    case 'add': add(operation, patching); break;
    case 'insert': insert(operation, patching); break;
    case 'delete': remove(operation, patching); break;
    case 'replace': replace(operation, patching); break;
    case 'move': move(operation, patching); break;
    default: throw malformed(operation.index, 'type must be add, insert, delete, replace or move');
  }
}

function add(operation: Operation, patching: Patching): void {
  const [steps, ...more] = locate(operation, patching);
  assertOne(steps, more, operation);
  const owner = steps.length === 0 ? patching.root : ownerAt(placeOf(steps, operation, patching), operation);
  addTo(owner, textOf(operation, 'name'), valueOf(operation), operation.index);
}

function insert(operation: Operation, patching: Patching): void {
  const { index } = operation;
  const places = locate(operation, patching).map((steps) => placeOf(steps, operation, patching));
  const at = integerOf(operation, 'index');
  if (places.length === 0) {
    insertFirst(operation, patching, at);
    return;
  }
  const { owner, element } = wholeList(places, operation);
  if (at > places.length) throw notApplicable(index, `its index is beyond the end of a list of ${places.length}`);
  insertAt(owner, element, at, contentFor(element, valueOf(operation), index));
}

/** Into a list that is not there yet: the path says where it would be. */
function insertFirst(operation: Operation, patching: Patching, at: number): void {
  const { index, path } = operation;
  const [, before, name] = /^(.+)\.([A-Za-z]+)$/s.exec(path) ?? [];
  const [steps, ...more] = before === undefined ? [] : locate({ ...operation, path: before }, patching);
  assertOne(steps, more, operation);
  const owner = steps.length === 0 ? patching.root : ownerAt(placeOf(steps, operation, patching), operation);
  if (elementNamed(owner.type, name!)?.repeats !== true || at !== 0) throw notApplicable(index, 'its path selects no list');
  addTo(owner, name!, valueOf(operation), index);
}

function remove(operation: Operation, patching: Patching): void {
  const [steps, ...more] = locate(operation, patching);
  // "Path of the element to delete (if found)"
  if (steps === undefined) return;
  assertOne(steps, more, operation);
  removeAt(placeOf(steps, operation, patching));
}

function replace(operation: Operation, patching: Patching): void {
  const [steps, ...more] = locate(operation, patching);
  assertOne(steps, more, operation);
  const place = placeOf(steps, operation, patching);
  replaceAt(place, contentFor(place.element, valueOf(operation), operation.index));
}

function move(operation: Operation, patching: Patching): void {
  const places = locate(operation, patching).map((steps) => placeOf(steps, operation, patching));
  const { owner, held } = wholeList(places, operation);
  const [source, destination] = [integerOf(operation, 'source'), integerOf(operation, 'destination')];
  if (source >= places.length || destination >= places.length) throw notApplicable(operation.index, `source and destination must be places in a list of ${places.length}`);
  moveWithin(owner, held.property, source, destination);
}

function locate({ path, index }: Pick<Operation, 'path' | 'index'>, { root, meter }: Patching): (readonly NodeStep[])[] {
  return locateElements(root.object, root.type, path, index, meter);
}

function meterOf(limit: number): Meter {
  let left = limit;
  return {
    spend: (steps) => {
      left -= steps;
      if (left < 0) throw new FhirPathError('limit', 'The patch takes too long');
    },
  };
}

function placeOf(steps: readonly NodeStep[], { index }: Operation, { root }: Patching): Place {
  const place = placeAt(root, steps);
  if (place === undefined) throw notApplicable(index, steps.length === 0 ? 'the whole resource cannot be its target' : 'its path selects what is no element of R4');
  return place;
}

function ownerAt(place: Place, { index }: Operation): Owner {
  const owner = ownerIn(place, true);
  if (owner === undefined) throw notApplicable(index, 'its path selects what holds no elements');
  return owner;
}

function assertOne(steps: readonly NodeStep[] | undefined, more: readonly unknown[], { index }: Operation): asserts steps is readonly NodeStep[] {
  if (steps === undefined) throw notApplicable(index, 'there is nothing at its path');
  if (more.length > 0) throw notApplicable(index, `its path selects ${more.length + 1} elements; one is expected`);
}

/** The list that all the places are in, if they are all of it in its order. */
function wholeList(places: readonly Place[], { index }: Operation): Place {
  const [first] = places;
  if (first === undefined) throw notApplicable(index, 'there is nothing at its path');
  const { owner, element, held } = first;
  const whole = element.repeats && places.length === lengthOf(owner, held.property)
    && places.every((place, at) => place.owner.object === owner.object && place.held.property === held.property && place.index === at);
  if (!whole) throw notApplicable(index, 'its path does not select one whole list');
  return first;
}

function valueOf({ parts, index }: Operation): PatchValue {
  const part = parts.get('value');
  if (part === undefined) throw malformed(index, 'value is missing');
  return readPatchValue(part, index);
}

function textOf({ parts, index }: Pick<Operation, 'parts' | 'index'>, name: string): string {
  const part = parts.get(name);
  const text = part?.['valueString'] ?? part?.['valueCode'];
  if (typeof text !== 'string' || text === '') throw malformed(index, `${name} is missing, or is no ${name === 'type' ? 'code' : 'string'}`);
  return text;
}

function integerOf({ parts, index }: Operation, name: string): number {
  const value = parts.get(name)?.['valueInteger'];
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) throw malformed(index, `${name} is missing, or is no integer of 0 or more`);
  return value;
}

function copyOf(value: unknown, counted: { values: number }): unknown {
  counted.values++;
  if (typeof value !== 'object' || value === null || value instanceof Decimal) return value;
  if (Array.isArray(value)) return value.map((item) => copyOf(item, counted));
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, copyOf(item, counted)]));
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
