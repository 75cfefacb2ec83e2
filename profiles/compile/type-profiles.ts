/**
 * Profiles that the type of an element names: the value conforms to one of them.
 * Source: https://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.type.profile
 */
import { isKindOf } from '../../fhir/element-types.ts';
import type { TypeRow } from '../tables/structure-table.ts';
import { isObject, type CompiledProfile, type JsonObject, type Session } from './check.ts';
import type { Unit } from './unit.ts';

/** @returns undefined where none of the profiles is known, or nothing is to be checked */
export function checkOfTypeProfiles(unit: Unit, { code, profiles = [] }: TypeRow): ((value: unknown, session: Session) => void) | undefined {
  const known = profiles.flatMap((canonical) => unit.compiler.library.profile(canonical) ?? []);
  // Where one of several is not known, the value may conform to that.
  if (known.length === 0 || known.length < profiles.length) return undefined;
  const nonconforming = unit.issue('profile-none', { profiles: known.map(({ canonical }) => canonical).join(', ') });
  const isResource = isKindOf(code, 'Resource') || code === 'Resource';
  const run = (value: JsonObject, profile: CompiledProfile, session: Session): void => {
    if (isResource) session.checkProfile(value, profile);
    else profile.cell.run(value, session);
  };
  const [only] = known;
  if (known.length === 1) {
    // An extension is checked by the definition that its url names, wherever it stands.
    if (code === 'Extension' && unit.compiler.definitions.structure(urlOf(only!)) === unit.compiler.definitions.structure(only!.canonical)) return undefined;
    return (value, session) => { if (isObject(value)) run(value, only!, session); };
  }
  return (value, session) => {
    if (!isObject(value)) return;
    const conforming = known.find((profile) => isResource ? session.conforms(value, profile) : session.passes(profile.cell, value));
    if (conforming === undefined) {
      session.add(nonconforming);
      session.explain(value, known, 'errors');
    } else run(value, conforming, session);
  };
}

function urlOf({ canonical }: CompiledProfile): string {
  return canonical.replace(/\|.*$/, '');
}
