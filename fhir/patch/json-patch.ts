/**
 * JSON Patch on values from `parseJson`: decimals are carried over as they were written. The given value is never
 * changed; parts that a patch leaves alone are shared with the result.
 * Source: RFC 6902 (https://www.rfc-editor.org/rfc/rfc6902); FHIR R4, "patch" (https://hl7.org/fhir/R4/http.html#patch).
 */
import { Decimal, maximumDepth } from '../json.ts';
import { Problem } from '../problems.ts';
import { jsonEqual } from './equal.ts';
import { isWithin, parsePointer, type Pointer } from './json-pointer.ts';
import { malformed, notApplicable, operationLimit } from './refusal.ts';
import { withoutEmpty } from './without-empty.ts';

type JsonObject = Readonly<Record<string, unknown>>;

interface Operation {
  readonly index: number;
  readonly op: 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test';
  readonly path: Pointer;
  /** Of move and copy. */
  readonly from: Pointer;
  /** Of add, replace and test. */
  readonly value: unknown;
}

/** How many values a patch may copy, so that copies of copies end. */
const copyLimit = 200_000;

const operationNames: ReadonlySet<unknown> = new Set(['add', 'remove', 'replace', 'move', 'copy', 'test']);
const indexForm = /^(?:0|[1-9]\d{0,8})$/;

/**
 * The value that all operations together make of `document`; none is done when one cannot be.
 * @throws {Problem} `invalid-patch`, `patch-not-applicable`, `patch-test-failed`, `too-deep`
 */
export function applyJsonPatch(document: unknown, patch: unknown): unknown {
  let copied = 0;
  let root = document;
  for (const operation of operationsOf(patch)) {
    const { index, op, path, from } = operation;
    switch (op) {
      case 'add': root = withAdded(root, path, operation.value, index); break;
      case 'remove': root = withRemoved(root, path, index); break;
      case 'replace': root = withReplaced(root, path, operation.value, index); break;
      case 'move': {
        const moved = valueAt(root, from, index);
        if (isWithin(from, path)) throw notApplicable(index, 'a value cannot be moved into itself');
        root = withAdded(from.length === 0 ? root : withRemoved(root, from, index), path, moved, index);
        break;
      }
      case 'copy': {
        const value = valueAt(root, from, index);
        copied += countOf(value, 1);
        if (copied > copyLimit) throw notApplicable(index, `a patch copies at most ${copyLimit} values`);
        root = withAdded(root, path, value, index);
        break;
      }
      case 'test':
        if (!jsonEqual(valueAt(root, path, index), operation.value)) throw new Problem('patch-test-failed', { index });
        break;
    }
  }
  countOf(root, 1);
  return root;
}

/**
 * A resource with a JSON Patch done, and without what the patch has emptied. Its shape is still to be checked.
 * @throws {Problem} as {@link applyJsonPatch}
 */
export function jsonPatchedResource(resource: unknown, patch: unknown): unknown {
  return withoutEmpty(applyJsonPatch(resource, patch));
}

function operationsOf(patch: unknown): Operation[] {
  if (!Array.isArray(patch)) throw malformed(0, 'a patch is a list of operations');
  if (patch.length > operationLimit) throw malformed(operationLimit, `a patch has at most ${operationLimit} operations`);
  return patch.map((operation: unknown, index) => readOperation(operation, index));
}

function readOperation(operation: unknown, index: number): Operation {
  if (!isObject(operation)) throw malformed(index, 'an object is expected');
  const op = own(operation, 'op');
  if (!operationNames.has(op)) throw malformed(index, 'op must be add, remove, replace, move, copy or test');
  const needsFrom = op === 'move' || op === 'copy';
  const needsValue = op === 'add' || op === 'replace' || op === 'test';
  if (needsValue && !Object.hasOwn(operation, 'value')) throw malformed(index, 'value is missing');
  return { index, op: op as Operation['op'], path: readPointer(operation, 'path', index), from: needsFrom ? readPointer(operation, 'from', index) : [], value: operation['value'] };
}

function readPointer(operation: JsonObject, name: string, index: number): Pointer {
  const text = own(operation, name);
  if (text === undefined) throw malformed(index, `${name} is missing`);
  const pointer = typeof text === 'string' ? parsePointer(text) : undefined;
  if (pointer === undefined) throw malformed(index, `${name} must be a JSON Pointer`);
  if (pointer.length > maximumDepth) throw malformed(index, `${name} has more than ${maximumDepth} steps`);
  if (pointer.includes('__proto__')) throw malformed(index, `${name} holds __proto__, which is no name of an element`);
  return pointer;
}

/** @throws {Problem} when there is nothing at the address */
function valueAt(root: unknown, path: Pointer, index: number): unknown {
  let value = root;
  for (const token of path) value = childOf(value, token, index);
  return value;
}

function childOf(value: unknown, token: string, index: number): unknown {
  if (Array.isArray(value)) return value[indexIn(value, token, value.length - 1, index)];
  if (!isObject(value) || !Object.hasOwn(value, token)) throw notApplicable(index, 'there is nothing at its path');
  return value[token];
}

function indexIn(list: readonly unknown[], token: string, greatest: number, index: number): number {
  if (!indexForm.test(token) || Number(token) > greatest) throw notApplicable(index, `its path names no place in a list of ${list.length}`);
  return Number(token);
}

/** The root with `change` made to the object or list that holds the last step of the path. */
function withChange(root: unknown, path: Pointer, index: number, change: (holder: JsonObject | readonly unknown[], token: string) => unknown, at = 0): unknown {
  const token = path[at]!;
  if (!Array.isArray(root) && !isObject(root)) throw notApplicable(index, 'there is nothing at its path');
  if (at === path.length - 1) return change(root, token);
  const changed = withChange(childOf(root, token, index), path, index, change, at + 1);
  return Array.isArray(root) ? root.with(Number(token), changed) : { ...root, [token]: changed };
}

function withAdded(root: unknown, path: Pointer, value: unknown, index: number): unknown {
  if (path.length === 0) return value;
  return withChange(root, path, index, (holder, token) => (isList(holder)
    ? holder.toSpliced(token === '-' ? holder.length : indexIn(holder, token, holder.length, index), 0, value)
    : { ...holder, [token]: value }));
}

function withReplaced(root: unknown, path: Pointer, value: unknown, index: number): unknown {
  if (path.length === 0) return value;
  return withChange(root, path, index, (holder, token) => {
    childOf(holder, token, index);
    return isList(holder) ? holder.with(Number(token), value) : { ...holder, [token]: value };
  });
}

function withRemoved(root: unknown, path: Pointer, index: number): unknown {
  if (path.length === 0) throw notApplicable(index, 'the whole resource cannot be removed');
  return withChange(root, path, index, (holder, token) => {
    childOf(holder, token, index);
    if (isList(holder)) return holder.toSpliced(Number(token), 1);
    const { [token]: _, ...rest } = holder;
    return rest;
  });
}

/** How many values there are, itself included. @throws {Problem} `too-deep` */
function countOf(value: unknown, level: number): number {
  if (typeof value !== 'object' || value === null || value instanceof Decimal) return 1;
  if (level > maximumDepth) throw new Problem('too-deep', { limit: maximumDepth });
  let count = 1;
  for (const item of Array.isArray(value) ? value : Object.values(value)) count += countOf(item, level + 1);
  return count;
}

function own(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

function isList(value: JsonObject | readonly unknown[]): value is readonly unknown[] {
  return Array.isArray(value);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Decimal);
}
