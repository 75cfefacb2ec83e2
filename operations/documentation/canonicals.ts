/**
 * Where a Questionnaire or a Library names what it needs, and the same with every such name in the version that was
 * found: in a package all references are specific, for what changes between versions would break it.
 * Source: DTR 2.2.0, $questionnaire-package (oper-12, oper-14, oper-16).
 */
import type { Library, Questionnaire } from '@medplum/fhirtypes';
import { isObject } from '../inputs.ts';
import { sdcExtension } from './names.ts';

export type DependencyType = 'Library' | 'ValueSet' | 'either';

/** A canonical that a definition names, and what kind of definition it leads to. */
export type Rename = (canonical: string, type: DependencyType) => string;

/** The definition with each canonical as `rename` has it. What is contained is no dependency. */
export function withCanonicals<T extends Questionnaire | Library>(definition: T, rename: Rename): T {
  const visit = (canonical: unknown, type: DependencyType): unknown => (typeof canonical === 'string' && !canonical.startsWith('#') ? rename(canonical, type) : canonical);
  const walk = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(walk);
    if (!isObject(value) || Object.getPrototypeOf(value) !== Object.prototype) return value;
    const { url } = value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]): [string, unknown] => {
      if (name === 'contained') return [name, inner];
      if (name === 'valueCanonical' && url === sdcExtension.library) return [name, visit(inner, 'Library')];
      if (name === 'valueCanonical' && url === sdcExtension.unitValueSet) return [name, visit(inner, 'ValueSet')];
      if (name === 'answerValueSet') return [name, visit(inner, 'ValueSet')];
      // The library whose expression it is (Expression.reference).
      if (name === 'valueExpression' && isObject(inner)) return [name, walk({ ...inner, ...('reference' in inner && { reference: visit(inner['reference'], 'Library') }) })];
      if (name === 'codeFilter' && Array.isArray(inner)) return [name, inner.map((filter) => isObject(filter) && 'valueSet' in filter ? { ...filter, valueSet: visit(filter['valueSet'], 'ValueSet') } : filter)];
      if (name === 'relatedArtifact' && Array.isArray(inner)) return [name, inner.map((artifact) => isObject(artifact) && artifact['type'] === 'depends-on' && 'resource' in artifact ? { ...artifact, resource: visit(artifact['resource'], 'either') } : artifact)];
      return [name, walk(inner)];
    }));
  };
  return walk(definition) as T;
}

export interface Dependency {
  readonly canonical: string;
  readonly type: DependencyType;
}

/** What a definition names, each once. */
export function dependenciesOf(definition: Questionnaire | Library): readonly Dependency[] {
  const found = new Map<string, Dependency>();
  withCanonicals(definition, (canonical, type) => {
    const key = `${type} ${canonical}`;
    if (!found.has(key)) found.set(key, { canonical, type });
    return canonical;
  });
  return [...found.values()];
}
