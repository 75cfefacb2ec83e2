/** What several terminology operations take: languages, versions, supplements, definitions brought along, and the value set in question. */
import type { Resource, ValueSet } from '@medplum/fhirtypes';
import { Problem } from '../../fhir/problems.ts';
import { supplementsNamed } from '../../terminology/details.ts';
import { TerminologyRefusal } from '../../terminology/issues.ts';
import { readLanguages, type WantedLanguages } from '../../terminology/languages.ts';
import { layered } from '../../terminology/layered-source.ts';
import { memoryValueSet, valueSetMeant } from '../../terminology/scheme.ts';
import { splitCanonical, type CodeSystemHead, type TerminologySource, type ValueSetHead } from '../../terminology/source.ts';
import { versionsByUrl, type WantedVersions } from '../../terminology/versions-wanted.ts';
import { withShipped } from '../../store/terminology/shipped.ts';
import type { OperationCall } from '../registry.ts';
import { assertIsThat, assertVersionsSaidOnce } from './agreement.ts';
import { invalid, type Inputs } from './parameters.ts';

/** Names that {@link versionsOf}, {@link broughtAlong} and {@link valueSetOf} read. */
export const commonNames: readonly string[] = ['displayLanguage', 'system-version', 'check-system-version', 'force-system-version', 'default-valueset-version', 'valueset-version', 'tx-resource', 'useSupplement'];

/** @throws {Problem} `invalid-operation-parameter` */
export function versionsOf(inputs: Inputs): WantedVersions {
  assertVersionsSaidOnce(inputs, ['system-version', 'check-system-version', 'force-system-version']);
  return {
    system: versionsByUrl(inputs.texts('system-version')), check: versionsByUrl(inputs.texts('check-system-version')), force: versionsByUrl(inputs.texts('force-system-version')),
    valueSet: versionsByUrl([...inputs.texts('default-valueset-version'), ...inputs.texts('valueset-version')]),
  };
}

/** The stored definitions, with those that the request brings along before them, and those that ship beneath. */
export function broughtAlong(inputs: Inputs, stored: TerminologySource): TerminologySource {
  return layered(inputs.of('tx-resource').flatMap(({ resource }): Resource[] => (resource === undefined ? [] : [resource])), withShipped(stored));
}

/** @throws {TerminologyRefusal} `bad-language` */
export function languagesOf(inputs: Inputs, { language }: Pick<OperationCall, 'language'>, valueSet?: ValueSet): WantedLanguages | undefined {
  // A header that cannot be read says nothing: clients send it without being told to.
  const header = language !== undefined && readLanguages(language) !== undefined ? language : undefined;
  const text = inputs.text('displayLanguage') ?? header ?? expansionParameter(valueSet, 'displayLanguage') ?? valueSet?.language;
  if (text === undefined) return undefined;
  const languages = readLanguages(text);
  if (languages === undefined) throw new TerminologyRefusal('bad-language', { languages: text.slice(0, 100) });
  return languages;
}

/** What a value set says of how it is expanded (https://hl7.org/fhir/extensions/StructureDefinition-valueset-expansion-parameter.html). */
export function expansionParameter(valueSet: ValueSet | undefined, name: string): string | undefined {
  const { extension = [] } = (valueSet?.compose ?? {}) as { extension?: readonly { url?: string; extension?: readonly { url?: string; valueCode?: string; valueString?: string; valueUri?: string }[] }[] };
  for (const { url, extension: parts = [] } of extension) {
    const value = parts.find((part) => part.url === 'value');
    if (url === 'http://hl7.org/fhir/StructureDefinition/valueset-expansion-parameter' && parts.some((part) => part.url === 'name' && (part.valueCode ?? part.valueString) === name)) return value?.valueCode ?? value?.valueString ?? value?.valueUri;
  }
  return undefined;
}

/** Supplements that the request or the value set asks for. @throws {TerminologyRefusal} `supplement-missing` */
export async function supplementsOf(inputs: Inputs, source: TerminologySource, valueSet?: ValueSet): Promise<readonly CodeSystemHead[]> {
  const required = (valueSet?.extension ?? []).flatMap(({ url, valueCanonical }) => (url === 'http://hl7.org/fhir/StructureDefinition/valueset-supplement' && valueCanonical !== undefined ? [valueCanonical] : []));
  return supplementsNamed([...inputs.texts('useSupplement'), ...required], source);
}

/** The value set in question: that of the address, the one that was sent, or the one that is named. @throws {Problem} `not-found`, `missing-operation-parameter` @throws {TerminologyRefusal} `unknown-value-set` */
export async function valueSetOf(inputs: Inputs, call: OperationCall, source: TerminologySource, operation: string): Promise<ValueSetHead> {
  if (call.id !== undefined) {
    const found = await source.valueSetById(call.id);
    if (found === undefined) throw new Problem('not-found', { type: 'ValueSet', id: call.id });
    if (inputs.has('valueSet')) throw invalid('valueSet', 'the resource in the address is meant');
    assertIsThat(inputs, { url: 'url', version: 'valueSetVersion' }, found, 'the resource in the address');
    return found;
  }
  const sent = inputs.resource('valueSet', 'ValueSet');
  if (sent !== undefined) {
    assertIsThat(inputs, { url: 'url', version: 'valueSetVersion' }, sent as ValueSet, 'the value set that was sent');
    return memoryValueSet(sent as ValueSet);
  }
  const url = inputs.text('url');
  if (url === undefined) throw new Problem('missing-operation-parameter', { operation, name: 'url' });
  const version = inputs.text('valueSetVersion');
  if (version !== undefined && ![undefined, version].includes(splitCanonical(url).version)) throw invalid('valueSetVersion', 'it is another version than that of url');
  return valueSetMeant(version === undefined ? url : `${splitCanonical(url).url}|${version}`, { source, versions: versionsOf(inputs) });
}
