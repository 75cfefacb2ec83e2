/**
 * Whether codes are right: known to their systems, in a value set, with a right display
 * (https://hl7.org/fhir/R4/valueset-operation-validate-code.html).
 */
import type { ValueSetComposeIncludeConcept } from '@medplum/fhirtypes';
import { codeKey, propertiesFor, type NumberedConcept } from './concepts.ts';
import { detailed, merged, statusOf } from './details.ts';
import { displaysOf, shownOf, type DisplayText } from './displays.ts';
import { issueText, severityOf, terminologyIssues, type TerminologyIssue, type TerminologyIssueCode } from './issues.ts';
import type { WantedLanguages } from './languages.ts';
import { settledFor } from './predicate.ts';
import type { Elsewhere, Part, Scheme } from './scheme.ts';
import { canonicalOf, type Answer, type CodeSystemHead, type TerminologySource } from './source.ts';
import { compareDefinitions, latest, matchesVersion } from './versions.ts';
import { systemMeant, versionsHere, type WantedVersions } from './versions-wanted.ts';

export interface CodingInput {
  readonly system?: string;
  readonly version?: string;
  readonly code?: string;
  readonly display?: string;
}

export interface ValidateRequest {
  readonly source: TerminologySource;
  /** Undefined: in its code system, whatever the value set. */
  readonly scheme: Scheme | undefined;
  readonly codings: readonly CodingInput[];
  /** How the codings came: it decides the expressions of issues, and what makes the whole right. */
  readonly form: 'code' | 'coding' | 'codeableConcept';
  readonly inferSystem: boolean;
  /** False: abstract codes are not accepted. */
  readonly abstract: boolean;
  readonly activeOnly: boolean;
  readonly lenientDisplay: boolean;
  /** Only membership is in question, and no display. */
  readonly membershipOnly: boolean;
  readonly languages: WantedLanguages | undefined;
  readonly supplements: readonly CodeSystemHead[];
  readonly versions: WantedVersions;
}

export interface Validated {
  readonly result: boolean;
  readonly issues: readonly TerminologyIssue[];
  readonly message: string | undefined;
  readonly coding: { readonly code: string | undefined; readonly system: string | undefined; readonly version: string | undefined; readonly display: string | undefined } | undefined;
  /** The code as the system writes it, where that differs. */
  readonly normalizedCode: string | undefined;
  readonly inactive: boolean;
  readonly status: string | undefined;
  /** Systems that are not here: asked about, or part of the value set. */
  readonly unknownSystem: string | undefined;
  readonly causedByUnknownSystem: string | undefined;
}

interface Checked extends Omit<Validated, 'result' | 'message'> {
  readonly member: boolean;
}

/** @throws {TerminologyRefusal} `version-check` */
export async function validateCodings(request: ValidateRequest): Promise<Validated> {
  const { codings, form, scheme } = request;
  const checked = await Promise.all(codings.map((coding, index) => check(coding, placesOf(form, index), request)));
  if (form !== 'codeableConcept') return concluded(checked[0]!, checked[0]!.issues);
  const right = checked.find(({ member }) => member);
  const issues = checked.flatMap((one) => one.issues.flatMap((told): TerminologyIssue[] => {
    if (request.membershipOnly && told.code !== 'not-in-value-set') return [];
    if (told.code === 'not-in-value-set') return one.issues.some(({ code }) => code === 'unknown-code-in-fragment') ? [] : [{ ...told, code: 'coding-not-in-value-set' }];
    return [right !== undefined && !one.member && (told.code === 'unknown-code-system' || told.code === 'unknown-code-system-version') ? { ...told, severity: 'warning' } : told];
  }));
  if (right !== undefined) return concluded(right, issues);
  const whole: TerminologyIssue[] = scheme === undefined ? [] : [{ code: 'no-coding-in-value-set', details: { valueSet: nameOf(scheme) } }];
  return concluded({ ...checked[0] ?? nothing, coding: undefined, normalizedCode: undefined, inactive: false, status: undefined, unknownSystem: checked.find((one) => one.unknownSystem !== undefined)?.unknownSystem }, [...whole, ...issues]);
}

