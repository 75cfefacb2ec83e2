/** The rule of a reference, from the targets that its row names. */
import { isKindOf } from '../../fhir/element-types.ts';
import { isResourceType, resourceTypes } from '../../fhir/resource-types.ts';
import type { ElementRow, TypeRow } from '../tables/structure-table.ts';
import type { CompiledProfile } from './check.ts';
import { nameOf } from './issues.ts';
import type { ReferenceRule } from './reference.ts';
import type { Unit } from './unit.ts';

const base = 'http://hl7.org/fhir/StructureDefinition/';

export function referenceRule(unit: Unit, row: ElementRow, type: TypeRow, first: boolean): ReferenceRule {
  const { types, plain, profiles } = targetsOf(unit, type);
  const element = nameOf(row);
  const targets = (type.targets ?? []).map((canonical) => canonical.replace(base, '').replace(/\|4\.0\.1$/, '')).join(', ');
  return {
    types, plain, profiles,
    names: [...types ?? []],
    canonicals: profiles.map((profile) => profile.canonical),
    aggregation: type.aggregation,
    profile: unit.canonical,
    wrongType: unit.issue('reference-type', { element, targets }),
    nonconforming: unit.issue('reference-target', { element, targets }),
    wrongPlace: unit.issue('reference-aggregation', { element, modes: (type.aggregation ?? []).join(', ') }),
    otherType: first ? unit.issue('reference-other-type', { element }) : undefined,
    nothingContained: first ? unit.issue('reference-contained', { element }) : undefined,
  };
}

interface Targets {
  readonly types: ReadonlySet<string> | undefined;
  readonly plain: ReadonlySet<string> | undefined;
  readonly profiles: readonly CompiledProfile[];
}

function targetsOf(unit: Unit, { targets }: TypeRow): Targets {
  if (targets === undefined) return { types: undefined, plain: undefined, profiles: [] };
  const types = new Set<string>();
  const plain = new Set<string>();
  const profiles: CompiledProfile[] = [];
  let anyType = false;
  let anything = false;
  for (const canonical of targets) {
    const name = canonical.startsWith(base) ? canonical.slice(base.length).replace(/\|.*$/, '') : '';
    if (name === 'Resource' || name === 'DomainResource') {
      for (const type of resourceTypes) if (isKindOf(type, name)) { types.add(type); plain.add(type); }
    } else if (isResourceType(name)) {
      types.add(name);
      plain.add(name);
    } else {
      const profile = unit.compiler.library.profile(canonical);
      if (profile === undefined) {
        // What nobody knows here may be a profile of any type.
        anyType = true;
        anything = true;
        continue;
      }
      if (isResourceType(profile.type)) types.add(profile.type);
      else for (const type of resourceTypes) if (isKindOf(type, profile.type)) types.add(type);
      profiles.push(profile);
    }
  }
  return { types: anyType ? undefined : types, plain: anything ? undefined : plain, profiles };
}
