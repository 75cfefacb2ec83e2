/**
 * Displays of a concept: the one to show in a language, those that are right, and designations beside it
 * (https://hl7.org/fhir/R4/codesystem.html#designation).
 */
import type { Designation } from './concepts.ts';
import { serves, type WantedLanguages } from './languages.ts';

export interface Named {
  readonly display?: string | undefined;
  /** Of the display: the code system's. */
  readonly language: string | undefined;
  readonly designations: readonly Designation[];
}

/** Designations that stand for the concept as its display does. Others (a definition, a rhyme) name it for a use of their own. */
const displayUses: ReadonlySet<string> = new Set([
  'http://terminology.hl7.org/CodeSystem/designation-usage|display',
  'http://terminology.hl7.org/CodeSystem/hl7TermMaintInfra|preferredForLanguage',
  'http://snomed.info/sct|900000000000003001',
  'http://snomed.info/sct|900000000000013009',
]);

export const preferredForLanguage = { system: 'http://terminology.hl7.org/CodeSystem/hl7TermMaintInfra', code: 'preferredForLanguage', display: 'Preferred For Language' };

function isDisplay({ use }: Designation): boolean {
  return use === undefined || displayUses.has(`${use.system ?? ''}|${use.code ?? ''}`);
}

const standardsStatus = 'http://hl7.org/fhir/StructureDefinition/structuredefinition-standards-status';

/** A designation that was right once. */
export function isWithdrawn({ extension = [] }: Designation): boolean {
  return extension.some((one) => {
    const { url, valueCode } = one as { url?: unknown; valueCode?: unknown };
    return url === standardsStatus && (valueCode === 'withdrawn' || valueCode === 'deprecated');
  });
}

export interface Shown {
  readonly display: string | undefined;
  /** Without the one that is shown; with the display of the code system where another one is shown. */
  readonly designations: readonly Designation[];
}

/** What is shown of a concept to who wants these languages (undefined: any). */
export function shownOf({ display, language, designations }: Named, wanted: WantedLanguages | undefined): Shown {
  if (wanted === undefined || wanted.tags.length === 0) return { display, designations };
  for (const tag of wanted.tags) {
    if (display !== undefined && (language !== undefined && serves(language, tag))) return { display, designations };
    const found = designations.find((one) => isDisplay(one) && !isWithdrawn(one) && one.language !== undefined && serves(one.language, tag));
    if (found !== undefined) {
      return { display: found.value, designations: [...original(display, language), ...designations.filter((one) => one !== found)] };
    }
  }
  // A text of no language is of any.
  if (wanted.anyOther || language === undefined) return { display, designations };
  return { display: undefined, designations: [...original(display, language), ...designations] };
}

function original(display: string | undefined, language: string | undefined): Designation[] {
  return display === undefined ? [] : [{ ...(language !== undefined && { language }), use: preferredForLanguage, value: display }];
}

export interface DisplayText {
  readonly value: string;
  readonly language: string | undefined;
}

/** What may be written beside the code. */
export interface Displays {
  /** In the wanted languages, or in all where none is wanted. */
  readonly right: readonly DisplayText[];
  /** In the language of the code system, where the wanted ones have none. */
  readonly other: readonly DisplayText[];
  /** What was right once. */
  readonly withdrawn: readonly string[];
}

export function displaysOf({ display, language, designations }: Named, wanted: WantedLanguages | undefined): Displays {
  const named = designations.filter(isDisplay);
  const texts: DisplayText[] = [
    ...(display === undefined ? [] : [{ value: display, language }]),
    ...named.filter((one) => !isWithdrawn(one)).map((one) => ({ value: one.value, language: one.language })),
  ].filter(({ value }, index, list) => list.findIndex((other) => other.value === value) === index);
  const withdrawn = named.filter(isWithdrawn).map(({ value }) => value);
  if (wanted === undefined || wanted.tags.length === 0) return { right: texts, other: [], withdrawn };
  const right = texts.filter((text) => text.language === undefined || wanted.tags.some((tag) => serves(text.language!, tag)));
  const other = texts.filter((text) => text.language !== undefined && text.language === language);
  return { right, other, withdrawn };
}
