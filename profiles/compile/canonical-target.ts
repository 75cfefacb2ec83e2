/**
 * Canonicals: whether what they lead to is of a type that the element allows, where a definition of that address is at
 * hand. What nobody has here is not told: it may be anywhere.
 * Source: https://hl7.org/fhir/R4/references.html#canonical
 */
import { remembered } from '../codes/remembered.ts';
import { isKindOf } from '../../fhir/element-types.ts';
import { isResourceType } from '../../fhir/resource-types.ts';
import type { ElementRow, TypeRow } from '../tables/structure-table.ts';
import { isObject, own, type Session } from './check.ts';
import { nameOf } from './issues.ts';
import type { Unit } from './unit.ts';

const base = 'http://hl7.org/fhir/StructureDefinition/';

/** @returns undefined where any resource will do */
export function canonicalCheck(unit: Unit, row: ElementRow, { targets }: TypeRow): ((value: unknown, session: Session) => void) | undefined {
  const { definitions } = unit.compiler;
  const types = (targets ?? []).map((target) => target.startsWith(base) ? target.slice(base.length).replace(/\|.*$/, '') : '');
  // A profile, or a type of which every resource is one: what meets it is not to be told from an address.
  if (types.length === 0 || !types.every(isResourceType)) return undefined;
  const element = nameOf(row);
  const finders: readonly (readonly [string, (canonical: string) => unknown])[] = [
    ['StructureDefinition', (canonical) => definitions.structure(canonical)],
    ['ValueSet', (canonical) => definitions.valueSet(canonical)],
    ['CodeSystem', (canonical) => definitions.codeSystem(canonical)],
  ];
  const isAllowed = (type: string): boolean => types.some((allowed) => isKindOf(type, allowed));
  // One address may be that of several resources: a code system, and the value set of all its codes.
  const typesAt = remembered((canonical): readonly string[] => {
    if (finders.some(([type, find]) => isAllowed(type) && find(canonical) !== undefined)) return [];
    return finders.flatMap(([type, find]) => find(canonical) === undefined ? [] : [type]);
  });
  return (value, session) => {
    if (typeof value !== 'string' || value === '') return;
    const local = value.startsWith('#') ? session.resolve(value) : undefined;
    const contained = isObject(local) ? own(local, 'resourceType') : undefined;
    const found = value.startsWith('#') ? typeof contained === 'string' ? [contained] : [] : typesAt(value);
    if (found.length === 0 || found.some(isAllowed)) return;
    session.add(unit.issue('canonical-target', { element, targets: types.join(', '), type: found.join(', ') }));
  };
}
