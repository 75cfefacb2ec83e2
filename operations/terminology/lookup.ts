/** CodeSystem/$lookup, $subsumes and $find-matches (https://hl7.org/fhir/R4/codesystem-operations.html). */
import type { Coding, ParametersParameter } from '@medplum/fhirtypes';
import { Problem } from '../../fhir/problems.ts';
import type { Database } from '../../store/database.ts';
import { withTerminology } from '../../store/terminology/stored-source.ts';
import { codeKey, type Concept, type Designation } from '../../terminology/concepts.ts';
import { detailed, merged, type Detailed } from '../../terminology/details.ts';
import { preferredForLanguage, shownOf } from '../../terminology/displays.ts';
import { valueOf } from '../../terminology/expand.ts';
import { neighbours, writtenAs } from '../../terminology/filters.ts';
import { TerminologyRefusal } from '../../terminology/issues.ts';
import { serves } from '../../terminology/languages.ts';
import { and, or, type Predicate } from '../../terminology/predicate.ts';
import { canonicalOf, type CodeSystemHead, type TerminologySource } from '../../terminology/source.ts';
import { systemMeant, versionMeant } from '../../terminology/versions-wanted.ts';
import type { Operation, OperationCall } from '../registry.ts';
import { orRefusal, parametersAnswer } from './answers.ts';
import { assertAgrees, assertCodeSaidOnce, assertHonoured, assertOneOf } from './agreement.ts';
import { invalid, readParameters, type Inputs } from './parameters.ts';
import { broughtAlong, commonNames, languagesOf, supplementsOf, versionsOf } from './request.ts';

const lookupNames: ReadonlySet<string> = new Set(['code', 'system', 'version', 'coding', 'date', 'property', ...commonNames]);
const subsumesNames: ReadonlySet<string> = new Set(['codeA', 'codeB', 'system', 'version', 'codingA', 'codingB', ...commonNames]);
const matchNames: ReadonlySet<string> = new Set(['system', 'version', 'property', 'exact', 'compositional', ...commonNames]);

/** Concepts that $find-matches tells. */
const mostMatches = 100;
/** Concepts with the right codes of properties, of which those with the right systems are told. */
const mostLookedAt = 5000;

export function codeSystemOperations(database: Database): readonly Operation[] {
  const operation = (code: string, names: ReadonlySet<string>, answer: (inputs: Inputs, call: OperationCall, source: TerminologySource) => Promise<ParametersParameter[]>): Operation => ({
    code, resource: 'CodeSystem', levels: ['type', 'instance'], canonical: `http://hl7.org/fhir/OperationDefinition/CodeSystem-${code}`, byGet: true,
    handle: (call) => orRefusal(() => {
      const inputs = readParameters(call, code, names);
      return withTerminology(database, call.context.access, async (stored) => parametersAnswer(await answer(inputs, call, broughtAlong(inputs, stored))));
    }),
  });
  return [operation('lookup', lookupNames, lookup), operation('subsumes', subsumesNames, subsumes), operation('find-matches', matchNames, findMatches)];
}

/** The code system of the address or of the parameters. @throws {Problem} `not-found`, `missing-operation-parameter` @throws {TerminologyRefusal} `unknown-code-system` */
async function systemOf(inputs: Inputs, { id }: OperationCall, source: TerminologySource, coding: Coding | undefined): Promise<CodeSystemHead> {
  if (id !== undefined) {
    const found = await source.codeSystemById(id);
    if (found === undefined) throw new Problem('not-found', { type: 'CodeSystem', id });
    for (const named of [coding?.system, inputs.text('system')]) if (named !== undefined && named !== found.url) throw invalid('system', 'it is not that of the resource in the address');
    for (const named of [coding?.version, inputs.text('version')]) if (named !== undefined && named !== found.version) throw invalid('version', 'it is not that of the resource in the address');
    return found;
  }
  const url = coding === undefined ? inputs.required('system') : coding.system ?? inputs.text('system');
  if (url === undefined) throw invalid('coding', 'a system is expected in it');
  const version = coding?.version ?? inputs.text('version');
  const systems = await source.codeSystems(url);
  const wanted = versionsOf(inputs);
  const found = systemMeant(systems, url, version, wanted);
  if (found !== undefined) return found;
  const known = systems.filter(({ content }) => content !== 'supplement').map((one) => one.version);
  const meant = versionMeant(url, version, wanted);
  throw meant !== undefined && known.length > 0
    ? new TerminologyRefusal('unknown-code-system-version', { system: url, version: meant, versions: known.join(', ') })
    : new TerminologyRefusal('unknown-code-system', { system: url });
}