const nothing: Checked = { member: false, issues: [], coding: undefined, normalizedCode: undefined, inactive: false, status: undefined, unknownSystem: undefined, causedByUnknownSystem: undefined };

function concluded(checked: Omit<Checked, 'member'>, issues: readonly TerminologyIssue[]): Validated {
  const { coding, normalizedCode, inactive, status, unknownSystem, causedByUnknownSystem } = checked;
  return { result: !issues.some((one) => severityOf(one) === 'error'), issues, message: messageOf(issues), coding, normalizedCode, inactive, status, unknownSystem, causedByUnknownSystem };
}

export function messageOf(issues: readonly TerminologyIssue[]): string | undefined {
  const texts = issues.filter(({ code }) => !('quiet' in terminologyIssues[code])).map(issueText);
  return texts.length === 0 ? undefined : [...new Set(texts)].toSorted((a, b) => (a < b ? -1 : 1)).join('; ');
}

interface Places {
  readonly code: string;
  readonly system: string;
  readonly version: string;
  readonly display: string;
  readonly whole: string;
}

function placesOf(form: ValidateRequest['form'], index: number): Places {
  if (form === 'code') return { code: 'code', system: 'system', version: 'version', display: 'display', whole: 'code' };
  const whole = form === 'coding' ? 'Coding' : `CodeableConcept.coding[${index}]`;
  return { code: `${whole}.code`, system: `${whole}.system`, version: `${whole}.version`, display: `${whole}.display`, whole };
}

async function check(coding: CodingInput, places: Places, request: ValidateRequest): Promise<Checked> {
  if (coding.system === undefined || coding.system === '') return request.inferSystem && request.scheme !== undefined ? infer(coding, places, request, request.scheme) : withoutSystem(coding, places, request);
  return checkIn(coding as CodingInput & { system: string }, places, request);
}

function issue(code: TerminologyIssueCode, details: Readonly<Record<string, string | number>>, expression: string): TerminologyIssue {
  return { code, details, expression };
}

/** One that was sent need not have an address. */
function nameOf({ valueSet }: Scheme): string {
  return canonicalOf(valueSet) || '(unidentified)';
}

function notInValueSet({ system = '', version, code = '', display }: CodingInput, places: Places, { scheme }: ValidateRequest): TerminologyIssue[] {
  if (scheme === undefined) return [];
  const named = `${system}${version === undefined ? '' : `|${version}`}#${code}${display === undefined ? '' : ` ('${display}')`}`;
  return [issue('not-in-value-set', { code: named, valueSet: nameOf(scheme) }, places.code)];
}

function withoutSystem(coding: CodingInput, places: Places, request: ValidateRequest): Checked {
  return { ...nothing, issues: [...notInValueSet(coding, places, request), issue('no-system', {}, places.whole)], coding: { code: coding.code, system: undefined, version: undefined, display: undefined } };
}

/** The one system of the value set in which the code is. */
async function infer(coding: CodingInput, places: Places, request: ValidateRequest, scheme: Scheme): Promise<Checked> {
  const { code = '' } = coding;
  const answers = await askParts(scheme.parts, { code }, request);
  const systems = [...new Set([
    ...scheme.parts.filter((_, index) => answers[index]!.concept !== undefined && answers[index]!.truths[0] === true).map(({ system }) => system.url),
    ...scheme.elsewhere.filter(({ codes }) => codes !== 'unknown' && codes.has(code)).map(({ system }) => system),
  ])];
  const [system, ...more] = systems;
  if (system !== undefined && more.length === 0) return checkIn({ ...coding, system }, places, request);
  const valueSet = nameOf(scheme);
  return {
    ...nothing, coding: { code, system: undefined, version: undefined, display: undefined },
    issues: [...notInValueSet({ code }, places, request), systems.length === 0 ? issue('system-not-inferred', { code, valueSet, systems: [...new Set(scheme.parts.map((part) => part.system.url))].join(', ') }, places.code) : issue('several-systems', { code, valueSet, systems: systems.toSorted().join(', ') }, places.code)],
  };
}

