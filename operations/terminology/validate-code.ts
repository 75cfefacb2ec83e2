/**
 * $validate-code on CodeSystem and ValueSet, and many of them at once
 * (https://hl7.org/fhir/R4/valueset-operation-validate-code.html, https://hl7.org/fhir/R4/codesystem-operation-validate-code.html).
 */
import type { CodeableConcept, CodeSystem, Coding, OperationOutcome, Parameters, ParametersParameter } from '@medplum/fhirtypes';
import { outcomeOf } from '../../fhir/outcome.ts';
import { Problem } from '../../fhir/problems.ts';
import type { Database } from '../../store/database.ts';
import { withTerminology } from '../../store/terminology/stored-source.ts';
import { TerminologyRefusal } from '../../terminology/issues.ts';
import { layered } from '../../terminology/layered-source.ts';
import { schemeOf, type Scheme } from '../../terminology/scheme.ts';
import { splitCanonical, type TerminologySource, type ValueSetHead } from '../../terminology/source.ts';
import { validateCodings, type CodingInput, type Validated, type ValidateRequest } from '../../terminology/validate.ts';
import type { Operation, OperationCall } from '../registry.ts';
import { orRefusal, outcomeOfTerminology, parametersAnswer } from './answers.ts';
import { assertCodeSaidOnce, assertHonoured, assertIsThat, assertNoSystemBeside, assertSame, contextNames } from './agreement.ts';
import { invalid, parametersWithin, readParameters, type Inputs } from './parameters.ts';
import { broughtAlong, commonNames, languagesOf, supplementsOf, valueSetOf, versionsOf } from './request.ts';

const inBoth: readonly string[] = ['url', 'code', 'coding', 'codeableConcept', 'display', 'version', 'abstract', 'lenient-display-validation', 'activeOnly', 'includeDesignations', 'date', ...commonNames];
const onValueSet: ReadonlySet<string> = new Set([...inBoth, 'valueSet', 'valueSetVersion', 'system', 'systemVersion', 'inferSystem', 'valueset-membership-only', ...contextNames]);
const onCodeSystem: ReadonlySet<string> = new Set([...inBoth, 'codeSystem', 'system', 'systemVersion']);
const validation = 'validation';
const saidOf = { code: 'code', coding: 'coding', concept: 'codeableConcept', versions: ['version', 'systemVersion'] } as const;

/** Codings in one CodeableConcept. */
const mostCodings = 100;

/** Validations in one $batch-validate-code. */
const mostInBatch = 1000;

export function validateCodeOperations(database: Database): readonly Operation[] {
  const canonical = (type: string): string => `http://hl7.org/fhir/OperationDefinition/${type}-validate-code`;
  return [
    {
      code: 'validate-code', resource: 'ValueSet', levels: ['type', 'instance'], canonical: canonical('ValueSet'), byGet: true,
      handle: (call) => orRefusal(() => {
        const inputs = readParameters(call, 'validate-code', onValueSet, { type: 'ValueSet', name: 'valueSet' });
        return withTerminology(database, call.context.access, async (stored) => parametersAnswer(await inValueSet(inputs, call, broughtAlong(inputs, stored))));
      }),
    },
    {
      code: 'validate-code', resource: 'CodeSystem', levels: ['type', 'instance'], canonical: canonical('CodeSystem'), byGet: true,
      handle: (call) => orRefusal(() => {
        const inputs = readParameters(call, 'validate-code', onCodeSystem, { type: 'CodeSystem', name: 'codeSystem' });
        return withTerminology(database, call.context.access, async (stored) => parametersAnswer(await inCodeSystem(inputs, call, broughtAlong(inputs, stored))));
      }),
    },
    { code: 'batch-validate-code', resource: 'ValueSet', levels: ['type'], canonical: 'http://hl7.org/fhir/uv/tx-ecosystem/OperationDefinition/batch-validate-code', byGet: false, handle: (call) => batch(database, call, onValueSet, inValueSet) },
    { code: 'batch-validate-code', resource: 'CodeSystem', levels: ['type'], canonical: 'http://hl7.org/fhir/uv/tx-ecosystem/OperationDefinition/batch-validate-code', byGet: false, handle: (call) => batch(database, call, onCodeSystem, inCodeSystem) },
  ];
}

type Validate = (inputs: Inputs, call: OperationCall, source: TerminologySource) => Promise<ParametersParameter[]>;

