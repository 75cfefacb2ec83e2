/**
 * Something to hold a value that is no resource: an extension stands where its contexts allow it, a value of a data type
 * profile in an extension that is made up for the purpose and whose definition asks for that profile.
 */
import { isPrimitiveCode, typesOf, type TreeNode } from '../../../profiles/compile/tree.ts';
import type { Definitions } from '../../../profiles/definitions.ts';
import type { StructureTable } from '../../../profiles/tables/structure-table.ts';
import { isKindOf } from '../../../fhir/element-types.ts';
import { valueAt, type JsonObject, type Path } from '../ig-mutations-places.ts';
import { withValue, type Instance } from './grow.ts';
import { madeModifier, valueOf, type Maker } from './make.ts';
import { treeFor } from './trees.ts';

const made = 'http://example.org/holder-of?';
/** Urls of extensions have no versions; profiles have. */
const versionMark = '&version=';

/** Definitions, and those of the extensions that are made up here. */
export function withHolders(definitions: Definitions): Definitions {
  const known = new Map<string, StructureTable | undefined>();
  const holderOf = (url: string): StructureTable | undefined => {
    const canonical = url.slice(made.length).replace(versionMark, '|');
    const held = definitions.structure(canonical);
    const extension = definitions.type('Extension');
    if (held === undefined || extension === undefined) return undefined;
    return {
      ...extension, url, version: '', derivation: 'constraint', base: extension.url, context: [{ type: 'element', expression: 'Element' }],
      elements: extension.elements.map((row) => row.path === 'Extension.value[x]' ? { ...row, types: [{ code: held.type, profiles: [canonical] }] } : row),
    };
  };
  return {
    ...definitions,
    structure: (canonical) => {
      if (canonical !== madeModifier && !canonical.startsWith(made)) return definitions.structure(canonical);
      if (!known.has(canonical)) known.set(canonical, canonical === madeModifier ? modifier(definitions) : holderOf(canonical));
      return known.get(canonical);
    },
    type: (name) => definitions.type(name), valueSet: (canonical) => definitions.valueSet(canonical), codeSystem: (url) => definitions.codeSystem(url),
  };
}

function modifier(definitions: Definitions): StructureTable | undefined {
  const extension = definitions.type('Extension');
  return extension && {
    ...extension, url: madeModifier, version: '', derivation: 'constraint', base: extension.url, context: [{ type: 'element', expression: 'Element' }],
    elements: extension.elements.map((row, index) => index === 0 ? { ...row, modifier: true } : row),
  };
}

/** The address under which a value of a profile is held. */
export function holderUrl(canonical: string): string {
  return `${made}${canonical.replace('|', versionMark)}`;
}

const valueProperty = (type: string): string => `value${type.charAt(0).toUpperCase()}${type.slice(1)}`;

/** Instances with a value of the profile, if it is one of a data type. */
export function heldValues(maker: Maker, table: StructureTable, canonical: string): readonly Instance[] {
  const root = treeFor(table);
  if (root === undefined) return [];
  const property = valueProperty(table.type);
  return [false, true].flatMap((everything) => {
    const value = valueOf(maker, { ...root, row: { ...root.row, types: [{ code: table.type }] } }, { everything, needs: [], contained: [], depth: 0 });
    if (value === undefined) return [];
    const resource = { resourceType: 'Basic', code: { text: 'x' }, extension: [{ url: holderUrl(canonical), [property]: value }] };
    return [instanceAt(resource, ['extension', 0, property], `Basic.extension[0].value`, value)];
  });
}

/** Instances with an extension by its definition, in as plain a place as its contexts allow. */
export function heldExtensions(maker: Maker, table: StructureTable): readonly Instance[] {
  const root = treeFor(table);
  if (root === undefined) return [];
  const places = (table.context ?? [{ type: 'element', expression: 'Element' }]).flatMap(({ type, expression }) => placeOf(maker, type, expression) ?? []);
  const name = table.elements[0]?.modifier === true ? 'modifierExtension' : 'extension';
  return [false, true].flatMap((everything) => places.slice(0, 4).flatMap(({ resource, path, expression }) => {
    const value = valueOf(maker, { ...root, row: { ...root.row, types: [{ code: 'Extension', profiles: [table.url] }] } }, { everything, needs: [], contained: [], depth: 0 });
    if (value === undefined) return [];
    const there = valueAt(resource, [...path, name]);
    const index = Array.isArray(there) ? there.length : 0;
    return [instanceAt(withValue(resource, [...path, name, index], () => value) as JsonObject, [...path, name, index], `${expression}.${name}[${index}]`, value)];
  }));
}