function askParts(parts: readonly Part[], { code = '', display }: CodingInput, { source, languages }: ValidateRequest): Promise<readonly Answer[]> {
  const designations = display !== undefined || languages !== undefined;
  return source.ask(parts.map(({ system, where }) => ({ system, code, where: [settledFor(where, code, system.caseSensitive)], details: { designations, properties: propertiesFor(system.resource, 'status') } })));
}

async function checkIn(coding: CodingInput & { system: string }, places: Places, request: ValidateRequest): Promise<Checked> {
  const { system: url, version } = coding;
  const { scheme, source } = request;
  const parts = (scheme?.parts ?? []).filter(({ system }) => system.url === url).toSorted((a, b) => compareDefinitions(b.system, a.system));
  const candidates = parts.filter(({ system }) => version === undefined || matchesVersion(system.version, version));
  if (candidates.length > 0) {
    const answers = await askParts(candidates, coding, request);
    const judged = await Promise.all(candidates.map(async (part, index) => judge(part, answers[index]!, coding, places, request)));
    // Of several versions that have the code, the one whose display was meant.
    return judged.find(({ member, issues }) => member && !issues.some((one) => severityOf(one) === 'error')) ?? judged.find(({ member }) => member) ?? judged[0]!;
  }
  const [meant] = parts;
  if (meant !== undefined && version !== undefined) return inOtherVersion({ ...coding, version }, meant, places, request);
  const pinned = scheme?.elsewhere.find((one) => one.system === url && one.codes === 'unknown' && one.version !== undefined);
  const here = pinned === undefined ? [] : await versionsHere(url, source);
  if (pinned !== undefined && here.length > 0) return inVersionNotHere(coding, pinned.version!, here, places);
  const systems = await source.codeSystems(url);
  const found = systemMeant(systems, url, version, request.versions);
  if (found !== undefined && found.content !== 'not-present') {
    const part: Part = { system: found, where: scheme === undefined ? { kind: 'all' } : { kind: 'none' }, listed: new Map(), onlyListed: false, asked: undefined };
    const [answer] = await askParts([part], coding, request);
    return judge(part, answer!, coding, places, request);
  }
  return unknown(coding, systems, places, request);
}

/**
 * A code of another version than that of the value set. Where neither the value set nor the request says which version is
 * meant, or says it of all that begin so, it is judged in its own; else in the one that is meant, and that they differ is told.
 */
async function inOtherVersion(coding: CodingInput & { system: string; version: string }, part: Part, places: Places, request: ValidateRequest): Promise<Checked> {
  const { system: url, version } = coding;
  const { versions } = request;
  const own = latest((await request.source.codeSystems(url)).filter(({ content }) => content !== 'supplement' && content !== 'not-present'), version);
  const wanted = versions.force.get(url) ?? part.asked ?? versions.system.get(url) ?? versions.check.get(url);
  const fits = own !== undefined && (wanted === undefined || matchesVersion(own.version, wanted));
  const judged: Part = fits ? { ...part, system: own } : part;
  const [answer] = await askParts([judged], coding, request);
  const found = await judge(judged, answer!, coding, places, request);
  if (fits) return found;
  const details = { system: url, version: wanted ?? part.system.version, asked: part.asked ?? '', said: version };
  const differs = issue(wanted === undefined ? 'version-mismatch-default' : wanted === part.asked ? 'version-mismatch' : 'version-mismatch-changed', details, places.version);
  if (own !== undefined) return { ...found, issues: [differs, ...found.issues] };
  const missing = issue('unknown-code-system-version', { system: url, version, versions: (await versionsHere(url, request.source)).join(', ') }, places.system);
  return { ...found, issues: [differs, missing, ...found.issues], causedByUnknownSystem: `${url}|${version}` };
}