function batch(database: Database, call: OperationCall, names: ReadonlySet<string>, validate: Validate): ReturnType<Operation['handle']> {
  return orRefusal(async () => {
    const shared = readParameters(call, 'batch-validate-code', new Set([...names, validation]));
    const asked = shared.of(validation);
    if (asked.length > mostInBatch) throw invalid(validation, `there are more than ${mostInBatch}`);
    const common = call.resource('a Parameters resource') as Parameters;
    const all = (common.parameter ?? []).filter(({ name }) => name !== validation);
    return parametersAnswer(await withTerminology(database, call.context.access, async (stored) => {
      const source = broughtAlong(shared, stored);
      return Promise.all(asked.map(async ({ resource }): Promise<ParametersParameter> => ({ name: validation, resource: await one(resource, all, source) })));
    }));
  });

  /** What is said of one goes before what is said of all. A refusal is the answer to one. */
  async function one(resource: unknown, all: readonly ParametersParameter[], source: TerminologySource): Promise<Parameters | OperationOutcome> {
    try {
      const own = Array.isArray((resource as Parameters | undefined)?.parameter) ? resource as Parameters : undefined;
      const said = new Set((own?.parameter ?? []).map(({ name }) => name));
      const inputs = parametersWithin({ resourceType: 'Parameters', parameter: [...own?.parameter ?? [], ...all.filter(({ name }) => !said.has(name))] }, 'validate-code', names);
      if (!['code', 'coding', 'codeableConcept'].some((name) => inputs.has(name))) throw new TerminologyRefusal('nothing-to-validate', {});
      inputs.assertKnown();
      return { resourceType: 'Parameters', parameter: await validate(inputs, call, source) };
    } catch (error) {
      if (error instanceof TerminologyRefusal) return outcomeOfTerminology([error.terminology]);
      if (error instanceof Problem) return outcomeOf(error);
      throw error;
    }
  }
}

async function inValueSet(inputs: Inputs, call: OperationCall, source: TerminologySource): Promise<ParametersParameter[]> {
  assertHonoured(inputs, call, 'validate-code');
  assertCodeSaidOnce(inputs, saidOf);
  assertNoSystemBeside(inputs, 'codeableConcept', ['system', 'systemVersion', 'version']);
  const codings = codingsOf(inputs, inputs.text('system'), inputs.text('systemVersion') ?? inputs.text('version'));
  const valueSet = await valueSetOf(inputs, call, source, 'validate-code');
  const common = await commonOf(inputs, call, source, valueSet);
  let scheme: Scheme;
  try {
    scheme = await schemeOf(valueSet, { source, versions: common.versions, activeOnly: common.activeOnly });
  } catch (error) {
    // A value set that is made of one that is not here: nothing can be said of a code, and that is an answer.
    if (!(error instanceof TerminologyRefusal) || error.terminology.code !== 'unknown-value-set') throw error;
    return answerOf({ result: false, issues: [error.terminology], message: messageOfRefusal(error), coding: undefined, normalizedCode: undefined, inactive: false, status: undefined, unknownSystem: undefined, causedByUnknownSystem: undefined }, inputs);
  }
  return answerOf(await validateCodings({ ...common, ...codings, source, scheme, inferSystem: inputs.flag('inferSystem') ?? false, membershipOnly: inputs.flag('valueset-membership-only') ?? false }), inputs);
}

function messageOfRefusal({ terminology }: TerminologyRefusal): string {
  return outcomeOfTerminology([terminology]).issue[0]!.details!.text!;
}

async function inCodeSystem(inputs: Inputs, call: OperationCall, stored: TerminologySource): Promise<ParametersParameter[]> {
  assertHonoured(inputs, call, 'validate-code');
  assertSame(inputs, ['url', 'system']);
  assertCodeSaidOnce(inputs, saidOf);
  const sent = inputs.resource('codeSystem', 'CodeSystem') as CodeSystem | undefined;
  const source = sent === undefined ? stored : layered([sent], stored);
  const named = call.id === undefined ? undefined : await stored.codeSystemById(call.id);
  if (call.id !== undefined && named === undefined) throw new Problem('not-found', { type: 'CodeSystem', id: call.id });
  if (named !== undefined && sent !== undefined) throw invalid('codeSystem', 'the resource in the address is meant');
  const meant = named ?? sent;
  if (meant !== undefined) for (const url of ['url', 'system']) for (const version of ['version', 'systemVersion']) assertIsThat(inputs, { url, version }, meant, named === undefined ? 'the code system that was sent' : 'the resource in the address');
  const url = named?.url ?? sent?.url ?? inputs.text('url') ?? inputs.text('system');
  const coding = inputs.element('coding', 'Coding') as Coding | undefined;
  if (coding?.system !== undefined && url !== undefined && coding.system !== splitCanonical(url).url) throw invalid('coding', 'its system is not the code system in question');
  const codings = codingsOf(inputs, url, named?.version ?? inputs.text('version') ?? inputs.text('systemVersion'));
  const common = await commonOf(inputs, call, source, undefined);
  const answer = await validateCodings({ ...common, ...codings, source, scheme: undefined, inferSystem: false, membershipOnly: false });
  return answerOf(answer, inputs);
}

