/**
 * What an element has below it when a differential walks into it: of its own, of the content that it refers to, of the
 * profile of its type, or of its type.
 */
import { objectsOf, textOf, textsOf, type JsonObject } from '../distill/json-parts.ts';
import { copyOf, findByPath, type Node } from './tree.ts';

/** Trees of definitions by canonical; undefined for what is not known, or is being made just now. */
export interface Trees {
  tree(canonical: string): Node | undefined;
}

const definitionsOfTypes = 'http://hl7.org/fhir/StructureDefinition/';

/** Gives a node its children, unless it has some. */
export function unfold(node: Node, root: Node, trees: Trees): void {
  if (node.children.length > 0) return;
  const reference = textOf(node.element['contentReference']);
  if (reference !== undefined) {
    unfoldReference(node, reference, root, trees);
    return;
  }
  const types = objectsOf(node.element['type']);
  const source = types.length === 1 ? sourceOf(types[0]!, trees) : undefined;
  // Of a choice among several types what they all have: id and extension.
  node.children = copyOf(source ?? trees.tree(`${definitionsOfTypes}Element`) ?? node).children;
}

function sourceOf(type: JsonObject, trees: Trees): Node | undefined {
  const code = textOf(type['code']) ?? '';
  const profiles = textsOf(type['profile']);
  const profiled = profiles.length === 1 ? trees.tree(profiles[0]!) : undefined;
  return profiled ?? trees.tree(code.includes('/') ? code : definitionsOfTypes + code);
}

function unfoldReference(node: Node, reference: string, root: Node, trees: Trees): void {
  const [url, path] = [reference.slice(0, Math.max(0, reference.indexOf('#'))), reference.slice(reference.indexOf('#') + 1)];
  const target = findByPath((url === '' ? undefined : trees.tree(url)) ?? root, path) ?? findByPath(root, path);
  if (target === undefined) return;
  // As it was before this differential: content that refers to itself would have what is unfolded here once more in it.
  const content = target.origin ?? target;
  const { contentReference: _, ...element } = node.element;
  node.element = { ...element, ...(content.element['type'] !== undefined && { type: content.element['type'] }) };
  node.children = copyOf(content).children;
}
