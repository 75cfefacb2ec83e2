/**
 * Value sets of a package: those of fewer than forty codes expanded as of now, the others as they are defined, for the
 * client to expand as far as it needs.
 * Source: DTR 2.2.0, "Value Set and Code System Guidance" and oper-15.
 */
import type { ValueSet } from '@medplum/fhirtypes';
import { randomUuid } from '../../fhir/ids.ts';
import type { Context } from '../../store/context.ts';
import type { Database } from '../../store/database.ts';
import { withShipped } from '../../store/terminology/shipped.ts';
import { withTerminology } from '../../store/terminology/stored-source.ts';
import { expand } from '../../terminology/expand.ts';
import { TerminologyRefusal } from '../../terminology/issues.ts';
import { schemeOf, valueSetMeant } from '../../terminology/scheme.ts';
import { anyVersions } from '../../terminology/versions-wanted.ts';
import { canonicalOf } from './definitional.ts';

/** Codes from which on a value set is not expanded. */
export const manyCodes = 40;

export interface PackagedValueSet {
  readonly resource: ValueSet;
  readonly canonical: string;
  /** False where it is small, but has codes that are not known here. */
  readonly isComplete: boolean;
}



/** Undefined where there is none of that name. */
export function packagedValueSet(database: Database, canonical: string, context: Context): Promise<PackagedValueSet | undefined> {
  return withTerminology(database, context.access, async (stored) => {
    const source = withShipped(stored);
    const head = await unlessRefused(() => valueSetMeant(canonical, { source, versions: anyVersions }));
    if (head === undefined) return undefined;
    const { expansion: _, ...definition } = head.resource;
    const expanded = await unlessRefused(async () => expand({
      source, scheme: await schemeOf(head, { source, versions: anyVersions, activeOnly: true }), filter: undefined, offset: 0, count: manyCodes, languages: undefined, versionsMatch: false,
      includeDesignations: false, designations: [], properties: [], excludeNested: true, excludeNotForUI: false, supplements: [],
    }));
    if (expanded === undefined || expanded.total >= manyCodes) return { resource: definition, canonical: canonicalOf(definition), isComplete: expanded !== undefined };
    const expansion = {
      identifier: `urn:uuid:${randomUuid(context.random(16))}`, timestamp: context.now().toISOString(), total: expanded.total,
      parameter: expanded.used.codeSystems.map((valueUri) => ({ name: 'used-codesystem', valueUri })), ...(expanded.contains.length > 0 && { contains: [...expanded.contains] }),
    };
    return { resource: { ...definition, expansion }, canonical: canonicalOf(definition), isComplete: true };
  });
}

async function unlessRefused<T>(act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof TerminologyRefusal) return undefined;
    throw error;
  }
}
