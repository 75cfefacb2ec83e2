/** $closure: which of the codes that a client has subsume which (https://hl7.org/fhir/R4/terminology-service.html#closure). */
import type { Coding, ConceptMap, ConceptMapGroup } from '@medplum/fhirtypes';
import { Problem } from '../../fhir/problems.ts';
import type { Database } from '../../store/database.ts';
import { splitCanonical } from '../../terminology/source.ts';
import { addToClosure, beginClosure, closureSince, type ClosureConcept, type ClosureNews } from '../../store/terminology/closure-tables.ts';
import type { Operation } from '../registry.ts';
import { orRefusal, resourceAnswer } from './answers.ts';
import { invalid, readParameters, type Inputs } from './parameters.ts';

const names: ReadonlySet<string> = new Set(['name', 'concept', 'version']);

/** Concepts in one request. */
const mostAtOnce = 1000;

export function closureOperation(database: Database): Operation {
  return {
    code: 'closure', resource: 'ConceptMap', levels: ['system'], canonical: 'http://hl7.org/fhir/OperationDefinition/ConceptMap-closure', byGet: false,
    handle: (call) => orRefusal(async () => {
      const inputs = readParameters(call, 'closure', names);
      const name = inputs.required('name');
      if (!/^[\x21-\x7e]{1,128}$/.test(name)) throw invalid('name', '1 to 128 visible ASCII characters are expected');
      const version = inputs.text('version');
      const concepts = conceptsOf(inputs);
      if (version !== undefined && concepts.length > 0) throw invalid('version', 'it does not go with concepts');
      if (version !== undefined && !/^\d{1,9}$/.test(version)) throw invalid('version', 'a version that this table was told to have is expected');
      if (version === undefined && concepts.length === 0) {
        await beginClosure(database, name, call.context);
        return resourceAnswer(mapOf(name, { version: 0, relations: [] }));
      }
      return resourceAnswer(mapOf(name, version === undefined ? await addToClosure(database, name, concepts, call.context) : await closureSince(database, name, Number(version), call.context)));
    }),
  };
}

function conceptsOf(inputs: Inputs): readonly ClosureConcept[] {
  const given = inputs.of('concept');
  if (given.length > mostAtOnce) throw invalid('concept', `no more than ${mostAtOnce} are taken at once`);
  return given.map(({ value }) => {
    const { system, version, code } = (value ?? {}) as Coding;
    if (typeof system !== 'string' || typeof code !== 'string' || system === '' || code === '' || (version !== undefined && (typeof version !== 'string' || version === ''))) throw new Problem('invalid-operation-parameter', { name: 'concept', reason: 'a Coding with system and code is expected' });
    if (system.includes('|')) throw invalid('concept', 'the version of its system stands in version');
    return { system, code, ...(version !== undefined && { version }) };
  });
}

/** Read: the code of the element is subsumed by those of its targets. */
function mapOf(name: string, { version, relations }: ClosureNews): ConceptMap {
  const groups = new Map<string, Map<string, string[]>>();
  for (const { system, code, ancestor } of relations) {
    const elements = groups.get(system) ?? new Map<string, string[]>();
    groups.set(system, elements.set(code, [...elements.get(code) ?? [], ancestor]));
  }
  const group = [...groups].map(([canonical, elements]): ConceptMapGroup => ({
    ...sidesOf(canonical), element: [...elements].map(([code, ancestors]) => ({ code, target: ancestors.map((ancestor) => ({ code: ancestor, equivalence: 'subsumes' })) })),
  }));
  return { resourceType: 'ConceptMap', version: String(version), name, status: 'active', experimental: false, ...(group.length > 0 && { group }) };
}

/** Both sides are of one system, and of one version where concepts were said to be of it. */
function sidesOf(canonical: string): Pick<ConceptMapGroup, 'source' | 'sourceVersion' | 'target' | 'targetVersion'> {
  const { url, version } = splitCanonical(canonical);
  return { source: url, ...(version !== undefined && { sourceVersion: version }), target: url, ...(version !== undefined && { targetVersion: version }) };
}