async function commonOf(inputs: Inputs, call: OperationCall, source: TerminologySource, valueSet: ValueSetHead | undefined): Promise<Pick<ValidateRequest, 'abstract' | 'activeOnly' | 'lenientDisplay' | 'languages' | 'supplements' | 'versions'>> {
  return {
    abstract: inputs.flag('abstract') ?? true, activeOnly: inputs.flag('activeOnly') ?? false, lenientDisplay: inputs.flag('lenient-display-validation') ?? false,
    languages: languagesOf(inputs, call, valueSet?.resource), supplements: await supplementsOf(inputs, source, valueSet?.resource), versions: versionsOf(inputs),
  };
}

/** @throws {TerminologyRefusal} `nothing-to-validate` */
function codingsOf(inputs: Inputs, system: string | undefined, version: string | undefined): Pick<ValidateRequest, 'codings' | 'form'> {
  const concept = inputs.element('codeableConcept', 'CodeableConcept') as CodeableConcept | undefined;
  if (concept !== undefined) {
    if (!Array.isArray(concept.coding) || concept.coding.length === 0) throw new TerminologyRefusal('nothing-to-validate', {});
    if (concept.coding.length > mostCodings) throw invalid('codeableConcept', `it has more than ${mostCodings} codings`);
    return { codings: concept.coding.map((one) => inputOf(one, one.system, one.system !== undefined && one.system === system ? version : undefined)), form: 'codeableConcept' };
  }
  const coding = inputs.element('coding', 'Coding') as Coding | undefined;
  if (coding !== undefined) return { codings: [inputOf(coding, coding.system ?? system, version)], form: 'coding' };
  const code = inputs.text('code');
  if (code === undefined || (system === undefined && inputs.flag('inferSystem') !== true)) throw new TerminologyRefusal('nothing-to-validate', {});
  const display = inputs.text('display');
  return { codings: [{ code, ...(system !== undefined && { system }), ...(version !== undefined && { version }), ...(display !== undefined && { display }) }], form: 'code' };
}

/** A Coding, of the system and version that are meant where it says none. */
function inputOf(coding: Coding, system: string | undefined, meant: string | undefined): CodingInput {
  for (const part of [coding.system, coding.version, coding.code, coding.display]) if (part !== undefined && typeof part !== 'string') throw invalid('coding', 'system, version, code and display are texts');
  const { code, display, version = meant } = coding;
  return { ...(system !== undefined && { system }), ...(version !== undefined && { version }), ...(code !== undefined && { code }), ...(display !== undefined && { display }) };
}

function answerOf({ result, issues, message, coding, normalizedCode, inactive, status, unknownSystem, causedByUnknownSystem }: Validated, inputs: Inputs): ParametersParameter[] {
  const concept = inputs.element('codeableConcept', 'CodeableConcept') as CodeableConcept | undefined;
  return [
    { name: 'result', valueBoolean: result },
    ...(message === undefined ? [] : [{ name: 'message', valueString: message }]),
    ...(coding?.display === undefined ? [] : [{ name: 'display', valueString: coding.display }]),
    ...(coding?.code === undefined ? [] : [{ name: 'code', valueCode: coding.code }]),
    ...(normalizedCode === undefined ? [] : [{ name: 'normalized-code', valueCode: normalizedCode }]),
    ...(coding?.system === undefined ? [] : [{ name: 'system', valueUri: coding.system }]),
    ...(coding?.version === undefined ? [] : [{ name: 'version', valueString: coding.version }]),
    ...(concept === undefined ? [] : [{ name: 'codeableConcept', valueCodeableConcept: concept }]),
    ...(inactive ? [{ name: 'inactive', valueBoolean: true }] : []),
    ...(status === undefined ? [] : [{ name: 'status', valueCode: status }]),
    ...(unknownSystem === undefined ? [] : [{ name: 'x-unknown-system', valueCanonical: unknownSystem }]),
    ...(causedByUnknownSystem === undefined ? [] : [{ name: 'x-caused-by-unknown-system', valueCanonical: causedByUnknownSystem }]),
    ...(issues.length === 0 ? [] : [{ name: 'issues', resource: outcomeOfTerminology(issues) }]),
  ];
}

