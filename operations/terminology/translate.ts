/**
 * ConceptMap/$translate, both ways (https://hl7.org/fhir/R4/conceptmap-operation-translate.html). R5's names of the inputs
 * (sourceCode, targetCode and so on) are taken, too, and answered in R5's way.
 */
import type { CodeableConcept, Coding, ConceptMap, ParametersParameter } from '@medplum/fhirtypes';
import { Problem } from '../../fhir/problems.ts';
import type { Database } from '../../store/database.ts';
import { withTerminology } from '../../store/terminology/stored-source.ts';
import { TerminologyRefusal } from '../../terminology/issues.ts';
import { latest } from '../../terminology/versions.ts';
import { mappingsIn } from '../../terminology/mappings.ts';
import { canonicalOf, splitCanonical, type Mapping, type TerminologySource } from '../../terminology/source.ts';
import type { Operation, OperationCall } from '../registry.ts';
import { orRefusal, parametersAnswer } from './answers.ts';
import { invalid, readParameters, type Inputs } from './parameters.ts';

const names: ReadonlySet<string> = new Set([
  'url', 'conceptMap', 'conceptMapVersion', 'code', 'system', 'version', 'source', 'coding', 'codeableConcept', 'target', 'targetsystem', 'dependency', 'reverse',
  'sourceCode', 'sourceSystem', 'sourceCoding', 'sourceCodeableConcept', 'sourceScope', 'targetCode', 'targetSystem', 'targetCoding', 'targetCodeableConcept', 'targetScope',
]);

export function translateOperation(database: Database): Operation {
  return {
    code: 'translate', resource: 'ConceptMap', levels: ['type', 'instance'], canonical: 'http://hl7.org/fhir/OperationDefinition/ConceptMap-translate', byGet: true,
    handle: (call) => orRefusal(() => {
      const inputs = readParameters(call, 'translate', names);
      return withTerminology(database, call.context.access, async (source) => parametersAnswer(await translate(inputs, call, source)));
    }),
  };
}

interface Asked {
  readonly codings: readonly Coding[];
  readonly reverse: boolean;
  /** System of what is looked for. */
  readonly wanted: string | undefined;
  readonly later: boolean;
}

/** @throws {Problem} `missing-operation-parameter`, `invalid-operation-parameter` */
function askedOf(inputs: Inputs): Asked {
  const later = [...names].some((name) => /^(source|target)(Code|System|Coding|CodeableConcept|Scope)$/.test(name) && inputs.has(name));
  const codingsNamed = (code: string, coding: string, concept: string, system: string): readonly Coding[] | undefined => {
    const whole = inputs.element(concept, 'CodeableConcept') as CodeableConcept | undefined;
    if (whole !== undefined) return whole.coding ?? [];
    const one = inputs.element(coding, 'Coding') as Coding | undefined;
    const text = inputs.text(code);
    const url = inputs.text(system);
    if (one !== undefined && ((text !== undefined && text !== one.code) || (url !== undefined && url !== one.system))) throw invalid(coding, `it is another one than ${code} and ${system}`);
    if (one !== undefined) return [one];
    return text === undefined ? undefined : [{ system: inputs.required(system), code: text }];
  };
  if (!later) {
    const codings = codingsNamed('code', 'coding', 'codeableConcept', 'system');
    if (codings === undefined) throw new Problem('missing-operation-parameter', { operation: 'translate', name: 'code' });
    return { codings, reverse: inputs.flag('reverse') ?? false, wanted: inputs.text('targetsystem'), later };
  }
  const from = codingsNamed('sourceCode', 'sourceCoding', 'sourceCodeableConcept', 'sourceSystem');
  if (from !== undefined) return { codings: from, reverse: false, wanted: inputs.text('targetSystem'), later };
  const to = codingsNamed('targetCode', 'targetCoding', 'targetCodeableConcept', 'targetSystem');
  if (to === undefined) throw new Problem('missing-operation-parameter', { operation: 'translate', name: 'sourceCode' });
  return { codings: to, reverse: true, wanted: inputs.text('sourceSystem'), later };
}

