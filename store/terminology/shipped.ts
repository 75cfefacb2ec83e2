/**
 * The tables that ship for validation (profiles/packages/shipped.ts), as terminology: codes without displays, beneath what
 * is stored. Lists that are licensed are not in them, and a value set that needs one is not told.
 */
import type { CodeSystem, CodeSystemConcept, ValueSet, ValueSetComposeInclude } from '@medplum/fhirtypes';
import { readShipped, shippedCodeSystems } from '../../profiles/packages/shipped.ts';
import { once } from '../../profiles/packages/table-index.ts';
import type { CodeSystemTable, ValueSetPart, ValueSetTable } from '../../profiles/tables/code-tables.ts';
import { TerminologyRefusal } from '../../terminology/issues.ts';
import { memoryCodeSystem } from '../../terminology/layered-source.ts';
import { memoryValueSet } from '../../terminology/scheme.ts';
import { splitCanonical, type CodeSystemHead, type TerminologySource } from '../../terminology/source.ts';
import { underlaid, type ShippedTerminology } from '../../terminology/underlaid-source.ts';
import type { PresentCodeSystem } from './present.ts';

/** Constant for a release, and read when a url is first asked for that is not stored. */
const tables = once(readShipped);
const codeSystems = new Map<string, CodeSystemHead | undefined>();

const shipped: ShippedTerminology = {
  codeSystem: (url) => {
    const known = codeSystems.get(url);
    if (known !== undefined) return known;
    const table = tables().codeSystem(url);
    // A supplement does not say here of what it is one.
    if (table === undefined || table.content === 'supplement') return undefined;
    const head = memoryCodeSystem(codeSystemOf(table));
    codeSystems.set(url, head);
    return head;
  },
  valueSet: (url) => {
    const table = tables().valueSet(url);
    return table && memoryValueSet(valueSetOf(table));
  },
};

/** What is stored, above what ships. */
export function withShipped(stored: TerminologySource): TerminologySource {
  return underlaid(stored, shipped);
}

/** With what is present in the tables, what ships under other addresses. */
export function andShipped(present: readonly PresentCodeSystem[]): readonly PresentCodeSystem[] {
  const stored = new Set(present.map(({ url }) => url));
  const others = new Map(shippedCodeSystems().filter(({ url, content }) => !stored.has(url) && content !== 'supplement' && content !== 'not-present').map(({ url, version = '' }) => [url, { url, versions: [version] }]));
  return [...present, ...others.values()];
}

function codeSystemOf({ url, version, content, caseSensitive, codes, parents, abstract, properties = {} }: CodeSystemTable): CodeSystem {
  const headings = new Set(abstract);
  const concepts = codes.map((code, place): CodeSystemConcept => {
    const told = Object.entries(properties).flatMap(([name, values]) => (values[place] ?? []).map((value) => ({ code: name, valueString: value })));
    const property = [...told, ...(headings.has(place) ? [{ code: 'notSelectable', valueBoolean: true }] : [])];
    return { code, ...(property.length > 0 && { property }) };
  });
  const top = concepts.filter((concept, place) => {
    const above = concepts[parents?.[place] ?? -1];
    if (above === undefined) return true;
    (above.concept ??= []).push(concept);
    return false;
  });
  return { resourceType: 'CodeSystem', url, ...(version !== undefined && { version }), status: 'active', content, ...(caseSensitive === false && { caseSensitive }), property: Object.keys(properties).map((code) => ({ code, type: 'string' })), concept: top };
}

/** @throws {TerminologyRefusal} `value-set-not-shipped` */
function valueSetOf({ url, version, include, exclude = [], expansion, notExpandable }: ValueSetTable): ValueSet {
  if (notExpandable) throw new TerminologyRefusal('value-set-not-shipped', { valueSet: url, reason: 'its definition does not say it' });
  if (expansion === undefined && [...include, ...exclude].some(({ licensed }) => licensed)) throw new TerminologyRefusal('value-set-not-shipped', { valueSet: url, reason: 'it lists codes of a licensed code system, which do not ship with the server; install the package that defines it' });
  const listed = expansion && Object.entries(expansion).map(([system, codes]): ValueSetComposeInclude => ({ system, concept: codes.map((code) => ({ code })) }));
  return {
    resourceType: 'ValueSet', url, ...(version !== undefined && { version }), status: 'active',
    compose: { include: listed ?? include.map(partOf), ...(listed === undefined && exclude.length > 0 && { exclude: exclude.map(partOf) }) },
  };
}

/** What ships is there in one version, and what hides it has one of its own: versions are not told. */
function partOf({ system, codes, filters, valueSets }: ValueSetPart): ValueSetComposeInclude {
  return {
    ...(system !== undefined && { system }),
    ...(codes && { concept: codes.map((code) => ({ code })) }),
    ...(filters && { filter: filters.map(({ property, op, value }) => ({ property, op: op as 'is-a', value })) }),
    ...(valueSets && { valueSet: valueSets.map((canonical) => splitCanonical(canonical).url) }),
  };
}
