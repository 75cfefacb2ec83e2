/**
 * Inputs of terminology operations that depend on each other: what must not be said twice, what must agree where it is, and
 * what the specification has and this server cannot go by. Whoever says two things gets neither by chance.
 * Source: the definitions of $lookup, $validate-code, $subsumes and $expand (https://hl7.org/fhir/R4/operations.html).
 */
import type { Coding } from '@medplum/fhirtypes';
import { dateRange } from '../../fhir/search-values/dates.ts';
import { Problem } from '../../fhir/problems.ts';
import { splitCanonical } from '../../terminology/source.ts';
import type { OperationCall } from '../registry.ts';
import { invalid, type Inputs } from './parameters.ts';

/** Names that are known, and of which {@link assertHonoured} says what comes of them. */
export const contextNames: readonly string[] = ['context', 'contextDirection'];

/**
 * `context` and `date` are never passed over: the answer would be another one than was asked for. A date is taken where now
 * is within it.
 * @throws {Problem} `unsupported-operation-parameter`, `invalid-operation-parameter`
 */
export function assertHonoured(inputs: Inputs, { context }: OperationCall, operation: string): void {
  const given = contextNames.find((name) => inputs.has(name));
  if (given !== undefined) throw new Problem('unsupported-operation-parameter', { operation, name: given, reason: 'no value set is found by a context; name it by url' });
  const date = inputs.text('date');
  if (date === undefined) return;
  const range = dateRange(date);
  if (range === undefined) throw invalid('date', 'a date or dateTime is expected');
  const now = context.now().getTime();
  if (now < range.low || now > range.high) throw new Problem('unsupported-operation-parameter', { operation, name: 'date', reason: 'definitions are here as they are now, and by their versions; name the version' });
}

/** @throws {Problem} `invalid-operation-parameter` where more than one of them is there */
export function assertOneOf(inputs: Inputs, names: readonly string[]): void {
  const [first, second] = names.filter((name) => inputs.has(name));
  if (second !== undefined) throw invalid(second, `${first!} is there as well, and one of ${names.slice(0, -1).join(', ')} and ${names.at(-1)!} is expected`);
}

/**
 * The code in question is said once, and what is said beside it of its system, version and display is said of no other.
 * @throws {Problem} `invalid-operation-parameter`
 */
export function assertCodeSaidOnce(inputs: Inputs, names: { readonly code: string; readonly coding: string; readonly concept?: string; readonly versions: readonly string[] }): void {
  const { code, coding, concept, versions } = names;
  assertOneOf(inputs, [code, coding, ...(concept === undefined ? [] : [concept])]);
  assertSame(inputs, versions);
  if (inputs.has('display') && !inputs.has(code)) throw invalid('display', `it goes with ${code}; a Coding has its own`);
  assertAgrees(inputs, coding, versions);
}

/** Beside a CodeableConcept nothing is said of a system: each of its codings has one. @throws {Problem} `invalid-operation-parameter` */
export function assertNoSystemBeside(inputs: Inputs, concept: string, names: readonly string[]): void {
  const beside = inputs.has(concept) ? names.find((name) => inputs.has(name)) : undefined;
  if (beside !== undefined) throw invalid(beside, `each Coding of ${concept} has its own`);
}

/** What `system` and the version say beside a Coding is what the Coding says. @throws {Problem} `invalid-operation-parameter` */
export function assertAgrees(inputs: Inputs, coding: string, versions: readonly string[]): void {
  const one = inputs.element(coding, 'Coding') as Coding | undefined;
  if (one === undefined) return;
  const system = inputs.text('system');
  if (system !== undefined && one.system !== undefined && system !== one.system) throw invalid('system', `it is not that of ${coding}`);
  for (const name of versions) {
    const version = inputs.text(name);
    if (version !== undefined && one.version !== undefined && version !== one.version) throw invalid(name, `it is not that of ${coding}`);
  }
}

/** @throws {Problem} `invalid-operation-parameter` where two of these say different things */
export function assertSame(inputs: Inputs, names: readonly string[]): void {
  const [first, ...others] = names.filter((name) => inputs.has(name));
  for (const other of others) if (inputs.text(other) !== inputs.text(first!)) throw invalid(other, `it says another thing than ${first!}`);
}

/**
 * What is said of a definition beside the definition itself, in the address or in the body, is what that says.
 * @throws {Problem} `invalid-operation-parameter`
 */
export function assertIsThat(inputs: Inputs, names: { readonly url: string; readonly version: string }, definition: { readonly url?: string | undefined; readonly version?: string | undefined }, where: string): void {
  const text = inputs.text(names.url);
  const said = text === undefined ? undefined : splitCanonical(text);
  if (said !== undefined && said.url !== (definition.url ?? '')) throw invalid(names.url, `it is not that of ${where}`);
  for (const [name, version] of [[names.url, said?.version], [names.version, inputs.text(names.version)]] as const) {
    if (version !== undefined && version !== (definition.version ?? '')) throw invalid(name, `its version is not that of ${where}`);
  }
}

/** Of one system, one version. @throws {Problem} `invalid-operation-parameter` */
export function assertVersionsSaidOnce(inputs: Inputs, names: readonly string[]): void {
  for (const name of names) {
    const known = new Map<string, string>();
    for (const canonical of inputs.texts(name)) {
      const { url, version } = splitCanonical(canonical);
      if (version === undefined || version === '' || url === '') throw invalid(name, 'an address and a version are expected, with | between them');
      if (known.has(url) && known.get(url) !== version) throw invalid(name, 'it says two versions of one address');
      known.set(url, version);
    }
  }
}