function codeOf(coding: Coding | undefined, inputs: Inputs, name: string): string {
  const code = coding === undefined ? inputs.required(name) : coding.code;
  if (typeof code !== 'string') throw invalid('coding', 'a code is expected in it');
  return code;
}

async function lookup(inputs: Inputs, call: OperationCall, source: TerminologySource): Promise<ParametersParameter[]> {
  assertHonoured(inputs, call, 'lookup');
  assertCodeSaidOnce(inputs, { code: 'code', coding: 'coding', versions: ['version'] });
  const coding = inputs.element('coding', 'Coding') as Coding | undefined;
  const system = await systemOf(inputs, call, source, coding);
  const code = codeOf(coding, inputs, 'code');
  const languages = languagesOf(inputs, call);
  const supplements = await supplementsOf(inputs, source);
  const [answer] = await source.ask([{ system, code, where: [] }]);
  if (answer!.concept === undefined) throw new TerminologyRefusal('unknown-concept', { code, system: system.url, version: system.version });
  const [whole] = await detailed([answer!.concept], system, supplements, source);
  const concept = merged(whole!);
  const wanted = inputs.texts('property');
  const isWanted = (name: string): boolean => wanted.length === 0 || wanted.includes('*') || wanted.includes(name);
  const shown = shownOf({ display: concept.display, language: system.resource.language, designations: concept.designations }, languages);
  return [
    { name: 'name', valueString: system.resource.name ?? system.url },
    ...(system.version === '' ? [] : [{ name: 'version', valueString: system.version }]),
    { name: 'display', valueString: shown.display ?? concept.display ?? concept.code },
    { name: 'code', valueCode: concept.code },
    { name: 'system', valueUri: system.url },
    { name: 'abstract', valueBoolean: concept.abstract },
    ...(concept.definition === undefined ? [] : [{ name: 'definition', valueString: concept.definition }]),
    ...(isWanted('designation') ? designationsOf(whole!, system).filter(({ language }) => languages === undefined || language === undefined || languages.tags.some((tag) => serves(language, tag))).map(designationPart) : []),
    ...(isWanted('inactive') ? [property('inactive', { valueBoolean: concept.inactive })] : []),
    ...(wanted.includes('*') || wanted.includes('parent') || wanted.includes('child') ? await neighbourProperties(concept.number, system, source, isWanted) : []),
    ...propertiesOf(concept, wanted),
    ...whole!.supplements.map(({ supplement }) => ({ name: 'used-supplement', valueCanonical: canonicalOf(supplement) })),
  ];
}

interface SourcedDesignation extends Designation {
  /** Canonical of the supplement that it is of. */
  readonly source?: string;
}

/** The display as a designation of its own language, those of the code system, those of supplements. */
function designationsOf({ concept, supplements }: Detailed, { resource }: CodeSystemHead): readonly SourcedDesignation[] {
  return [
    ...(concept.display === undefined || resource.language === undefined ? [] : [{ language: resource.language, use: preferredForLanguage, value: concept.display }]),
    ...concept.designations,
    ...supplements.flatMap(({ supplement, concept: added }) => added.designations.map((one) => ({ ...one, source: canonicalOf(supplement) }))),
  ];
}

