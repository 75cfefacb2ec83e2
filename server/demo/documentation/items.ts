/** Parts of which the demo's questionnaires are made: expressions of their libraries with the ELM beside, and items. */
import type { Expression, Extension, Questionnaire, QuestionnaireItem } from '@medplum/fhirtypes';
import { formsVersion, libraryUrl, questionnaireUrl } from './names.ts';

const sdc = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-';
const core = 'http://hl7.org/fhir/StructureDefinition/';

// The value set is extensible; types list its own codes alone.
const elmJson = 'application/elm+json' as unknown as Expression['language'] & {};

/** A statement of a library, in CQL and (DTR 2.2.0, spec-96) in ELM. */
export function statement(library: string, name: string): Expression {
  const elm = { type: 'ExpressionRef', libraryName: library, name };
  return {
    extension: [{ url: 'http://hl7.org/fhir/us/davinci-dtr/StructureDefinition/alternativeExpression', valueExpression: { language: elmJson, expression: JSON.stringify(elm) } }],
    language: 'text/cql', expression: `"${library}"."${name}"`,
  };
}

export const initial = (library: string, name: string): Extension => ({ url: `${sdc}initialExpression`, valueExpression: statement(library, name) });
export const candidates = (library: string, name: string): Extension => ({ url: `${sdc}candidateExpression`, valueExpression: statement(library, name) });
export const shownBeside = (label: string, library: string, name: string): Extension => ({ url: `${sdc}contextExpression`, extension: [{ url: 'label', valueString: label }, { url: 'expression', valueExpression: statement(library, name) }] });
export const variable = (name: string, library: string, statementName: string): Extension => ({ url: `${core}variable`, valueExpression: { ...statement(library, statementName), name } });
export const populatedFrom = (name: string, library: string, statementName: string): Extension => ({ url: `${sdc}itemPopulationContext`, valueExpression: { ...statement(library, statementName), name } });
/** Where the plan's own record has the answer, in FHIRPath: what it fills in, and clients do not see. */
export const inRecord = (expression: string): Extension => ({ url: 'https://priora.health/fhir/StructureDefinition/documentation-plan-record', valueExpression: { language: 'text/fhirpath', expression } });
/** For whom a page of an adaptive questionnaire is (DTR: clinical, admin, patient). */
export const audience = (code: 'clinical' | 'admin' | 'patient'): Extension => ({ url: 'https://priora.health/fhir/StructureDefinition/documentation-audience', valueCode: code });
export const unit = (code: string, display = code): Extension => ({ url: `${core}questionnaire-unitOption`, valueCoding: { system: 'http://unitsofmeasure.org', code, display } });

export const group = (linkId: string, text: string, item: QuestionnaireItem[], more: Partial<QuestionnaireItem> = {}): QuestionnaireItem => ({ ...more, linkId, text, type: 'group', item });
export const question = (linkId: string, type: QuestionnaireItem['type'], text: string, more: Partial<QuestionnaireItem> = {}): QuestionnaireItem => ({ ...more, linkId, text, type });

interface Form {
  readonly name: string;
  readonly title: string;
  readonly libraries: readonly string[];
  readonly extension?: readonly Extension[];
  readonly profile: 'dtr-std-questionnaire' | 'dtr-questionnaire-adapt';
  readonly item: QuestionnaireItem[];
}

export function form({ name, title, libraries, extension = [], profile, item }: Form): Questionnaire & { id: string } {
  return {
    resourceType: 'Questionnaire', id: `demo-${name}`, meta: { profile: [`http://hl7.org/fhir/us/davinci-dtr/StructureDefinition/${profile}`] },
    text: { status: 'generated', div: `<div xmlns="http://www.w3.org/1999/xhtml">${title}. For demonstration only.</div>` },
    extension: [
      { url: `${sdc}launchContext`, extension: [{ url: 'name', valueCoding: { system: 'http://hl7.org/fhir/uv/sdc/CodeSystem/launchContext', code: 'patient' } }, { url: 'type', valueCode: 'Patient' }] },
      ...libraries.map((library) => ({ url: `${core}cqf-library`, valueCanonical: `${libraryUrl(library)}|${formsVersion}` })),
      ...extension,
    ],
    url: questionnaireUrl(name), version: formsVersion, name: name.split('-').map((word) => word[0]!.toUpperCase() + word.slice(1)).join(''), title, status: 'active', experimental: true,
    subjectType: ['Patient'], date: '2026-01-01', publisher: 'Demo Health Plan', effectivePeriod: { start: '2026-01-01' }, item,
  };
}
