/**
 * StructureDefinition to StructureTable.
 * Source: https://hl7.org/fhir/R4/structuredefinition.html
 */
import { Problem } from '../../fhir/problems.ts';
import type { ElementRow, ExtensionContext, StructureTable } from '../tables/structure-table.ts';
import { distillElement } from './element.ts';
import { objectOf, objectsOf, textOf, textsOf, type JsonObject } from './json-parts.ts';
import type { DistillSource } from './source.ts';

/** Rows of one snapshot at most: the largest of R4 have about 1,500 (Bundles with slices). */
export const mostElements = 20_000;

const kinds = ['primitive-type', 'complex-type', 'resource', 'logical'] as const;

/**
 * @param definition a StructureDefinition with a snapshot
 * @throws {Problem} `unusable-definition`: no url, kind or type, no snapshot, or one that is not a tree of elements
 */
export function distillStructure(definition: JsonObject, source: DistillSource): StructureTable {
  const url = textOf(definition['url']);
  if (url === undefined) throw new Problem('unusable-definition', { definition: 'StructureDefinition', reason: 'it has no url' });
  const refuse = (reason: string): Problem => new Problem('unusable-definition', { definition: url, reason });
  const kind = kinds.find((name) => name === definition['kind']);
  if (kind === undefined) throw refuse('its kind is none of FHIR R4');
  const type = textOf(definition['type']);
  if (type === undefined) throw refuse('it does not say which type it is about');
  const elements = rowsOf(definition, kind, source);
  if (elements === undefined) throw refuse('it has no snapshot');
  if (elements.length > mostElements) throw refuse(`its snapshot has more than ${mostElements} elements`);
  if (!isTree(elements)) throw refuse('its snapshot is not a tree of elements in their order');

  const base = textOf(definition['baseDefinition']);
  const contexts = contextsOf(definition);
  const invariants = textsOf(definition['contextInvariant']);
  return {
    url,
    version: textOf(definition['version']) ?? '',
    from: source.from,
    kind,
    ...(definition['abstract'] === true && { abstract: true as const }),
    type,
    derivation: definition['derivation'] === 'constraint' ? 'constraint' : 'specialization',
    ...(base !== undefined && { base: source.pin(base) }),
    ...(contexts.length > 0 && { context: contexts }),
    ...(invariants.length > 0 && { contextInvariants: invariants }),
    elements,
  };
}

function rowsOf(definition: JsonObject, kind: StructureTable['kind'], source: DistillSource): readonly ElementRow[] | undefined {
  const elements = objectsOf(objectOf(definition['snapshot'])?.['element']);
  if (elements.length === 0) return undefined;
  return elements.map((element) => distillElement(element, source, kind));
}

/** The first row is the type's own, and every other stands under an element that was there before. */
function isTree(rows: readonly ElementRow[]): boolean {
  const [root, ...others] = rows;
  if (root === undefined || root.path === '' || root.path.includes('.')) return false;
  const seen = new Set([root.path]);
  return others.every(({ path }) => {
    const parent = path.slice(0, Math.max(0, path.lastIndexOf('.')));
    seen.add(path);
    return seen.has(parent);
  });
}

function contextsOf(definition: JsonObject): readonly ExtensionContext[] {
  const stated = definition['context'];
  // Before R4 a context was a path, and its type stood beside the list.
  if (textOf(definition['contextType']) !== undefined) return textsOf(stated).map((expression) => ({ type: 'element', expression }));
  return objectsOf(stated).flatMap((context) => {
    const type = (['element', 'extension', 'fhirpath'] as const).find((name) => name === context['type']);
    const expression = textOf(context['expression']);
    return type === undefined || expression === undefined ? [] : [{ type, expression }];
  });
}