function designationPart({ language, use, value, source }: SourcedDesignation): ParametersParameter {
  return {
    name: 'designation', part: [
      ...(language === undefined ? [] : [{ name: 'language', valueCode: language }]),
      ...(use === undefined ? [] : [{ name: 'use', valueCoding: use }]),
      { name: 'value', valueString: value },
      ...(source === undefined ? [] : [{ name: 'source', valueCanonical: source }]),
    ],
  };
}

function property(code: string, value: Record<string, unknown>, description?: string): ParametersParameter {
  return { name: 'property', part: [{ name: 'code', valueCode: code }, { name: 'value', ...value }, ...(description === undefined ? [] : [{ name: 'description', valueString: description }])] };
}

async function neighbourProperties(number: number, system: CodeSystemHead, source: TerminologySource, isWanted: (name: string) => boolean): Promise<ParametersParameter[]> {
  const { parents, children } = await source.neighbours(system, number);
  return [
    ...(isWanted('parent') ? parents.map(({ code, display }) => property('parent', { valueCode: code }, display)) : []),
    ...(isWanted('child') ? children.map(({ code, display }) => property('child', { valueCode: code }, display)) : []),
  ];
}

/** Those of the concept: where none are named, all but what hierarchy is made of. */
function propertiesOf({ properties }: Concept, wanted: readonly string[]): ParametersParameter[] {
  const hierarchy = new Set(['parent', 'child', 'subsumedBy', 'inactive']);
  return properties.filter(({ code }) => !hierarchy.has(code) && (wanted.length === 0 || wanted.includes('*') || wanted.includes(code))).map((one) => property(one.code, valueOf(one)));
}

async function subsumes(inputs: Inputs, call: OperationCall, source: TerminologySource): Promise<ParametersParameter[]> {
  for (const one of ['A', 'B']) assertOneOf(inputs, [`code${one}`, `coding${one}`]);
  for (const one of ['codingA', 'codingB']) assertAgrees(inputs, one, ['version']);
  const [a, b] = [inputs.element('codingA', 'Coding') as Coding | undefined, inputs.element('codingB', 'Coding') as Coding | undefined];
  if ((a === undefined) !== (b === undefined)) throw invalid('codingA', 'it goes with codingB');
  if (a?.system !== b?.system || a?.version !== b?.version) throw invalid('codingB', 'both codes are of one system, and of one version of it');
  const system = await systemOf(inputs, call, source, a);
  const [codeA, codeB] = [codeOf(a, inputs, 'codeA'), codeOf(b, inputs, 'codeB')];
  const below = (code: string): Predicate => ({ kind: 'below', key: codeKey(code, system.caseSensitive), self: true });
  const details = { designations: false, properties: false };
  const [ofA, ofB] = await source.ask([{ system, code: codeA, where: [below(codeB)], details }, { system, code: codeB, where: [below(codeA)], details }]);
  for (const [code, { concept }] of [[codeA, ofA!], [codeB, ofB!]] as const) if (concept === undefined) throw new TerminologyRefusal('unknown-concept', { code, system: system.url, version: system.version });
  const outcome = ofA!.concept!.number === ofB!.concept!.number ? 'equivalent' : ofB!.truths[0] === true ? 'subsumes' : ofA!.truths[0] === true ? 'subsumed-by' : 'not-subsumed';
  return [{ name: 'outcome', valueCode: outcome }];
}

/** A property that is asked for. */
interface Given {
  readonly code: string;
  readonly value: string;
  /** Of a Coding. */
  readonly system: string | undefined;
  readonly part: ParametersParameter;
}

