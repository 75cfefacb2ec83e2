/**
 * One questionnaire with all that it needs: the Questionnaire, Libraries also of Libraries, value sets, and the response
 * to begin with; every reference between them in the version that is in the Bundle.
 * Source: DTR 2.2.0, DTR-QPackageBundle and $questionnaire-package.
 */
import type { Bundle, BundleEntry, Library, Questionnaire, Resource } from '@medplum/fhirtypes';
import { randomUuid } from '../../fhir/ids.ts';
import type { ProblemIssue } from '../../fhir/problems.ts';
import type { Context } from '../../store/context.ts';
import type { Database } from '../../store/database.ts';
import { copyWith } from './adaptive.ts';
import { dependenciesOf, withCanonicals, type Dependency } from './canonicals.ts';
import { storedDefinition, type Stored } from './definitional.ts';
import { draftResponse, type DraftSubject } from './draft-response.ts';
import { withoutRecord } from './known-answers.ts';
import { dtrProfile, sdcExtension } from './names.ts';
import { packagedValueSet, type PackagedValueSet } from './value-sets.ts';
import { inVersion, type GuideVersion } from './versions.ts';

export interface QuestionnairePackage {
  readonly bundle: Bundle;
  /** When the youngest of what is stored in it was changed. */
  readonly changed: Date;
  readonly warnings: readonly ProblemIssue[];
}

/** Id of the questionnaire that an adaptive response contains. */
const containedId = 'adaptive';

/** More than any questionnaire needs; a chain that goes further is a mistake. */
const mostDependencies = 200;

export async function packageOf(database: Database, found: Stored<Questionnaire>, about: DraftSubject, guide: GuideVersion, context: Context): Promise<QuestionnairePackage> {
  const needed = await gather(database, found.resource, context);
  const specific = specificNames(needed);
  const questionnaire = withCanonicals(found.resource, (canonical, type) => specific(canonical, type));
  const adaptive = isAdaptive(questionnaire) ? withoutQuestions(questionnaire) : undefined;
  const contained = adaptive && inVersion(copyWith(adaptive, containedId, []), guide);
  const entries: BundleEntry[] = [
    entryOf(inVersion(withoutRecord(adaptive ?? questionnaire), guide), context),
    ...needed.libraries.map(({ resource }) => entryOf(withCanonicals(resource, (canonical, type) => specific(canonical, type)), context)),
    ...needed.valueSets.map(({ resource }) => entryOf(resource, context)),
  ];
  const draft = draftResponse(questionnaire, contained, about, guide, context);
  return {
    bundle: {
      resourceType: 'Bundle', id: randomUuid(context.random(16)), meta: { profile: [dtrProfile.packageBundle] }, type: 'collection', timestamp: context.now().toISOString(),
      entry: [...entries, { fullUrl: `urn:uuid:${draft.id!}`, resource: draft }],
    },
    changed: new Date(Math.max(...[found, ...needed.libraries].map(({ lastUpdated }) => lastUpdated.getTime()), ...needed.valueSets.map(({ resource }) => Date.parse(resource.meta?.lastUpdated ?? '') || 0))),
    warnings: needed.warnings,
  };
}

export function isAdaptive({ extension }: Questionnaire): boolean {
  return extension?.some(({ url, valueBoolean, valueUrl }) => url === sdcExtension.adaptive && (valueBoolean === true || valueUrl !== undefined)) === true;
}

/** What is asked is told by $next-question alone. */
function withoutQuestions(questionnaire: Questionnaire): Questionnaire {
  const rest = { ...questionnaire, meta: { ...questionnaire.meta, profile: [dtrProfile.adaptiveSearch] } };
  delete rest.item;
  return rest;
}

interface Needed {
  readonly libraries: readonly Stored<Library>[];
  readonly valueSets: readonly PackagedValueSet[];
  /** By type and canonical as they are named: the canonical that was found. */
  readonly names: ReadonlyMap<string, string>;
  readonly warnings: readonly ProblemIssue[];
}

async function gather(database: Database, questionnaire: Questionnaire, context: Context): Promise<Needed> {
  const libraries = new Map<string, Stored<Library>>();
  const valueSets = new Map<string, PackagedValueSet>();
  const names = new Map<string, string>();
  const warnings: ProblemIssue[] = [];
  const waiting: Dependency[] = [...dependenciesOf(questionnaire)];
  for (let next = waiting.shift(); next !== undefined && names.size < mostDependencies; next = waiting.shift()) {
    const { canonical, type } = next;
    if (names.has(`${type} ${canonical}`)) continue;
    names.set(`${type} ${canonical}`, canonical);
    const library = type === 'ValueSet' ? undefined : await storedDefinition(database, 'Library', canonical, context);
    if (library !== undefined) {
      names.set(`${type} ${canonical}`, library.canonical);
      if (!libraries.has(library.canonical)) waiting.push(...dependenciesOf(library.resource));
      libraries.set(library.canonical, library);
      if (!hasBothForms(library.resource)) warnings.push({ code: 'documentation-library-form', details: { canonical: library.canonical }, severity: 'warning' });
      continue;
    }
    const valueSet = type === 'Library' ? undefined : await packagedValueSet(database, canonical, context);
    if (valueSet !== undefined) {
      names.set(`${type} ${canonical}`, valueSet.canonical);
      valueSets.set(valueSet.canonical, valueSet);
      if (!valueSet.isComplete) warnings.push({ code: 'documentation-not-expanded', details: { canonical: valueSet.canonical }, severity: 'warning' });
    } else warnings.push({ code: 'documentation-dependency-unknown', details: { canonical }, severity: 'warning' });
  }
  return { libraries: [...libraries.values()], valueSets: [...valueSets.values()], names, warnings };
}

function specificNames({ names }: Needed): (canonical: string, type: Dependency['type']) => string {
  return (canonical, type) => names.get(`${type} ${canonical}`) ?? canonical;
}

/** Both CQL and ELM, in the resource itself (spec-95, spec-99). */
function hasBothForms({ content = [] }: Library): boolean {
  return ['text/cql', 'application/elm+json'].every((form) => content.some(({ contentType, data }) => contentType?.startsWith(form) === true && data !== undefined));
}

function entryOf(resource: Resource, { base }: Context): BundleEntry {
  return { fullUrl: resource.id === undefined ? (resource as { url?: string }).url! : `${base}/${resource.resourceType}/${resource.id}`, resource };
}