function instanceAt(resource: JsonObject, path: Path, expression: string, value: unknown): Instance {
  return { resource, start: { path, expression, value, holder: undefined, within: [] } };
}

interface Spot {
  readonly resource: JsonObject;
  readonly path: Path;
  readonly expression: string;
}

/** A resource with a place that a context of an extension names; undefined for what is not understood. */
function placeOf(maker: Maker, kind: string, expression: string): Spot | undefined {
  if (kind === 'extension') {
    const resource = { resourceType: 'Basic', code: { text: 'x' }, extension: [{ url: expression }] };
    return { resource, path: ['extension', 0], expression: 'Basic.extension[0]' };
  }
  if (kind !== 'element') return undefined;
  const [type = '', ...steps] = expression.slice(expression.indexOf('#') + 1).replace(/^ElementDefinition/, 'StructureDefinition.differential.element').split('.');
  const name = type === 'Element' || type === 'Resource' || type === 'DomainResource' ? 'Basic' : type;
  const table = maker.definitions.type(name);
  if (table === undefined) return undefined;
  const start = table.kind === 'resource' ? resourceSpot(maker, name) : valueSpot(maker, name, table);
  const tree = treeFor(table);
  return start === undefined || tree === undefined ? undefined : steps.reduce<{ spot: Spot; node: TreeNode } | undefined>((at, step) => at && below(maker, at, step), { spot: start, node: tree })?.spot;
}

function resourceSpot(maker: Maker, type: string): Spot | undefined {
  const resource = maker.resourceOf(`http://hl7.org/fhir/StructureDefinition/${type}`);
  return resource && { resource, path: [], expression: type };
}

function valueSpot(maker: Maker, type: string, table: StructureTable): Spot | undefined {
  const root = treeFor(table)!;
  const value = valueOf(maker, { ...root, row: { ...root.row, types: [{ code: type }] } }, { everything: false, needs: [], contained: [], depth: 0 });
  const property = valueProperty(type);
  const at = isPrimitiveCode(type) ? `_${property}` : property;
  return value === undefined || !isKindOf(type, 'Element') ? undefined
    : { resource: { resourceType: 'Basic', code: { text: 'x' }, extension: [{ url: 'http://example.org/x', [property]: value }] }, path: ['extension', 0, at], expression: 'Basic.extension[0].value' };
}

function below(maker: Maker, { spot: { resource, path, expression }, node }: { readonly spot: Spot; readonly node: TreeNode }, step: string): { spot: Spot; node: TreeNode } | undefined {
  const name = step.replace(/\[x\]$/, '').replace(/:.*$/, '');
  const [type] = typesOf(node.row);
  const typed = type === undefined ? undefined : maker.definitions.type(type.code);
  const child = [node, ...(typed === undefined ? [] : [treeFor(typed)!])].flatMap(({ children }) => children.find((one) => one.name === name) ?? [])[0];
  if (child === undefined) return undefined;
  const [of] = typesOf(child.row);
  const isPrimitive = of !== undefined && isPrimitiveCode(of.code);
  const property = child.choice ? name + of!.code.charAt(0).toUpperCase() + of!.code.slice(1) : name;
  const list = (child.row.baseMax ?? child.row.max) !== '1';
  const there = withValue(resource, [...path, property], (value) => value ?? (list ? [valueOf(maker, child, { everything: false, needs: [], contained: [], depth: 0 })] : valueOf(maker, child, { everything: false, needs: [], contained: [], depth: 0 }))) as JsonObject;
  return { spot: { resource: there, path: [...path, isPrimitive ? `_${property}` : property, ...(list ? [0] : [])], expression: `${expression}.${name}${list ? '[0]' : ''}` }, node: child };
}