async function translate(inputs: Inputs, call: OperationCall, source: TerminologySource): Promise<ParametersParameter[]> {
  const asked = askedOf(inputs);
  const sent = inputs.resource('conceptMap', 'ConceptMap') as ConceptMap | undefined;
  const map = sent === undefined ? await mapOf(inputs, call, source) : undefined;
  const dependencies = dependenciesOf(inputs);
  const scopes = { source: inputs.text('source') ?? inputs.text('sourceScope'), target: inputs.text('target') ?? inputs.text('targetScope') };
  const found = (await Promise.all(asked.codings.map(async ({ system, code }) => {
    if (typeof code !== 'string') throw invalid('coding', 'a code is expected in it');
    const mappings = sent === undefined ? await source.mappings({ map, code, system, reverse: asked.reverse }) : mappingsIn(sent, { code, system, reverse: asked.reverse });
    return mappings.filter((mapping) => isWanted(mapping, asked) && isFor(mapping, dependencies)).concat(mappings.length === 0 ? await unmapped(code, system, sent ?? map, asked, source) : []);
  }))).flat();
  const inScope = await inScopes(found, scopes, source);
  const matches = inScope.filter(({ targetCode }) => targetCode !== undefined).map((mapping) => matchOf(mapping, asked, dependencies));
  const result = inScope.some(({ equivalence, targetCode }) => targetCode !== undefined && equivalence !== 'unmatched' && equivalence !== 'disjoint');
  return [
    { name: 'result', valueBoolean: result },
    ...(result ? [] : [{ name: 'message', valueString: 'No mapping was found for what was asked.' }]),
    ...matches,
  ];
}

/** Canonical of the map in question, with its version, which may be empty; undefined: all maps. */
async function mapOf(inputs: Inputs, { id }: OperationCall, source: TerminologySource): Promise<string | undefined> {
  if (id !== undefined) {
    const found = await source.conceptMapById(id);
    if (found === undefined) throw new Problem('not-found', { type: 'ConceptMap', id });
    if (![undefined, found.url, canonicalOf(found)].includes(inputs.text('url'))) throw invalid('url', 'it is not that of the resource in the address');
    return `${found.url}|${found.version}`;
  }
  const url = inputs.text('url');
  if (url === undefined) return undefined;
  const version = inputs.text('conceptMapVersion');
  const said = splitCanonical(url);
  if (version !== undefined && said.version !== undefined && version !== said.version) throw invalid('conceptMapVersion', 'it is another version than that of url');
  const wanted = version ?? said.version;
  const found = latest((await source.conceptMaps(said.url)).map((resource) => ({ url: said.url, version: resource.version ?? '', resource })), wanted);
  if (found === undefined) throw new TerminologyRefusal('unknown-concept-map', { conceptMap: wanted === undefined ? url : `${said.url}|${wanted}` });
  return `${said.url}|${found.version}`;
}

function isWanted({ sourceSystem, targetSystem }: Mapping, { reverse, wanted }: Asked): boolean {
  return wanted === undefined || wanted === (reverse ? sourceSystem : targetSystem);
}

interface Dependency {
  readonly element: string;
  readonly value: string;
}

/** What is known beside the code (https://hl7.org/fhir/R4/conceptmap-definitions.html#ConceptMap.group.element.target.dependsOn). */
function dependenciesOf(inputs: Inputs): readonly Dependency[] {
  return inputs.of('dependency').map(({ parts }) => {
    const element = parts.find(({ name }) => name === 'element')?.value;
    const concept = parts.find(({ name }) => name === 'concept')?.value as CodeableConcept | undefined;
    const value = concept?.coding?.[0]?.code;
    if (typeof element !== 'string' || typeof value !== 'string') throw invalid('dependency', 'an element and a concept with a code are expected');
    return { element, value };
  });
}

/** Where something is known, a mapping is for it that depends on nothing else. */
function isFor({ dependsOn = [] }: Mapping, known: readonly Dependency[]): boolean {
  return known.length === 0 || (dependsOn as readonly { property?: string; value?: string }[]).every(({ property, value }) => known.some((one) => one.element === property && one.value === value));
}

/** Maps between the value sets that are named, where any are. */
async function inScopes(found: readonly Mapping[], scopes: { readonly source: string | undefined; readonly target: string | undefined }, source: TerminologySource): Promise<readonly Mapping[]> {
  if (scopes.source === undefined && scopes.target === undefined) return found;
  const urls = [...new Set(found.map(({ map }) => map.url))];
  const heads = new Map<string, readonly ConceptMap[]>(await Promise.all(urls.map(async (url) => [url, await source.conceptMaps(url)] as const)));
  const within = (canonical: string | undefined, wanted: string | undefined): boolean => wanted === undefined || canonical?.split('|')[0] === wanted.split('|')[0];
  return found.filter(({ map }) => heads.get(map.url)?.some((head) => (head.version ?? '') === map.version && within(head.sourceUri ?? head.sourceCanonical, scopes.source) && within(head.targetUri ?? head.targetCanonical, scopes.target)));
}