/** @throws {Problem} `invalid-operation-parameter`, `missing-operation-parameter` */
function givenIn(inputs: Inputs): readonly Given[] {
  const given = inputs.of('property').map(({ parts }): Given => {
    const [code, said] = ['code', 'value'].map((wanted) => parts.find(({ name }) => name === wanted));
    const coding = typeof said?.value === 'object' && said.value !== null && 'code' in said.value ? said.value as Coding : undefined;
    const text: unknown = coding === undefined ? said?.value : coding.code;
    if (typeof code?.value !== 'string' || (typeof text !== 'string' && typeof text !== 'number' && typeof text !== 'boolean')) throw invalid('property', 'a code and a value are expected');
    if (coding?.system !== undefined && typeof coding.system !== 'string') throw invalid('property', 'the system of a Coding is a text');
    const value = coding === undefined ? { [`value${said?.type ?? 'String'}`]: text } : { valueCoding: { ...(coding.system !== undefined && { system: coding.system }), code: String(text) } };
    return { code: code.value, value: String(text), system: coding?.system, part: { name: 'unmatched', part: [{ name: 'code', valueCode: code.value }, { name: 'value', ...value }] } };
  });
  if (given.length === 0) throw new Problem('missing-operation-parameter', { operation: 'find-matches', name: 'property' });
  return given;
}

function predicateOf({ code, value }: Given, system: CodeSystemHead): Predicate {
  if (code === 'code') return { kind: 'codes', keys: new Set([codeKey(value, system.caseSensitive)]) };
  if (code === 'display') return { kind: 'display', values: [value] };
  return neighbours(code, [value], system) ?? { kind: 'property', names: [code], values: writtenAs([code], [value], system) };
}

/** Whether the system of a Coding is that of the concept's property: the concept's own, unless the property is a Coding of another. */
function isOfSystem({ code, value, system: wanted }: Given, { properties }: Concept, system: CodeSystemHead): boolean {
  if (wanted === undefined) return true;
  const own = properties.filter((one) => one.code === code && writtenAs([code], [value], system).includes(one.value));
  return own.length === 0 ? wanted === system.url : own.some((one) => (one.type === 'Coding' ? one.system : system.url) === wanted);
}

/**
 * Concepts that have all properties that are given, whatever else they have; where there are none, those that have some, and
 * which ones could not be matched. Both are what a program may go by: what is merely possible is never told, with `exact` or
 * without. A part of the operation: nothing is composed.
 */
async function findMatches(inputs: Inputs, call: OperationCall, source: TerminologySource): Promise<ParametersParameter[]> {
  const system = await systemOf(inputs, call, source, undefined);
  inputs.flag('exact');
  const given = givenIn(inputs);
  const wanted = given.map((one) => predicateOf(one, system));
  const complete = await matched(and(wanted), (unmatched) => unmatched.length === 0);
  return complete.length > 0 ? complete : matched(or(wanted), (unmatched) => unmatched.length < given.length);

  async function matched(where: Predicate, isMatch: (unmatched: readonly Given[]) => boolean): Promise<ParametersParameter[]> {
    const found: ParametersParameter[] = [];
    for (let offset = 0; offset < mostLookedAt && found.length < mostMatches; offset += mostMatches) {
      const { concepts, total } = await source.select(system, { where, words: [], offset, limit: mostMatches, designations: false, properties: true });
      const answers = await source.ask(concepts.map(({ code }) => ({ system, code, where: wanted, details: { designations: false, properties: false } })));
      for (const [index, concept] of concepts.entries()) {
        const unmatched = given.filter((one, place) => answers[index]!.truths[place] !== true || !isOfSystem(one, concept, system));
        if (isMatch(unmatched) && found.length < mostMatches) found.push(matchPart(concept, unmatched, system));
      }
      if (offset + mostMatches >= total) break;
    }
    return found;
  }
}

function matchPart({ code, display }: Concept, unmatched: readonly Given[], { url, version }: CodeSystemHead): ParametersParameter {
  return { name: 'match', part: [
    { name: 'code', valueCoding: { system: url, ...(version !== '' && { version }), code, ...(display !== undefined && { display }) } },
    ...unmatched.map(({ part }) => part),
  ] };
}