/** The value set names a version of the system that is not here, though others are. */
function inVersionNotHere({ system, version, code }: CodingInput & { system: string }, asked: string, here: readonly string[], places: Places): Checked {
  const differs = version === undefined || matchesVersion(version, asked) ? [] : [issue('version-mismatch', { system, version: asked, said: version }, places.version)];
  return {
    ...nothing, coding: { code, system, version: undefined, display: undefined }, causedByUnknownSystem: `${system}|${asked}`,
    issues: [...differs, issue('unknown-code-system-version', { system, version: asked, versions: here.join(', ') }, places.system)],
  };
}

/** The system is not here, or is something else. */
async function unknown(coding: CodingInput & { system: string }, systems: readonly CodeSystemHead[], places: Places, request: ValidateRequest): Promise<Checked> {
  const { system, version, code = '' } = coding;
  const said = { code, system, version: undefined, display: undefined };
  const supplement = systems.find(({ content }) => content === 'supplement');
  if (supplement !== undefined) return { ...nothing, coding: said, issues: [...notInValueSet(coding, places, request), issue('system-is-supplement', { system: canonicalOf(supplement) }, places.system)], causedByUnknownSystem: system };
  const part = request.scheme?.elsewhere.find((one) => one.system === system && (version === undefined || one.version === undefined || one.version === version));
  const known = systems.filter(({ content }) => content !== 'not-present');
  const missing = known.length > 0 && version !== undefined
    ? issue('unknown-code-system-version', { system, version, versions: known.toSorted(compareDefinitions).map((one) => one.version).join(', ') }, places.system)
    : issue('unknown-code-system', { system }, places.system);
  const listed = listedElsewhere(part, code);
  if (listed !== undefined) return { ...nothing, member: true, coding: { ...said, display: listed.display }, issues: [{ ...missing, severity: 'warning' }], causedByUnknownSystem: system };
  if (part?.codes === 'unknown') return { ...nothing, coding: said, issues: [missing], causedByUnknownSystem: version === undefined ? system : `${system}|${version}` };
  if ((await request.source.valueSets(system)).length > 0) return { ...nothing, coding: said, issues: [...notInValueSet(coding, places, request), issue('system-is-value-set', { system }, places.system)] };
  const relative = /^[a-z][a-z0-9+.-]*:/i.test(system) ? [] : [issue('system-relative', {}, places.system)];
  return { ...nothing, coding: said, issues: [...notInValueSet(coding, places, request), ...relative, missing], unknownSystem: version === undefined || known.length === 0 ? system : `${system}|${version}` };
}

function listedElsewhere(part: Elsewhere | undefined, code: string): ValueSetComposeIncludeConcept | undefined {
  return part === undefined || part.codes === 'unknown' ? undefined : part.codes.get(code);
}

async function judge(part: Part, { concept, truths }: Answer, coding: CodingInput & { system: string }, places: Places, request: ValidateRequest): Promise<Checked> {
  const { system } = part;
  const { code = '' } = coding;
  const said = { code, system: coding.system, version: system.version === '' ? undefined : system.version, display: undefined };
  if (concept === undefined) {
    const details = { code, system: system.url, version: system.version };
    if (system.content !== 'complete' && part.where.kind === 'all') return { ...nothing, member: true, coding: said, issues: [issue('unknown-code-in-fragment', details, places.code)] };
    return { ...nothing, coding: said, issues: [...notInValueSet(coding, places, request), issue(system.version === '' ? 'unknown-code-unversioned' : 'unknown-code', details, places.code)] };
  }
  const listed = part.listed.get(codeKey(concept.code, system.caseSensitive));
  const [whole] = await detailed([concept], system, request.supplements, request.source);
  const named = { ...withListed(merged(whole!), listed), language: system.resource.language };
  const status = statusOf(concept, system);
  const issues: TerminologyIssue[] = [];
  const abstract = concept.abstract && !request.abstract;
  if (abstract) issues.push(issue('abstract-code', { code: `${system.url}#${code}` }, places.code));
  const inSet = truths[0] === true;
  if (!inSet || abstract) issues.push(...notInValueSet(coding, places, request));
  if (!inSet && concept.inactive && (request.activeOnly || request.scheme?.valueSet.resource.compose?.inactive === false)) issues.push(issue('code-not-active', { code }, places.code));
  if (concept.code !== code) issues.push(issue('case-difference', { code, right: concept.code, system: canonicalOf(system) }, places.code));
  if (concept.inactive) issues.push(issue('inactive-code', { code, status: status === undefined || status === 'inactive' ? 'inactive' : `${status} and inactive` }, places.whole));
  else if (status === 'deprecated' || status === 'withdrawn') issues.push(issue('deprecated-code', { code, status }, places.whole));
  if (request.scheme !== undefined && isDeprecated(listed)) issues.push(issue('deprecated-in-value-set', { code, system: system.url, valueSet: nameOf(request.scheme) }, places.code));
  if (coding.display !== undefined && !request.membershipOnly) issues.push(...displayIssues(coding.display, named, code, system, places, request));
  const shown = request.languages === undefined ? named.display : shownOf(named, request.languages).display ?? named.display;
  return {
    ...nothing, member: inSet && !abstract, issues, coding: { ...said, display: shown },
    normalizedCode: concept.code === code ? undefined : concept.code,
    inactive: concept.inactive, status: status === undefined || status === 'active' || status === 'inactive' ? undefined : status,
  };
}

