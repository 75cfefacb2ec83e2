/**
 * The library of everything that is compiled from one set of definitions: each definition once, when a resource first
 * needs it.
 */
import { contextExceptions } from '../pas/extension-contexts.ts';
import { knownSystemsOf } from '../codes/known-systems.ts';
import { remembered } from '../codes/remembered.ts';
import type { ValueSets } from '../codes/value-set.ts';
import type { Definitions, Unusable } from '../definitions.ts';
import type { StructureTable } from '../tables/structure-table.ts';
import { cellOf, type Check, type CompiledExtension, type CompiledProfile, type CompiledType, type Library, type ResourceRule } from './check.ts';
import { systemFaultsOf } from './coding.ts';
import { extensionVersionsIn } from './extension-versions.ts';
import { contextOf } from './extension-context.ts';
import { issuerOf } from './issues.ts';
import { compileProfile, refusalOf } from './profile-check.ts';
import { compileType } from './type-check.ts';
import { treesOf, type Compiler, type Invariants } from './unit.ts';

export interface Parts {
  readonly definitions: Definitions;
  readonly valueSets: ValueSets;
  readonly invariants: Invariants;
  /** Checks of resources of a type beyond its definition. */
  readonly rules: ReadonlyMap<string, readonly ResourceRule[]>;
}

export function libraryOf(parts: Parts): Library {
  const types = new Map<string, CompiledType | undefined>();
  const profiles = new Map<StructureTable, CompiledProfile>();
  const extensions = new Map<StructureTable, CompiledExtension>();
  const { definitions } = parts;

  const library: Library = {
    valueSet: parts.valueSets,
    extensionVersions: extensionVersionsIn(definitions),
    codeSystem: knownSystemsOf(definitions),
    systemFault: systemFaultsOf((canonical) => definitions.valueSet(canonical) !== undefined),
    resource: (type) => {
      const known = ofType(type);
      return known !== undefined && known.isResource ? known : undefined;
    },
    type: (name) => ofType(name)?.cell,
    profile: (canonical) => {
      const table = definitions.structure(canonical);
      if (table !== undefined) return profileOf(table);
      const refused = definitions.unusable?.(canonical);
      return refused === undefined ? undefined : { cell: { run: unusable(refused, refused.reason) }, type: refused.type, canonical: issuerOf(refused).canonical };
    },
    extension: remembered((canonical) => {
      const table = definitions.structure(canonical);
      if (table === undefined || table.type !== 'Extension' || table.derivation !== 'constraint') return undefined;
      let known = extensions.get(table);
      if (known === undefined) {
        known = { ...profileOf(table), allows: contextOf(table, contextExceptions), modifier: table.elements[0]?.modifier === true };
        extensions.set(table, known);
      }
      return known;
    }),
  };
  const compiler: Compiler = { ...parts, library, tree: treesOf() };

  const ofType = (name: string): (CompiledType & { readonly isResource: boolean }) | undefined => {
    let known = types.get(name) as (CompiledType & { readonly isResource: boolean }) | undefined;
    if (known === undefined && !types.has(name)) {
      const table = definitions.type(name);
      // Names come from clients: what is not known is not kept.
      if (table === undefined || table.abstract === true && table.kind === 'resource') return undefined;
      known = {
        cell: cellOf(() => compileType(table, compiler) ?? unusable(table)),
        canonical: issuerOf(table).canonical,
        rules: parts.rules.get(name) ?? [],
        isResource: table.kind === 'resource',
      };
      types.set(name, known);
    }
    return known;
  };
  const profileOf = (table: StructureTable): CompiledProfile => {
    let known = profiles.get(table);
    if (known === undefined) {
      const compile = (): Check => table === definitions.type(table.type) ? () => {} : compileProfile(table, compiler) ?? unusable(table, refusalOf(table, compiler));
      known = { cell: cellOf(compile), type: table.type, canonical: issuerOf(table).canonical };
      profiles.set(table, known);
    }
    return known;
  };
  return library;
}

/** A definition that makes no sense is told of whatever it should check. */
function unusable(table: StructureTable | Unusable, reason = 'its elements make no sense together'): Check {
  const issuer = issuerOf(table);
  const template = issuer.issue('profile-unusable', { profile: issuer.canonical, reason }, 'warning');
  return (_, session) => session.add(template);
}