/** What a named map does with codes that it does not have (https://hl7.org/fhir/R4/conceptmap-definitions.html#ConceptMap.group.unmapped). */
async function unmapped(code: string, system: string | undefined, map: ConceptMap | string | undefined, { reverse, wanted }: Asked, source: TerminologySource): Promise<Mapping[]> {
  if (map === undefined || reverse) return [];
  const [url = '', version] = typeof map === 'string' ? map.split('|') : [map.url];
  const head = typeof map === 'string' ? (await source.conceptMaps(url)).find((one) => version === undefined || (one.version ?? '') === version) : map;
  return (head?.group ?? []).flatMap(({ source: from, target = '', unmapped: rule }): Mapping[] => {
    if (rule === undefined || (system !== undefined && from !== system) || (wanted !== undefined && wanted !== target)) return [];
    const to = rule.mode === 'provided' ? code : rule.mode === 'fixed' ? rule.code : undefined;
    if (to === undefined) return [];
    return [{ map: { url, version: head?.version ?? '' }, sourceSystem: from ?? '', sourceCode: code, targetSystem: target, targetCode: to, targetDisplay: rule.mode === 'fixed' ? rule.display : undefined, equivalence: rule.mode === 'provided' ? 'equal' : 'inexact', comment: undefined }];
  });
}

/** The other way round: what is wider there is narrower here. */
const reversed: ReadonlyMap<string, string> = new Map([['wider', 'narrower'], ['narrower', 'wider'], ['subsumes', 'specializes'], ['specializes', 'subsumes']]);

/** R5's names for R4's equivalences. */
const relationships: ReadonlyMap<string, string> = new Map([
  ['equivalent', 'equivalent'], ['equal', 'equivalent'], ['relatedto', 'related-to'], ['inexact', 'related-to'],
  ['wider', 'source-is-narrower-than-target'], ['subsumes', 'source-is-narrower-than-target'], ['narrower', 'source-is-broader-than-target'], ['specializes', 'source-is-broader-than-target'],
]);

/** An element of a map's `product` or `dependsOn`. */
interface Related {
  readonly property?: string;
  readonly system?: string;
  readonly value?: string;
  readonly display?: string;
}

function relatedPart(name: string, { property, system, value, display }: Related): ParametersParameter {
  return { name, part: [...(property === undefined ? [] : [{ name: 'element', valueUri: property }]), { name: 'concept', valueCoding: { ...(system !== undefined && { system }), ...(value !== undefined && { code: value }), ...(display !== undefined && { display }) } }] };
}

function matchOf(mapping: Mapping, { reverse, later }: Asked, known: readonly Dependency[]): ParametersParameter {
  const from = { system: mapping.sourceSystem, code: mapping.sourceCode };
  const to = { system: mapping.targetSystem, code: mapping.targetCode!, ...(mapping.targetDisplay !== undefined && { display: mapping.targetDisplay }) };
  // What holds only where something else does says so, unless the request says that it does.
  const conditions = ((mapping.dependsOn ?? []) as readonly Related[]).filter(({ property, value }) => !known.some((one) => one.element === property && one.value === value));
  const equivalence = reverse && !later ? reversed.get(mapping.equivalence) ?? mapping.equivalence : mapping.equivalence;
  return {
    name: 'match', part: [
      { name: 'equivalence', valueCode: equivalence },
      { name: 'concept', valueCoding: reverse && !later ? from : to },
      ...((mapping.product ?? []) as readonly Related[]).map((one) => relatedPart('product', one)),
      ...conditions.map((one) => relatedPart('dependsOn', one)),
      ...(later
        ? [{ name: 'relationship', valueCode: relationships.get(mapping.equivalence) ?? 'related-to' }, { name: 'originMap', valueCanonical: canonicalOf(mapping.map) }, ...(reverse ? [{ name: 'source', valueCoding: from }] : [])]
        : [{ name: 'source', valueUri: canonicalOf(mapping.map) }]),
    ],
  };
}