/** What a composition says of a concept goes before what the code system says. */
export function withListed(concept: NumberedConcept, listed: ValueSetComposeIncludeConcept | undefined): NumberedConcept {
  if (listed === undefined || (listed.display === undefined && listed.designation === undefined)) return concept;
  const designations = (listed.designation ?? []).flatMap(({ language, use, value, extension }) => value === undefined ? [] : [{ ...(language !== undefined && { language }), ...(use && { use }), value, ...(extension && { extension }) }]);
  return { ...concept, ...(listed.display !== undefined && { display: listed.display }), designations: [...concept.designations, ...designations] };
}

function isDeprecated(listed: ValueSetComposeIncludeConcept | undefined): boolean {
  return (listed?.extension ?? []).some(({ url, valueBoolean }) => url === 'http://hl7.org/fhir/StructureDefinition/valueset-deprecated' && valueBoolean === true);
}

function displayIssues(display: string, concept: NumberedConcept & { readonly language: string | undefined }, code: string, system: CodeSystemHead, places: Places, { languages, lenientDisplay }: ValidateRequest): TerminologyIssue[] {
  const { right, other, withdrawn } = displaysOf({ display: concept.display, language: concept.language, designations: concept.designations }, languages);
  const same = ({ value }: DisplayText): boolean => value === display || value.toLowerCase() === display.toLowerCase();
  if (right.some(same)) return [];
  const details = { display, system: system.url, code, languages: languages === undefined || languages.text === '' ? '--' : languages.text };
  const severity = lenientDisplay ? { severity: 'warning' as const } : {};
  if (withdrawn.includes(display)) return [issue('withdrawn-display', { ...details, right: right.filter(({ language }) => language === concept.language).map(({ value }) => `"${value}"`).join(', ') }, places.display)];
  if (right.length === 0) {
    if (other.some(same)) return [issue('display-of-default-language', details, places.display)];
    return [{ ...issue('no-display-of-language', { ...details, right: concept.display ?? '' }, places.display), ...severity }];
  }
  const spaces = (text: string): string => text.replace(/\s+/g, ' ').trim().toLowerCase();
  const onlySpaces = right.some(({ value }) => spaces(value) === spaces(display));
  const choices = right.map(({ value, language }) => `'${value}'${language === undefined ? '' : ` (${language})`}`);
  const choice = choices.length === 1 ? `Valid display is ${choices[0]!}` : `Valid display is one of ${choices.length} choices: ${choices.slice(0, -1).join(', ')} or ${choices.at(-1)!}`;
  return [{ ...issue(onlySpaces ? 'wrong-white-space' : 'wrong-display', { ...details, right: choice }, places.display), ...severity }];
}

